"""The summary as lines for people. The verdict comes first; a loss is said in words, not in signs.

Computes nothing. Floats become texts here and nowhere else.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from backtest.setup import Setup
from strategy.words import count_text, parameters_text
from strategy.words import percent as words_percent

Figures = Mapping[str, Any]
Fact = tuple[str, str]  # a name, and what is to be said of it

QUESTION = "Does it earn money after costs?"


def lines(summary: Figures) -> Iterator[str]:
    """The whole summary."""
    yield title(summary)
    yield f"{QUESTION} {summary['verdict']}"
    yield ""
    for name, text in facts(summary):
        yield row(name, text)
    if summary["ladder"] and summary["trades"]:
        yield ""
        yield from ladder_lines(summary["ladder"])


def title(summary: Figures) -> str:
    """Which candles these are."""
    missing = f", {summary['candles_missing']:,} missing" if summary["candles_missing"] else ""
    return (
        f"{summary['symbol']} {summary['interval']}, {moment(summary['from_ms'])} to "
        f"{moment(summary['to_ms'])} UTC: {summary['candles']:,} candles{missing}"
    )


def facts(summary: Figures) -> Iterator[Fact]:
    """Every figure in words."""
    yield from _money(summary)
    yield from _trades(summary)
    yield from _risk(summary)
    yield from _notes(summary)


def _money(summary: Figures) -> Iterator[Fact]:
    start, end = summary["balance"], summary["wallet"]
    yield _fact("wallet", f"{usdt(start)} -> {usdt(end)} USDT ({percent(summary['return_perc'])})")
    held = f"{percent(summary['hold_return_perc'])}, drawdown {summary['hold_drawdown_perc']:.1f} %"
    yield _fact("buy and hold", f"{held}, without leverage or costs")
    yield _fact(
        "trades' money",
        f"gross {usdt(summary['gross'])} - fees {usdt(summary['fees'])} - funding "
        f"{usdt(summary['funding'])} = net {usdt(summary['net'])} USDT",
    )
    if summary["expectancy_bp"] is not None:
        yield _fact(
            "expectancy",
            f"{summary['expectancy_bp']:+.2f} bp of the notional a trade, standard error "
            f"{summary['expectancy_error_bp']:.2f} bp",
        )
    if summary["break_even_cost_bp"] is not None:
        yield _fact("break-even cost", bearable(summary["break_even_cost_bp"], summary["cost_bp"]))


def bearable(break_even: float, charged: float) -> str:
    """What fee and slippage together the edge before costs could pay, at every fill."""
    paid = f"charged: {charged:.2f} bp"
    if break_even <= 0:
        return f"none: the edge before costs is {break_even:.2f} bp a fill, a loss ({paid})"
    return f"{break_even:.2f} bp a fill for fee and slippage together ({paid})"


def _trades(summary: Figures) -> Iterator[Fact]:
    reasons = ", ".join(f"{count:,} {reason}" for reason, count in summary["reasons"].items())
    yield _fact("trades", f"{summary['trades']:,}" + (f": {reasons}" if reasons else ""))
    if summary["trades"]:
        yield _fact(
            "won",
            f"{summary['win_rate_perc']:.1f} % of the trades; profit factor "
            f"{number(summary['profit_factor'])}; longest losing streak "
            f"{summary['losing_streak']}",
        )


def _risk(summary: Figures) -> Iterator[Fact]:
    stop, _, gap = summary["risk"].partition("; ")
    yield _fact("risk of a trade", stop)
    yield _fact("", gap)
    if summary["max_drawdown_perc"] is not None:
        fall = percent(-summary["max_drawdown_perc"])
        yield _fact("max drawdown", f"{fall} of the wallet")
    worst = f"{usdt(summary['worst_day'])} USDT ({percent(summary['worst_day_perc'])})"
    yield _fact("worst day", f"{moment(summary['worst_day_ms'])[:10]}: {worst}")
    ratios = f"Sharpe {number(summary['sharpe'])}, Sortino {number(summary['sortino'])}"
    yield _fact("ratios", f"{ratios} ({summary['convention']})")
    yield _fact("exposure", f"in a position during {summary['exposure_perc']:.1f} % of the candles")


def _notes(summary: Figures) -> Iterator[Fact]:
    """What a reader must know before trusting the figures; only what happened."""
    if summary["funding_left_out"]:
        yield _fact("FUNDING", summary["funding_left_out"])
    if summary["ambiguous_candles"]:
        count = summary["ambiguous_candles"]
        held = f"{count_text(count, 'candle')} held both stop and target; "
        yield _fact("ambiguous", held + _seen(summary["ambiguous_resolved"]))
    for what, count in summary["refused"].items():
        yield _fact("no entry", f"{count_text(count, 'signal')}: {what}")
    too_small = sum(c for what, c in summary["refused"].items() if "below the minimum" in what)
    if too_small and summary["net"] < 0 and summary["last_trade_ms"] is not None:
        yield _fact(
            "RUINED" if summary["return_perc"] < -50 else "too small",
            f"after the last trade, {moment(summary['last_trade_ms'])}, the wallet was too "
            "small to trade",
        )
    opened = summary["open_trade"]
    if opened is not None:
        yield _fact(
            "still open",
            f"{opened['side']} {opened['quantity']:g} since {moment(opened['entry_ms'])} at "
            f"{opened['entry_price']:g}; not among the trades",
        )


def _seen(seen: Figures | None) -> str:
    """What finer candles say of the ambiguous ones."""
    if seen is None:
        return "the stop was assumed"
    ways = {
        "the stop came first": seen["stop_first"],
        "the target": seen["target_first"],
        "both in one minute": seen["same_minute"],
        "not covered": seen["not_covered"],
    }
    told = ", ".join(f"{count:,} {way}" for way, count in ways.items() if count)
    return f"by the minutes: {told}; net with them {usdt(seen['net'])} ({seen['net_change']:+,.2f})"


def ladder_lines(rungs: Sequence[Figures]) -> Iterator[str]:
    """The slippage ladder as a table: slippage across, stops down."""
    across, down = ladder_axes(rungs)
    yield "Net bp a trade, if fills were worse:"
    yield row("", "".join(f"{bps} bp".rjust(9) for bps in across) + "  of slippage")
    for stops in down:
        cells = (rung for rung in rungs if rung["stop_slippage_range_perc"] == stops)
        yield row(
            f"stops {stops} %",
            "".join(_signed(rung["expectancy_bp"]).rjust(9) for rung in cells)
            + ("  of the way to the candle's worst price" if stops == down[-1] else ""),
        )


def ladder_axes(rungs: Sequence[Figures]) -> tuple[list[int], list[int]]:
    """Slippages in bp, and shares in percent that stops fill on the way to the worst price."""
    bps = {rung["slippage_bps"]: None for rung in rungs}
    stops = {rung["stop_slippage_range_perc"]: None for rung in rungs}
    return list(bps), list(stops)


def _signed(value: float | None) -> str:
    return "n/a" if value is None else f"{value:+.1f}"


def _fact(name: str, text: str) -> Fact:
    return name, text


def row(name: str, text: str) -> str:
    """One line of the table."""
    return f"{name:<16}{text}"


def moment(time_ms: int) -> str:
    """ms UTC as "2023-08-17 21:40"."""
    return f"{datetime.fromtimestamp(time_ms // 1000, UTC):%Y-%m-%d %H:%M}"


def combinations(count: int) -> str:
    """A number of them."""
    return count_text(count, "combination")


def usdt(amount: float) -> str:
    """An amount to the cent; nothing has no sign."""
    return f"{round(amount, 2) + 0.0:,.2f}"


def percent(value: float | None) -> str:
    """A signed percentage."""
    return "n/a" if value is None else f"{round(value, 2) + 0.0:+.2f} %"


def number(value: float | None) -> str:
    """A ratio, where there is one."""
    return "n/a" if value is None else f"{value:.2f}"


def terms(setup: Setup) -> str:
    """What was traded and what it was charged, in one line."""
    return f"{parameters_text(setup.parameters)}; {costs_text(setup)}"


def costs_text(setup: Setup) -> str:
    """What was charged."""
    costs = setup.costs
    funding = "not charged"
    if costs.funding:
        rate = f"{costs.funding_rate_e8 / 1e6:g} % every 8 hours"
        funding = "at the rates of its file" if setup.rates is not None else rate
    return (
        f"fee {words_percent(costs.fee_ppm)} %, "
        f"slippage {costs.slippage_ppm / 100:g} bp, stops {costs.stop_range_ppm / 10_000:g} % of "
        f"the way to the worst price, funding {funding}"
    )
