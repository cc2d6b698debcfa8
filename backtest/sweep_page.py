"""The page of a sweep: how many lost, the best and worst, and a heat map of every two settings.

Puts in order what `sweep_telling` says. Must not show the best without the count.
"""

from collections.abc import Sequence
from math import isnan
from pathlib import Path

from backtest.grid import Grid
from backtest.ground import Ground
from backtest.heat import Heat
from backtest.summary import TRADES_MIN
from backtest.sweep import Digest
from backtest.sweep_telling import doubts, ends, lost, terms, title
from pages import bars, shell, words

_WHAT = "Net expectancy, bp of the notional a trade"
#: Columns of maps that may stand side by side.
_COLUMNS_BESIDE = 6
_FEW = f"fewer than {TRADES_MIN} trades, or it cannot be traded"


def write_page(
    path: Path, digest: Digest, grid: Grid, ground: Ground, heats: Sequence[Heat]
) -> None:
    """Write the page; opens offline, everything is in it."""
    shell.write(path, page(digest, grid, ground, heats))


def page(digest: Digest, grid: Grid, ground: Ground, heats: Sequence[Heat]) -> str:
    """The page as text."""
    told = title(grid, ground)
    share = digest.lost / digest.played
    tone: words.Tone = "down" if share > 0.5 else "even"
    word = f"{100 * share:.0f} %." if digest.ranked else "Nobody can tell."
    facts = [(name, text.replace("`", "")) for name, text in doubts(digest)]
    ranked = [*ends(digest, grid)]
    parts = [
        words.answer(told, "How many lost money after costs?", word, lost(digest), tone),
        *((_maps(heats),) if heats else ()),
        *((words.section("Best and worst", words.facts(ranked)),) if ranked else ()),
        words.section("Before you believe it", words.facts(facts)),
        words.section("What was played", words.facts(terms(grid, ground))),
    ]  # fmt: skip
    return shell.page(told, parts, made=f"python -m backtest sweep: {told}.")


def _maps(heats: Sequence[Heat]) -> str:
    lead = ""
    if heats[0].others:
        lead = (
            f"{_WHAT}; one map for every two settings. A cell is the mean over all the others: a "
            "region that is good stands out, one lucky combination does not."
        )
    title = "Heat map" if len(heats) == 1 else "Heat maps"
    title = "Value by value" if heats[0].across is None else title
    maps = [_map(heat) for heat in heats]
    narrow = len(heats) > 1 and all(heat.columns <= _COLUMNS_BESIDE for heat in heats)
    return words.section(title, *([words.beside(*maps)] if narrow else maps), lead=lead)


def _map(heat: Heat) -> str:
    cells = [[None if isnan(cell) else cell for cell in row] for row in heat.cells]
    holes = any(cell is None for row in cells for cell in row)
    if heat.across is None:
        columns = [
            bars.Bar(value, cell or 0, _FEW if cell is None else f"{cell:+.1f} bp")
            for value, (cell,) in zip(heat.down.values, cells, strict=True)
        ]
        every = -(-len(columns) // 16)
        return bars.columns(
            f"{_WHAT}, by {heat.down.name}", columns, every=every, scale="{:+.1f}",
            note=f"No bar: {_FEW}." if holes else "",
        )  # fmt: skip
    return bars.heat_map(
        _WHAT if not heat.others else f"{heat.down.name} and {heat.across.name}",
        (heat.across.name, heat.across.values),
        (heat.down.name, heat.down.values),
        cells,
        note=f"–: {_FEW}" if holes else "",
    )
