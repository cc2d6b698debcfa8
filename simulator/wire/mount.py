"""The exchange inside the client's own process: a `requests` transport without a socket.

Mounted on `https://` and `http://` of a session, it takes every request of that session, so that
nothing can leave the machine by mistake. Must not know Binance: it carries bytes.
"""

import io
import sys
from collections.abc import Callable, Iterable, Mapping
from typing import Any
from urllib.parse import unquote

import requests
from requests.adapters import BaseAdapter
from requests.structures import CaseInsensitiveDict

from simulator.wire.answer import Dropped, Hung

WsgiApp = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]

_FIXED: dict[str, Any] = {
    "SCRIPT_NAME": "",
    "SERVER_NAME": "embedded",
    "SERVER_PORT": "443",
    "SERVER_PROTOCOL": "HTTP/1.1",
    "REMOTE_ADDR": "127.0.0.1",
    "wsgi.version": (1, 0),
    "wsgi.url_scheme": "https",
    "wsgi.multithread": True,
    "wsgi.multiprocess": False,
    "wsgi.run_once": False,
}


class WsgiAdapter(BaseAdapter):
    """Answers a session's requests with a WSGI app."""

    def __init__(self, app: WsgiApp) -> None:
        """`app` is what `make_app` returns."""
        super().__init__()
        self._app = app

    def send(
        self,
        request: requests.PreparedRequest,
        stream: bool = False,
        timeout: float | tuple[float | None, float | None] | None = None,
        verify: bool | str = True,
        cert: bytes | str | tuple[bytes | str, bytes | str] | None = None,
        proxies: Mapping[str, str] | None = None,
    ) -> requests.Response:
        """Calls the app. Raises ConnectionError or ReadTimeout when a fault says so."""
        del stream, timeout, verify, cert, proxies  # nothing travels
        response = requests.Response()

        def start_response(status: str, headers: list[tuple[str, str]]) -> None:
            response.status_code = int(status[:3])
            response.reason = status[4:]
            response.headers = CaseInsensitiveDict(headers)

        try:
            content = b"".join(self._app(_environ(request), start_response))
        except Dropped as error:
            raise requests.exceptions.ConnectionError(str(error), request=request) from error
        except Hung as error:
            raise requests.exceptions.ReadTimeout(str(error), request=request) from error
        response._content = content
        response.raw = io.BytesIO(content)
        response.encoding = "utf-8"
        response.url = request.url or ""
        response.request = request
        return response

    def close(self) -> None:
        """Nothing to close."""


def _environ(request: requests.PreparedRequest) -> dict[str, Any]:
    path, _, query = request.path_url.partition("?")
    body = request.body or b""
    if isinstance(body, str):
        body = body.encode()
    if not isinstance(body, bytes):
        raise TypeError("only text and bytes can be sent to the embedded exchange")
    environ = dict(_FIXED)
    environ["REQUEST_METHOD"] = request.method
    environ["PATH_INFO"] = unquote(path, "latin-1") if "%" in path else path
    environ["QUERY_STRING"] = query
    environ["CONTENT_LENGTH"] = str(len(body))
    environ["wsgi.input"] = io.BytesIO(body)
    environ["wsgi.errors"] = sys.stderr
    for name, value in request.headers.items():
        environ["HTTP_" + name.upper().replace("-", "_")] = value
    return environ
