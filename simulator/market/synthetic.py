"""An invented market: endless, the same on every machine, like real 5-minute candles in its habits.

Every symbol's price is an anchor price times 2 to the power of two walks, one that all symbols
share and one of its own (see `walk`); one volatility rules both (see `volatility`). A candle is
what the walks do in five minutes; `synthetic_candle` adds what happens on the way. Must not
remember, look at a clock or use floats: candles are a pure function of (seed, symbol, time).
"""

from collections.abc import Mapping

from simulator.market.integer_math import ONE, exp2
from simulator.market.model import Candle
from simulator.market.synthetic_candle import INTERVAL_MS, busy_candle, dice, is_quiet, quiet_candle
from simulator.market.synthetic_symbols import synthetic_symbol
from simulator.market.volatility import Volatility
from simulator.market.walk import Walk

DEFAULT_SEED = 7

# What the common and the own walk weigh, in eighths: 7**2 + 4**2 is about 8**2, so a symbol moves
# as much as a walk, and two symbols are correlated by 7**2 / 8**2.
_COMMON, _OWN, _EIGHTHS = 7, 4, 8


class SyntheticMarket:
    """5-minute candles without begin or end for every symbol it is given a tick and a step for.

    None is ever missing. A symbol without tick and step has no candles.
    """

    label = "synthetic"
    interval_ms = INTERVAL_MS

    def __init__(self, seed: int, ticks: Mapping[str, int], steps: Mapping[str, int]) -> None:
        """`ticks` and `steps` by symbol, in 1e-8 USDT and in 1e-8 of the base asset."""
        self._volatility = Volatility(seed)
        self._common = Walk(seed, "common", self._volatility)
        self._own = {name: Walk(seed, f"own/{name}", self._volatility) for name in ticks}
        self._symbols = {
            name: synthetic_symbol(seed, name, tick_e8, steps[name])
            for name, tick_e8 in ticks.items()
        }

    def candles(self, symbol: str, first_ms: int, end_ms: int) -> list[Candle]:
        """Candles with `first_ms` <= open time < `end_ms`, in ticks and lots."""
        first, end = -(-first_ms // INTERVAL_MS), -(-end_ms // INTERVAL_MS)
        if symbol not in self._symbols or first >= end:
            return []
        made: list[Candle] = []
        close = self._close(symbol, first - 1)
        for number in range(first, end):
            made.append(self._candle(symbol, number, close))
            close = made[-1].close
        return made

    def last_price(self, symbol: str, now_ms: int) -> int | None:
        """The open of the candle that runs at `now_ms`, in ticks; None for an unknown symbol."""
        first_ms = now_ms - now_ms % INTERVAL_MS
        running = self.candles(symbol, first_ms, first_ms + INTERVAL_MS)
        return running[0].open if running else None

    def _candle(self, symbol: str, number: int, before: int) -> Candle:
        """Candle `number`, after one that closed at `before`."""
        own = self._symbols[symbol]
        thrown = dice(own, number)
        if is_quiet(thrown):
            return quiet_candle(number, before)
        close, volatility = self._walked(symbol, number + 1), self._volatility.at(number)
        return busy_candle(own, number, thrown, before, close, volatility)

    def _close(self, symbol: str, number: int) -> int:
        """Close of candle `number`, in ticks: where the walks stood when last somebody traded."""
        while is_quiet(dice(self._symbols[symbol], number)):
            number -= 1
        return self._walked(symbol, number + 1)

    def _walked(self, symbol: str, number: int) -> int:
        """Price in ticks at which the walks stand when candle `number` begins."""
        own = self._symbols[symbol]
        place = _COMMON * self._common.at(number) + _OWN * self._own[symbol].at(number)
        power = exp2(place * own.swing_percent // (100 * _EIGHTHS))
        return max(1, (2 * own.anchor_ticks * power + ONE) // (2 * ONE))
