"""The gateway against the embedded exchange, over its wire: every method, both books."""

from decimal import Decimal

import msgspec
import pytest

from exchange import candles, errors, ids, rules, views
from exchange.errors import Outcome, VenueError
from exchange.gateway import Submit
from exchange.views import CONDITIONAL, PLAIN, STOP_MARKET, TAKE_PROFIT_MARKET, RestingOrder
from strategy.instrument import Instrument
from tests.exchange.embedded import (
    BTC_TICKS,
    E8,
    INTERVAL_MS,
    SOCKET_TRANSPORT,
    START_MS,
    Embedded,
    no_socket,
)

SIGNAL_MS = START_MS - INTERVAL_MS
ENTRY = ids.client_id("BTCUSDT", SIGNAL_MS, ids.ENTRY)
STOP = ids.client_id("BTCUSDT", SIGNAL_MS, ids.STOP)
TARGET = ids.client_id("BTCUSDT", SIGNAL_MS, ids.TARGET)
CLOSE = ids.client_id("BTCUSDT", SIGNAL_MS, ids.CLOSE_REVERTED)


@pytest.fixture
def venue(monkeypatch: pytest.MonkeyPatch) -> Embedded:
    monkeypatch.setattr(SOCKET_TRANSPORT, "send", no_socket)
    return Embedded()


@pytest.fixture
def btc(venue: Embedded) -> Instrument:
    return rules.instrument_from_row(venue.gateway.exchange_info()["BTCUSDT"])


def enter(venue: Embedded, side: int = 1) -> Submit:
    return venue.gateway.enter("BTCUSDT", side, "0.010", ENTRY, venue.now_ms)


def stop_at(venue: Embedded, trigger: str, client_id: str = STOP) -> Submit:
    return venue.gateway.protect("BTCUSDT", -1, STOP_MARKET, "0.010", trigger, client_id)


def target_at(venue: Embedded, trigger: str) -> Submit:
    return venue.gateway.protect("BTCUSDT", -1, TAKE_PROFIT_MARKET, "0.010", trigger, TARGET)


def resting(venue: Embedded, btc: Instrument) -> list[RestingOrder]:
    rows = venue.gateway.conditional_order_rows("BTCUSDT")
    return [views.conditional_order(row, btc) for row in rows]


def test_public_reads(venue: Embedded, btc: Instrument) -> None:
    gateway = venue.gateway
    assert gateway.server_time_ms() == START_MS
    info = gateway.exchange_info()
    assert set(info) == {"BTCUSDT", "ETHUSDT"}
    assert rules.is_trading(info["BTCUSDT"])
    assert (btc.price_text(1), btc.quantity_text(1)) == ("0.1", "0.001")
    rows = [views.candle(row, btc) for row in gateway.klines("BTCUSDT", "5m", 4)]
    assert [row.open_time_ms for row in rows] == [
        START_MS + n * INTERVAL_MS for n in (-3, -2, -1, 0)
    ]
    assert candles.newest_closed(rows, INTERVAL_MS, START_MS) == candles.Closed(2, True)
    assert candles.contiguous(rows, 3, 3, INTERVAL_MS)


def test_an_account_before_its_first_trade(venue: Embedded) -> None:
    gateway = venue.gateway
    assert gateway.wallet_e8() == 10_000 * E8
    assert gateway.position_rows() == gateway.position_rows("BTCUSDT") == []
    assert gateway.plain_order_rows() == gateway.plain_order_rows("BTCUSDT") == []
    assert gateway.conditional_order_rows() == gateway.conditional_order_rows("BTCUSDT") == []
    assert gateway.order_row("BTCUSDT", client_id=ENTRY) is None
    assert gateway.order_row("BTCUSDT", order_id=1) is None
    assert gateway.fill_rows_of_order("BTCUSDT", 1) == []
    assert gateway.order_rows_since("BTCUSDT", START_MS - INTERVAL_MS, START_MS) == []
    assert gateway.fill_rows_since("BTCUSDT", START_MS - INTERVAL_MS, START_MS) == []
    assert gateway.funding_rows_since("BTCUSDT", START_MS - INTERVAL_MS, START_MS) == []


def test_settings(venue: Embedded) -> None:
    gateway = venue.gateway
    mode = gateway.account_mode()
    assert (mode["dualSidePosition"], mode["multiAssetsMargin"]) == (False, False)
    for _ in range(2):  # what is so already is no error
        gateway.set_isolated("BTCUSDT")
        gateway.set_leverage("BTCUSDT", 7)
        symbol = gateway.symbol_mode("BTCUSDT")
        assert symbol is not None
        assert (symbol["marginType"], symbol["leverage"]) == ("ISOLATED", 7)
    with pytest.raises(VenueError) as caught:
        gateway.set_leverage("BTCUSDT", 1_000)
    assert caught.value.code == -4028


