"""Windows and limits: which rows a history shows, and which end it keeps."""

from tests.simulator.wire.desk import START_MS, Desk

DAY_MS = 86_400_000


def _three_days_of_orders(desk: Desk) -> list[int]:
    ids = []
    for _ in range(3):
        ids.append(desk.market_order("BUY", "10")["orderId"])
        desk.pass_time(DAY_MS)
    return ids


def test_trades_keep_the_oldest_and_orders_the_newest(desk: Desk) -> None:
    ids = _three_days_of_orders(desk)
    trades = desk.send("GET", "/fapi/v1/userTrades", symbol="DOTUSDT", limit=2)
    orders = desk.send("GET", "/fapi/v1/allOrders", symbol="DOTUSDT", limit=2)
    assert [row["orderId"] for row in trades] == ids[:2]
    assert [row["orderId"] for row in orders] == ids[1:]
    upward = desk.send("GET", "/fapi/v1/allOrders", symbol="DOTUSDT", orderId=ids[0], limit=2)
    assert [row["orderId"] for row in upward] == ids[:2]
    assert len(desk.send("GET", "/fapi/v1/allOrders")) == 3


def test_trades_of_one_order_and_from_one_trade_on(desk: Desk) -> None:
    ids = _three_days_of_orders(desk)
    (one,) = desk.send("GET", "/fapi/v1/userTrades", symbol="DOTUSDT", orderId=ids[1])
    assert one["orderId"] == ids[1]
    later = desk.send("GET", "/fapi/v1/userTrades", symbol="DOTUSDT", fromId=one["id"])
    assert [row["orderId"] for row in later] == ids[1:]


def test_the_default_window_is_seven_days(desk: Desk) -> None:
    ids = _three_days_of_orders(desk)
    desk.pass_time(5 * DAY_MS)  # eight days after the first order
    trades = desk.send("GET", "/fapi/v1/userTrades", symbol="DOTUSDT")
    assert [row["orderId"] for row in trades] == ids[1:]
    first_week = desk.send("GET", "/fapi/v1/userTrades", symbol="DOTUSDT", startTime=START_MS)
    assert [row["orderId"] for row in first_week] == ids
    one = desk.send("GET", "/fapi/v1/userTrades", symbol="DOTUSDT", orderId=ids[0])
    assert len(one) == 1
    only = desk.send(
        "GET", "/fapi/v1/userTrades", symbol="DOTUSDT", startTime=START_MS, endTime=START_MS
    )
    assert [row["orderId"] for row in only] == ids[:1]


def test_income_since_a_time_reaches_to_now(desk: Desk) -> None:
    _three_days_of_orders(desk)
    desk.pass_time(30 * DAY_MS)
    rows = desk.send("GET", "/fapi/v1/income", startTime=START_MS, incomeType="COMMISSION")
    assert len(rows) == 3
    oldest = desk.send("GET", "/fapi/v1/income", startTime=START_MS, limit=1)
    assert [row["incomeType"] for row in oldest] == ["TRANSFER"]


def test_cancelled_orders_vanish_after_three_days(desk: Desk) -> None:
    limit = {"side": "BUY", "type": "LIMIT", "timeInForce": "GTC", "price": "1.1"}
    placed = desk.send("POST", "/fapi/v1/order", symbol="DOTUSDT", quantity="10", **limit)
    stop = desk.stop_order("SELL", "10", "1.1")
    desk.send("DELETE", "/fapi/v1/allOpenOrders", symbol="DOTUSDT")
    desk.send("DELETE", "/fapi/v1/algoOpenOrders", symbol="DOTUSDT")
    desk.pass_time(3 * DAY_MS)
    assert len(desk.send("GET", "/fapi/v1/allOrders", symbol="DOTUSDT")) == 1
    assert len(desk.send("GET", "/fapi/v1/allAlgoOrders", symbol="DOTUSDT")) == 1
    desk.pass_time(1)
    assert desk.send("GET", "/fapi/v1/allOrders", symbol="DOTUSDT") == []
    assert desk.send("GET", "/fapi/v1/allAlgoOrders", symbol="DOTUSDT") == []
    gone = desk.send("GET", "/fapi/v1/order", symbol="DOTUSDT", orderId=placed["orderId"])
    assert gone["code"] == -2013
    assert desk.send("GET", "/fapi/v1/algoOrder", algoId=stop["algoId"])["code"] == -2013


