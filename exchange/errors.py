"""What an answer of the exchange means for an order: accepted, refused with proof, or unknown.

Accepted needs positive proof (our own id in the answer). Refused needs a listed code with a
4xx status. Everything else, time-outs and 5xx and rate limits included, is unknown: the order may
have been executed, so it is looked up, never sent again.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from enum import Enum
from typing import Any


class Outcome(Enum):
    """How a submit ended."""

    ACCEPTED = "accepted"
    REFUSED = "refused"
    UNKNOWN = "unknown"


class VenueError(Exception):
    """The exchange refused, or could not be understood or reached.

    `code` is Binance's (0 when there was none), `status` the HTTP status (0 without an answer),
    `retry_after_s` what the answer itself asked for. The text never holds a URL, a key or a
    signature.
    """

    def __init__(
        self,
        what: str,
        *,
        code: int = 0,
        status: int = 0,
        message: str = "",
        retry_after_s: int = 0,
    ) -> None:
        """`what` was being done when it happened."""
        self.code = code
        self.status = status
        self.message = message
        self.retry_after_s = retry_after_s
        parts = [part for part in (str(code) if code else "", message) if part]
        super().__init__(f"{what}: {' '.join(parts) or 'no usable answer'}")

    @property
    def outcome(self) -> Outcome:
        """Refused with proof or unknown; an exception is never an acceptance."""
        proof = self.code in REFUSED_CODES and 400 <= self.status < 500
        no_proof = self.status in (408, 418, 429)  # the backend's own time-out, and rate limits
        return Outcome.REFUSED if proof and not no_proof else Outcome.UNKNOWN


#: The clock of the request was outside the window: never executed.
CLOCK = -1021
#: An order with this id is open already: our own earlier try has landed.
DUPLICATE_ID = -4116
UNKNOWN_ORDER_SENT = -2011
ORDER_DOES_NOT_EXIST = -2013
#: A conditional order that would fire as it is placed.
WOULD_TRIGGER = frozenset([-2021, -4142])
REDUCE_ONLY_REJECTED = -2022
POSITION_SIDE_MISMATCH = -4061
#: Our copy of the symbol's rules is stale.
STALE_RULES = frozenset([-1111, -4003, -4004, -4005, -4013, -4014, -4023, -4164])
#: Nothing to change: the setting is as asked.
NO_CHANGE = frozenset([-4046, -4059])
#: Keys, permissions or the address are wrong: nothing will work until a person acts.
ACCESS = frozenset([-1002, -1022, -2014, -2015, -2017, -4109])
#: The exchange is closed for a while.
MAINTENANCE = -1016

#: Codes that prove, with a 4xx status, that an order was not executed.
_REFUSED = """
-1002 -1013 -1014 -1016 -1020 -1021 -1022 -1102 -1104 -1106 -1109 -1111 -1115 -1116
-1117 -1121 -1128 -1130
-2010 -2014 -2015 -2017 -2018 -2019 -2020 -2021 -2022 -2023 -2024 -2025 -2026 -2027
-2028
-4003 -4004 -4005 -4013 -4014 -4015 -4016 -4023 -4024 -4028 -4045 -4050 -4051 -4060
-4061 -4062 -4082 -4087 -4088 -4105 -4106 -4107 -4109 -4118 -4120 -4129 -4131 -4136
-4137 -4138 -4140 -4141 -4142 -4161 -4164 -4168 -4183 -4184 -4189 -4192 -4202 -4205
-4209 -4210 -4211 -4400 -4401 -4411 -4509 -4531
-5000 -5021 -5022 -5028 -5041
"""
REFUSED_CODES = frozenset(int(code) for code in _REFUSED.split())


#: What an answer provokes that is not what the exchange's docs promise: the request has failed.
BROKEN_ANSWER = (ArithmeticError, LookupError, TypeError, ValueError)


def proof_of_acceptance(answer: object, id_field: str, client_id: str) -> bool:
    """Does the answer name our order? Garbage with a 200 status does not."""
    return isinstance(answer, Mapping) and answer.get(id_field) == client_id


def error_fields(body: object) -> tuple[int, str]:
    """Binance's code and text from a decoded body; (0, "") when it holds none."""
    if not isinstance(body, Mapping):
        return 0, ""
    fields: Mapping[str, Any] = body
    try:
        code = int(fields.get("code", 0))
    except (TypeError, ValueError, OverflowError):
        code = 0
    return code, str(fields.get("msg", ""))


@contextmanager
def as_promised(what: str) -> Iterator[None]:
    """An answer without what the docs promise is a failed read."""
    try:
        yield
    except BROKEN_ANSWER as error:
        raise VenueError(
            what, status=200, message=f"unusable answer ({type(error).__name__})"
        ) from None