def test_a_whole_trade(venue: Embedded, btc: Instrument) -> None:
    gateway = venue.gateway
    entry = enter(venue)
    assert entry.outcome is Outcome.ACCEPTED
    state = views.order_state(entry.row, btc)
    assert (state.client_id, state.status, state.filled_lots) == (ENTRY, "FILLED", 10)
    for found in (
        gateway.order_row("BTCUSDT", client_id=ENTRY),
        gateway.order_row("BTCUSDT", order_id=state.order_id),
    ):
        assert found is not None
        assert views.order_state(found, btc) == state
    [listed] = gateway.order_rows_since("BTCUSDT", START_MS, START_MS)
    assert views.order_state(listed, btc) == state
    [row] = gateway.fill_rows_of_order("BTCUSDT", state.order_id)
    fill = views.fill(row, ENTRY, btc)
    assert (fill.side, fill.price, fill.lots, fill.fee_asset) == (1, BTC_TICKS, 10, "USDT")
    assert (fill.fee_e8, fill.realized_e8) == (30_000_000, 0)
    [position] = [views.position(row, btc) for row in gateway.position_rows("BTCUSDT")]
    assert position is not None
    assert (position.side, position.lots, position.entry_price) == (1, 10, Decimal(60_000))
    closed = gateway.close("BTCUSDT", -1, "0.010", CLOSE)
    assert closed.outcome is Outcome.ACCEPTED
    assert gateway.position_rows("BTCUSDT") == []
    fills = gateway.fill_rows_since("BTCUSDT", START_MS, START_MS)
    assert [row["side"] for row in fills] == ["BUY", "SELL"]
    assert gateway.wallet_e8() == 10_000 * E8 - 60_000_000
    booked = gateway.income_rows_since(START_MS, START_MS)
    assert sum(views.money_e8(row["income"]) for row in booked) == gateway.wallet_e8()
    again = gateway.close("BTCUSDT", -1, "0.010", CLOSE)
    assert (again.outcome, again.code) == (Outcome.REFUSED, errors.REDUCE_ONLY_REJECTED)


def test_a_short_entry(venue: Embedded, btc: Instrument) -> None:
    assert enter(venue, -1).outcome is Outcome.ACCEPTED
    [position] = [views.position(row, btc) for row in venue.gateway.position_rows()]
    assert position is not None
    assert (position.side, position.lots) == (-1, 10)


def test_stop_and_target_rest_in_the_conditional_book_only(
    venue: Embedded, btc: Instrument
) -> None:
    enter(venue)
    placed = stop_at(venue, "59000.1")
    assert placed.outcome is target_at(venue, "61000.0").outcome is Outcome.ACCEPTED
    stop, target = sorted(resting(venue, btc), key=lambda order: order.trigger)
    assert views.conditional_order(placed.row, btc) == stop
    assert stop == RestingOrder(
        CONDITIONAL, "BTCUSDT", stop.order_id, STOP, -1, STOP_MARKET, 10, 590_001, True, True
    )
    assert target == RestingOrder(
        CONDITIONAL, "BTCUSDT", target.order_id, TARGET, -1, TAKE_PROFIT_MARKET, 10, 610_000, True,
        True,
    )  # fmt: skip
    assert venue.gateway.plain_order_rows("BTCUSDT") == []
    assert venue.gateway.order_row("BTCUSDT", client_id=STOP) is None  # until it triggers
    doubled = stop_at(venue, "59000.1")
    assert (doubled.outcome, doubled.code) == (Outcome.UNKNOWN, errors.DUPLICATE_ID)


def test_after_a_trigger_the_order_is_found_by_the_stops_own_id(
    venue: Embedded, btc: Instrument
) -> None:
    enter(venue)
    stop_at(venue, "59000.0")
    target_at(venue, "61000.0")
    stop, target = sorted(resting(venue, btc), key=lambda order: order.trigger)
    venue.pass_candle(low=585_000)
    assert venue.gateway.position_rows() == []
    assert resting(venue, btc) == [target]  # an orphan: nobody else sweeps it
    found = venue.gateway.order_row("BTCUSDT", client_id=STOP)
    assert found is not None
    child = views.order_state(found, btc)
    assert (child.status, child.filled_lots, child.side) == ("FILLED", 10, -1)
    assert child.order_id != stop.order_id
    listed = venue.gateway.order_rows_since("BTCUSDT", START_MS, venue.now_ms)
    assert [row["clientOrderId"] for row in listed] == [ENTRY, STOP]
    [row] = venue.gateway.fill_rows_of_order("BTCUSDT", child.order_id)
    fill = views.fill(row, child.client_id, btc)
    assert (fill.client_id, fill.price, fill.realized_e8) == (STOP, 590_000, -10 * E8)
    assert venue.gateway.cancel(stop) is False  # it is gone
    assert venue.gateway.cancel(target) is True
    assert venue.gateway.cancel(target) is False
    assert resting(venue, btc) == []


