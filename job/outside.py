"""The outside world enters here and nowhere else: time, sleep, randomness, environment.

Everything below gets them as arguments, so that a replay is the same to the byte and a test can
stand anywhere in time.
"""

import contextlib
import os
import secrets
import signal
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol

#: What a firing needs after its deadline to save and to say so, before the kernel or AWS ends it.
LAST_WORDS_MS = 5_000


class Clock(Protocol):
    """A clock of ms UTC and a way to wait on it."""

    def now_ms(self) -> int:
        """The time, ms UTC."""
        ...

    def sleep_ms(self, duration_ms: int) -> None:
        """Wait."""
        ...

    def spent_ms(self) -> int:
        """A steady count of ms, for measuring the steps of a run."""
        ...


class SystemClock:
    """The machine's own clock."""

    def now_ms(self) -> int:
        """The machine's time, ms UTC."""
        return time.time_ns() // 1_000_000

    def sleep_ms(self, duration_ms: int) -> None:
        """Really wait."""
        time.sleep(max(0, duration_ms) / 1000)

    def spent_ms(self) -> int:
        """A steady count of ms that no correction of the clock disturbs."""
        return time.monotonic_ns() // 1_000_000


class VirtualClock:
    """A clock that moves only when told: replays and tests."""

    def __init__(self, now_ms: int) -> None:
        """Begin at `now_ms`."""
        self._now_ms = now_ms

    def now_ms(self) -> int:
        """The time it was moved to."""
        return self._now_ms

    def move_to(self, now_ms: int) -> None:
        """Move forward (never back)."""
        self._now_ms = max(self._now_ms, now_ms)

    def sleep_ms(self, duration_ms: int) -> None:
        """Waiting moves the clock."""
        self._now_ms += max(0, duration_ms)

    def spent_ms(self) -> int:
        """The clock itself: only waiting takes time here."""
        return self._now_ms


@dataclass(frozen=True)
class Outside:
    """What a firing is given of the world."""

    clock: Clock
    environment: Mapping[str, str]
    new_nonce: Callable[[], str]


@contextlib.contextmanager
def dead_after(limit_ms: int) -> Iterator[None]:
    """The kernel ends this process if the block is not over by then, whatever it hangs in.

    A process that was frozen dies as it wakes. Main thread only.
    """
    signal.setitimer(signal.ITIMER_REAL, limit_ms / 1000)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def real_world() -> Outside:
    """The machine's own clock, environment and randomness."""
    return Outside(SystemClock(), os.environ, lambda: secrets.token_hex(8))
