"""What can happen at the venue besides requests: armed faults that are not about one answer.

They change what is true, unlike the faults of `faults.py`, which spoil an answer or a connection.
Written as JSON with the word `do`; described for users in README.md. Data only.
"""

from typing import get_args

import msgspec


class _Happening(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="do"):
    """Anything that happens at once when it is armed, or at a `meanwhile`."""


class Partial(_Happening, frozen=True, tag="partial"):
    """The next `times` market orders fill `permille` of themselves, and then expire."""

    permille: int
    times: int = 1


class RejectTrigger(_Happening, frozen=True, tag="reject-trigger"):
    """The next `times` conditional orders that trigger are REJECTED."""

    times: int = 1


class SlowTrigger(_Happening, frozen=True, tag="slow-trigger"):
    """The children of the next `times` triggers are matched `lag_ms` later."""

    lag_ms: int = 5000
    times: int = 1


class BnbFees(_Happening, frozen=True, tag="bnb-fees"):
    """Fees are paid in BNB, 10 % off, one BNB costing `price` USDT; 0: in USDT again."""

    price: int = 600


class Rules(_Happening, frozen=True, tag="rules"):
    """A symbol's rules change: `filters` by type as in exchangeInfo, and its `status`.

    A step can only become ten, a hundred … times coarser; a tick stays.
    """

    symbol: str
    filters: dict[str, dict[str, str]] = {}
    status: str = ""


class Skew(_Happening, frozen=True, tag="skew"):
    """The exchange's clock, as clients see it, is `skew_ms` off from now on."""

    skew_ms: int


class Liquidate(_Happening, frozen=True, tag="liquidate"):
    """The venue closes the symbol's position at its liquidation price, now."""

    symbol: str


class Trigger(_Happening, frozen=True, tag="trigger"):
    """A conditional order fires at its own price, now; without ids the one that the matched
    request names.
    """

    algoId: int = 0  # noqa: N815 (Binance's names)
    clientAlgoId: str = ""  # noqa: N815


class Request(_Happening, frozen=True, tag="request"):
    """Somebody else's request on the same account: a manual order, a switch of modes."""

    method: str
    path: str
    params: dict[str, str] = {}


Happening = (
    Partial | RejectTrigger | SlowTrigger | BnbFees | Rules | Skew | Liquidate | Trigger | Request
)
WORDS = frozenset(kind.__struct_config__.tag for kind in get_args(Happening))