def test_conditional_history_is_newest_first(desk: Desk) -> None:
    ids = []
    for trigger in ("1.1", "1.0", "0.9"):
        ids.append(desk.stop_order("SELL", "10", trigger)["algoId"])
        desk.pass_time(1000)
    rows = desk.send("GET", "/fapi/v1/allAlgoOrders", symbol="DOTUSDT", limit=2)
    assert [row["algoId"] for row in rows] == [ids[2], ids[1]]
    opened = desk.send("GET", "/fapi/v1/openAlgoOrders", symbol="DOTUSDT")
    assert [row["algoId"] for row in opened] == ids


def test_cancelling_all_plain_orders_leaves_the_conditional_ones(desk: Desk) -> None:
    desk.stop_order("SELL", "10", "1.1")
    done = desk.send("DELETE", "/fapi/v1/allOpenOrders", symbol="DOTUSDT")
    assert done == {"code": 200, "msg": "The operation of cancel all open order is done."}
    assert len(desk.send("GET", "/fapi/v1/openAlgoOrders")) == 1
    assert desk.send("DELETE", "/fapi/v1/algoOpenOrders", symbol="DOTUSDT") == done
    assert desk.send("GET", "/fapi/v1/openAlgoOrders") == []


def test_liquidations_are_listed(desk: Desk) -> None:
    desk.send("POST", "/fapi/v1/leverage", symbol="DOTUSDT", leverage=10)
    desk.market_order("BUY", "1000")
    desk.market.price["DOTUSDT"] = 5_000
    desk.pass_time(300_000)
    assert desk.send("GET", "/fapi/v3/positionRisk") == []
    (row,) = desk.send("GET", "/fapi/v1/forceOrders", symbol="DOTUSDT")
    assert row["clientOrderId"].startswith("autoclose-")
    kinds = [r["incomeType"] for r in desk.send("GET", "/fapi/v1/income")]
    assert kinds[-1] == "INSURANCE_CLEAR"


def test_a_batch_answers_each_order_by_itself(desk: Desk) -> None:
    batch = (
        '[{"symbol":"DOTUSDT","side":"BUY","type":"MARKET","quantity":"10",'
        '"newClientOrderId":"one"},'
        '{"symbol":"DOTUSDT","side":"BUY","type":"STOP_MARKET","quantity":"10"},'
        '{"symbol":"DOTUSDT","side":"SELL","type":"LIMIT","timeInForce":"GTC",'
        '"quantity":"10","price":"1.15","reduceOnly":true,"newClientOrderId":"two"}]'
    )
    first, second, third = desk.send("POST", "/fapi/v1/batchOrders", batchOrders=batch)
    assert (first["clientOrderId"], first["status"]) == ("one", "FILLED")
    assert second["code"] == -4120
    assert (third["status"], third["reduceOnly"]) == ("NEW", True)
    gone, unknown = desk.send(
        "DELETE",
        "/fapi/v1/batchOrders",
        symbol="DOTUSDT",
        orderidlist=f"[{third['orderId']},{first['orderId']}]",
    )
    assert gone["status"] == "CANCELED"
    assert unknown["code"] == -2011


def test_an_open_order_can_be_moved(desk: Desk) -> None:
    limit = {"side": "BUY", "type": "LIMIT", "timeInForce": "GTC", "price": "1.1"}
    placed = desk.send("POST", "/fapi/v1/order", symbol="DOTUSDT", quantity="10", **limit)
    moved = desk.send(
        "PUT",
        "/fapi/v1/order",
        symbol="DOTUSDT",
        side="BUY",
        quantity="11",
        price="1.12",
        orderId=placed["orderId"],
    )
    assert (moved["orderId"], moved["origQty"], moved["price"]) == (
        placed["orderId"],
        "11.0",
        "1.120000",
    )
