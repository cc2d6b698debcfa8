"""No hidden requests: every call of the gateway is exactly one request, with nothing beside it."""

import inspect
from collections.abc import Callable
from typing import Any

import pytest

from exchange import views
from exchange.gateway import Gateway
from exchange.quotes import book_row, mark_row
from tests.exchange.orders import CLOSE_ID, ENTRY_ID, SUBMITS, resting
from tests.exchange.transport import NOW_MS, Answer, Asked, mounted

SIGNED = {"timestamp", "recvWindow", "signature"}
DAY_MS = 86_400_000


def answer(asked: Asked) -> Answer:
    """Something usable for every path; orders get their own ids back."""
    bodies: dict[str, Any] = {
        "/fapi/v1/time": {"serverTime": NOW_MS},
        "/fapi/v1/exchangeInfo": {"symbols": [{"symbol": "BTCUSDT"}]},
        "/fapi/v3/account": {"assets": [{"asset": "USDT", "walletBalance": "5.5"}]},
        "/sapi/v1/account/apiRestrictions": {"enableFutures": True},
        "/fapi/v1/accountConfig": {"dualSidePosition": False},
        "/fapi/v1/symbolConfig": [{"symbol": "BTCUSDT", "leverage": 10}],
        "/fapi/v1/leverage": {"leverage": 10, "symbol": "BTCUSDT"},
        "/fapi/v1/marginType": {"code": 200, "msg": "success"},
        "/fapi/v1/order": {
            "clientOrderId": asked.params.get("origClientOrderId")
            or asked.params.get("newClientOrderId"),
            "orderId": int(asked.params.get("orderId", 1)),
        },
        "/fapi/v1/algoOrder": {
            "clientAlgoId": asked.params.get("clientAlgoId"),
            "algoId": int(asked.params.get("algoId", 1)),
            "code": "200",
        },
    }
    return Answer(bodies.get(asked.path, []))


Call = Callable[[Gateway], object]

