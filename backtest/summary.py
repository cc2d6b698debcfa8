"""What a backtest came to, in figures: from trades to the dictionary that --json prints.

Money is summed in whole 1e-8 USDT and leaves as USDT. Must not hide a loss behind a ratio: what
cannot be computed is None, and the verdict is one plain sentence.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Mapping
from itertools import pairwise
from typing import Any

from backtest import figures, layout
from backtest.history import History
from backtest.lane import Outcome
from backtest.rows import REASONS
from backtest.setup import Setup
from backtest.uncharged import without_rates
from strategy import sizing, words
from strategy.units import DAY_MS, E8

#: Trades below which a mean says nothing, and how many standard errors tell it from zero.
TRADES_MIN = 30
ERRORS_FROM_ZERO = 1.96

CONVENTION = "daily returns of the realised wallet x sqrt(365), no risk-free rate"
REFUSALS = {
    layout.REFUSED + sizing.BELOW_MIN_QUANTITY: "quantity below the minimum",
    layout.REFUSED + sizing.BELOW_MIN_NOTIONAL: "notional below the minimum",
    layout.REFUSED + sizing.STOP_TOO_NEAR: "stop nearer than 2 ticks",
    layout.REFUSED + sizing.TARGET_TOO_NEAR: "target nearer than 2 ticks",
    layout.REFUSED_NOTIONAL: "notional below the minimum at the fill",
    layout.REFUSED_TIER: "notional above what the leverage allows (-2027)",
    layout.REFUSED_MARGIN: "margin above what the wallet holds (-2019)",
    layout.LAPSED: "the next candle is missing",
}


def summarise(outcome: Outcome, history: History, setup: Setup) -> dict[str, Any]:
    """Every figure of one backtest; USDT as floats, times in ms, shares in percent."""
    trades = len(outcome.trades) // layout.WIDTH
    gross, fees, funding = (
        outcome.column(place) for place in (layout.T_GROSS, layout.T_FEES, layout.T_FUNDING)
    )
    nets = nets_e8(outcome)
    wins = sum(net > 0 for net in nets)
    won, lost = sum(net for net in nets if net > 0), -sum(net for net in nets if net < 0)
    first = min(_first_index(history, setup), len(history) - 1)
    wallet_e8 = outcome.state[layout.WALLET]
    summary = {
        "symbol": setup.contract.symbol,
        "interval": setup.parameters.interval,
        "from_ms": history.times_ms[first],
        "to_ms": history.times_ms[-1] + history.interval_ms,
        "candles": len(history) - first,
        "candles_missing": _missing(history, first),
        "trades": trades,
        "wins": wins,
        "win_rate_perc": 100 * wins / trades if trades else None,
        "gross": sum(gross) / E8,
        "fees": sum(fees) / E8,
        "funding": sum(funding) / E8,
        "net": sum(nets) / E8,
        "balance": setup.balance_e8 / E8,
        "wallet": wallet_e8 / E8,
        "return_perc": 100 * (wallet_e8 / setup.balance_e8 - 1) if setup.balance_e8 else None,
        "profit_factor": won / lost if lost else None,
        "losing_streak": figures.losing_streak(nets),
        "exposure_perc": 100 * _candles_held(outcome) / (len(history) - first),
        "reasons": dict(Counter(REASONS[code] for code in outcome.column(layout.T_REASON))),
        "open_trade": _open_trade(outcome, history, setup),
        "ambiguous_candles": outcome.state[layout.AMBIGUOUS],
        "refused": _refused(outcome),
        "funding_left_out": without_rates(setup, history),
        "ambiguous_resolved": None,  # by --minutes
        "ladder": None,  # by --ladder and --html
        "last_trade_ms": history.times_ms[outcome.column(layout.T_LEFT)[-1]] if trades else None,
        "lane": outcome.lane,
        "risk": words.risk_sentence(setup.parameters, setup.costs.fee_ppm),
    }
    summary |= _edge(outcome, setup, nets)
    summary |= _over_time(outcome, history, setup, first)
    closes = history.closes[first:]
    summary["hold_return_perc"] = 100 * (closes[-1] / closes[0] - 1)
    summary["hold_drawdown_perc"] = 100 * figures.drawdown(closes)
    summary["verdict"] = verdict(summary)
    return summary


def verdict(summary: Mapping[str, Any]) -> str:
    """Does it earn money after costs? One sentence, and never a kinder one than the figures."""
    trades, net = summary["trades"], summary["net"]
    mean, error = summary["expectancy_bp"], summary["expectancy_error_bp"]
    if trades < TRADES_MIN:
        return f"Nobody can tell: {_count(trades)} too few (at least {TRADES_MIN})."
    figure = f"{mean:+.1f} bp ± {error:.1f} bp a trade"
    share = "" if summary["return_perc"] is None else f"{_share(abs(summary['return_perc']))} of "
    lost = f"lost {share}the wallet"
    if abs(mean) <= ERRORS_FROM_ZERO * error:
        result = f"the gain of {share}the wallet" if net > 0 else f"that it {lost}"
        return f"No: {figure} is not distinguishable from zero; {result} may be chance."
    if mean > 0 and net > 0:
        return (
            f"Yes, on these candles: {figure}, not by chance. Walk forward before you believe it."
        )
    if mean > 0:
        return f"No: {figure} is a gain, but as it was sized it has {lost}."
    if net > 0:
        return f"No: {figure} is a loss, and not by chance; only the sizes made the wallet grow."
    return f"No: {figure}; it has {lost}, and not by chance."


def _share(percent: float) -> str:
    """A share in percent; what is left of a wallet is not rounded away."""
    return f"{percent:.2f} %" if 99.95 <= percent < 100 else f"{percent:.1f} %"


def edge_of(outcome: Outcome, setup: Setup) -> dict[str, Any]:
    """The few figures by which one backtest is held against another."""
    nets = nets_e8(outcome)
    edge = _edge(outcome, setup, nets)
    return {
        "trades": len(nets),
        "net": sum(nets) / E8,
        "wallet": outcome.state[layout.WALLET] / E8,
        "expectancy_bp": edge["expectancy_bp"],
        "expectancy_error_bp": edge["expectancy_error_bp"],
    }


def nets_e8(outcome: Outcome) -> list[int]:
    """Every trade's net result, in 1e-8 USDT."""
    return [
        gross - fees - funding
        for gross, fees, funding in zip(
            *(outcome.column(p) for p in (layout.T_GROSS, layout.T_FEES, layout.T_FUNDING)),
            strict=True,
        )
    ]


