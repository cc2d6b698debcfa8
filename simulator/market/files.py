"""A market out of candles in memory, as the candle files give them.

Must not read files (that is `candle_file`) and must not fill gaps: a missing candle has no price.
"""

from bisect import bisect_left
from collections.abc import Mapping
from itertools import pairwise

from simulator.market.model import Candle


class FileMarket:
    """Prices of recorded candles of one interval, by symbol. Other symbols have no candles."""

    def __init__(
        self, interval_ms: int, candles_by_symbol: Mapping[str, list[Candle]], label: str
    ) -> None:
        """Candles must ascend and lie on the interval's grid; ValueError where they do not."""
        self.label = label
        self.interval_ms = interval_ms
        self._candles = dict(candles_by_symbol)
        self._times = {
            symbol: [candle.open_time_ms for candle in candles]
            for symbol, candles in self._candles.items()
        }
        for symbol, times in self._times.items():
            if any(time % interval_ms for time in times):
                raise ValueError(f"{symbol}: a candle is off the grid of {interval_ms} ms")
            if any(a >= b for a, b in pairwise(times)):
                raise ValueError(f"{symbol}: candles do not ascend")

    def candles(self, symbol: str, first_ms: int, end_ms: int) -> list[Candle]:
        """Candles with `first_ms` <= open time < `end_ms`, ascending, gaps left out."""
        times = self._times.get(symbol)
        if not times:
            return []
        start = bisect_left(times, first_ms)
        return self._candles[symbol][start : bisect_left(times, end_ms, start)]

    def last_price(self, symbol: str, now_ms: int) -> int | None:
        """Open of the candle that runs at `now_ms`, in ticks; None when it is missing."""
        times = self._times.get(symbol, [])
        open_time_ms = now_ms - now_ms % self.interval_ms
        place = bisect_left(times, open_time_ms)
        if place == len(times) or times[place] != open_time_ms:
            return None
        return self._candles[symbol][place].open

    def span_ms(self) -> tuple[int, int]:
        """From the latest first candle of a symbol to the end of the earliest last one, in ms.

        Empty (end <= first) when no symbol has candles or they do not overlap.
        """
        if not all(self._times.values()) or not self._times:
            return 0, 0
        first_ms = max(times[0] for times in self._times.values())
        return first_ms, min(times[-1] for times in self._times.values()) + self.interval_ms

    def until(self, end_ms: int) -> "FileMarket":
        """The same market without the candles that open at or after `end_ms`."""
        kept = {
            symbol: [candle for candle in candles if candle.open_time_ms < end_ms]
            for symbol, candles in self._candles.items()
        }
        return FileMarket(self.interval_ms, kept, self.label)
