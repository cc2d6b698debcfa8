"""Statistics of finished trades and of a wallet, in floats: they are words, no rule rests on them.

Must not know candles, settings or texts.
"""

from collections.abc import Iterable, Sequence
from itertools import pairwise
from math import sqrt

from strategy.units import DAY_MS

DAYS_A_YEAR = 365  # this market never closes


def mean_and_error(values: Sequence[float]) -> tuple[float, float]:
    """Mean and its standard error (sample deviation / sqrt n); two values at least."""
    count = len(values)
    mean = sum(values) / count
    variance = sum((value - mean) ** 2 for value in values) / (count - 1)
    return mean, sqrt(variance / count)


def drawdown(levels: Sequence[float]) -> float:
    """The deepest fall from a peak, as a share of the peak: 0 to 1 (above 1: below zero).

    All that comes before a fall counts as peak; the first level must be above 0.
    """
    peak = lowest = levels[0]
    left = 1.0
    for level in levels:  # a year of candles: it divides at a new peak only
        if level > peak:
            left = min(left, lowest / peak)
            peak = lowest = level
        elif level < lowest:
            lowest = level
    return 1 - min(left, lowest / peak)


def losing_streak(results: Iterable[float]) -> int:
    """The most results below zero in a row."""
    longest = current = 0
    for result in results:
        current = current + 1 if result < 0 else 0
        longest = max(longest, current)
    return longest


def daily_levels(
    first_ms: int, last_ms: int, start: float, changes: Iterable[tuple[int, float]]
) -> list[float]:
    """The level at the end of every UTC day from `first_ms` to `last_ms`, `start` before them.

    `changes` are (time in ms, new level), ascending in time.
    """
    first_day, last_day = first_ms // DAY_MS, last_ms // DAY_MS
    levels = [start] * (last_day - first_day + 2)
    day, level = first_day, start
    for time_ms, changed in changes:
        while day < time_ms // DAY_MS:
            day += 1
            levels[day - first_day] = level
        level = changed
    for later in range(day, last_day + 1):
        levels[later - first_day + 1] = level
    return levels


def daily_returns(levels: Sequence[float]) -> list[float]:
    """Relative change of each day, as long as there was something left to change."""
    returns = []
    for before, after in pairwise(levels):
        if before <= 0:
            break
        returns.append(after / before - 1)
    return returns


def sharpe(returns: Sequence[float]) -> float | None:
    """Mean over sample deviation of daily returns, times sqrt(365), without a risk-free rate; None
    where that says nothing. Sharpe (1994), The Sharpe Ratio, Journal of Portfolio Management 21(1).
    """
    if len(returns) < 2:
        return None
    mean, error = mean_and_error(returns)
    deviation = error * sqrt(len(returns))
    return mean / deviation * sqrt(DAYS_A_YEAR) if deviation > 0 else None


def sortino(returns: Sequence[float]) -> float | None:
    """The same over the downside deviation, the root of the mean square of the losses (target 0).
    Sortino and van der Meer (1991), Downside Risk, Journal of Portfolio Management 17(4).
    """
    if len(returns) < 2:
        return None
    downside = sqrt(sum(min(value, 0.0) ** 2 for value in returns) / len(returns))
    mean = sum(returns) / len(returns)
    return mean / downside * sqrt(DAYS_A_YEAR) if downside > 0 else None
