"""A progress line on a terminal; nothing elsewhere."""

import sys


class Progress:
    """Overwrites one line on stderr at every whole percent, when stderr is a terminal."""

    def __init__(self, what: str) -> None:
        """`what` is the word before the figures."""
        self._what = what
        self._percent = -1
        self._terminal = sys.stderr.isatty()

    def __call__(self, done: int, of: int) -> None:
        """Show how far it is; the last call clears the line."""
        percent = 100 * done // max(of, 1)
        if not self._terminal or percent == self._percent:
            return
        self._percent = percent
        end = "\r" if done < of else "\r\033[K"
        text = f"\r{self._what} {done}/{of} ({percent} %)"
        print(text, end=end, file=sys.stderr, flush=True)
