"""Request weight and order counts, as Binance counts them: by minute and by ten seconds.

Counting always happens (clients read the headers); refusing only where it is switched on. Must
not know endpoints: the caller says what a request weighs.
"""

from threading import Lock

from simulator.wire.answer import WireError

WEIGHT_PER_MINUTE = 2400
ORDERS_PER_MINUTE = 1200
ORDERS_PER_10S = 300

#: So many requests into a 429 within its minute, and the address is banned.
REFUSALS_BEFORE_BAN = 10
BAN_MS = 120_000

_MINUTE_MS = 60_000
_TEN_SECONDS_MS = 10_000


class Meter:
    """Counts what one address (weight) and one account (orders) used."""

    def __init__(self, enforce: bool) -> None:
        """With `enforce` the limits are held: 429, then 418 for two minutes."""
        self._enforce = enforce
        self._lock = Lock()
        self._minute = self._ten = -1
        self._weight = self._orders_minute = self._orders_ten = 0
        self._refusals = 0
        self._banned_until_ms = 0

    def count(self, weight: int, orders: int, now_ms: int) -> tuple[tuple[str, str], ...]:
        """Counts one request and returns the headers that report the use.

        Raises WireError: -1003 with 429 or 418 for the weight, -1015 with 429 for orders. A
        refused request weighs too, as on Binance.
        """
        with self._lock:
            self._roll(now_ms)
            self._weight += weight
            if self._enforce:
                self._check(orders, now_ms)
            self._orders_minute += orders
            self._orders_ten += orders
            used = ("X-MBX-USED-WEIGHT-1M", str(self._weight))
            if not orders:
                return (used,)
            return (
                used,
                ("X-MBX-ORDER-COUNT-10S", str(self._orders_ten)),
                ("X-MBX-ORDER-COUNT-1M", str(self._orders_minute)),
            )

    def _roll(self, now_ms: int) -> None:
        minute, ten = now_ms // _MINUTE_MS, now_ms // _TEN_SECONDS_MS
        if minute != self._minute:
            self._minute, self._weight, self._orders_minute, self._refusals = minute, 0, 0, 0
        if ten != self._ten:
            self._ten, self._orders_ten = ten, 0

    def _check(self, orders: int, now_ms: int) -> None:
        if now_ms < self._banned_until_ms:
            raise _banned(self._banned_until_ms, now_ms)
        if self._weight > WEIGHT_PER_MINUTE:
            self._refusals += 1
            if self._refusals > REFUSALS_BEFORE_BAN:
                self._banned_until_ms = now_ms + BAN_MS
                raise _banned(self._banned_until_ms, now_ms)
            raise WireError(
                -1003,
                f"Too many requests; current limit is {WEIGHT_PER_MINUTE} requests per minute. "
                "Please use the websocket for live updates to avoid polling the API.",
                retry_after_s=_seconds(_MINUTE_MS - now_ms % _MINUTE_MS),
            )
        if orders and self._orders_ten + orders > ORDERS_PER_10S:
            raise _too_many_orders(
                f"{ORDERS_PER_10S} orders per TEN_SECONDS",
                _TEN_SECONDS_MS - now_ms % _TEN_SECONDS_MS,
            )
        if orders and self._orders_minute + orders > ORDERS_PER_MINUTE:
            raise _too_many_orders(
                f"{ORDERS_PER_MINUTE} orders per MINUTE", _MINUTE_MS - now_ms % _MINUTE_MS
            )


def _seconds(ms: int) -> int:
    return -(-ms // 1000)


def _banned(until_ms: int, now_ms: int) -> WireError:
    return WireError(
        -1003,
        f"Way too many requests; IP(127.0.0.1) banned until {until_ms}. "
        "Please use the websocket for live updates to avoid bans.",
        status=418,
        retry_after_s=_seconds(until_ms - now_ms),
    )


def _too_many_orders(limit: str, wait_ms: int) -> WireError:
    return WireError(
        -1015, f"Too many new orders; current limit is {limit}.", retry_after_s=_seconds(wait_ms)
    )
