"""The embedded exchange behind TLS on loopback, with a log of what was asked and a memory.

    python -m bench.run.far_exchange CERTIFICATE RULES

Prints two ports: of the exchange (TLS), and of its control (plain): `POST /reset`, `POST /keep`,
`GET /log`. Spot endpoints that ccxt asks by itself are answered as well. Measures nothing.
"""

import json
import ssl
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from threading import Lock, Thread
from typing import Any
from urllib.parse import parse_qsl

import msgspec

from bench.run.candles import Candles
from simulator import rules
from simulator.engine.ledger import opened_books
from simulator.engine.model import Books, Costs
from simulator.exchange import EmbeddedExchange
from simulator.wire.app import make_app
from simulator.wire.mount import WsgiApp
from simulator.wire.serve import Server
from simulator.wire.signing import DEFAULT_CREDENTIALS

E8 = 100_000_000
COINS = 500


class TlsServer(Server):
    """The same server behind TLS; the handshake is done in the connection's own thread."""

    request_queue_size = 512

    def __init__(self, app: WsgiApp, context: ssl.SSLContext) -> None:
        """Binds a free port."""
        super().__init__(app, 0)
        self.opened = 0
        self.socket = context.wrap_socket(
            self.socket, server_side=True, do_handshake_on_connect=False
        )

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Says nothing: clients that end leave their connections as they are."""

    def process_request(self, request: Any, client_address: Any) -> None:
        """Counts connections."""
        self.opened += 1
        super().process_request(request, client_address)


class FarExchange:
    """The exchange that is measured against, its books put back before every measurement."""

    def __init__(self, rules_file: Path) -> None:
        """Its symbols are those of the rules file."""
        self.contracts = rules.contracts_for(list(rules.read_rows(rules_file)), rules_file)
        self.market = Candles()
        self.log: list[tuple[str, float, float]] = []
        self.kept: dict[str, bytes] = {}
        self.server: TlsServer | None = None
        self._lock = Lock()
        self.reset("", swinging=False)

    def reset(self, kept: str, *, swinging: bool) -> None:
        """The books that were kept under this name, or new ones."""
        now_ms = _now_ms()
        self.market.swinging = swinging
        books = (
            msgspec.json.decode(self.kept[kept], type=Books)
            if kept
            else opened_books(100_000_000 * E8, now_ms)
        )
        self.exchange = EmbeddedExchange(
            self.market, self.contracts, Costs(slippage_ppm=0), _now_ms, books
        )
        self.app = make_app(self.exchange, DEFAULT_CREDENTIALS, enforce_limits=True)
        self.log.clear()
        if self.server is not None:
            self.server.opened = 0

    def keep(self, name: str) -> None:
        """Remember the books as they are now."""
        with self.exchange.request() as engine:
            self.kept[name] = msgspec.json.encode(engine.books)

    def __call__(self, environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        """One request, logged with when it came and when it was answered, s."""
        began_s = time.monotonic()
        path = environ["PATH_INFO"]
        if path.startswith("/sapi/"):
            start("200 OK", [("Content-Type", "application/json")])
            answer: Iterable[bytes] = (_spot(path),)
        else:
            answer = self.app(environ, start)
        with self._lock:
            self.log.append((f"{environ['REQUEST_METHOD']} {path}", began_s, time.monotonic()))
        return answer

    def control(self, environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        """What the benchmark asks for."""
        body = environ["wsgi.input"].read().decode()
        given = dict(parse_qsl(body))
        answer: object = None
        if environ["PATH_INFO"] == "/reset":
            self.reset(given.get("kept", ""), swinging=given["swinging"] == "1")
        elif environ["PATH_INFO"] == "/keep":
            self.keep(given["name"])
        elif self.server is not None:
            answer = {"requests": self.log, "connections": self.server.opened}
        start("200 OK", [("Content-Type", "application/json")])
        return (json.dumps(answer).encode(),)


def _spot(path: str) -> bytes:
    """As many coins as there are, each with little to tell."""
    if path.endswith("allPairs"):
        return b"[]"
    return json.dumps([{"coin": f"C{n:03}", "networkList": []} for n in range(COINS)]).encode()


def _now_ms() -> int:
    return time.time_ns() // 1_000_000


def main(certificate: str, rules_file: str) -> None:
    """Serve until killed."""
    # requests come side by side: a thread that works must not keep the others waiting for long
    sys.setswitchinterval(0.0005)
    far = FarExchange(Path(rules_file))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    far.server = TlsServer(far, context)
    control = Server(far.control, 0)
    Thread(target=control.serve_forever, daemon=True).start()
    print(far.server.server_port, control.server_port, flush=True)
    far.server.serve_forever()


if __name__ == "__main__":
    main(*sys.argv[1:])
