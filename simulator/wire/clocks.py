"""The two clocks of a simulator: the exchange's own, and the one that time stamps are checked by.

They differ only while the exchange's clock stands still (`StoppedClock`): then the check adds the
real time since the clock was last set, so that real processes can sign requests. The machine's
clocks are passed in; nothing here asks the time by itself.
"""

from collections.abc import Callable
from threading import Lock
from typing import Protocol

Clock = Callable[[], int]


class ServerClock(Protocol):
    """What a server needs of its clock."""

    def __call__(self) -> int:
        """The exchange's time, ms."""
        ...

    def stamp_ms(self) -> int:
        """The time that a request's `timestamp` is held against, ms."""
        ...

    def set(self, now_ms: int) -> None:
        """Moves the time forward. Raises ClockError."""
        ...


class ClockError(ValueError):
    """A clock that was asked to go back, or that cannot be set at all."""


class RunningClock:
    """The machine's own time."""

    def __init__(self, wall_ms: Clock) -> None:
        """`wall_ms` gives UTC in ms."""
        self._wall_ms = wall_ms

    def __call__(self) -> int:
        """The exchange's time, ms."""
        return self._wall_ms()

    def stamp_ms(self) -> int:
        """The time that a request's `timestamp` is held against, ms."""
        return self._wall_ms()

    def set(self, now_ms: int) -> None:
        """Always refused with ClockError: real time cannot be set."""
        raise ClockError(f"the clock is real: it cannot be set to {now_ms}")


class StoppedClock:
    """A time that stands still until somebody moves it forward."""

    def __init__(self, now_ms: int, monotonic_ms: Clock) -> None:
        """Starts at `now_ms` (UTC ms); `monotonic_ms` is any steady count of real ms."""
        self._now_ms = now_ms
        self._monotonic_ms = monotonic_ms
        self._set_at_ms = monotonic_ms()
        self._lock = Lock()

    def __call__(self) -> int:
        """The exchange's time, ms."""
        return self._now_ms

    def stamp_ms(self) -> int:
        """The exchange's time plus the real time since it was last set, ms."""
        with self._lock:
            return self._now_ms + self._monotonic_ms() - self._set_at_ms

    def set(self, now_ms: int) -> None:
        """Moves the time to `now_ms`; the same time again is allowed. ClockError for an earlier."""
        with self._lock:
            if now_ms < self._now_ms:
                raise ClockError(f"the clock stands at {self._now_ms} and only moves forward")
            self._now_ms = now_ms
            self._set_at_ms = self._monotonic_ms()
