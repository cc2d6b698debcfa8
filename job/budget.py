"""How long a firing may go on, and how long the exchange wants to be left alone.

Asked before every single request, so that a process that was frozen finds out before it can send
anything, and a rate limit or ban is honoured whoever met it.
"""

from exchange.errors import VenueError
from job.outside import Clock
from job.report import utc_text

#: What a 429 or a ban (418) without a Retry-After is taken to ask for.
SILENCE_MS = 60_000
BAN_SILENCE_MS = 120_000
#: Binance bans for 3 days at most. What asks for more is believed so far: a job that is silent for
#: ever protects nothing.
SILENCE_MS_MAX = 3 * 24 * 3_600_000


class OutOfTimeError(BaseException):
    """The deadline has passed: the firing ends here, whatever it was doing.

    Not an Exception: nothing that handles what an exchange does may handle this.
    """


class Budget:
    """The time a firing has. Times are ms; the silence is by the exchange's clock."""

    def __init__(self, clock: Clock, limit_ms: int) -> None:
        """`limit_ms` is the firing's deadline after its start."""
        self._clock = clock
        self._limit_ms = limit_ms
        self._started_ms: int | None = None
        self.clock_offset_ms = 0
        self.quiet_until_ms = 0
        self.rate_limited_now = False

    def begin(self) -> None:
        """The firing starts now."""
        self._started_ms = self._clock.now_ms()
        self.quiet_until_ms = 0
        self.rate_limited_now = False

    def exchange_now_ms(self) -> int:
        """The exchange's clock as well as it is known: what signing uses."""
        return self._clock.now_ms() + self.clock_offset_ms

    def left_ms(self) -> int:
        """What is left of the firing's time."""
        if self._started_ms is None:
            return self._limit_ms
        return self._started_ms + self._limit_ms - self._clock.now_ms()

    def before_request(self) -> None:
        """Raises OutOfTimeError past the deadline; waits for the end of a silence that is short
        enough, else raises VenueError.
        """
        silent_ms = self.quiet_until_ms - self.exchange_now_ms()
        if 0 < silent_ms < self.left_ms():
            self._clock.sleep_ms(silent_ms)
        elif silent_ms > 0:
            until = utc_text(self.quiet_until_ms)
            raise VenueError("rate limit", message=f"the exchange asked for silence until {until}")
        if self.left_ms() < 0:
            raise OutOfTimeError

    def rate_limited(self, retry_after_s: int, *, banned: bool) -> None:
        """The exchange has answered 429, or 418 (`banned`)."""
        silence_ms = retry_after_s * 1000 or (BAN_SILENCE_MS if banned else SILENCE_MS)
        until_ms = self.exchange_now_ms() + min(silence_ms, SILENCE_MS_MAX)
        self.quiet_until_ms = max(self.quiet_until_ms, until_ms)
        self.rate_limited_now = True
