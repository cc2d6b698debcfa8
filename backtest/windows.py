"""Rolling windows of candles: parameters are chosen on one stretch and tried on the next.

Must not let a train window see a candle of its test window.
"""

import re
from itertools import pairwise
from typing import NamedTuple

from backtest.ground import Ground, Span
from strategy.units import DAY_MS


class Window(NamedTuple):
    """Choose on `train`, try on `test`, which begins where `train` ends."""

    train: Span
    test: Span


class WindowsError(ValueError):
    """The candles cannot be cut as asked; one line."""


def days_of(text: str, option: str) -> int:
    """The days of 90d: 90. Raises WindowsError."""
    match = re.fullmatch(r"([1-9]\d{0,4})d", text.strip())
    if match is None:
        raise WindowsError(f"{option} {text}: must be a number of days such as 90d")
    return int(match[1])


def windows_of(ground: Ground, train_days: int, test_days: int) -> list[Window]:
    """Every window, a test after the other without a gap; the last test ends with the candles.

    Raises WindowsError where not even one fits.
    """
    times_ms, whole = ground.history.times_ms, ground.whole
    begin_ms = times_ms[whole.first]
    end_ms = times_ms[-1] + ground.history.interval_ms
    windows = []
    test_ms = begin_ms + train_days * DAY_MS
    while test_ms + DAY_MS <= end_ms:  # a last test shorter than a day says nothing
        first, until = ground.index(test_ms), ground.index(test_ms + test_days * DAY_MS)
        windows.append(
            Window(Span(ground.index(test_ms - train_days * DAY_MS), first), Span(first, until))
        )
        test_ms += test_days * DAY_MS
    if not windows:
        days = (end_ms - begin_ms) / DAY_MS
        raise WindowsError(
            f"--train {train_days}d: there are {days:.1f} days of candles; nothing is left to test"
        )
    return windows


def newest_train(ground: Ground, train_days: int) -> Span:
    """The last train window: what would be traded next is chosen on it."""
    end_ms = ground.history.times_ms[-1] + ground.history.interval_ms
    return Span(ground.index(end_ms - train_days * DAY_MS), len(ground.history))


def blocks_of(ground: Ground, days: int) -> list[Span]:
    """All candles in stretches of so many days."""
    times_ms, whole = ground.history.times_ms, ground.whole
    starts_ms = range(times_ms[whole.first], times_ms[-1] + 1, days * DAY_MS)
    edges = [*map(ground.index, starts_ms), whole.end]
    return [Span(first, end) for first, end in pairwise(edges) if first < end]
