"""What goes back to a client: an answer as bytes, and the error that becomes one.

Must not know any endpoint. Texts and codes are Binance's (`{"code": -1121, "msg": "..."}`).
"""

from http import HTTPStatus
from typing import NamedTuple

import msgspec

JSON_TYPE = "application/json;charset=UTF-8"

#: Binance answers 400 to every refused request but these.
_STATUS_OF_CODE = {
    -1000: 500,
    -1001: 503,
    -1002: 401,
    -1003: 429,
    -1006: 503,
    -1007: 408,
    -1008: 503,
    -1015: 429,
    -2014: 401,
    -2015: 401,
    -5000: 404,
}


class Answer(NamedTuple):
    """One HTTP answer. `headers` come on top of the ones that every answer carries."""

    status: int
    body: bytes
    headers: tuple[tuple[str, str], ...] = ()
    content_type: str = JSON_TYPE


class WireError(Exception):
    """A request refused by the REST layer itself.

    `code` and `message` are Binance's; `status` is the HTTP status, by default the one that goes
    with the code.
    """

    def __init__(self, code: int, message: str, status: int = 0, retry_after_s: int = 0) -> None:
        """`retry_after_s` above zero becomes the header `Retry-After`."""
        super().__init__(f"{code} {message}")
        self.code = code
        self.message = message
        self.status = status or status_of(code)
        self.retry_after_s = retry_after_s


class Dropped(Exception):
    """The connection is to break without an answer (an armed fault)."""


class Hung(Exception):
    """No answer is to come until the client's patience ends (an armed fault)."""


def status_of(code: int) -> int:
    """The HTTP status that Binance sends with an error code."""
    return _STATUS_OF_CODE.get(code, 400)


def json_answer(value: object, status: int = 200) -> Answer:
    """`value` as JSON; strings stay strings and integers stay integers."""
    return Answer(status, msgspec.json.encode(value))


def error_answer(code: int, message: str, status: int, retry_after_s: int = 0) -> Answer:
    """Binance's error body."""
    headers = (("Retry-After", str(retry_after_s)),) if retry_after_s else ()
    return Answer(status, msgspec.json.encode({"code": code, "msg": message}), headers)


def status_line(status: int) -> str:
    """`200 OK`; an unknown number gets an empty reason."""
    try:
        return f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        return f"{status} "
