"""Weights and order counts: what the headers tell, and when the door closes."""

import pytest

from simulator.wire.answer import WireError
from simulator.wire.limits import BAN_MS, REFUSALS_BEFORE_BAN, Meter
from tests.simulator.wire.desk import START_MS, Desk


def test_headers_tell_what_was_used(desk: Desk) -> None:
    desk.public("/fapi/v1/time")
    assert desk.headers["X-MBX-USED-WEIGHT-1M"] == "1"
    desk.send("GET", "/fapi/v3/account")
    assert desk.headers["X-MBX-USED-WEIGHT-1M"] == "6"
    desk.send("GET", "/fapi/v1/openOrders")
    assert desk.headers["X-MBX-USED-WEIGHT-1M"] == "46"
    assert "X-MBX-ORDER-COUNT-10S" not in desk.headers
    desk.market_order("BUY", "10")
    desk.stop_order("SELL", "10", "1.1")
    counts = {name: desk.headers[name] for name in desk.headers if name.startswith("X-MBX")}
    assert counts == {
        "X-MBX-USED-WEIGHT-1M": "46",
        "X-MBX-ORDER-COUNT-10S": "2",
        "X-MBX-ORDER-COUNT-1M": "2",
    }
    desk.pass_time(60_000)
    desk.public("/fapi/v1/time")
    assert desk.headers["X-MBX-USED-WEIGHT-1M"] == "1"


@pytest.mark.parametrize(
    ("limit", "weight"), [(99, 1), (100, 2), (499, 2), (500, 5), (1000, 5), (1001, 10)]
)
def test_candles_weigh_by_their_number(desk: Desk, limit: int, weight: int) -> None:
    desk.public("/fapi/v1/klines", symbol="BTCUSDT", interval="5m", limit=limit)
    assert desk.headers["X-MBX-USED-WEIGHT-1M"] == str(weight)


def test_too_much_is_429_then_418() -> None:
    desk = Desk(enforce_limits=True)
    for _ in range(2400 // 40):
        desk.send("GET", "/fapi/v1/openOrders")
        assert desk.status == 200
    for _ in range(REFUSALS_BEFORE_BAN):
        assert desk.public("/fapi/v1/time")["code"] == -1003
        assert desk.status == 429
    # START_MS is 40 seconds into a minute... the header says when the next begins
    assert int(desk.headers["Retry-After"]) == -(-(60_000 - START_MS % 60_000) // 1000)
    assert "banned until" in desk.public("/fapi/v1/time")["msg"]
    assert (desk.status, desk.headers["Retry-After"]) == (418, "120")
    desk.pass_time(60_000)
    desk.public("/fapi/v1/time")
    assert desk.status == 418
    desk.pass_time(BAN_MS - 60_000)
    desk.public("/fapi/v1/time")
    assert desk.status == 200


def test_nothing_is_refused_where_limits_are_off(desk: Desk) -> None:
    for _ in range(70):
        desk.send("GET", "/fapi/v1/openOrders")
    assert (desk.status, desk.headers["X-MBX-USED-WEIGHT-1M"]) == (200, "2800")


def test_orders_have_limits_of_their_own() -> None:
    meter = Meter(enforce=True)
    for _ in range(300):
        meter.count(0, 1, START_MS)
    with pytest.raises(WireError, match="300 orders per TEN_SECONDS") as caught:
        meter.count(0, 1, START_MS)
    assert (caught.value.code, caught.value.status) == (-1015, 429)
    for window in range(1, 4):
        for _ in range(300):
            meter.count(0, 1, START_MS - START_MS % 60_000 + window * 10_000)
