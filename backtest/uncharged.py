"""What a funding file leaves out: where no rate is known nothing is charged, and that is too kind.

Must not charge anything by itself.
"""

from itertools import pairwise

from backtest.history import History
from backtest.setup import Setup
from simulator.market.text_file import in_words
from strategy.units import DAY_MS

#: Funding comes every 8 hours at the least; its times are cut to the minute.
_EVERY_MS = 8 * 3_600_000
_MINUTE_MS = 60_000


def without_rates(setup: Setup, history: History) -> str:
    """How much of the candles has no funding rate though it is to be charged; empty: none."""
    if setup.rates is None or not setup.costs.funding:
        return ""
    begin_ms = max(history.times_ms[0], setup.start_ms)
    end_ms = history.times_ms[-1] + history.interval_ms
    times_ms = (time_ms // _MINUTE_MS * _MINUTE_MS for time_ms, _ in setup.rates)
    inside = [time_ms for time_ms in times_ms if begin_ms < time_ms < end_ms]
    silent = [
        (before_ms, next_ms)
        for before_ms, next_ms in pairwise([begin_ms, *inside, end_ms])
        if next_ms - before_ms > _EVERY_MS
    ]
    if not silent:
        return ""
    days = sum(next_ms - before_ms for before_ms, next_ms in silent) / DAY_MS
    first = " to ".join(map(in_words, silent[0]))
    return (
        f"not charged during {days:.1f} of {(end_ms - begin_ms) / DAY_MS:.1f} days: the file has "
        f"no rates there; the first are {first}"
    )
