"""Client order ids: derived, never random, so that any run can tell what an order was for.

`rv1-BTCUSDT-29922611-EN0`: our prefix, the symbol, the signal candle in minutes since 1970, the
leg, the attempt in base 36; an entry is never tried again, so there stands the number of the
deployment that entered. Ids are for looking orders up. They do not prevent a second fill:
the exchange only demands that ids of *open* orders differ.
"""

import zlib
from typing import NamedTuple

PREFIX = "rv1-"
LENGTH_MAX = 36
MINUTE_MS = 60_000
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
ATTEMPTS_MAX = 36 * 36
#: The owner of a job that was given no name.
LOCAL = "local"

ENTRY = "EN"
STOP = "SL"
TARGET = "TP"
MOVED_STOP = "BE"
CLOSE_REVERTED = "XR"
CLOSE_STOP = "XS"
CLOSE_TARGET = "XT"
CLOSE_MOVED_STOP = "XB"
CLOSE_EMERGENCY = "XE"
CLOSE_FLATTEN = "XF"

#: Why a trade ended, by the leg of the order that closed it.
REASONS = {
    STOP: "stop",
    TARGET: "target",
    MOVED_STOP: "breakeven",
    CLOSE_REVERTED: "reverted",
    CLOSE_STOP: "stop",
    CLOSE_TARGET: "target",
    CLOSE_MOVED_STOP: "breakeven",
    CLOSE_EMERGENCY: "emergency",
    CLOSE_FLATTEN: "flattened",
}
STOP_LEGS = frozenset([STOP, MOVED_STOP])
#: The market order that closes at once when a level is already through as it is placed.
CLOSE_FOR = {STOP: CLOSE_STOP, MOVED_STOP: CLOSE_MOVED_STOP, TARGET: CLOSE_TARGET}
#: Ids that the exchange itself gives to orders of a liquidation or of auto-deleveraging.
LIQUIDATION_PREFIXES = ("autoclose-", "adl_autoclose", "settlement_autoclose-")


class OrderId(NamedTuple):
    """What an id of ours says. `signal_ms` = open time of the signal candle, ms UTC."""

    symbol: str
    signal_ms: int
    leg: str
    attempt: int


def client_id(symbol: str, signal_ms: int, leg: str, attempt: int = 0) -> str:
    """The id of one order. Attempts wrap after 1296: an id only has to differ from open ones."""
    if signal_ms % MINUTE_MS or leg not in {ENTRY, *REASONS}:
        raise ValueError(f"no id for candle {signal_ms} and leg {leg!r}")
    high, low = divmod(attempt % ATTEMPTS_MAX, 36)
    text = f"{PREFIX}{symbol}-{signal_ms // MINUTE_MS}-{leg}"
    text += (_DIGITS[high] if high else "") + _DIGITS[low]
    if len(text) > LENGTH_MAX:
        raise ValueError(f"order id {text} is longer than {LENGTH_MAX} characters")
    return text


def owner_tag(owner: str) -> int:
    """The number of a deployment in the ids of its entries: 0 for LOCAL, else 1 to 1295."""
    return 0 if owner == LOCAL else 1 + zlib.crc32(owner.encode()) % (ATTEMPTS_MAX - 1)


def parse_id(text: str) -> OrderId | None:
    """What a client id says, or None when it is not one of ours."""
    parts = text.split("-")
    if len(parts) != 4 or f"{parts[0]}-" != PREFIX:
        return None
    symbol, minutes, leg, attempt = parts[1], parts[2], parts[3][:2], parts[3][2:]
    if not minutes.isdecimal() or leg not in {ENTRY, *REASONS}:
        return None
    if not attempt or any(digit not in _DIGITS for digit in attempt):
        return None
    return OrderId(symbol, int(minutes) * MINUTE_MS, leg, int(attempt, 36))


def is_liquidation(text: str) -> bool:
    """Did the exchange itself close the position with this order?"""
    return text.startswith(LIQUIDATION_PREFIXES)


def is_close(text: str) -> bool:
    """Is this an order that closes a trade of ours, whoever sent it?"""
    own = parse_id(text)
    return is_liquidation(text) or (own is not None and own.leg in REASONS)
