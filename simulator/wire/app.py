"""The WSGI app: one request in, one answer out, in Binance's order of checks.

path -> key -> time stamp and signature present -> signature -> clock -> rate -> the endpoint
itself. Must stay thin: endpoints live in the modules that `routes.py` names, rules in the engine.
"""

from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Any, NamedTuple

from simulator.engine.refused import Refused
from simulator.exchange import EmbeddedExchange
from simulator.faults import Fault, Faults
from simulator.market.public import PublicPricesError
from simulator.wire.answer import (
    Answer,
    Dropped,
    Hung,
    WireError,
    error_answer,
    json_answer,
    status_line,
    status_of,
)
from simulator.wire.clocks import ServerClock
from simulator.wire.control import CONTROLS
from simulator.wire.happening import happen
from simulator.wire.limits import Meter
from simulator.wire.mount import WsgiApp
from simulator.wire.params import Params, missing, parse_pairs
from simulator.wire.routes import ROUTES, Route
from simulator.wire.signing import (
    Credentials,
    check_signature,
    check_timestamp,
    find_key,
    signed_text,
)
from simulator.wire.venue import Venue

_INTERNAL_ERROR = -1001
_RECV_WINDOW_MS = 5000
_RECV_WINDOW_MS_MAX = 60_000


def make_app(
    exchange: EmbeddedExchange,
    credentials: Credentials,
    faults: Faults | None = None,
    *,
    clock: ServerClock | None = None,
    enforce_limits: bool = False,
) -> WsgiApp:
    """Binance's REST over `exchange`, for whoever holds `credentials`.

    `faults`: armed by the caller or by `POST /sim/fault`. `clock`: what `POST /sim/clock` moves
    and what time stamps are checked by; without it the exchange's own time is used and cannot be
    set. `enforce_limits`: answer 429 and 418 as Binance does; uses are counted either way.
    """
    gate = _Gate(Venue(exchange, faults or Faults(), clock), credentials, Meter(enforce_limits))

    def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        answer = gate.answer(environ)
        start_response(
            status_line(answer.status),
            [
                ("Content-Type", answer.content_type),
                ("Content-Length", str(len(answer.body))),
                *answer.headers,
            ],
        )
        return (answer.body,)

    return app


class _Asked(NamedTuple):
    """A request as it came."""

    route: Route
    params: Params
    key: str | None
    query: str
    body: str


class _Gate:
    """What stands between a request and its endpoint."""

    def __init__(self, venue: Venue, credentials: Credentials, meter: Meter) -> None:
        self._venue = venue
        self._known = (credentials,)
        self._meter = meter

    def answer(self, environ: dict[str, Any]) -> Answer:
        method: str = environ["REQUEST_METHOD"]
        path: str = environ["PATH_INFO"]
        query: str = environ.get("QUERY_STRING", "")
        body = _body(environ)
        route = ROUTES.get((method, path))
        if route is None:
            return self._control(method, path, body)
        values = parse_pairs(f"{query}&{body}" if query and body else query or body)
        fault = self._venue.faults.take(method, path, values)
        if fault is not None and fault.do == "stale":
            self._venue.keep_stale(fault)
        elif fault is not None and fault.when == "before":
            if fault.do != "meanwhile":
                return _fault_answer(fault, b"")
            self._meanwhile(fault, values)
        asked = _Asked(route, Params(values), environ.get("HTTP_X_MBX_APIKEY"), query, body)
        value, answer = self._execute(method, path, asked)
        return answer if fault is None else self._spoil(fault, value, answer, values)

    def _meanwhile(self, fault: Fault, values: dict[str, str]) -> None:
        """What an armed fault lets happen beside a request; what is refused does not."""
        for happening in fault.happen:
            with suppress(WireError):
                happen(self._venue, happening, values)

    def _execute(self, method: str, path: str, asked: "_Asked") -> tuple[object, Answer]:
        """The endpoint's value (None for an error) and the answer made of it."""
        route, params, key, query, body = asked
        headers: tuple[tuple[str, str], ...] = ()
        try:
            with self._venue.exchange.request() as engine:
                now_ms = self._venue.stamp_ms(engine)
                if route.signed:
                    self._authorise(params, key, (query, body), now_ms)
                headers = self._meter.count(route.weight(params), route.order_count, now_ms)
                seen = self._venue.read_from(method, path, engine)
                value = route.endpoint(self._venue, seen, params)
        except Refused as error:
            answer = error_answer(error.code, error.message, status_of(error.code))
            return None, answer._replace(headers=headers)
        except WireError as error:
            answer = error_answer(error.code, error.message, error.status, error.retry_after_s)
            return None, answer._replace(headers=answer.headers + headers)
        except PublicPricesError as error:  # no prices, no exchange: said in Binance's own shape
            return None, error_answer(_INTERNAL_ERROR, str(error), 503)
        return value, json_answer(value)._replace(headers=headers)

    def _authorise(
        self, params: Params, key: str | None, raw: tuple[str, str], now_ms: int
    ) -> None:
        credentials = find_key(key, self._known)
        timestamp_ms = params.need_whole("timestamp")
        text, signature = signed_text(*raw)
        if not signature:
            raise missing("signature")
        check_signature(text, signature, credentials.secret)
        window_ms = params.whole("recvWindow", _RECV_WINDOW_MS)
        if not 0 < window_ms <= _RECV_WINDOW_MS_MAX:
            raise WireError(-1131, "recvWindow must be less than 60000")
        check_timestamp(timestamp_ms, window_ms, now_ms)

    def _control(self, method: str, path: str, body: str) -> Answer:
        control = CONTROLS.get((method, path))
        if control is None:
            return _no_route(method, path)
        try:
            return json_answer(control(self._venue, body))
        except WireError as error:
            return error_answer(error.code, error.message, error.status)

    def _spoil(self, fault: Fault, value: object, answer: Answer, values: dict[str, str]) -> Answer:
        """What an armed fault makes of the true answer."""
        if fault.do == "lag":
            self._venue.hide_order(fault, value)
        if fault.do == "meanwhile" and fault.when == "after":
            self._meanwhile(fault, values)
        if fault.do in ("lag", "stale", "meanwhile"):
            return answer
        return _fault_answer(fault, answer.body)


def _fault_answer(fault: Fault, true_body: bytes) -> Answer:
    if fault.do == "drop":
        raise Dropped("the connection was dropped by an armed fault")
    if fault.do == "hang":
        raise Hung("the answer hangs: an armed fault")
    if fault.do == "cut":
        return Answer(200, true_body[: fault.keep_bytes])
    return Answer(fault.status, fault.body_bytes(), tuple(fault.headers.items()))


def _no_route(method: str, path: str) -> Answer:
    if path.startswith("/sapi/"):
        # Spot and wallet endpoints: a futures-only key may not use them. A client that comes
        # here at all has ccxt's `fetchCurrencies` left on.
        return error_answer(-2015, "Invalid API-key, IP, or permissions for action.", 403)
    return error_answer(-5000, f"Path {path}, Method {method} is invalid", 404)


def _body(environ: dict[str, Any]) -> str:
    length = environ.get("CONTENT_LENGTH") or "0"
    if length == "0" or not length.isdigit():
        return ""
    data: bytes = environ["wsgi.input"].read(int(length))
    return data.decode("utf-8", "replace")
