"""What a funding file leaves out: where no rate is known nothing is charged, and that is too kind.

Must not charge anything by itself.
"""

from itertools import pairwise

from backtest.history import History
from backtest.setup import Setup
from simulator.engine.funding import DEFAULT_INTERVAL_MS, FundingSchedule
from simulator.market.text_file import in_words
from strategy.units import DAY_MS


def without_rates(setup: Setup, history: History) -> str:
    """How much of the candles has no funding rate though it is to be charged; empty: none."""
    if setup.rates is None or not setup.costs.funding:
        return ""
    begin_ms = max(history.times_ms[0], setup.start_ms)
    end_ms = history.times_ms[-1] + history.interval_ms
    symbol = setup.contract.symbol
    due = FundingSchedule(setup.costs, {symbol: setup.rates}, {}).due(symbol, begin_ms, end_ms - 1)
    times_ms = [begin_ms, *(time_ms for time_ms, _ in due), end_ms]
    silent = [
        (before_ms, next_ms)
        for before_ms, next_ms in pairwise(times_ms)
        if next_ms - before_ms > DEFAULT_INTERVAL_MS  # some symbols pay more often, none less
    ]
    if not silent:
        return ""
    days = sum(next_ms - before_ms for before_ms, next_ms in silent) / DAY_MS
    first = " to ".join(map(in_words, silent[0]))
    return (
        f"not charged during {days:.1f} of {(end_ms - begin_ms) / DAY_MS:.1f} days: the file has "
        f"no rates there; the first are {first}"
    )
