"""The exchange as a server on loopback, with the standard library: HTTP/1.1, keep-alive, threads.

For `python -m simulator` and for tests with other clients. Must never listen beyond 127.0.0.1:
it speaks plain HTTP and its control paths (`/sim/...`) ask for no key.
"""

import io
import socket
import struct
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import BaseServer
from threading import Thread
from typing import Any, TypeVar
from urllib.parse import unquote

from simulator.wire.answer import Dropped, Hung
from simulator.wire.mount import WsgiApp

S = TypeVar("S", bound=BaseServer)
HOST = "127.0.0.1"

#: A hanging answer ends when the client goes, or after this many seconds.
HANG_S_MAX = 120.0

_BODY_BYTES_MAX = 1_000_000
_RESET = struct.pack("ii", 1, 0)


class Server(ThreadingHTTPServer):
    """A WSGI app on 127.0.0.1."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(self, app: WsgiApp, port: int) -> None:
        """Binds at once; port 0 takes a free one. Raises OSError when the port is taken."""
        super().__init__((HOST, port), _Handler)
        self.app = app

    @property
    def url(self) -> str:
        """The address, `http://127.0.0.1:8900`."""
        return f"http://{HOST}:{self.server_port}"

    def server_bind(self) -> None:
        """Binds without asking a name server for the host's name, as the base class would."""
        self.socket.bind(self.server_address)
        self.server_address = self.socket.getsockname()
        self.server_name, self.server_port = HOST, self.server_address[1]

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Says nothing about clients that went away; everything else is reported."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1  # buffered: an answer leaves in one piece

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 (the base class names it)
        """No access log: addresses carry signatures."""

    def _serve(self) -> None:
        server = self.server
        assert isinstance(server, Server)
        length = self.headers.get("Content-Length") or "0"
        if not length.isdigit() or int(length) > _BODY_BYTES_MAX:
            self.close_connection = True
            self.send_error(400)
            return
        body = self.rfile.read(int(length))
        head: list[tuple[str, list[tuple[str, str]]]] = []

        def start_response(status: str, headers: list[tuple[str, str]]) -> None:
            head.append((status, headers))

        try:
            content = b"".join(server.app(self._environ(body), start_response))
        except Dropped:
            self._reset()
            return
        except Hung:
            self._hang()
            return
        self._answer(*head[0], content)

    do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = do_HEAD = _serve

    def _answer(self, status: str, headers: list[tuple[str, str]], content: bytes) -> None:
        self.send_response(int(status[:3]), status[4:])
        for name, value in headers:
            if name.lower() != "content-length":
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)
        self.wfile.flush()

    def _environ(self, body: bytes) -> dict[str, Any]:
        path, _, query = self.path.partition("?")
        environ: dict[str, Any] = {
            "REQUEST_METHOD": self.command,
            "SCRIPT_NAME": "",
            "PATH_INFO": unquote(path, "latin-1"),
            "QUERY_STRING": query,
            "CONTENT_LENGTH": str(len(body)),
            "SERVER_NAME": HOST,
            "SERVER_PORT": self.headers.get("Host", "").rpartition(":")[2],
            "SERVER_PROTOCOL": self.request_version,
            "REMOTE_ADDR": str(self.client_address[0]),
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": "http",
            "wsgi.input": io.BytesIO(body),
            "wsgi.errors": sys.stderr,
            "wsgi.multithread": True,
            "wsgi.multiprocess": False,
            "wsgi.run_once": False,
        }
        for name, value in self.headers.items():
            environ["HTTP_" + name.upper().replace("-", "_")] = value
        return environ

    def _reset(self) -> None:
        self.close_connection = True
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
        self.connection.close()

    def _hang(self) -> None:
        self.close_connection = True
        self.connection.settimeout(HANG_S_MAX)
        try:
            self.connection.recv(1)  # returns when the client closes
        except OSError:
            return


def serving(app: WsgiApp, port: int = 0) -> AbstractContextManager[Server]:
    """A server in a thread of this process for as long as the `with` lasts."""
    return running(Server(app, port))


@contextmanager
def running(server: S) -> Iterator[S]:
    """Let a server of any kind answer in a thread for as long as the `with` lasts."""
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
