"""The simulator's own paths and its clock."""

from simulator.market.model import Candle
from tests.simulator.wire.desk import INTERVAL_MS, START_MS, Desk


def test_the_state_shows_the_whole_account(desk: Desk) -> None:
    desk.market_order("BUY", "10")
    desk.stop_order("SELL", "10", "1.1", reduceOnly="true")
    state = desk.control("GET", "/sim/state")
    named = ["now", "wallet", "positions", "orders", "algo_orders", "fills"]
    assert list(state)[:6] == named
    assert (state["now"], state["wallet"]) == (START_MS, "9999.99432050")
    assert [p["positionAmt"] for p in state["positions"]] == ["10.0"]
    assert [a["triggerPrice"] for a in state["algo_orders"]] == ["1.1"]
    assert [f["qty"] for f in state["fills"]] == ["10.0"]
    assert state["orders"] == []


def test_moving_the_clock_plays_the_candles_between(desk: Desk) -> None:
    desk.market_order("BUY", "10")
    desk.stop_order("SELL", "10", "1.1", reduceOnly="true")
    low = START_MS + INTERVAL_MS
    desk.market.bent["DOTUSDT", low] = Candle(low, 11_359, 11_359, 10_900, 11_359, 1)
    later = START_MS + 3 * INTERVAL_MS
    assert desk.control("POST", "/sim/clock", {"now": later}) == {"now": later}
    state = desk.control("GET", "/sim/state")
    assert (state["positions"], state["algo_orders"]) == ([], [])
    fill = state["fills"][-1]
    assert (fill["price"], fill["time"]) == ("1.100000", low + INTERVAL_MS - 1)


def test_the_clock_never_goes_back(desk: Desk) -> None:
    assert desk.control("POST", "/sim/clock", {"now": START_MS}) == {"now": START_MS}
    for body in ({"now": START_MS - 1}, {"now": "soon"}, {}, {"now": START_MS, "and": 1}):
        assert desk.control("POST", "/sim/clock", body)["code"] == -1130
        assert desk.status == 400
    assert desk.public("/fapi/v1/time") == {"serverTime": START_MS}
