"""A short line from the client to the exchange: what `requests` does, without its cost.

It stands in place of the client's session, for the enumeration only (the processes of
`test_processes` use the real one): ccxt's signing, its parsing and its error table stay in the
path. Must not know Binance.
"""

import io
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

import requests

from simulator.wire.answer import Dropped, Hung
from simulator.wire.mount import WsgiApp


class _Cookies:
    def clear(self) -> None:
        """There are none."""


class ShortAnswer:
    """What ccxt looks at of a response."""

    def __init__(self, status: str, headers: Mapping[str, str], content: bytes) -> None:
        self.status_code = int(status[:3])
        self.reason = status[4:]
        self.headers = headers
        self.text = content.decode("utf-8", "replace")
        self.encoding = "utf-8"

    def raise_for_status(self) -> None:
        """As `requests` does."""
        if self.status_code >= 400:
            raise requests.exceptions.HTTPError(f"{self.status_code} {self.reason}")


class ShortLine:
    """A session whose requests all end in one WSGI app."""

    def __init__(self, app: WsgiApp) -> None:
        self._app = app
        self.cookies = _Cookies()
        self.headers: dict[str, str] = {}

    def request(
        self, method: str, url: str, *, data: bytes | None, headers: Mapping[str, str], **_: Any
    ) -> ShortAnswer:
        """One request. Raises what `requests` raises when no answer comes."""
        parts = urlsplit(url)
        body = data or b""
        environ: dict[str, Any] = {
            "REQUEST_METHOD": method,
            "PATH_INFO": parts.path,
            "QUERY_STRING": parts.query,
            "CONTENT_LENGTH": str(len(body)),
            "wsgi.input": io.BytesIO(body),
        }
        for name, value in headers.items():
            environ["HTTP_" + name.upper().replace("-", "_")] = value
        told: list[tuple[str, dict[str, str]]] = []
        start: Callable[..., None] = lambda status, found: told.append((status, dict(found)))  # noqa: E731
        try:
            content = b"".join(self._app(environ, start))
        except Dropped as error:
            raise requests.exceptions.ConnectionError(f"{error} {url}") from error
        except Hung as error:
            raise requests.exceptions.ReadTimeout(f"{error} {url}") from error
        return ShortAnswer(*told[0], content)

    def close(self) -> None:
        """Nothing to close."""
