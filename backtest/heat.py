"""A heat map of a sweep over two axes: net expectancy a trade, first axis down, second across.

Keeps one float a combination, and only for two axes. Must not colour in what was not tried.
"""

from collections.abc import Iterator
from math import isnan, nan

from backtest.grid import Grid
from backtest.sweep import Result

#: Columns that fit a terminal of 110 characters.
COLUMNS_MAX = 12


class Heat:
    """The cells; NaN where a combination had no figures or too few trades."""

    def __init__(self, grid: Grid) -> None:
        """A grid of two axes."""
        self.down, self.across = grid.axes
        self._grid = grid
        self.cells = [[nan] * len(self.across.values) for _ in self.down.values]

    def take(self, result: Result) -> None:
        """One more result."""
        if result.figures is not None and result.figures.rank_bp is not None:
            row, column = self._grid.places(result.number)
            self.cells[row][column] = result.figures.rank_bp

    def lines(self) -> Iterator[str]:
        """The map as text, where it is narrow enough."""
        if len(self.across.values) > COLUMNS_MAX:
            return
        yield f"net expectancy in bp a trade; down {self.down.name}, across {self.across.name}:"
        yield " " * 10 + "".join(f"{value:>8}" for value in self.across.values)
        for value, row in zip(self.down.values, self.cells, strict=True):
            cells = ("       ." if isnan(cell) else f"{cell:>+8.1f}" for cell in row)
            yield f"{value:>10}" + "".join(cells)
