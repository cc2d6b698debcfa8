"""Candles of one symbol in columns, as the kernel walks over them.

Must not read files and must not fill gaps: a candle that is missing is not in the columns.
"""

from array import array
from bisect import bisect_left
from collections.abc import Iterable
from typing import NamedTuple

from simulator.market.model import Candle


class History(NamedTuple):
    """Columns of int64, ascending in time, on the grid of the interval; prices in ticks."""

    interval_ms: int
    times_ms: "array[int]"  # open times
    opens: "array[int]"
    highs: "array[int]"
    lows: "array[int]"
    closes: "array[int]"

    def __len__(self) -> int:
        """Candles, missing ones not counted."""
        return len(self.times_ms)

    def until(self, end_ms: int) -> "History":
        """The same without the candles that open at or after `end_ms`."""
        end = bisect_left(self.times_ms, end_ms)
        return History(self.interval_ms, *(column[:end] for column in self[1:]))


def history_of(interval_ms: int, candles: Iterable[Candle]) -> History:
    """Columns of candles that ascend on the interval's grid."""
    rows = list(candles)
    columns = zip(*rows, strict=True) if rows else ((),) * 6
    times_ms, opens, highs, lows, closes, _ = (array("q", column) for column in columns)
    return History(interval_ms, times_ms, opens, highs, lows, closes)
