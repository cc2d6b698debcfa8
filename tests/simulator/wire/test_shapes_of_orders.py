"""Orders, conditional orders and trades against captures of live accounts."""

from typing import Any

from simulator.market.model import Candle
from tests.simulator.wire import captures
from tests.simulator.wire.desk import INTERVAL_MS, START_MS, Desk

#: Numbers of the exchange's own: their types are compared, not their values.
_OWN = {
    "orderId", "algoId", "actualOrderId", "id", "time", "updateTime", "createTime", "triggerTime",
}  # fmt: skip


def assert_same_shape(row: dict[str, Any], capture: dict[str, Any]) -> None:
    """The same keys in the same order, and the same JSON types."""
    assert list(row) == list(capture)
    assert {k: type(v) for k, v in row.items()} == {k: type(v) for k, v in capture.items()}


def assert_same_but_own_numbers(row: dict[str, Any], capture: dict[str, Any]) -> None:
    assert_same_shape(row, capture)
    assert {k: v for k, v in row.items() if k not in _OWN} == {
        k: v for k, v in capture.items() if k not in _OWN
    }


def test_a_filled_market_order_is_answered_without_its_price(desk: Desk) -> None:
    name = captures.POST_ORDER["clientOrderId"]
    row = desk.market_order("BUY", "4.9", newClientOrderId=name)
    assert_same_but_own_numbers(row, captures.POST_ORDER)


def test_an_acknowledged_market_order_does_not_tell_its_fill(desk: Desk) -> None:
    row = desk.send(
        "POST", "/fapi/v1/order", symbol="DOTUSDT", side="BUY", type="MARKET", quantity="4.9"
    )
    assert_same_shape(row, captures.POST_ORDER)
    assert (row["status"], row["executedQty"], row["cumQty"]) == ("NEW", "0.0", "0.0")


def test_reading_an_order_tells_its_price(desk: Desk) -> None:
    name = captures.GET_ORDER["clientOrderId"]
    placed = desk.market_order("BUY", "4.9", newClientOrderId=name)
    row = desk.send("GET", "/fapi/v1/order", symbol="DOTUSDT", orderId=placed["orderId"])
    assert_same_but_own_numbers(row, captures.GET_ORDER)
    by_name = desk.send("GET", "/fapi/v1/order", symbol="DOTUSDT", origClientOrderId=name)
    assert by_name == row


def test_the_history_has_a_third_shape(desk: Desk) -> None:
    desk.market.price["DOTUSDT"] = 11_325
    desk.market_order("BUY", "4.9", newClientOrderId=captures.ALL_ORDERS["clientOrderId"])
    rows = desk.send("GET", "/fapi/v1/allOrders", symbol="DOTUSDT")
    assert len(rows) == 1
    assert_same_but_own_numbers(rows[0], captures.ALL_ORDERS)


def test_a_trade_row(desk: Desk) -> None:
    desk.market.price["DOTUSDT"] = 11_358
    desk.market_order("SELL", "5.3")
    (row,) = desk.send("GET", "/fapi/v1/userTrades", symbol="DOTUSDT")
    assert_same_shape(row, captures.USER_TRADE)
    assert (row["price"], row["qty"], row["quoteQty"]) == ("1.135800", "5.3", "6.0197400")
    assert (row["commission"], row["commissionAsset"]) == ("0.00300987", "USDT")


def test_a_conditional_order_in_its_four_shapes(desk: Desk) -> None:
    name = captures.POST_ALGO["clientAlgoId"]
    placed = desk.stop_order("BUY", "4.9", "1.1837", clientAlgoId=name)
    assert_same_but_own_numbers(placed, captures.POST_ALGO)

    (opened,) = desk.send("GET", "/fapi/v1/openAlgoOrders", symbol="DOTUSDT")
    assert_same_but_own_numbers({k: opened[k] for k in captures.OPEN_ALGO}, captures.OPEN_ALGO)
    assert set(opened) == set(captures.OPEN_ALGO)

    answer = desk.send("DELETE", "/fapi/v1/algoOrder", algoId=placed["algoId"])
    assert_same_but_own_numbers(answer, captures.CANCELLED_ALGO_ANSWER)
    assert desk.send("GET", "/fapi/v1/openAlgoOrders") == []

    (ended,) = desk.send("GET", "/fapi/v1/allAlgoOrders", symbol="DOTUSDT")
    without_child = set(captures.FINISHED_ALGO) - {"actualQty", "actualType"}
    assert set(ended) == without_child
    assert (ended["algoStatus"], ended["actualOrderId"]) == ("CANCELED", "")
    assert ended["actualPrice"] == "0.0000000"


def test_a_triggered_order_names_its_child(desk: Desk) -> None:
    name = captures.FINISHED_ALGO["clientAlgoId"]
    desk.market.price["DOTUSDT"] = 11_300
    desk.stop_order("BUY", "4.9", "1.1322", clientAlgoId=name)
    desk.market.bent["DOTUSDT", START_MS + INTERVAL_MS] = Candle(
        START_MS + INTERVAL_MS, 11_325, 11_325, 11_325, 11_325, 1
    )
    desk.pass_time(INTERVAL_MS)

    (row,) = desk.send("GET", "/fapi/v1/allAlgoOrders", symbol="DOTUSDT")
    assert_same_but_own_numbers(row, captures.FINISHED_ALGO)
    assert desk.send("GET", "/fapi/v1/algoOrder", clientAlgoId=name) == row
    child = desk.send("GET", "/fapi/v1/order", symbol="DOTUSDT", origClientOrderId=name)
    assert str(child["orderId"]) == row["actualOrderId"]
    assert (child["type"], child["origType"], child["avgPrice"]) == (
        "MARKET",
        "MARKET",
        "1.1325000",
    )


def test_a_close_position_order_shows_no_quantity(desk: Desk) -> None:
    desk.market_order("BUY", "4.9")
    placed = desk.send(
        "POST",
        "/fapi/v1/algoOrder",
        symbol="DOTUSDT",
        side="SELL",
        type="STOP_MARKET",
        triggerPrice="1.1",
        closePosition="true",
        algoType="CONDITIONAL",
    )
    assert_same_shape(placed, captures.POST_ALGO)
    shown = {k: placed[k] for k in ("quantity", "timeInForce", "closePosition", "reduceOnly")}
    assert shown == {
        "quantity": "0",
        "timeInForce": "GTE_GTC",
        "closePosition": True,
        "reduceOnly": True,
    }


def test_a_cancelled_limit_order_keeps_the_order_shape(desk: Desk) -> None:
    placed = desk.send(
        "POST",
        "/fapi/v1/order",
        symbol="DOTUSDT",
        side="BUY",
        type="LIMIT",
        timeInForce="GTC",
        quantity="10",
        price="1.1",
    )
    (opened,) = desk.send("GET", "/fapi/v1/openOrders", symbol="DOTUSDT")
    assert_same_shape(opened, captures.GET_ORDER)
    assert (opened["status"], opened["price"], opened["avgPrice"]) == (
        "NEW",
        "1.100000",
        "0.0000000",
    )
    gone = desk.send("DELETE", "/fapi/v1/order", symbol="DOTUSDT", orderId=placed["orderId"])
    assert_same_shape(gone, captures.POST_ORDER)
    assert gone["status"] == "CANCELED"
