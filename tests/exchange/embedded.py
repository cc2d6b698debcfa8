"""The gateway on the embedded exchange: over its wire, on candles that a test can bend."""

from typing import Any

from requests.adapters import HTTPAdapter

from exchange.client import make_client
from exchange.gateway import Gateway
from simulator import rules
from simulator.engine.ledger import opened_books
from simulator.engine.model import Costs
from simulator.exchange import EmbeddedExchange
from simulator.faults import Fault, Faults
from simulator.market.model import Candle
from simulator.wire.app import make_app
from simulator.wire.mount import WsgiAdapter
from simulator.wire.signing import DEFAULT_CREDENTIALS

INTERVAL_MS = 300_000
#: 2025-09-19 17:45:00 UTC: a candle begins.
START_MS = 1_758_303_900_000
E8 = 100_000_000
BTC_TICKS = 600_000


class Bent:
    """Every BTC candle stands at 60,000.0, except those a test sets."""

    label = "test"
    interval_ms = INTERVAL_MS

    def __init__(self) -> None:
        self.set: dict[int, Candle] = {}

    def candles(self, symbol: str, first_ms: int, end_ms: int) -> list[Candle]:
        if symbol != "BTCUSDT":
            return []
        first = -(-first_ms // INTERVAL_MS) * INTERVAL_MS
        flat = BTC_TICKS
        return [
            self.set.get(at, Candle(at, flat, flat, flat, flat, 1000))
            for at in range(first, end_ms, INTERVAL_MS)
        ]

    def last_price(self, symbol: str, now_ms: int) -> int | None:
        at = now_ms // INTERVAL_MS * INTERVAL_MS
        rows = self.candles(symbol, at, at + 1)
        return rows[0].open if rows else None


class Embedded:
    """An account with 10,000 USDT, and the gateway to it."""

    def __init__(self) -> None:
        self.now_ms = START_MS
        self.market = Bent()
        self.faults = Faults()
        exchange = EmbeddedExchange(
            self.market,
            rules.contracts_for(["BTCUSDT", "ETHUSDT"]),
            Costs(slippage_ppm=0),
            lambda: self.now_ms,
            opened_books(10_000 * E8, START_MS),
        )
        client = make_client("embedded", "embedded", "embedded", lambda: self.now_ms)
        adapter = WsgiAdapter(make_app(exchange, DEFAULT_CREDENTIALS, self.faults))
        client.session.mount("https://", adapter)
        client.session.mount("http://", adapter)
        self.gateway = Gateway(client)

    def pass_candle(self, low: int = BTC_TICKS, high: int = BTC_TICKS) -> None:
        """Play to the end of the next candle, which reaches down to `low` and up to `high`."""
        at = self.now_ms // INTERVAL_MS * INTERVAL_MS + INTERVAL_MS
        self.market.set[at] = Candle(at, BTC_TICKS, high, low, BTC_TICKS, 1000)
        self.now_ms = at + INTERVAL_MS

    def arm(self, **fault: Any) -> None:
        """What goes wrong next."""
        self.faults.arm(Fault(**fault))


def no_socket(*_: object, **__: object) -> None:
    """Stands in for the transport that could leave the process."""
    raise AssertionError("a request left the process")


SOCKET_TRANSPORT = HTTPAdapter
