"""What the REST layer refuses by itself, and that the engine's refusals reach the client."""

import hashlib
import hmac
import json
from typing import Any
from urllib.parse import urlencode

import pytest

from tests.simulator.wire.desk import START_MS, Desk

ORDER = {"symbol": "DOTUSDT", "side": "BUY", "type": "MARKET", "quantity": "10"}
LIMIT = {**ORDER, "type": "LIMIT", "timeInForce": "GTC", "price": "1.1"}
STOP = {
    **ORDER,
    "side": "SELL",
    "type": "STOP_MARKET",
    "triggerPrice": "1.1",
    "algoType": "CONDITIONAL",
}


def without(order: dict[str, str], name: str) -> dict[str, str]:
    return {k: v for k, v in order.items() if k != name}


def refusal(desk: Desk, method: str, path: str, params: dict[str, Any]) -> int:
    answer = desk.send(method, path, **params)
    assert desk.status == 400
    assert list(answer) == ["code", "msg"]
    code = answer["code"]
    assert isinstance(code, int)
    return code


@pytest.mark.parametrize(
    ("order", "code"),
    [
        *((without(ORDER, name), -1102) for name in ORDER),
        (without(LIMIT, "price"), -1102),
        (without(LIMIT, "timeInForce"), -1102),
        ({**ORDER, "quantity": "ten"}, -1102),
        ({**ORDER, "quantity": "1e3"}, -1102),
        ({**ORDER, "side": "HOLD"}, -1117),
        ({**ORDER, "type": "SWAP"}, -1116),
        ({**LIMIT, "timeInForce": "NOW"}, -1115),
        ({**LIMIT, "timeInForce": "IOC"}, -1020),
        ({**ORDER, "price": "1.1"}, -1106),
        ({**ORDER, "positionSide": "UP"}, -4060),
        ({**ORDER, "positionSide": "LONG"}, -4061),
        ({**ORDER, "reduceOnly": "perhaps"}, -1130),
        ({**ORDER, "closePosition": "true"}, -4136),
        ({**ORDER, "newOrderRespType": "FULL"}, -1130),
        ({**ORDER, "newClientOrderId": "x" * 37}, -4015),
        ({**ORDER, "newClientOrderId": "a b"}, -1100),
        ({**ORDER, "symbol": "NOPEUSDT"}, -1121),
        ({**ORDER, "quantity": "10.01"}, -1111),
        ({**ORDER, "quantity": "-10"}, -4003),
        ({**ORDER, "quantity": "0"}, -4003),
        ({**ORDER, "quantity": "100000.1"}, -4005),
        ({**ORDER, "quantity": "1"}, -4164),
        ({**ORDER, "reduceOnly": "true"}, -2022),
        ({**LIMIT, "price": "1.10001"}, -4014),
        ({**LIMIT, "price": "1.1000001"}, -1111),
        *(
            ({**ORDER, "type": kind}, -4120)
            for kind in ("STOP", "STOP_MARKET", "TAKE_PROFIT", "TRAILING_STOP_MARKET")
        ),
    ],
)
def test_plain_orders(desk: Desk, order: dict[str, str], code: int) -> None:
    assert refusal(desk, "POST", "/fapi/v1/order", order) == code
    with desk.exchange.request() as engine:
        assert engine.all_orders() == []


@pytest.mark.parametrize(
    ("order", "code"),
    [
        *((without(STOP, name), -1102) for name in STOP),
        ({**STOP, "algoType": "TWAP"}, -1130),
        ({**STOP, "type": "MARKET"}, -1116),
        ({**STOP, "type": "TRAILING_STOP_MARKET"}, -1020),
        ({**STOP, "timeInForce": "IOC"}, -1020),
        ({**STOP, "workingType": "INDEX"}, -1130),
        ({**STOP, "triggerPrice": "1.10001"}, -4014),
        ({**STOP, "triggerPrice": "1.2"}, -2021),
        ({**STOP, "closePosition": "true"}, -4137),
        ({**without(STOP, "quantity"), "closePosition": "true"}, -4509),
    ],
)
def test_conditional_orders(desk: Desk, order: dict[str, str], code: int) -> None:
    assert refusal(desk, "POST", "/fapi/v1/algoOrder", order) == code
    assert desk.send("GET", "/fapi/v1/openAlgoOrders") == []


