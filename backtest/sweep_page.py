"""The page of a sweep: how many lost, the best and worst, and the heat map of two axes.

Puts in order what `sweep_telling` says. Must not show the best without the count.
"""

from math import isnan
from pathlib import Path

from backtest.grid import Grid
from backtest.ground import Ground
from backtest.heat import Heat
from backtest.sweep import Digest
from backtest.sweep_telling import doubts, ends, lost, title
from pages import bars, shell, words

_MAP = "Net expectancy by combination, bp of the notional a trade"


def write_page(path: Path, digest: Digest, grid: Grid, ground: Ground, heat: Heat | None) -> None:
    """Write the page; opens offline, everything is in it."""
    shell.write(path, page(digest, grid, ground, heat))


def page(digest: Digest, grid: Grid, ground: Ground, heat: Heat | None) -> str:
    """The page as text."""
    told = title(grid, ground)
    share = digest.lost / digest.played
    tone: words.Tone = "down" if share > 0.5 else "even"
    parts = [
        words.answer(told, "How many lost money after costs?", f"{100 * share:.0f} %.",
                     lost(digest), tone),
        *((words.section("Heat map", _map(heat)),) if heat is not None else ()),
        words.section("Best and worst", words.facts(ends(digest, grid))),
        words.section("Before you believe it", words.facts(doubts(digest))),
    ]  # fmt: skip
    return shell.page(told, parts, made=f"python -m backtest sweep: {told}.")


def _map(heat: Heat) -> str:
    cells = [[None if isnan(cell) else cell for cell in row] for row in heat.cells]
    return bars.heat_map(
        _MAP,
        (heat.across.name, heat.across.values),
        (heat.down.name, heat.down.values),
        cells,
        note="– is a combination with fewer than 30 trades, or one that cannot be traded",
    )