#: method of the gateway, call, the request it makes, its parameters beside the signing ones
CALLS: list[tuple[str, Call, str, dict[str, str] | None]] = [
    ("server_time_ms", Gateway.server_time_ms, "GET /fapi/v1/time", {}),
    ("klines", lambda g: g.klines("BTCUSDT", "5m", 22), "GET /fapi/v1/klines",
     {"symbol": "BTCUSDT", "interval": "5m", "limit": "22"}),
    ("exchange_info", Gateway.exchange_info, "GET /fapi/v1/exchangeInfo", {}),
    ("wallet_e8", Gateway.wallet_e8, "GET /fapi/v3/account", {}),
    ("position_rows", lambda g: g.position_rows("BTCUSDT"), "GET /fapi/v3/positionRisk",
     {"symbol": "BTCUSDT"}),
    ("position_rows", Gateway.position_rows, "GET /fapi/v3/positionRisk", {}),
    ("plain_order_rows", lambda g: g.plain_order_rows("BTCUSDT"), "GET /fapi/v1/openOrders",
     {"symbol": "BTCUSDT"}),
    ("plain_order_rows", Gateway.plain_order_rows, "GET /fapi/v1/openOrders", {}),
    ("conditional_order_rows", lambda g: g.conditional_order_rows("BTCUSDT"),
     "GET /fapi/v1/openAlgoOrders", {"symbol": "BTCUSDT"}),
    ("conditional_order_rows", Gateway.conditional_order_rows, "GET /fapi/v1/openAlgoOrders", {}),
    ("order_row", lambda g: g.order_row("BTCUSDT", client_id=ENTRY_ID), "GET /fapi/v1/order",
     {"symbol": "BTCUSDT", "origClientOrderId": ENTRY_ID}),
    ("order_row", lambda g: g.order_row("BTCUSDT", order_id=7), "GET /fapi/v1/order",
     {"symbol": "BTCUSDT", "orderId": "7"}),
    ("fill_rows_of_order", lambda g: g.fill_rows_of_order("BTCUSDT", 7), "GET /fapi/v1/userTrades",
     {"symbol": "BTCUSDT", "orderId": "7"}),
    ("fill_rows_since", lambda g: g.fill_rows_since("BTCUSDT", NOW_MS - DAY_MS, NOW_MS),
     "GET /fapi/v1/userTrades",
     {"symbol": "BTCUSDT", "startTime": str(NOW_MS - DAY_MS), "endTime": str(NOW_MS),
      "limit": "1000"}),
    ("fill_page", lambda g: g.fill_page("BTCUSDT", NOW_MS - DAY_MS, NOW_MS, 1),
     "GET /fapi/v1/userTrades",
     {"symbol": "BTCUSDT", "startTime": str(NOW_MS - DAY_MS), "endTime": str(NOW_MS),
      "limit": "1"}),
    ("funding_rows_since", lambda g: g.funding_rows_since("BTCUSDT", NOW_MS - DAY_MS, NOW_MS),
     "GET /fapi/v1/income",
     {"symbol": "BTCUSDT", "incomeType": "FUNDING_FEE", "startTime": str(NOW_MS - DAY_MS),
      "endTime": str(NOW_MS), "limit": "1000"}),
    ("order_rows_since", lambda g: g.order_rows_since("BTCUSDT", NOW_MS - DAY_MS, NOW_MS),
     "GET /fapi/v1/allOrders",
     {"symbol": "BTCUSDT", "startTime": str(NOW_MS - DAY_MS), "endTime": str(NOW_MS),
      "limit": "1000"}),
    ("income_rows_since", lambda g: g.income_rows_since(NOW_MS - DAY_MS, NOW_MS),
     "GET /fapi/v1/income",
     {"startTime": str(NOW_MS - DAY_MS), "endTime": str(NOW_MS), "limit": "1000"}),
    ("account_mode", Gateway.account_mode, "GET /fapi/v1/accountConfig", {}),
    ("key_permissions", Gateway.key_permissions, "GET /sapi/v1/account/apiRestrictions", {}),
    ("symbol_mode", lambda g: g.symbol_mode("BTCUSDT"), "GET /fapi/v1/symbolConfig",
     {"symbol": "BTCUSDT"}),
    ("symbol_modes", Gateway.symbol_modes, "GET /fapi/v1/symbolConfig", {}),
    ("set_isolated", lambda g: g.set_isolated("BTCUSDT"), "POST /fapi/v1/marginType",
     {"symbol": "BTCUSDT", "marginType": "ISOLATED"}),
    ("set_leverage", lambda g: g.set_leverage("BTCUSDT", 10), "POST /fapi/v1/leverage",
     {"symbol": "BTCUSDT", "leverage": "10"}),
    ("enter", SUBMITS["enter"], "POST /fapi/v1/order",
     {"symbol": "BTCUSDT", "side": "BUY", "type": "MARKET", "quantity": "0.002",
      "newClientOrderId": ENTRY_ID, "newOrderRespType": "RESULT"}),
    ("close", SUBMITS["close"], "POST /fapi/v1/order",
     {"symbol": "BTCUSDT", "side": "SELL", "type": "MARKET", "quantity": "0.002",
      "newClientOrderId": CLOSE_ID, "newOrderRespType": "RESULT", "reduceOnly": "true"}),
    ("protect", SUBMITS["protect"], "POST /fapi/v1/algoOrder", None),
    ("cancel", lambda g: g.cancel(resting(views.PLAIN)), "DELETE /fapi/v1/order",
     {"symbol": "BTCUSDT", "orderId": "4000001910058351"}),
    ("cancel", lambda g: g.cancel(resting(views.CONDITIONAL)), "DELETE /fapi/v1/algoOrder",
     {"symbol": "BTCUSDT", "algoId": "4000001910058351"}),
]  # fmt: skip


@pytest.mark.parametrize(("name", "call", "request_made", "params"), CALLS)
def test_a_call_is_one_request(
    name: str, call: Call, request_made: str, params: dict[str, str] | None
) -> None:
    client, transport = mounted(answer)
    call(Gateway(client))
    assert [asked.call for asked in transport.asked] == [request_made], name
    [asked] = transport.asked
    assert len(asked.pairs) == len(asked.params)
    if params is not None:
        signing = set() if name in {"server_time_ms", "klines", "exchange_info"} else SIGNED
        assert asked.params.keys() - params.keys() == signing
        assert {key: asked.params[key] for key in params} == params


@pytest.mark.parametrize(
    ("quote", "path"),
    [(mark_row, "/fapi/v1/premiumIndex"), (book_row, "/fapi/v1/ticker/bookTicker")],
)
def test_a_quote_is_one_unsigned_request(quote: Callable[..., views.Row], path: str) -> None:
    client, transport = mounted(lambda asked: Answer({"symbol": asked.params["symbol"]}))
    assert quote(Gateway(client), "BTCUSDT") == {"symbol": "BTCUSDT"}
    [asked] = transport.asked
    assert (asked.call, asked.params) == (f"GET {path}", {"symbol": "BTCUSDT"})


def test_every_method_of_the_gateway_is_among_them() -> None:
    methods = {name for name, _ in inspect.getmembers(Gateway, inspect.isfunction)}
    assert {name for name in methods if not name.startswith("_")} == {row[0] for row in CALLS}
