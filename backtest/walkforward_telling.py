"""What a walk forward came to, as lines for people and as the object of --json. Computes nothing.

The answer comes first, and where nothing survives it says so.
"""

from collections.abc import Iterator
from typing import Any

from backtest.grid import Grid
from backtest.ground import Ground, Span
from backtest.reality_check import SOURCE
from backtest.summary import ERRORS_FROM_ZERO, TRADES_MIN
from backtest.sweep_telling import words
from backtest.tally import Figures
from backtest.telling import combinations, moment, row, usdt
from backtest.walkforward import CRITERION, Step, Walked
from strategy.units import E8

P_VALUE_MAX = 0.05


def verdict(walked: Walked) -> str:
    """Does choosing on the past earn money afterwards? One sentence, never kinder than figures."""
    total, luck = walked.total, walked.check
    if total.trades < TRADES_MIN or total.expectancy_bp is None or total.error_bp is None:
        return f"Nobody can tell: {total.trades} trades out of sample (at least {TRADES_MIN})."
    figure = f"{total.expectancy_bp:+.1f} bp ± {total.error_bp:.1f} bp a trade out of sample"
    if total.expectancy_bp <= 0:
        return f"No: {figure}, after costs. Nothing survives."
    if total.expectancy_bp <= ERRORS_FROM_ZERO * total.error_bp:
        return f"No: {figure} is not distinguishable from zero. Nothing survives."
    if luck.p_value > P_VALUE_MAX:
        return (
            f"No: {figure}, but the best of {combinations(luck.combinations)} is no better than "
            f"luck makes the best of so many (p = {luck.p_value:.3f}). Nothing survives."
        )
    return (
        f"Yes, on these candles: {figure}, and more than luck would give the best of "
        f"{combinations(luck.combinations)} (p = {luck.p_value:.3f})."
    )


def lines(walked: Walked, grid: Grid, ground: Ground, train_days: int) -> Iterator[str]:
    """The whole result."""
    history, whole = ground.history, ground.whole
    yield (
        f"{ground.setup.contract.symbol}, {moment(history.times_ms[whole.first])} to "
        f"{moment(history.times_ms[-1] + history.interval_ms)} UTC: {combinations(len(grid))}, "
        f"{len(walked.steps)} windows"
    )
    yield f"Does the past choose what earns money afterwards? {verdict(walked)}"
    yield ""
    names = " ".join(axis.name for axis in grid.axes)
    heads = f"{'test window':<25}{'train bp':>9}{'test bp':>9}{'trades':>8}{'net USDT':>12}"
    yield f"{heads}  {names}"
    for step in walked.steps:
        yield _step(step, grid, ground)
    yield ""
    yield row("criterion", CRITERION)
    yield from _total(walked)
    yield row("luck", _luck(walked))
    yield row("", SOURCE)
    if walked.played < len(grid):
        refused = len(grid) - walked.played
        yield row("not played", f"{combinations(refused)}; the first: {walked.first_fault}")
    if walked.next is None:
        yield row("next", f"nothing had {TRADES_MIN} trades in the newest {train_days} days")
    else:
        yield row("next", f"{words(grid, walked.next.number)}: {chosen_before(walked.these)}")


def _step(step: Step, grid: Grid, ground: Ground) -> str:
    dates = " to ".join(_dates(step.window.test, ground))
    if step.choice is None:
        return f"{dates:<25}{'no combination had trades enough':>36}"
    train, test = step.choice.train, step.test
    return (
        f"{dates:<25}{_bp(train):>9}{_bp(test):>9}{test.trades:>8,}"
        f"{usdt(test.net_e8 / E8):>12}  "
        + " ".join(
            f"{value:>{len(axis.name)}}"
            for axis, value in zip(grid.axes, grid.values(step.choice.number), strict=True)
        )
    )


