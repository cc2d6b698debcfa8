"""The rules as a user of backtesting.py writes them. Imported only where it is installed."""

import warnings
from collections.abc import Callable
from importlib import import_module
from typing import Any

import numpy as np

pd: Any = import_module("pandas")
backtesting: Any = import_module("backtesting")

from backtest.layout import Candles, Terms


def prepare(candles: Candles, terms: Terms) -> Callable[[], int]:
    """Ready to be timed."""
    names = ("Open", "High", "Low", "Close")
    values = {n: np.asarray(c, float) for n, c in zip(names, candles[1:], strict=True)}
    start = pd.Timestamp("2023-01-01")
    frame = pd.DataFrame(
        values, index=start + pd.to_timedelta(5, "min") * np.arange(len(candles[0]))
    )
    ratio = 1e-6

    class Rules(backtesting.Strategy):  # type: ignore[misc] # Any: it ships no types
        """Mean reversion with stop, target, break-even and cooldown."""

        def init(self) -> None:
            """The average of the closes."""
            closes = pd.Series(self.data.Close)
            self.sma = self.I(lambda: closes.rolling(terms.ma_length).mean())

        def next(self) -> None:
            """One close."""
            close, sma = self.data.Close[-1], self.sma[-1]
            if self.position:
                trade = self.trades[0]
                side = 1 if trade.is_long else -1
                if side * (close - sma) >= 0:
                    self.position.close()
                elif side * (close / trade.entry_price - 1) >= terms.breakeven_trigger_ppm * ratio:
                    offset = side * terms.breakeven_offset_ppm * ratio
                    trade.sl = trade.entry_price * (1 + offset)
                return
            last = self.closed_trades[-1].exit_bar if self.closed_trades else -1000
            if len(self.data) - 1 - last < terms.cooldown_bars:
                return
            gap, stop, target = (
                close / sma - 1,
                terms.stop_loss_ppm * ratio,
                terms.profit_target_ppm * ratio,
            )
            if gap <= -terms.threshold_ppm * ratio:
                self.buy(size=0.5, sl=close * (1 - stop), tp=close * (1 + target))
            elif gap >= terms.threshold_ppm * ratio:
                self.sell(size=0.5, sl=close * (1 + stop), tp=close * (1 - target))

    def play() -> int:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            cash = 1000 * float(frame.Close.max())  # its quantities are whole coins
            result = backtesting.Backtest(frame, Rules, cash=cash, finalize_trades=True).run()
        return int(result["# Trades"])

    return play
