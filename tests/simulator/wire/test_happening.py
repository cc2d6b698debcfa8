"""What happens at the venue besides requests: told by one request, seen by all the others."""

from typing import Any

import pytest

from simulator.rules import contracts_for
from tests.simulator.wire.desk import START_MS, Desk

ORDER = {"method": "POST", "path": "/fapi/v1/order"}


def happens(desk: Desk, **what: Any) -> Any:
    return desk.control("POST", "/sim/fault", what)


def position(desk: Desk) -> str:
    rows = desk.send("GET", "/fapi/v3/positionRisk", symbol="DOTUSDT")
    return rows[0]["positionAmt"] if rows else "0"


def test_a_book_too_thin_for_the_next_order(desk: Desk) -> None:
    assert happens(desk, do="partial", permille=400, times=1) == {"happened": 1}
    thin, whole = desk.market_order("BUY", "10"), desk.market_order("BUY", "10")
    assert (thin["status"], thin["executedQty"]) == ("EXPIRED", "4.0")
    assert (whole["status"], whole["executedQty"]) == ("FILLED", "10.0")


def test_a_trigger_that_is_rejected_and_one_whose_child_is_slow(desk: Desk) -> None:
    desk.market_order("BUY", "10")
    first = desk.stop_order("SELL", "10", "1.1000", reduceOnly="true")["algoId"]
    happens(desk, do="reject-trigger")
    happens(desk, do="trigger", algoId=first)
    second = desk.stop_order("SELL", "10", "1.1000", reduceOnly="true")["algoId"]
    happens(desk, do="slow-trigger", lag_ms=4000)
    happens(desk, do="trigger", algoId=second)
    told = [desk.send("GET", "/fapi/v1/algoOrder", algoId=each) for each in (first, second)]
    assert [row["algoStatus"] for row in told] == ["REJECTED", "TRIGGERED"]
    assert position(desk) == "10.0"
    desk.pass_time(4000)
    assert position(desk) == "0"


def test_fees_are_paid_in_bnb_while_it_says_so(desk: Desk) -> None:
    for price in (500, 700, 0):
        happens(desk, do="bnb-fees", price=price)
        desk.market_order("BUY", "10")
    rows = desk.send("GET", "/fapi/v1/userTrades", symbol="DOTUSDT")
    assert [row["commissionAsset"] for row in rows] == ["BNB", "BNB", "USDT"]
    assert [row["commission"] for row in rows[:2]] == ["0.00001022", "0.00000730"]


def test_another_step_and_a_symbol_that_stops_trading(desk: Desk) -> None:
    with desk.exchange.request() as engine:
        engine.change_contract(contracts_for(["BTCUSDT"])[0])
    assert desk.market_order("BUY", "0.015", "BTCUSDT")["status"] == "FILLED"
    filters = {"LOT_SIZE": {"stepSize": "0.01", "minQty": "0.02"}}
    happens(desk, do="rules", symbol="BTCUSDT", filters=filters)
    assert desk.market_order("BUY", "0.015", "BTCUSDT")["code"] == -1111
    assert desk.market_order("BUY", "0.01", "BTCUSDT")["code"] == -4004
    happens(desk, do="rules", symbol="BTCUSDT", status="SETTLING")
    told = {row["symbol"]: row for row in desk.public("/fapi/v1/exchangeInfo")["symbols"]}
    assert (told["BTCUSDT"]["status"], told["DOTUSDT"]["status"]) == ("SETTLING", "TRADING")
    [lot] = [row for row in told["BTCUSDT"]["filters"] if row["filterType"] == "LOT_SIZE"]
    assert (lot["stepSize"], lot["minQty"]) == ("0.01", "0.02")


def test_another_tick_is_not_modelled(desk: Desk) -> None:
    filters = {"PRICE_FILTER": {"tickSize": "0.1"}}
    answer = happens(desk, do="rules", symbol="DOTUSDT", filters=filters)
    assert (desk.status, answer) == (400, {"code": -1130, "msg": "another tick is not modelled"})


def test_a_clock_that_is_off(desk: Desk) -> None:
    happens(desk, do="skew", skew_ms=-2500)
    assert desk.public("/fapi/v1/time") == {"serverTime": START_MS - 2500}


def test_a_forced_close_and_one_where_nothing_is_held(desk: Desk) -> None:
    desk.market_order("BUY", "10")
    assert happens(desk, do="liquidate", symbol="DOTUSDT") == {"happened": 1}
    assert position(desk) == "0"
    assert happens(desk, do="liquidate", symbol="DOTUSDT")["code"] == -4054


def test_somebody_else_s_order_just_before_ours_and_just_after(desk: Desk) -> None:
    by_hand = {"symbol": "DOTUSDT", "side": "SELL", "type": "MARKET", "quantity": "5"}
    request = {"do": "request", "method": "POST", "path": "/fapi/v1/order", "params": by_hand}
    refused = {"do": "request", "method": "POST", "path": "/fapi/v1/nowhere"}
    for when in ("before", "after"):
        happens(desk, **ORDER, do="meanwhile", when=when, happen=[refused, request])
        assert desk.market_order("BUY", "10")["status"] == "FILLED"
    assert position(desk) == "10.0"
    rows = desk.send("GET", "/fapi/v1/userTrades", symbol="DOTUSDT")
    assert (rows[0]["side"], rows[-1]["side"], len(rows)) == ("SELL", "SELL", 5)  # one turned round
    assert happens(desk, **refused)["code"] == -5000


def test_a_stop_that_fires_as_somebody_cancels_it(desk: Desk) -> None:
    desk.market_order("BUY", "10")
    desk.stop_order("SELL", "10", "1.1000", clientAlgoId="s", reduceOnly="true")
    cancel = {"method": "DELETE", "path": "/fapi/v1/algoOrder"}
    happens(desk, **cancel, do="meanwhile", when="before", happen=[{"do": "trigger"}])
    assert desk.send("DELETE", "/fapi/v1/algoOrder", clientAlgoId="s")["code"] == -2011
    assert position(desk) == "0"


def test_a_read_that_is_behind(desk: Desk) -> None:
    happens(desk, **ORDER, do="stale", reads="/fapi/v3/*", lag_ms=3000)
    desk.market_order("BUY", "10")
    assert position(desk) == "0"
    assert len(desk.send("GET", "/fapi/v1/userTrades", symbol="DOTUSDT")) == 1
    desk.pass_time(3000)
    assert position(desk) == "10.0"


@pytest.mark.parametrize("what", [{"do": "skew"}, {"do": "liquidate", "symbol": 7}])
def test_what_cannot_be_read_does_not_happen(desk: Desk, what: dict[str, Any]) -> None:
    assert (happens(desk, **what)["code"], desk.status) == (-1130, 400)
