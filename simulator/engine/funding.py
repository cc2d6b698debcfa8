"""When funding is paid, at what rate and on what mark price. Knows no account."""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from simulator.engine.model import Costs

TimedRates = Sequence[tuple[int, int]]
TimedTicks = Sequence[tuple[int, int]]

MINUTE_MS = 60_000
#: 00:00, 08:00 and 16:00 UTC: whole multiples of this since the epoch.
DEFAULT_INTERVAL_MS = 8 * 3_600_000


class FundingInfo(NamedTuple):
    """What premiumIndex and fundingInfo tell."""

    next_ms: int
    last_rate_e8: int
    interval_ms: int


class FundingSchedule:
    """Funding times of every symbol, cut to the whole minute."""

    def __init__(
        self, costs: Costs, rates: Mapping[str, TimedRates], marks: Mapping[str, TimedTicks]
    ) -> None:
        """`rates` by symbol [(time_ms, rate_e8)], ascending; a symbol without a series pays
        `costs.funding_rate_e8` every 8 hours. `marks` by symbol [(open_time_ms, ticks)].
        """
        self._costs = costs
        self._times = {s: [_minute(t) for t, _ in rows] for s, rows in rates.items()}
        self._rates = {s: [rate for _, rate in rows] for s, rows in rates.items()}
        self._marks = {s: dict(rows) for s, rows in marks.items()}
        for symbol, times in self._times.items():
            if times != sorted(times):
                raise ValueError(f"{symbol}: the funding series is not in order of time")

    def due(self, symbol: str, after_ms: int, upto_ms: int) -> list[tuple[int, int]]:
        """Payments with `after_ms` < time <= `upto_ms`: [(time_ms, rate_e8)]."""
        if not self._costs.funding:
            return []
        times = self._times.get(symbol)
        if times is None:
            first = (after_ms // DEFAULT_INTERVAL_MS + 1) * DEFAULT_INTERVAL_MS
            rate = self._costs.funding_rate_e8
            return [(t, rate) for t in range(first, upto_ms + 1, DEFAULT_INTERVAL_MS)]
        first, last = bisect_right(times, after_ms), bisect_right(times, upto_ms)
        return list(zip(times[first:last], self._rates[symbol][first:last], strict=True))

    def mark_ticks(self, symbol: str, time_ms: int) -> int | None:
        """The mark bar that opens at this funding time, None when there is none."""
        marks = self._marks.get(symbol)
        return None if marks is None else marks.get(time_ms)

    def info(self, symbol: str, now_ms: int) -> FundingInfo:
        """The next funding time after `now_ms` and the last rate (the default rate before a
        series begins; the default times after it ends).
        """
        default_next = (now_ms // DEFAULT_INTERVAL_MS + 1) * DEFAULT_INTERVAL_MS
        times = self._times.get(symbol)
        if not times:
            return FundingInfo(default_next, self._costs.funding_rate_e8, DEFAULT_INTERVAL_MS)
        after = bisect_right(times, now_ms)
        next_ms = times[after] if after < len(times) else default_next
        rate = self._rates[symbol][after - 1] if after else self._costs.funding_rate_e8
        interval = times[1] - times[0] if len(times) > 1 else DEFAULT_INTERVAL_MS
        return FundingInfo(next_ms, rate, interval)


def _minute(time_ms: int) -> int:
    return time_ms // MINUTE_MS * MINUTE_MS
