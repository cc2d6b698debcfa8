"""Everything that can go wrong on the way to the exchange and back, the error table aside.

Each one is told with the request's own address, as the libraries below do: whoever repeats their
words gives secrets away.
"""

import json
from collections.abc import Callable

import requests

from tests.exchange.orders import accepted
from tests.exchange.transport import Answer, Answering, Asked

JSON = (("Content-Type", "application/json"),)
HTML = (("Content-Type", "text/html"),)


def raising(make: Callable[[str], Exception]) -> Answering:
    """A connection that fails in this way; `make` gets the whole address."""

    def answering(asked: Asked) -> Answer:
        raise make(f"HTTPSConnectionPool: {asked.url} {asked.pairs} {asked.headers}")

    return answering


def saying(
    body: object, status: int = 200, headers: tuple[tuple[str, str], ...] = JSON
) -> Answering:
    """The same answer to every request."""
    return lambda _: Answer(body, status, headers)


def _cut(asked: Asked) -> Answer:
    return Answer(json.dumps(accepted(asked).body)[:20])


def _page(status: int) -> Answering:
    """A page of some gateway in between, which quotes the request."""
    return lambda asked: Answer(f"<html>blocked: {asked.url} {asked.headers}</html>", status, HTML)


errors = requests.exceptions

CONNECTIONS: dict[str, Answering] = {
    "no answer in time": raising(errors.ReadTimeout),
    "no connection in time": raising(errors.ConnectTimeout),
    "read timed out": raising(lambda text: errors.ConnectionError(f"Read timed out. {text}")),
    "refused": raising(errors.ConnectionError),
    "reset": raising(lambda text: errors.ConnectionError("Connection aborted.", text)),
    "reset below": raising(ConnectionResetError),
    "broken off": raising(lambda text: errors.ChunkedEncodingError(f"Connection broken: {text}")),
    "cannot be unpacked": raising(errors.ContentDecodingError),
    "no trust": raising(errors.SSLError),
    "in circles": raising(errors.TooManyRedirects),
    "something else": raising(errors.RequestException),
    "a fault in a library": raising(RuntimeError),
    "an operating system's": raising(OSError),
}

BODIES: dict[str, Answering] = {
    "empty": saying(""),
    "blank": saying(" \n"),
    "an empty object": saying({}),
    "an empty list": saying([]),
    "null": saying(None),
    "true": saying(True),
    "a number": saying(7),
    "a text": saying('"OK"'),
    "a list of null": saying([None]),
    "a list of one refusal": saying([{"code": -2019, "msg": "Margin is insufficient."}]),
    "cut": _cut,
    "garbage": saying("\x00\x01<{[,"),
    "success without an order": saying({"code": 200, "msg": "success"}),
    "no success": saying({"success": False, "msg": "no"}),
    "a code that is none": saying({"code": "many", "msg": "x"}, 400),
    "a code of null": saying({"code": None, "msg": None}, 400),
    "a code of an object": saying({"code": {"code": -2019}, "msg": ["x"]}, 400),
    "an endless code": saying('{"code":1e999}', 400),
    "a very long code": saying('{"code":' + "9" * 5000 + "}", 400),
    "somebody else's order": saying({"clientOrderId": "theirs", "clientAlgoId": "theirs"}),
    "our id in the wrong place": lambda asked: Answer({"id": list(asked.params.values())}),
    "a status of no meaning": saying({"code": -2019, "msg": "Margin is insufficient."}, 299),
    "a status of nobody": saying("", 499),
}

PAGES: dict[str, Answering] = {
    f"a page with {status}": _page(status)
    for status in (200, 400, 401, 403, 404, 405, 407, 408, 418, 429, 451, 500, 502, 503, 504, 520)
}

FAULTS = CONNECTIONS | BODIES | PAGES
