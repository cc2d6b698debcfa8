"""The parameters of one request: from the raw string to names, and typed reading of them.

Every reader raises Binance's own error for what is missing or malformed. Must not know endpoints
or symbols.
"""

import re
from collections.abc import Iterable
from decimal import Decimal
from urllib.parse import unquote_plus

from simulator.wire.answer import WireError

CLIENT_ID_RULE = "^[.A-Z:/a-z0-9_-]{1,36}$"
_CLIENT_ID = re.compile(CLIENT_ID_RULE)
_PLAIN_NUMBER = re.compile(r"[+-]?(\d{1,13}(\.\d{0,13})?|\.\d{1,13})")
_WHOLE_NUMBER = re.compile(r"-?\d{1,18}")


def parse_pairs(raw: str) -> dict[str, str]:
    """`a=1&b=x%20y` as a dict; the last of two equal names wins, empty values are kept."""
    pairs: dict[str, str] = {}
    for part in raw.split("&"):
        name, _, value = part.partition("=")
        if name:
            pairs[name] = unquote_plus(value) if "%" in value or "+" in value else value
    return pairs


def missing(name: str) -> WireError:
    """-1102 for a mandatory parameter."""
    return WireError(
        -1102,
        f"Mandatory parameter '{name}' was not sent, was empty/null, or malformed.",
    )


def invalid(name: str) -> WireError:
    """-1130 for an optional parameter that cannot be read."""
    return WireError(-1130, f"Data sent for parameter '{name}' is not valid.")


class Params:
    """The parameters that came with a request. An empty value counts as not sent."""

    __slots__ = ("_values",)

    def __init__(self, values: dict[str, str]) -> None:
        """`values` as `parse_pairs` gives them."""
        self._values = values

    def text(self, name: str) -> str:
        """The value, or "" when it was not sent."""
        return self._values.get(name, "")

    def any_case(self, name: str) -> str:
        """The value under this name in whatever case it was sent, "" when not sent."""
        wanted = name.lower()
        return next((v for key, v in self._values.items() if key.lower() == wanted), "")

    def need(self, name: str) -> str:
        """The value of a mandatory parameter. Raises -1102."""
        value = self._values.get(name, "")
        if not value:
            raise missing(name)
        return value

    def whole(self, name: str, default: int) -> int:
        """An optional whole number (ms, ids, limits). Raises -1130."""
        value = self._values.get(name, "")
        if not value:
            return default
        if not _WHOLE_NUMBER.fullmatch(value):
            raise invalid(name)
        return int(value)

    def need_whole(self, name: str) -> int:
        """A mandatory whole number. Raises -1102."""
        value = self._values.get(name, "")
        if not _WHOLE_NUMBER.fullmatch(value):
            raise missing(name)
        return int(value)

    def decimal(self, name: str) -> Decimal | None:
        """An optional number as it was written, None when not sent. Raises -1102."""
        value = self._values.get(name, "")
        if not value:
            return None
        if not _PLAIN_NUMBER.fullmatch(value):
            raise missing(name)
        return Decimal(value)

    def need_decimal(self, name: str) -> Decimal:
        """A mandatory number. Raises -1102."""
        value = self.decimal(name)
        if value is None:
            raise missing(name)
        return value

    def flag(self, name: str) -> bool:
        """An optional `true`/`false`, in any case. Raises -1130."""
        value = self._values.get(name, "").lower()
        if value not in ("", "true", "false"):
            raise invalid(name)
        return value == "true"

    def need_flag(self, name: str) -> bool:
        """A mandatory `true`/`false`. Raises -1102."""
        self.need(name)
        return self.flag(name)

    def word(
        self, name: str, known: Iterable[str], default: str = "", refusal: tuple[int, str] = (0, "")
    ) -> str:
        """One of the `known` words; `default` when not sent. Raises `refusal` (code, text), or
        -1130 without one.
        """
        value = self._values.get(name, "") or default
        if value not in known:
            raise WireError(*refusal) if refusal[0] else invalid(name)
        return value

    def client_id(self, name: str) -> str:
        """An optional client order id, "" when not sent. Raises -4015 or -1100."""
        value = self._values.get(name, "")
        if len(value) > 36:
            raise WireError(-4015, "Client order id length should not be more than 36 chars")
        if value and not _CLIENT_ID.fullmatch(value):
            raise WireError(
                -1100,
                f"Illegal characters found in parameter '{name}'; "
                f"legal range is '{CLIENT_ID_RULE}'.",
            )
        return value
