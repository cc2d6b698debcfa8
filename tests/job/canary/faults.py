"""For each contract check one fault of the embedded exchange that makes exactly it fail.

`ARMED` maps the check's name to what is armed. `skip` counts the matching requests that the
canary makes before the check's own.
"""

from collections.abc import Callable
from typing import Any

from tests.job.harness import ALGO, BTC, ORDER, Stand
from tests.oracle.planted import START_MS

Arm = Callable[[Stand], None]
POSITIONS, FILLS = "/fapi/v3/positionRisk", "/fapi/v1/userTrades"
CONDITIONAL, PLAIN = "/fapi/v1/openAlgoOrders", "/fapi/v1/openOrders"
OTHER_ID = {"orderId": 1, "algoId": 1, "clientOrderId": "x", "clientAlgoId": "x"}
SLOW_MS = 6_000
BUY_ORDERS = {"side": "BUY", "reduceOnly": ""}
#: Two candles of long ago: asked five times a second, 60 such answers are 12 s.
OLD_CANDLES = [[START_MS + n * 300_000, "10000", "10000", "10000", "10000", "1"] for n in (0, 1)]
#: An order as the plain book shows it.
RESTING = {
    "symbol": BTC,
    "orderId": 7,
    "clientOrderId": "rv1-BTCUSDT-28928264-SL1",
    "side": "SELL",
    "type": "STOP_MARKET",
    "origQty": "0.006",
    "reduceOnly": True,
}
#: A position of somebody else, as the exchange would show it.
STRANGER = {"symbol": BTC, "positionAmt": "0.001", "entryPrice": "10000.0"}


def answer(method: str, path: str, body: object, **more: Any) -> Arm:
    """Another answer than the true one, the request not executed."""
    given: dict[str, Any] = {"status": 200, "when": "before", "body": body, **more}
    return lambda stand: stand.arm(method, path, "answer", **given)


def refuse(method: str, path: str, code: int, **more: Any) -> Arm:
    """A refusal with another code."""
    return lambda stand: stand.refuse(method, path, code, **more)


def late(method: str, path: str, reads: str, **more: Any) -> Arm:
    """Reads that lag behind a request."""
    given: dict[str, Any] = {"reads": reads, "lag_ms": SLOW_MS, **more}
    return lambda stand: stand.arm(method, path, "stale", **given)


def meanwhile(method: str, path: str, *happen: dict[str, Any], **more: Any) -> Arm:
    """Something else happens just before a request."""
    given: dict[str, Any] = {"when": "before", "happen": list(happen), **more}
    return lambda stand: stand.arm(method, path, "meanwhile", **given)


def request(method: str, path: str, **params: str) -> dict[str, Any]:
    """Somebody else's request."""
    return {"do": "request", "method": method, "path": path, "params": params}


#: Somebody else closes whatever is held long.
BY_HAND = request(
    "POST", ORDER, symbol=BTC, side="SELL", type="MARKET", quantity="1", reduceOnly="true"
)


def skew(stand: Stand) -> None:
    """The exchange's clock is two seconds ahead."""
    stand.faults.skew_ms = 2_000


ARMED: dict[str, Arm] = {
    "clock": skew,
    "balance": answer("GET", "/fapi/v3/account", {"assets": []}),
    "account mode": answer(
        "GET",
        "/fapi/v1/accountConfig",
        {"dualSidePosition": True, "multiAssetsMargin": False},
    ),
    "rules": answer("GET", "/fapi/v1/exchangeInfo", {"symbols": []}),
    "candle after the close": answer("GET", "/fapi/v1/klines", OLD_CANDLES, times=60),
    "size": answer("GET", "/fapi/v1/klines", [], skip=1),
    "untouched": answer("GET", POSITIONS, [STRANGER]),
    "settings": answer(
        "GET", "/fapi/v1/symbolConfig", [{"symbol": BTC, "marginType": "CROSSED", "leverage": 10}]
    ),
    "late entry": answer("POST", ORDER, OTHER_ID, params=BUY_ORDERS),
    "off-step quantity": refuse("POST", ORDER, -1116, skip=1, params=BUY_ORDERS),
    "entry": answer("POST", ORDER, OTHER_ID, skip=2, params=BUY_ORDERS, when="after"),
    "entry look-up": lambda stand: stand.arm("POST", ORDER, "lag", skip=2, lag_ms=SLOW_MS),
    "fills": late("POST", ORDER, FILLS, skip=2),
    "position": late("POST", ORDER, POSITIONS, skip=2),
    "stop": answer("POST", ALGO, OTHER_ID, params={"type": "STOP_MARKET"}),
    "target": answer("POST", ALGO, OTHER_ID, params={"type": "TAKE_PROFIT_MARKET"}),
    "conditional book": late("POST", ALGO, CONDITIONAL, skip=1),
    "plain book": answer("GET", PLAIN, [RESTING], skip=1),
    "second stop": refuse("POST", ALGO, -4130, skip=2),
    "id of an open order": refuse("POST", ALGO, -4015, skip=3),
    "cancel": answer("DELETE", ALGO, {}, when="before"),
    "cancel again": answer("DELETE", ALGO, {}, skip=1),
    "stop beyond the price": refuse("POST", ALGO, -1102, skip=4),
    "oversized close": answer("POST", ORDER, OTHER_ID, skip=3),
    "close by hand": late("POST", ORDER, POSITIONS, skip=3),
    "orphans": meanwhile(
        "GET", CONDITIONAL, request("DELETE", "/fapi/v1/algoOpenOrders", symbol=BTC), skip=5
    ),
    "sweep": late("DELETE", ALGO, CONDITIONAL, skip=3),
    "close when flat": refuse("POST", ORDER, -4061, skip=4),
    "first page of fills": answer("GET", FILLS, [{"id": 999}], params={"limit": "1"}),
    "income": answer("GET", "/fapi/v1/income", [], times=0),
    "second entry": refuse("POST", ORDER, -2019, skip=5),
    "near orders": refuse("POST", ALGO, -4045, skip=5),
    "trigger": meanwhile("GET", POSITIONS, BY_HAND, skip=5),
    "what fired": answer("GET", ORDER, {}, skip=2, times=0),
    "end": meanwhile(
        "GET",
        PLAIN,
        request("POST", ORDER, symbol=BTC, side="BUY", type="MARKET", quantity="0.01"),
        skip=2,
    ),
}
