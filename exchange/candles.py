"""Which candle decided: chosen by open time against the exchange's clock, never "the last row"."""

from collections.abc import Sequence
from typing import NamedTuple

from exchange.views import Candle

#: A closed candle's row is final this long after the close even without the next one's row, ms.
FINAL_AFTER_MS = 3_000


class Closed(NamedTuple):
    """The newest closed candle's place in the rows (-1: none) and whether its row is final."""

    place: int
    final: bool


def newest_closed(candles: Sequence[Candle], interval_ms: int, now_ms: int) -> Closed:
    """The newest candle that has closed by `now_ms` (the exchange's clock).

    Final means that nothing newer can still appear for this close: the row of a later candle is
    there, or the candle that should have closed last is, and 3 s have passed since.
    """
    expected_ms = now_ms // interval_ms * interval_ms - interval_ms
    place = -1
    for number, row in enumerate(candles):
        if row.open_time_ms <= expected_ms:
            place = number
    if place < 0:
        return Closed(-1, False)
    followed = candles[-1].open_time_ms > expected_ms
    settled = now_ms - (expected_ms + interval_ms) >= FINAL_AFTER_MS
    present = candles[place].open_time_ms == expected_ms
    return Closed(place, followed or (present and settled))


def contiguous(candles: Sequence[Candle], end: int, length: int, interval_ms: int) -> bool:
    """Are the `length` candles that end before index `end` there and without a gap?"""
    if end < length:
        return False
    first, last = candles[end - length], candles[end - 1]
    return last.open_time_ms - first.open_time_ms == (length - 1) * interval_ms
