"""What a sweep came to, as lines for people and as the object of --json. Computes nothing new.

How many were tried, and how many lost, comes before what won.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from backtest.grid import Grid
from backtest.ground import Ground
from backtest.summary import TRADES_MIN
from backtest.sweep import Digest, Result
from backtest.tally import Figures
from backtest.telling import combinations, costs_text, moment, number, percent, row, usdt
from strategy.units import E8


def summary_of(digest: Digest, grid: Grid, ground: Ground) -> dict[str, Any]:
    """What --json prints."""
    history, whole = ground.history, ground.whole

    def told(result: Result) -> dict[str, Any]:
        figures = result.figures
        assert figures is not None
        names = [axis.name for axis in grid.axes]
        return {
            "parameters": dict(zip(names, grid.values(result.number), strict=True)),
            "trades": figures.trades,
            "net": figures.net_e8 / E8,
            "expectancy_bp": figures.expectancy_bp,
            "expectancy_error_bp": figures.error_bp,
        }

    return {
        "symbol": ground.setup.contract.symbol,
        "from_ms": history.times_ms[whole.first],
        "to_ms": history.times_ms[-1] + history.interval_ms,
        "candles": whole.end - whole.first,
        "combinations": len(grid),
        "refused": digest.refused,
        "first_refusal": digest.first_fault,
        "too_few_trades": digest.too_few,
        "lost_after_costs": digest.lost,
        "best": [told(result) for result in digest.best],
        "worst": [told(result) for result in digest.worst],
        "luck_bp": digest.luck_bp(),
    }


def lines(digest: Digest, grid: Grid, ground: Ground) -> Iterator[str]:
    """The result for people: how many were tried and lost comes before what won."""
    yield title(grid, ground)
    yield lost(digest)
    yield ""
    for name, text in [*ends(digest, grid), *doubts(digest), *terms(grid, ground)]:
        yield row(name, text)


def title(grid: Grid, ground: Ground) -> str:
    """What was tried on what."""
    history, whole = ground.history, ground.whole
    return (
        f"{ground.setup.contract.symbol}, {moment(history.times_ms[whole.first])} to "
        f"{moment(history.times_ms[-1] + history.interval_ms)} UTC: {whole.end - whole.first:,} "
        f"candles, {combinations(len(grid))}"
    )


def lost(digest: Digest) -> str:
    """The sentence that comes first."""
    share = 100 * digest.lost / digest.played
    tried = f"{digest.lost:,} of {combinations(digest.played)}"
    said = f"{tried} lost money after costs ({share:.0f} %)."
    if not digest.too_few:
        return said
    few = f"{digest.too_few:,}" if digest.ranked else "All"
    return f"{said} {few} had fewer than {TRADES_MIN} trades, too few to tell."


def ends(digest: Digest, grid: Grid) -> Iterator[tuple[str, str]]:
    """The best and the worst."""
    worst = [result for result in digest.worst if result not in digest.best]
    for name, results in (("best", digest.best), ("worst", worst)):
        for result in results:
            assert result.figures is not None
            yield name, f"{words(grid, result.number)}: {_told(result.figures)}"


def doubts(digest: Digest) -> Iterator[tuple[str, str]]:
    """What a reader must know before believing in the best."""
    yield "ranked by", f"net expectancy a trade, among those with at least {TRADES_MIN} trades"
    luck_bp = digest.luck_bp()
    if luck_bp is not None:
        text = (
            f"the best of {digest.ranked:,} is the luckiest as well: with no edge at all it would "
            f"show about {luck_bp:+.1f} bp; `walkforward` tells what a choice is worth"
        )
        yield "luck", text
    if digest.too_few:
        yield "not ranked", f"{combinations(digest.too_few)} with fewer than {TRADES_MIN} trades"
    if digest.refused:
        yield "not played", f"{combinations(digest.refused)}; the first: {digest.first_fault}"


def terms(grid: Grid, ground: Ground) -> Iterator[tuple[str, str]]:
    """What was the same in all of them."""
    fixed = ", ".join(f"{name} {value}" for name, value in grid.fixed.items())
    yield "in all of them", f"{fixed}; the rest by default" if fixed else "the settings by default"
    yield "charged", costs_text(ground.setup)


def _told(figures: Figures) -> str:
    return (
        f"{number(figures.expectancy_bp)} bp ± {number(figures.error_bp)} a trade, "
        f"{figures.trades:,} trades, net {usdt(figures.net_e8 / E8)} USDT, "
        f"drawdown {percent(-100 * figures.drawdown)}"
    )


def words(grid: Grid, number: int) -> str:
    """A combination by its varied settings: "threshold_perc 0.2, stop_loss_perc 1"."""
    names: Sequence[str] = [axis.name for axis in grid.axes]
    told = (f"{name} {value}" for name, value in zip(names, grid.values(number), strict=True))
    return ", ".join(told) or "the settings as they are"
