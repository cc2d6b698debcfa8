"""A small venue for the wire's tests: two contracts, flat candles that a test can bend."""

import hashlib
import hmac
import io
import json
from typing import Any
from urllib.parse import urlencode

from simulator.engine.ledger import opened_books
from simulator.engine.model import Bracket, Contract, Costs
from simulator.exchange import EmbeddedExchange
from simulator.faults import Faults
from simulator.market.model import Candle
from simulator.wire.app import make_app
from simulator.wire.clocks import StoppedClock
from simulator.wire.signing import DEFAULT_CREDENTIALS

MINUTE_MS = 60_000
INTERVAL_MS = 5 * MINUTE_MS
#: 2023-11-14 22:15:00 UTC: a candle begins.
START_MS = 1_700_000_100_000
E8 = 100_000_000


def contract(symbol: str, tick_e8: int, step_e8: int, decimals: tuple[int, int]) -> Contract:
    row = {"symbol": symbol, "status": "TRADING", "filters": []}
    return Contract(
        symbol=symbol,
        tick_e8=tick_e8,
        step_e8=step_e8,
        unit_e8=tick_e8 * step_e8 // E8,
        price_min_ticks=1,
        price_max_ticks=10**9,
        min_lots=1,
        max_lots=10**7,
        market_max_lots=10**6,
        min_notional_e8=5 * E8,
        price_up_ppm=1_050_000,
        price_down_ppm=950_000,
        price_decimals=decimals[0],
        quantity_decimals=decimals[1],
        brackets=(
            Bracket(1, 150, 0, 300_000 * E8, 40, 0),
            Bracket(2, 10, 300_000 * E8, 12_000_000 * E8, 50, 300 * E8),
        ),
        row=row,
    )


BTC = contract("BTCUSDT", E8 // 10, E8 // 1000, (2, 3))
DOT = contract("DOTUSDT", E8 // 10_000, E8 // 10, (6, 1))


class BentMarket:
    """Every candle stands at the symbol's price, except those a test sets."""

    label = "test"
    interval_ms = INTERVAL_MS

    def __init__(self) -> None:
        self.price = {"BTCUSDT": 600_000, "DOTUSDT": 11_359}
        self.bent: dict[tuple[str, int], Candle | None] = {}

    def candle(self, symbol: str, open_ms: int) -> Candle | None:
        price = self.price[symbol]
        flat = Candle(open_ms, price, price, price, price, 1000)
        return self.bent.get((symbol, open_ms), flat)

    def candles(self, symbol: str, first_ms: int, end_ms: int) -> list[Candle]:
        first = -(-first_ms // INTERVAL_MS) * INTERVAL_MS
        rows = [self.candle(symbol, t) for t in range(first, end_ms, INTERVAL_MS)]
        return [row for row in rows if row is not None]

    def last_price(self, symbol: str, now_ms: int) -> int | None:
        row = self.candle(symbol, now_ms // INTERVAL_MS * INTERVAL_MS)
        return None if row is None else row.open


class Desk:
    """An exchange with 10,000 USDT, its app, and signed requests to it."""

    def __init__(self, slippage_ppm: int = 0, enforce_limits: bool = False) -> None:
        self.real_ms = 0
        self.clock = StoppedClock(START_MS, lambda: self.real_ms)
        self.market = BentMarket()
        self.faults = Faults()
        self.exchange = EmbeddedExchange(
            self.market,
            [BTC, DOT],
            Costs(slippage_ppm=slippage_ppm),
            self.clock,
            opened_books(10_000 * E8, START_MS),
        )
        self.app = make_app(
            self.exchange,
            DEFAULT_CREDENTIALS,
            self.faults,
            clock=self.clock,
            enforce_limits=enforce_limits,
        )
        self.status = 0
        self.headers: dict[str, str] = {}

    def pass_time(self, ms: int) -> None:
        self.clock.set(self.clock() + ms)

    def raw(self, method: str, path: str, query: str = "", body: str = "", key: str = "") -> bytes:
        data = body.encode()
        environ: dict[str, Any] = {
            "REQUEST_METHOD": method,
            "PATH_INFO": path,
            "QUERY_STRING": query,
            "CONTENT_LENGTH": str(len(data)),
            "wsgi.input": io.BytesIO(data),
        }
        if key:
            environ["HTTP_X_MBX_APIKEY"] = key

        def start_response(status: str, headers: list[tuple[str, str]]) -> None:
            self.status = int(status[:3])
            self.headers = dict(headers)

        return b"".join(self.app(environ, start_response))

    def send(self, method: str, path: str, **params: Any) -> Any:
        """A signed request in ccxt's way: query for GET and DELETE, body for POST and PUT."""
        params.setdefault("timestamp", self.clock.stamp_ms())
        text = urlencode(params)
        signature = hmac.new(b"embedded", text.encode(), hashlib.sha256).hexdigest()
        text = f"{text}&signature={signature}"
        in_body = method in ("POST", "PUT")
        query, body = ("", text) if in_body else (text, "")
        return json.loads(self.raw(method, path, query, body, "embedded"))

    def public(self, path: str, **params: Any) -> Any:
        return json.loads(self.raw("GET", path, urlencode(params)))

    def control(self, method: str, path: str, value: object = None) -> Any:
        return json.loads(self.raw(method, path, body="" if value is None else json.dumps(value)))

    def market_order(self, side: str, quantity: str, symbol: str = "DOTUSDT", **more: Any) -> Any:
        return self.send(
            "POST",
            "/fapi/v1/order",
            symbol=symbol,
            side=side,
            type="MARKET",
            quantity=quantity,
            newOrderRespType="RESULT",
            **more,
        )

    def stop_order(
        self, side: str, quantity: str, trigger: str, symbol: str = "DOTUSDT", **more: Any
    ) -> Any:
        order = {"type": "STOP_MARKET", "algoType": "CONDITIONAL", **more}
        return self.send(
            "POST",
            "/fapi/v1/algoOrder",
            symbol=symbol,
            side=side,
            quantity=quantity,
            triggerPrice=trigger,
            **order,
        )