def test_a_plain_order_is_cancelled_in_its_own_book(venue: Embedded, btc: Instrument) -> None:
    placed = venue.gateway.client.fapiPrivatePostOrder(
        {"symbol": "BTCUSDT", "side": "BUY", "type": "LIMIT", "timeInForce": "GTC",
         "quantity": "0.002", "price": "59000.0", "newClientOrderId": "by-hand"}
    )  # fmt: skip
    [order] = [views.plain_order(row, btc) for row in venue.gateway.plain_order_rows()]
    assert order == RestingOrder(
        PLAIN, "BTCUSDT", placed["orderId"], "by-hand", 1, "LIMIT", 2, 0, False, True
    )
    assert venue.gateway.conditional_order_rows() == []
    assert venue.gateway.cancel(order._replace(book=CONDITIONAL)) is False
    assert venue.gateway.cancel(order) is True
    assert venue.gateway.cancel(order) is False
    assert venue.gateway.plain_order_rows() == []


def test_a_late_entry_is_refused_by_the_fence(venue: Embedded) -> None:
    planned_ms = venue.now_ms
    venue.now_ms += 5_001
    late = venue.gateway.enter("BTCUSDT", 1, "0.010", ENTRY, planned_ms)
    assert (late.outcome, late.code) == (Outcome.REFUSED, errors.CLOCK)
    assert venue.gateway.position_rows() == []
    stop_at(venue, "59000.0")  # signed fresh: it is never too late
    assert len(venue.gateway.conditional_order_rows()) == 1


@pytest.mark.parametrize(
    ("quantity", "outcome", "code"),
    [
        ("0.0005", Outcome.REFUSED, -1111),
        ("0.000", Outcome.REFUSED, -4003),
        ("121.000", Outcome.REFUSED, -4005),
        ("100.000", Outcome.REFUSED, -2019),
    ],
)
def test_refusals(venue: Embedded, quantity: str, outcome: Outcome, code: int) -> None:
    result = venue.gateway.enter("BTCUSDT", 1, quantity, ENTRY, venue.now_ms)
    assert (result.outcome, result.code) == (outcome, code)


@pytest.mark.parametrize("trigger", ["60000.0", "60000.1", "70000.0"])
def test_a_stop_that_is_through_already(venue: Embedded, trigger: str) -> None:
    enter(venue)
    result = stop_at(venue, trigger)
    assert (result.outcome, result.code in errors.WOULD_TRIGGER) == (Outcome.REFUSED, True)


@pytest.mark.parametrize(
    "fault",
    [
        {"do": "drop"},
        {"do": "hang"},
        {"do": "cut"},
        {"do": "cut", "keep_bytes": 0},
        {"do": "answer", "body": msgspec.Raw(b'{"msg":"Unknown error, please check."}')},
        {"do": "answer", "status": 408, "body": msgspec.Raw(b'{"code":-1007,"msg":"Timeout"}')},
        {"do": "answer", "status": 200, "body": msgspec.Raw(b"{}")},
        {"do": "answer", "status": 429, "body": msgspec.Raw(b'{"code":-1003,"msg":"Too many"}')},
    ],
)
def test_an_entry_whose_answer_is_lost_is_unknown_and_was_executed(
    venue: Embedded, btc: Instrument, fault: dict[str, object]
) -> None:
    venue.arm(method="POST", path="/fapi/v1/order", **fault)
    assert enter(venue).outcome is Outcome.UNKNOWN
    found = venue.gateway.order_row("BTCUSDT", client_id=ENTRY)
    assert found is not None
    assert views.order_state(found, btc).filled_lots == 10
    assert len(venue.gateway.fill_rows_since("BTCUSDT", START_MS, START_MS)) == 1


def test_funding_that_was_paid(venue: Embedded) -> None:
    enter(venue)
    while venue.now_ms < START_MS + 8 * 3_600_000:
        venue.pass_candle()
    [row] = venue.gateway.funding_rows_since("BTCUSDT", START_MS, venue.now_ms)
    assert (row["symbol"], row["incomeType"]) == ("BTCUSDT", "FUNDING_FEE")
    assert views.money_e8(row["income"]) == -6_000_000
    assert START_MS < int(row["time"]) <= venue.now_ms
