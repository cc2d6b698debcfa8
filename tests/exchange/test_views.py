"""What the exchange says, from answers of live accounts to whole numbers."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from exchange import views
from exchange.errors import BROKEN_ANSWER
from exchange.ids import client_id
from exchange.views import (
    CONDITIONAL,
    PLAIN,
    Candle,
    Fill,
    OrderState,
    Position,
    RestingOrder,
    Row,
)
from strategy.instrument import Instrument
from tests.exchange.instruments import BTC, DOT
from tests.simulator.wire import captures

LIMIT = {**captures.GET_ORDER, "type": "LIMIT", "status": "NEW", "executedQty": "0"}


def test_a_candle() -> None:
    row = [1700000000000, "60000.1", "60001.0", "59999.9", "60000", "10", 1700000299999, "15"]
    assert views.candle(row, BTC) == Candle(1700000000000, 600001, 600010, 599999, 600000)
    assert views.candle(captures.KLINE, BTC) == Candle(1700000000000, 10, 20, 5, 15)


@pytest.mark.parametrize("place", [1, 2, 3, 4])
def test_a_candle_between_ticks_is_refused(place: int) -> None:
    row = [1700000000000, "60000.1", "60000.1", "60000.1", "60000.1"]
    row[place] = "60000.15"
    with pytest.raises(ValueError, match=r"60000\.15 is not a whole number"):
        views.candle(row, BTC)


def test_a_position() -> None:
    row = captures.POSITION_RISK
    assert views.position(row, BTC) == Position("BTCUSDT", 1, 2, Decimal("60000.0"))
    short = {**row, "positionAmt": "-0.125", "entryPrice": "60000.123456789"}
    assert views.position(short, BTC) == Position("BTCUSDT", -1, 125, Decimal("60000.123456789"))


@pytest.mark.parametrize("amount", ["0", "0.000", "-0.000", "0E-8"])
def test_no_position(amount: str) -> None:
    assert views.position({**captures.POSITION_RISK, "positionAmt": amount}, BTC) is None


def test_a_resting_plain_order() -> None:
    assert views.plain_order(LIMIT, DOT) == RestingOrder(
        book=PLAIN,
        symbol="DOTUSDT",
        order_id=33878894217,
        client_id="6e8f8d89-5b04-4ede-88bb-52b7d8b2b0d2",
        side=1,
        kind="LIMIT",
        lots=49,
        trigger=0,
        reduce_only=False,
        by_last_price=True,
    )


STOP = RestingOrder(
    book=CONDITIONAL,
    symbol="DOTUSDT",
    order_id=4000001910058351,
    client_id="d0a897fb-5b04-4ac7-b678-2189ad628150",
    side=1,
    kind="STOP_MARKET",
    lots=49,
    trigger=11837,
    reduce_only=False,
    by_last_price=True,
)


@pytest.mark.parametrize("row", [captures.POST_ALGO, captures.OPEN_ALGO], ids=["placed", "listed"])
def test_a_resting_conditional_order(row: dict[str, Any]) -> None:
    assert views.conditional_order(row, DOT) == STOP


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"side": "SELL"}, STOP._replace(side=-1)),
        ({"reduceOnly": True}, STOP._replace(reduce_only=True)),
        ({"workingType": "MARK_PRICE"}, STOP._replace(by_last_price=False)),
        ({"priceProtect": True}, STOP._replace(by_last_price=False)),
        ({"orderType": "TAKE_PROFIT_MARKET"}, STOP._replace(kind=views.TAKE_PROFIT_MARKET)),
        # strangers': nothing about them may stop a run
        ({"quantity": "0", "closePosition": True}, STOP._replace(lots=0)),
        ({"quantity": None, "closePosition": True}, STOP._replace(lots=0)),
        ({"triggerPrice": "1.18374"}, STOP._replace(trigger=11837)),
        ({"triggerPrice": "1.18375"}, STOP._replace(trigger=11838)),
        ({"triggerPrice": None}, STOP._replace(trigger=0)),
        ({"triggerPrice": ""}, STOP._replace(trigger=0)),
    ],
)
def test_other_conditional_orders(changes: dict[str, Any], expected: RestingOrder) -> None:
    assert views.conditional_order({**captures.OPEN_ALGO, **changes}, DOT) == expected


OURS = client_id("DOTUSDT", 1_700_000_100_000, "SL")


@pytest.mark.parametrize(
    ("book", "name"),
    [(views.plain_orders, "clientOrderId"), (views.conditional_orders, "clientAlgoId")],
)
def test_of_a_stranger_s_order_that_cannot_be_read_the_name_is_kept_and_ours_is_a_failed_read(
    book: Callable[[list[Row], Instrument], list[RestingOrder]], name: str
) -> None:
    (order,) = book([{name: "web_trailing"}], DOT)
    assert (order.client_id, order.symbol, order.lots) == ("web_trailing", "DOTUSDT", 0)
    with pytest.raises(BROKEN_ANSWER):
        book([{name: "web_trailing"}, {name: OURS}], DOT)


def test_a_fill_with_its_fee_in_another_asset() -> None:
    assert views.fill(captures.USER_TRADE, "rv1-x", DOT) == Fill(
        trade_id=1189522421,
        order_id=33866374373,
        client_id="rv1-x",
        symbol="DOTUSDT",
        side=-1,
        price=11358,
        lots=53,
        fee_e8=362,
        fee_asset="BNB",
        realized_e8=-52_999,
        time_ms=1789735344545,
    )


def test_a_fill_from_before_the_tick_was_changed() -> None:
    row = {**captures.USER_TRADE, "price": "1.135850"}
    assert views.fill(row, "rv1-x", DOT).price == 11359


@pytest.mark.parametrize("row", [captures.POST_ORDER, captures.GET_ORDER, captures.ALL_ORDERS])
def test_the_state_of_an_order(row: dict[str, Any]) -> None:
    assert views.order_state(row, DOT) == OrderState(
        row["orderId"], row["clientOrderId"], "FILLED", 1, 49, 49
    )


def test_an_order_on_its_way() -> None:
    row = {**captures.POST_ORDER, "status": "PARTIALLY_FILLED", "executedQty": "1.3"}
    state = views.order_state(row, DOT)
    assert (state.status, state.lots, state.filled_lots) == ("PARTIALLY_FILLED", 49, 13)


@pytest.mark.parametrize(
    ("status", "done"),
    [
        ("NEW", False),
        ("PARTIALLY_FILLED", False),
        ("FILLED", True),
        ("CANCELED", True),
        ("REJECTED", True),
        ("EXPIRED", True),
        ("EXPIRED_IN_MATCH", True),
    ],
)
def test_when_nothing_more_can_happen_to_an_order(status: str, done: bool) -> None:
    assert (status in views.ORDER_DONE) is done


@pytest.mark.parametrize(
    ("value", "e8"),
    [
        ("1000.00000000", 100_000_000_000),
        ("-0.37500000", -37_500_000),
        ("0.00000001", 1),
        ("0", 0),
        ("-0", 0),
        (5, 500_000_000),
        (0.1, 10_000_000),
    ],
)
def test_money_is_exact(value: object, e8: int) -> None:
    assert views.money_e8(value) == e8


def test_money_below_the_smallest_unit_is_refused() -> None:
    with pytest.raises(ValueError, match=r"amount 0\.000000001 is not a whole number"):
        views.money_e8("0.000000001")
