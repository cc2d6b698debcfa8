"""The questions of `check`, by whom they are asked of."""
