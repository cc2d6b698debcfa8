"""The rules as a user of vectorbt writes them: signals by a callback, stops by its own stop logic.

Break-even needs a stop beyond the entry, which its stop logic refuses, so the stop moves to the
entry itself. Sizes are half of the cash. Imported only where vectorbt is installed.
"""

from collections.abc import Callable
from importlib import import_module
from typing import Any

import numpy as np

vbt: Any = import_module("vectorbt")
njit: Any = import_module("numba").njit

from backtest.layout import Candles, Terms


@njit  # type: ignore[untyped-decorator]
def _signal(c: Any, deviation: Any, threshold: float, cooldown: int, memory: Any) -> Any:
    """Long entry, long exit, short entry, short exit. `memory`: position before, last end."""
    i, position = c.i, c.position_now
    if memory[0] != 0 and position == 0:
        memory[1] = i - 1  # a stop or target has closed it since
    memory[0] = position
    gap = deviation[i]
    if position != 0:
        done = gap >= 0 if position > 0 else gap <= 0
        if done:
            memory[0], memory[1] = 0, i
        return False, done and position > 0, False, done and position < 0
    if i - memory[1] < cooldown or np.isnan(gap):
        return False, False, False, False
    return gap <= -threshold, False, gap >= threshold, False


@njit  # type: ignore[untyped-decorator]
def _stop(c: Any, close: Any, trigger: float) -> Any:
    """The stop's distance: to the entry once the close before has gained the trigger."""
    if c.position_now == 0 or c.init_i < 0 or c.i == 0:
        return c.curr_stop, False
    gain = close[c.i - 1] / c.init_price - 1
    if c.position_now < 0:
        gain = -gain
    return (0.0, False) if gain >= trigger else (c.curr_stop, False)


def prepare(candles: Candles, terms: Terms) -> Callable[[], int]:
    """Ready to be timed; everything is compiled."""
    columns = [np.asarray(column, np.float64) for column in candles[1:]]
    opens, highs, lows, closes = columns
    sums = np.cumsum(closes)
    sums[terms.ma_length :] -= sums[: -terms.ma_length].copy()
    sma = sums / terms.ma_length
    deviation = closes / sma - 1
    deviation[: terms.ma_length - 1] = np.nan

    def play() -> int:
        folio = vbt.Portfolio.from_signals(
            closes,
            open=opens,
            high=highs,
            low=lows,
            signal_func_nb=_signal,
            signal_args=(
                deviation,
                terms.threshold_ppm / 1e6,
                terms.cooldown_bars,
                np.array([0.0, -1e9]),
            ),
            sl_stop=terms.stop_loss_ppm / 1e6,
            tp_stop=terms.profit_target_ppm / 1e6,
            adjust_sl_func_nb=_stop,
            adjust_sl_args=(closes, terms.breakeven_trigger_ppm / 1e6),
            size=0.5,
            size_type="percent",
            init_cash=10_000,
            freq="5min",
        )
        return len(folio.order_records) // 2

    play()
    return play


@njit  # type: ignore[untyped-decorator]
def _signal_of(c: Any, deviation: Any, thresholds: Any, cooldown: int, memory: Any) -> Any:
    """The signal of one column: its own threshold, its own memory."""
    return _signal(c, deviation, thresholds[c.col], cooldown, memory[c.col])


def prepare_sweep(
    candles: Candles, terms: Terms, pairs: list[tuple[float, float]]
) -> Callable[[], int]:
    """A column for each pair of threshold and stop (shares), all in one portfolio, as its users
    sweep. Compiled by a first go over few candles.
    """
    opens, highs, lows, closes = (np.asarray(column, np.float64) for column in candles[1:])
    sums = np.cumsum(closes)
    sums[terms.ma_length :] -= sums[: -terms.ma_length].copy()
    deviation = closes / (sums / terms.ma_length) - 1
    deviation[: terms.ma_length - 1] = np.nan
    thresholds, stops = (np.array(column) for column in zip(*pairs, strict=True))

    def play(count: int = len(closes)) -> int:
        memory = np.tile(np.array([0.0, -1e9]), (len(pairs), 1))
        wide = np.broadcast_to(closes[:count, None], (count, len(pairs)))
        folio = vbt.Portfolio.from_signals(
            wide,
            open=opens[:count, None],
            high=highs[:count, None],
            low=lows[:count, None],
            signal_func_nb=_signal_of,
            signal_args=(deviation, thresholds, terms.cooldown_bars, memory),
            sl_stop=stops[None, :],
            tp_stop=terms.profit_target_ppm / 1e6,
            adjust_sl_func_nb=_stop,
            adjust_sl_args=(closes, terms.breakeven_trigger_ppm / 1e6),
            size=0.5,
            size_type="percent",
            init_cash=10_000,
            freq="5min",
        )
        # what a line of our own sweep holds
        trades = folio.trades
        for figure in (trades.win_rate, trades.expectancy, folio.total_return, folio.max_drawdown):
            figure()
        return len(folio.order_records) // 2

    play(1000)
    return play
