"""Armed faults: before and after executing, and what they leave behind."""

import json
from typing import Any

import pytest

from simulator.faults import Fault, FaultError, Faults
from simulator.wire.answer import Dropped, Hung
from tests.simulator.wire.desk import Desk

ORDER = {"method": "POST", "path": "/fapi/v1/order"}
BUSY = {"msg": "Unknown error, please check your request or try again later."}


def arm(desk: Desk, **fault: Any) -> Any:
    return desk.control("POST", "/sim/fault", fault)


def filled(desk: Desk) -> int:
    with desk.exchange.request() as engine:
        return len(engine.fills("DOTUSDT"))


@pytest.mark.parametrize(("when", "fills"), [("before", 0), ("after", 1)])
def test_an_answer_of_ones_own(desk: Desk, when: str, fills: int) -> None:
    arm(desk, **ORDER, when=when, do="answer", status=503, body=BUSY, headers={"X-Why": "test"})
    assert desk.market_order("BUY", "10") == BUSY
    assert (desk.status, desk.headers["X-Why"], filled(desk)) == (503, "test", fills)
    assert desk.market_order("BUY", "10")["status"] == "FILLED"


@pytest.mark.parametrize(("when", "fills"), [("before", 0), ("after", 1)])
@pytest.mark.parametrize(("do", "error"), [("drop", Dropped), ("hang", Hung)])
def test_a_lost_connection(
    desk: Desk, when: str, fills: int, do: str, error: type[Exception]
) -> None:
    arm(desk, **ORDER, when=when, do=do)
    with pytest.raises(error):
        desk.market_order("BUY", "10")
    assert filled(desk) == fills


def test_a_cut_answer(desk: Desk) -> None:
    arm(desk, **ORDER, do="cut", keep_bytes=12)
    with pytest.raises(json.JSONDecodeError):
        desk.market_order("BUY", "10")
    assert (desk.status, desk.headers["Content-Length"], filled(desk)) == (200, "12", 1)


def test_garbage_is_sent_as_it_is(desk: Desk) -> None:
    arm(desk, **ORDER, do="answer", status=200, body="<html>")
    with pytest.raises(json.JSONDecodeError):
        desk.market_order("BUY", "10")
    assert desk.status == 200


def test_a_fault_may_wait_and_may_repeat(desk: Desk) -> None:
    arm(desk, **ORDER, do="answer", status=502, body="", skip=1, times=2)
    seen = []
    for _ in range(5):
        desk.raw("POST", "/fapi/v1/order")
        seen.append(desk.status)
    assert seen == [401, 502, 502, 401, 401]
    (report,) = desk.control("GET", "/sim/fault")
    assert (report["number"], report["seen"], report["acted"]) == (1, 3, 2)


def test_a_fault_may_choose_by_parameter_and_pattern(desk: Desk) -> None:
    arm(desk, path="/fapi/v?/*", params={"symbol": "BTCUSDT"}, do="answer", status=500, times=0)
    assert desk.market_order("BUY", "10")["status"] == "FILLED"
    desk.raw("GET", "/fapi/v1/ticker/price", "symbol=BTCUSDT")
    assert desk.status == 500
    assert desk.control("DELETE", "/sim/fault") == {"armed": 0}
    desk.raw("GET", "/fapi/v1/ticker/price", "symbol=BTCUSDT")
    assert desk.status == 200


def test_a_read_lag_hides_an_order_for_a_while(desk: Desk) -> None:
    arm(desk, method="POST", path="/fapi/v1/algoOrder", do="lag", lag_ms=3000)
    placed = desk.stop_order("SELL", "10", "1.1")
    one = {"algoId": placed["algoId"]}
    assert desk.send("GET", "/fapi/v1/algoOrder", **one)["code"] == -2013
    assert len(desk.send("GET", "/fapi/v1/openAlgoOrders")) == 1
    desk.pass_time(2999)
    assert desk.send("GET", "/fapi/v1/algoOrder", **one)["code"] == -2013
    desk.pass_time(1)
    assert desk.send("GET", "/fapi/v1/algoOrder", **one)["algoStatus"] == "NEW"


def test_a_read_lag_may_hide_from_lists_too(desk: Desk) -> None:
    arm(desk, **ORDER, do="lag", lists=True)
    limit = {"side": "BUY", "type": "LIMIT", "timeInForce": "GTC", "price": "1.1"}
    placed = desk.send("POST", "/fapi/v1/order", symbol="DOTUSDT", quantity="10", **limit)
    assert desk.send("GET", "/fapi/v1/openOrders") == []
    found = desk.send("GET", "/fapi/v1/order", symbol="DOTUSDT", orderId=placed["orderId"])
    assert found["code"] == -2013
    assert len(desk.control("GET", "/sim/state")["orders"]) == 1
    gone = desk.send("DELETE", "/fapi/v1/order", symbol="DOTUSDT", orderId=placed["orderId"])
    assert gone["status"] == "CANCELED"


@pytest.mark.parametrize(
    "fault",
    [
        {},
        {"do": "explode"},
        {"do": "drop", "pth": "/fapi/v1/order"},
        {"do": "answer", "status": 99},
        {"do": "cut", "when": "before"},
        {"do": "drop", "times": -1},
        "drop",
    ],
)
def test_an_impossible_fault_is_refused(desk: Desk, fault: object) -> None:
    answer = desk.control("POST", "/sim/fault", fault)
    assert (desk.status, answer["code"]) == (400, -1130)
    assert desk.control("GET", "/sim/fault") == []


def test_faults_can_be_armed_by_code() -> None:
    faults = Faults()
    assert faults.arm(Fault(do="drop", method="GET")) == 1
    assert faults.take("POST", "/fapi/v1/order", {}) is None
    taken = faults.take("GET", "/fapi/v1/time", {})
    assert taken is not None
    assert taken.do == "drop"
    assert faults.take("GET", "/fapi/v1/time", {}) is None
    with pytest.raises(FaultError, match="do"):
        faults.arm_json(b"{}")
