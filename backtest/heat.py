"""Heat maps of a sweep: net expectancy a trade, over every two of the settings that vary.

Where more than two vary, a cell is the mean over all others: a region that is good stands out, one
lucky combination does not. Keeps two numbers a cell, however many combinations there are. Must not
colour in what was not tried.
"""

from collections.abc import Iterator
from itertools import combinations
from math import isnan, nan

from backtest.grid import Grid
from backtest.sweep import Result

#: Columns that fit a terminal of 110 characters.
COLUMNS_MAX = 12
#: Cells of a map: more are no picture.
CELLS_MAX = 20_000


class Heat:
    """One map. With one setting that varies it has one column."""

    def __init__(self, grid: Grid, down: int = 0, across: int | None = 1) -> None:
        """`down`, `across`: places of the settings among the grid's."""
        self.down = grid.axes[down]
        self.across = None if across is None else grid.axes[across]
        self.others = len(grid.axes) - (1 if across is None else 2)
        self._places, self._grid = (down, across), grid
        self.columns = len(self.across.values) if self.across else 1
        self._sums = [[0.0] * self.columns for _ in self.down.values]
        self._counts = [[0] * self.columns for _ in self.down.values]

    def take(self, result: Result) -> None:
        """One more result; one without figures or with too few trades leaves no trace."""
        if result.figures is None or result.figures.rank_bp is None:
            return
        down, across = self._places
        places = self._grid.places(result.number)
        row, column = places[down], 0 if across is None else places[across]
        self._sums[row][column] += result.figures.rank_bp
        self._counts[row][column] += 1

    @property
    def cells(self) -> list[list[float]]:
        """The means; NaN where there is none."""
        return [
            [total / count if count else nan for total, count in zip(*row, strict=True)]
            for row in zip(self._sums, self._counts, strict=True)
        ]

    def lines(self) -> Iterator[str]:
        """The map as text."""
        across = f", across {self.across.name}" if self.across else ""
        yield f"net expectancy in bp a trade; down {self.down.name}{across}:"
        if self.across:
            yield " " * 10 + "".join(f"{value:>8}" for value in self.across.values)
        for value, row in zip(self.down.values, self.cells, strict=True):
            cells = ("       ." if isnan(cell) else f"{cell:>+8.1f}" for cell in row)
            yield f"{value:>10}" + "".join(cells)


def heats_of(grid: Grid) -> list[Heat]:
    """An empty map of every two settings; of the one setting where only one varies."""
    if len(grid.axes) == 1:
        return [Heat(grid, 0, None)]
    sizes = [len(axis.values) for axis in grid.axes]
    return [
        Heat(grid, down, across)
        for down, across in combinations(range(len(sizes)), 2)
        if sizes[down] * sizes[across] <= CELLS_MAX
    ]


def lines_of(heats: list[Heat], *, drawn: bool) -> Iterator[str]:
    """What a terminal shows of them; where that is nothing, what does. `drawn`: a page does."""
    if len(heats) == 1 and heats[0].columns <= COLUMNS_MAX:
        yield from heats[0].lines()
    elif heats and not drawn:
        maps = "a heat map" if len(heats) == 1 else f"{len(heats)} heat maps, of every two settings"
        yield f"--html FILE draws {maps}"