def _total(walked: Walked) -> Iterator[str]:
    total = walked.total
    error = "" if total.error_bp is None else f" ± {total.error_bp:.2f}"
    yield row(
        "out of sample",
        f"{_bp(total)}{error} bp a trade, {total.trades:,} trades, gross "
        f"{usdt(total.gross_e8 / E8)} - fees {usdt(total.fees_e8 / E8)} - funding "
        f"{usdt(total.funding_e8 / E8)} = net {usdt(total.net_e8 / E8)} USDT",
    )
    trained = train_mean_bp(walked)
    if trained is not None and total.expectancy_bp is not None:
        yield row(
            "degradation",
            f"chosen with {trained:+.2f} bp a trade in training (mean of the windows), got "
            f"{total.expectancy_bp:+.2f} bp: {total.expectancy_bp - trained:+.2f} bp",
        )


def train_mean_bp(walked: Walked) -> float | None:
    """What the chosen ones had shown in training: bp a trade, mean of the windows; None without."""
    shown = [
        step.choice.train.expectancy_bp
        for step in walked.steps
        if step.choice is not None and step.choice.train.expectancy_bp is not None
    ]
    return sum(shown) / len(shown) if shown else None


def _luck(walked: Walked) -> str:
    luck = walked.check
    if luck.best is None:
        return "not tested: no combination had trades enough"
    return (
        f"p = {luck.p_value:.3f}: how often luck alone lifts the best of "
        f"{combinations(luck.combinations)} to the {luck.best_bp_day:+.2f} bp a day that the real "
        "best made"
    )


def chosen_before(these: Figures) -> str:
    """What the next choice made in the windows in which it was the choice already."""
    if not these.trades:
        return "never chosen before, so it has no result out of sample"
    trades = "1 trade" if these.trades == 1 else f"{these.trades:,} trades"
    if these.expectancy_bp is None:
        return f"when chosen before, {trades}: too few to tell"
    return f"when chosen before, {_bp(these)} bp a trade over {trades}"


def _bp(figures: Figures) -> str:
    return "n/a" if figures.expectancy_bp is None else f"{figures.expectancy_bp:+.2f}"


def _dates(span: Span, ground: Ground) -> tuple[str, str]:
    """First and last day of a span."""
    times_ms = ground.history.times_ms
    return moment(times_ms[span.first])[:10], moment(times_ms[span.end - 1])[:10]


def summary_of(walked: Walked, grid: Grid, ground: Ground) -> dict[str, Any]:
    """What --json prints."""
    names = [axis.name for axis in grid.axes]

    def chosen(number: int) -> dict[str, str]:
        return dict(zip(names, grid.values(number), strict=True))

    return {
        "symbol": ground.setup.contract.symbol,
        "combinations": len(grid),
        "played": walked.played,
        "criterion": CRITERION,
        "verdict": verdict(walked),
        "windows": [
            {
                "test_from": dates[0],
                "test_to": dates[1],
                "parameters": chosen(step.choice.number) if step.choice else None,
                "train": told(step.choice.train) if step.choice else None,
                "test": told(step.test),
            }
            for step in walked.steps
            for dates in [_dates(step.window.test, ground)]
        ],
        "out_of_sample": told(walked.total),
        "train_mean_bp": train_mean_bp(walked),
        "reality_check": {"source": SOURCE, **walked.check._asdict()},
        "next": chosen(walked.next.number) if walked.next else None,
        "next_out_of_sample": told(walked.these),
    }


def told(figures: Figures) -> dict[str, Any]:
    """Figures in USDT and bp."""
    return {
        "trades": figures.trades,
        "gross": figures.gross_e8 / E8,
        "fees": figures.fees_e8 / E8,
        "funding": figures.funding_e8 / E8,
        "net": figures.net_e8 / E8,
        "expectancy_bp": figures.expectancy_bp,
        "expectancy_error_bp": figures.error_bp,
        "max_drawdown_perc": 100 * figures.drawdown,
    }