@pytest.mark.parametrize(
    ("method", "path", "params", "code"),
    [
        ("GET", "order", {"symbol": "DOTUSDT"}, -1102),
        ("GET", "order", {"symbol": "DOTUSDT", "orderId": 1}, -2013),
        ("GET", "order", {"symbol": "DOTUSDT", "orderId": "one"}, -1130),
        ("GET", "openOrder", {"symbol": "DOTUSDT", "orderId": 1}, -2013),
        ("DELETE", "order", {"symbol": "DOTUSDT", "orderId": 1}, -2011),
        ("DELETE", "order", {"symbol": "DOTUSDT"}, -1102),
        ("GET", "algoOrder", {}, -1102),
        ("GET", "algoOrder", {"algoId": 1}, -2013),
        ("DELETE", "algoOrder", {"clientAlgoId": "none"}, -2011),
        ("GET", "allAlgoOrders", {}, -1102),
        ("GET", "openOrders", {"symbol": "NOPEUSDT"}, -1121),
        ("DELETE", "allOpenOrders", {}, -1102),
        ("GET", "userTrades", {}, -1102),
        ("GET", "userTrades", {"symbol": "DOTUSDT", "limit": 1001}, -1130),
        ("GET", "userTrades", {"symbol": "DOTUSDT", "fromId": 1, "startTime": 1}, -1128),
        ("GET", "userTrades", {"symbol": "DOTUSDT", "startTime": 2, "endTime": 1}, -1128),
        ("GET", "allOrders", {"startTime": 1, "endTime": 7 * 86_400_000 + 2}, -4165),
        ("POST", "leverage", {"symbol": "DOTUSDT", "leverage": 151}, -4028),
        ("POST", "marginType", {"symbol": "DOTUSDT", "marginType": "CROSSED"}, -4046),
        ("POST", "marginType", {"symbol": "DOTUSDT", "marginType": "cross"}, -1130),
        ("POST", "positionSide/dual", {"dualSidePosition": "false"}, -4059),
        ("POST", "positionSide/dual", {}, -1102),
        ("POST", "batchOrders", {"batchOrders": "[]"}, -4082),
        ("POST", "batchOrders", {"batchOrders": "[{"}, -1130),
    ],
)
def test_everything_else(
    desk: Desk, method: str, path: str, params: dict[str, Any], code: int
) -> None:
    assert refusal(desk, method, f"/fapi/v1/{path}", params) == code


def test_the_text_names_the_parameter(desk: Desk) -> None:
    answer = desk.send("POST", "/fapi/v1/order", **without(ORDER, "side"))
    assert answer["msg"] == (
        "Mandatory parameter 'side' was not sent, was empty/null, or malformed."
    )
    answer = desk.send("GET", "/fapi/v1/algoOrder")
    assert answer["msg"] == (
        "Param 'algoid' or 'clientalgoid' must be sent, but both were empty/null!"
    )


def test_public_refusals(desk: Desk) -> None:
    for params, code in (
        ({"interval": "5m"}, -1102),
        ({"symbol": "BTCUSDT"}, -1102),
        ({"symbol": "BTCUSDT", "interval": "7m"}, -1120),
        ({"symbol": "BTCUSDT", "interval": "1m"}, -1120),
        ({"symbol": "BTCUSDT", "interval": "5m", "limit": 1501}, -1130),
        ({"symbol": "BTCUSDT", "interval": "5m", "startTime": 2, "endTime": 1}, -1128),
    ):
        assert desk.public("/fapi/v1/klines", **params)["code"] == code


def test_an_unknown_path_says_so(desk: Desk) -> None:
    assert desk.public("/fapi/v1/foo") == {
        "code": -5000,
        "msg": "Path /fapi/v1/foo, Method GET is invalid",
    }
    assert desk.status == 404
    assert desk.send("PATCH", "/fapi/v1/order")["code"] == -5000


def test_spot_paths_are_closed(desk: Desk) -> None:
    answer = desk.send("GET", "/sapi/v1/capital/config/getall")
    assert (desk.status, answer["code"]) == (403, -2015)


def test_two_open_orders_may_not_share_a_name(desk: Desk) -> None:
    desk.send("POST", "/fapi/v1/order", **LIMIT, newClientOrderId="twin")
    assert refusal(desk, "POST", "/fapi/v1/order", {**LIMIT, "newClientOrderId": "twin"}) == -4116
    # A filled one gives its name back: sending a market order twice fills twice.
    for _ in range(2):
        assert desk.market_order("BUY", "10", newClientOrderId="again")["status"] == "FILLED"


def test_parameters_may_come_in_query_or_body(desk: Desk) -> None:
    text = urlencode({**ORDER, "timestamp": START_MS})
    signature = hmac.new(b"embedded", text.encode(), hashlib.sha256).hexdigest()
    query = f"{text}&signature={signature}"
    answer = json.loads(desk.raw("POST", "/fapi/v1/order", query, "", "embedded"))
    assert (desk.status, answer["status"]) == (200, "NEW")