def results_bp(outcome: Outcome, setup: Setup) -> list[float]:
    """Every trade's net result, in bp of its entry notional."""
    unit_e8 = setup.contract.unit_e8
    return [
        1e4 * net / (lots * entry * unit_e8)
        for net, lots, entry in zip(
            nets_e8(outcome),
            outcome.column(layout.T_LOTS),
            outcome.column(layout.T_ENTRY),
            strict=True,
        )
    ]


def _count(trades: int) -> str:
    return "no trade is" if trades == 0 else "1 trade is" if trades == 1 else f"{trades} trades are"


def _edge(outcome: Outcome, setup: Setup, nets: list[int]) -> dict[str, Any]:
    """Expectancy in bp of the entry notional, and what cost the edge could have borne."""
    lots, unit_e8 = outcome.column(layout.T_LOTS), setup.contract.unit_e8
    turnover = sum(
        n * (entry + ended) * unit_e8
        for n, entry, ended in zip(
            lots, outcome.column(layout.T_ENTRY), outcome.column(layout.T_EXIT), strict=True
        )
    )
    mean = error = break_even = charged = None
    if len(nets) > 1:
        mean, error = figures.mean_and_error(results_bp(outcome, setup))
    if turnover:
        slippage_bp = setup.costs.slippage_ppm / 100
        # The fills are slipped already: what slippage took belongs to the edge before costs.
        break_even = 1e4 * sum(outcome.column(layout.T_GROSS)) / turnover + slippage_bp
        charged = 1e4 * sum(outcome.column(layout.T_FEES)) / turnover + slippage_bp
    return {
        "expectancy_bp": mean,
        "expectancy_error_bp": error,
        "break_even_cost_bp": break_even,
        "cost_bp": charged,
    }


def _over_time(outcome: Outcome, history: History, setup: Setup, first: int) -> dict[str, Any]:
    """What the order of the trades decides. The wallet is the realised one, as trades end."""
    wallets = [setup.balance_e8, *outcome.column(layout.T_WALLET)]
    times_ms = [history.times_ms[index] for index in outcome.column(layout.T_LEFT)]
    levels = figures.daily_levels(
        history.times_ms[first],
        history.times_ms[-1],
        setup.balance_e8,
        zip(times_ms, wallets[1:], strict=True),
    )
    returns = figures.daily_returns(levels)
    changes = [after - before for before, after in pairwise(levels)]
    worst = min(range(len(changes)), key=changes.__getitem__)
    day = history.times_ms[first] // DAY_MS + worst
    return {
        "max_drawdown_perc": 100 * figures.drawdown(wallets) if setup.balance_e8 else None,
        "sharpe": figures.sharpe(returns),
        "sortino": figures.sortino(returns),
        "convention": CONVENTION,
        "worst_day_ms": day * DAY_MS,
        "worst_day": changes[worst] / E8,
        "worst_day_perc": 100 * changes[worst] / levels[worst] if levels[worst] > 0 else None,
    }


def _first_index(history: History, setup: Setup) -> int:
    return bisect_left(history.times_ms, setup.start_ms)


def _missing(history: History, first: int) -> int:
    times_ms = history.times_ms
    return (times_ms[-1] - times_ms[first]) // history.interval_ms + 1 - (len(history) - first)


def _candles_held(outcome: Outcome) -> int:
    """Candles in which a position was held, if only for a part."""
    entered, left = outcome.column(layout.T_ENTERED), outcome.column(layout.T_LEFT)
    held = sum(left) - sum(entered) + len(left)
    if outcome.state[layout.SIDE]:
        held += outcome.state[layout.NEXT] - outcome.state[layout.ENTRY_INDEX]
    return held


def _refused(outcome: Outcome) -> dict[str, int]:
    """Entries that were signals but no trades, by reason."""
    return {what: outcome.state[place] for place, what in REFUSALS.items() if outcome.state[place]}


def _open_trade(outcome: Outcome, history: History, setup: Setup) -> dict[str, Any] | None:
    """The position of the end, which is not among the trades."""
    state = outcome.state
    if not state[layout.SIDE]:
        return None
    contract = setup.contract
    return {
        "side": "long" if state[layout.SIDE] > 0 else "short",
        "quantity": state[layout.LOTS] * contract.step_e8 / E8,
        "entry_ms": history.times_ms[state[layout.ENTRY_INDEX]],
        "entry_price": state[layout.ENTRY] * contract.tick_e8 / E8,
        "fees": state[layout.FEES] / E8,
        "funding": state[layout.FUNDING] / E8,
    }
