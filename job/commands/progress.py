"""A progress bar on a terminal; nothing elsewhere."""

import sys

WIDTH = 24


class Progress:
    """Overwrites one line on stderr at every whole percent, when stderr is a terminal."""

    def __init__(self, what: str) -> None:
        """`what` is the word before the bar."""
        self._what = what
        self._percent = -1
        self._terminal = sys.stderr.isatty()

    def __call__(self, done: int, of: int) -> None:
        """Show how far it is; the last call clears the line."""
        percent = 100 * done // max(of, 1)
        if not self._terminal or percent == self._percent:
            return
        self._percent = percent
        full = WIDTH * done // max(of, 1)
        bar = "#" * full + "." * (WIDTH - full)
        end = "\r" if done < of else "\r\033[K"
        text = f"\r{self._what} [{bar}] {percent:3d} %  {done:,} of {of:,}"
        print(text, end=end, file=sys.stderr, flush=True)
