"""The journal's trades and the exchange's candles as the charts take them. Floats, for the eye."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import accumulate
from typing import NamedTuple

from backtest.history import History
from backtest.page_data import STEPS_MAX, STEPS_MS, bars_of
from pages import charts
from pages.charts import Curve, Level, Line, Mark
from state.journal import Event
from state.model import Trade
from strategy.instrument import Instrument
from strategy.parameters import Parameters
from strategy.units import E8
from strategy.words import PPM, percent

SIDES = {"long": 1, "short": -1}


class Wallet(NamedTuple):
    """What the first trade began with plus all results since, step by step."""

    start_ms: int
    step_ms: int
    levels: list[float]
    falls: list[float]  # percent below the peak, 0 or less

    @property
    def deepest(self) -> float:
        """The deepest fall, percent, 0 or above."""
        return max(0.0, -min(self.falls))


def wallet_of(trades: Sequence[Event], until_ms: int) -> Wallet | None:
    """From the finished trades (in order of exit), so that transfers of money do not count."""
    if not trades:
        return None
    before = Decimal(trades[0]["balance"]) - Decimal(trades[0]["net"])
    results = [float(trade["net"]) for trade in trades]
    steps = list(accumulate(results, initial=float(before)))
    ended_ms = [int(trade["exit_time"]) for trade in trades]
    start_ms = min(int(trade["entry_time"]) for trade in trades)
    span_ms = max(until_ms, ended_ms[-1]) - start_ms
    step_ms = next((step for step in STEPS_MS if span_ms <= STEPS_MAX * step), STEPS_MS[-1])
    start_ms -= start_ms % step_ms
    moments = range(start_ms, start_ms + span_ms + 2 * step_ms, step_ms)
    levels = [steps[bisect_right(ended_ms, at)] for at in moments]
    peaks = accumulate(levels, max)
    falls = [
        100 * (level / peak - 1) if peak > 0 else 0.0
        for level, peak in zip(levels, peaks, strict=True)
    ]
    return Wallet(start_ms, step_ms, levels, falls)


def wallet_chart(wallet: Wallet) -> str:
    """The wallet and how far it is below its peak."""
    return charts.level_chart(
        "wallet after costs, and how far it is below its peak",
        wallet.start_ms,
        wallet.step_ms,
        [
            [Line("wallet", wallet.levels, unit=" USDT")],
            [Line("below the peak", wallet.falls, "down", area=True, unit=" %")],
        ],
    )


def candles(
    history: History,
    market: Instrument,
    trades: Sequence[Event],
    running: Trade | None,
    parameters: Parameters,
) -> str:
    """Candles with the trades on them, what they are measured by, and the open position's entry,
    stop and target.
    """
    decimals = len(market.price_text(0).partition(".")[2])
    marks = [*_marks(market, trades), *_running(running)]
    return charts.candle_chart(
        f"candles of {market.symbol} with the trades on them",
        bars_of(history),
        market.tick_e8 / E8,
        decimals,
        marks,
        _levels(running),
        _curves(history.closes, parameters),
    )


def _curves(closes: Sequence[int], parameters: Parameters) -> Iterator[Curve]:
    """The average and how far from it a close opens a trade, by today's settings. A running sum:
    the rules' own would add up `ma_length` closes for each of 100,000 candles.
    """
    length, away = parameters.ma_length, parameters.threshold_ppm / PPM
    sums = list(accumulate(closes, initial=0))
    averages = [(new - old) / length for old, new in zip(sums, sums[length:], strict=False)]
    before = [None] * (len(closes) - len(averages))
    yield Curve(f"average of {length} closes", [*before, *averages], "accent")
    for name, factor in ((f"±{percent(parameters.threshold_ppm)} %: a close beyond may enter",
                          1 + away), ("", 1 - away)):  # fmt: skip
        yield Curve(name, [*before, *(factor * value for value in averages)], "faint", dashed=True)


def _marks(market: Instrument, trades: Sequence[Event]) -> Iterator[Mark]:
    for trade in trades:
        entry, left = (_ticks(market, trade[name]) for name in ("entry_price", "exit_price"))
        yield Mark(
            SIDES[trade["side"]],
            int(trade["entry_time"]),
            entry,
            int(trade["exit_time"]),
            left,
            trade["reason"],
            float(trade["net"]),
        )


def _running(trade: Trade | None) -> Iterator[Mark]:
    if trade is not None:
        entry = trade.entry_quote / trade.entry_lots
        yield Mark(trade.side, trade.first_fill_ms, entry, 0, 0, "open", 0)


def _levels(trade: Trade | None) -> Iterator[Level]:
    if trade is not None:
        yield Level("entry", trade.entry_quote / trade.entry_lots, "accent")
        yield Level("stop, moved" if trade.stop_moved else "stop", trade.stop, "down")
        yield Level("target", trade.target, "up")


def _ticks(market: Instrument, price: str) -> float:
    return float(Decimal(price) * E8 / market.tick_e8)
