"""The rules of the strategy, row by row, and against exact fractions."""
