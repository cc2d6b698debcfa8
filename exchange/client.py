"""ccxt's `binanceusdm` set up the one way this project uses it. Knows wiring, no trading.

Only ccxt's implicit calls are used: they send exactly what they are given. The unified calls
round off-tick triggers, hide requests and drop what they do not know (see the decision note
`docs/decisions/0002-raw-calls.md`).
"""

import logging
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from exchange.ccxt_class import one_class
from exchange.errors import VenueError, error_fields

binanceusdm, ccxt_errors = one_class()

#: How long a signed request stays valid on the exchange, ms.
RECV_WINDOW_MS = 5_000
REQUEST_TIMEOUT_MS = 8_000
#: They write keys and signed addresses when a process is set to log everything.
TALKATIVE_LOGGERS = ("ccxt", "urllib3")


class Watch(Protocol):
    """Who is asked before every request and told of rate limits."""

    def before_request(self) -> None:
        """Raises when no request may be sent now."""
        ...

    def rate_limited(self, retry_after_s: int, *, banned: bool) -> None:
        """The exchange has answered 429, or 418 (`banned`); 0 s when it named no time."""
        ...


class Client(binanceusdm):  # type: ignore[misc,valid-type]  # ccxt's classes carry no types
    """The exchange class with the time passed in and every error made plain."""

    def __init__(self, config: dict[str, Any], now_ms: Callable[[], int]) -> None:
        """`now_ms` is the exchange's clock as well as it is known."""
        super().__init__(config)
        self.exchange_now_ms = now_ms
        self.watch: Watch | None = None

    def fetch2(self, *arguments: Any, **named: Any) -> Any:
        """Every request of every kind passes here."""
        if self.watch is not None:
            self.watch.before_request()
        return super().fetch2(*arguments, **named)

    def nonce(self) -> int:
        """The timestamp that is signed, unless a call brings its own."""
        return self.exchange_now_ms()

    def handle_errors(
        self,
        code: int,
        reason: str,
        url: str,
        method: str,
        headers: Mapping[str, str],
        body: str,
        response: object,
        request_headers: object,
        request_body: object,
    ) -> None:
        """Let ccxt raise what it raises, with this very response's own facts attached."""
        try:
            super().handle_errors(
                code, reason, url, method, headers, body, response, request_headers, request_body
            )
            if code >= 400:
                self.handle_http_status_code(code, reason, url, method, body)
        except ccxt_errors.BaseError as error:
            retry_after = _seconds(headers.get("Retry-After", ""))
            error.venue_facts = (code, response, retry_after)
            if code in (418, 429) and self.watch is not None:
                self.watch.rate_limited(retry_after, banned=code == 418)
            raise


def make_client(
    venue: str,
    key: str,
    secret: str,
    now_ms: Callable[[], int],
    url: str | None = None,
    watch: Watch | None = None,
) -> Client:
    """A client for `live`, `demo` or `embedded`; `url` points it at a simulator on loopback."""
    client = Client(
        {
            "apiKey": key,
            "secret": secret,
            "enableRateLimit": False,  # ccxt's limiter only sleeps; the run counts its weight
            "timeout": REQUEST_TIMEOUT_MS,
            "options": {
                "fetchCurrencies": False,  # asks two spot endpoints that futures keys may not
                "maxRetriesOnFailure": 0,  # a retried order can fill twice
                "recvWindow": RECV_WINDOW_MS,
            },
        },
        now_ms,
    )
    client.watch = watch
    client.enableLastJsonResponse = False
    client.enableLastHttpResponse = False
    client.enableLastResponseHeaders = False
    client.session.max_redirects = 0  # following one sends key and order again, to whoever says so
    for name in TALKATIVE_LOGGERS:
        logging.getLogger(name).setLevel(logging.WARNING)
    if venue == "demo":
        client.enable_demo_trading(True)
    if url is not None:
        for name, production in client.urls["api"].items():
            if name.startswith("fapi") or name == "sapi":
                path = production.split("/", 3)[3]
                client.urls["api"][name] = f"{url.rstrip('/')}/{path}"
        # ccxt picks its futures error table by the production host name
        client.exceptions["exact"].update(client.exceptions["linear"]["exact"])
    return client


def call_list(method: Callable[[dict[str, Any]], Any], what: str, **params: object) -> list[Any]:
    """One request whose answer is a JSON array. VenueError when it is anything else."""
    answer = _call(method, what, params)
    if not isinstance(answer, list):
        raise VenueError(what, status=200, message="the answer is not a list")
    return answer


def call_dict(
    method: Callable[[dict[str, Any]], Any], what: str, **params: object
) -> dict[str, Any]:
    """One request whose answer is a JSON object. VenueError when it is anything else."""
    answer = _call(method, what, params)
    if not isinstance(answer, dict):
        raise VenueError(what, status=200, message="the answer is not an object")
    return answer


def _call(method: Callable[[dict[str, Any]], Any], what: str, params: dict[str, object]) -> object:
    """One request. Every failure becomes a VenueError whose text holds no URL and no secret."""
    try:
        return method(params)
    except VenueError:
        raise
    except ccxt_errors.BaseError as error:
        status, body, retry_after = getattr(error, "venue_facts", (0, None, 0))
        code, message = error_fields(body)
        raise VenueError(
            what,
            code=code,
            status=status,
            message=message or _kind(error, status),
            retry_after_s=retry_after,
        ) from None
    except Exception as error:  # noqa: BLE001 - a broken answer provokes anything inside ccxt
        raise VenueError(what, message=type(error).__name__) from None


def _seconds(text: str) -> int:
    return int(text) if text.isdecimal() else 0


def _kind(error: Exception, status: int) -> str:
    """What happened, in words without the request's address."""
    if status:
        return f"HTTP {status}"
    if isinstance(error, ccxt_errors.RequestTimeout):
        return "no answer in time"
    if isinstance(error, ccxt_errors.NetworkError):
        return "the connection failed"
    return type(error).__name__
