"""Histories that answer 7 days and 1000 rows at a time are read whole, every row once."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exchange import history as history_module
from exchange.errors import VenueError
from exchange.gateway import Gateway
from tests.exchange.transport import NOW_MS, Answer, Asked, Transport, mounted

DAY_MS = 86_400_000
WEEK_MS = 7 * DAY_MS


class History:
    """The exchange's side: a window of at most 7 days. Of too many rows fills and income are the
    oldest, orders the newest.
    """

    def __init__(self, id_field: str, times: list[int]) -> None:
        self.rows: list[dict[str, Any]] = [
            {id_field: number, "time": time} for number, time in enumerate(sorted(times), 1)
        ]
        self.rows_max = 1000

    def __call__(self, asked: Asked) -> Answer:
        start, end = int(asked.params["startTime"]), int(asked.params["endTime"])
        assert 0 <= end - start < WEEK_MS
        assert asked.params["limit"] == str(self.rows_max)
        found = [row for row in self.rows if start <= row["time"] <= end]
        newest = asked.path == "/fapi/v1/allOrders"
        return Answer(found[-self.rows_max :] if newest else found[: self.rows_max])


def fills_of(times: list[int]) -> tuple[Gateway, Transport, History]:
    history = History("id", times)
    client, transport = mounted(history)
    return Gateway(client), transport, history


def orders_of(times: list[int]) -> tuple[Gateway, Transport, History]:
    history = History("orderId", times)
    client, transport = mounted(history)
    return Gateway(client), transport, history


def test_a_short_history_is_one_request() -> None:
    gateway, transport, history = fills_of([NOW_MS, NOW_MS + 5, NOW_MS + 9])
    assert gateway.fill_rows_since("BTCUSDT", NOW_MS, NOW_MS + 10) == history.rows
    assert len(transport.asked) == 1


def test_both_ends_belong_to_it() -> None:
    gateway, _, history = fills_of([NOW_MS - 1, NOW_MS, NOW_MS + 10, NOW_MS + 11])
    assert gateway.fill_rows_since("BTCUSDT", NOW_MS, NOW_MS + 10) == history.rows[1:3]


@pytest.mark.parametrize(
    ("span_ms", "requests"),
    [(0, 1), (WEEK_MS - 1, 1), (WEEK_MS, 2), (2 * WEEK_MS - 1, 2), (30 * DAY_MS, 5)],
)
def test_windows_of_seven_days(span_ms: int, requests: int) -> None:
    edges = [NOW_MS + n * WEEK_MS + more for n in range(5) for more in (-1, 0, 1)]
    gateway, transport, history = fills_of([NOW_MS, *edges, NOW_MS + span_ms])
    expected = [row for row in history.rows if NOW_MS <= row["time"] <= NOW_MS + span_ms]
    assert gateway.fill_rows_since("BTCUSDT", NOW_MS, NOW_MS + span_ms) == expected
    assert len(transport.asked) == requests


def test_nothing_is_asked_for_no_time() -> None:
    gateway, transport, _ = fills_of([NOW_MS])
    assert gateway.fill_rows_since("BTCUSDT", NOW_MS, NOW_MS - 1) == []
    assert transport.asked == []


@pytest.mark.parametrize(("count", "requests"), [(999, 1), (1000, 2), (1001, 2), (2500, 3)])
def test_full_pages_go_on_from_their_last_time(count: int, requests: int) -> None:
    # three fills in each ms: pages end inside one, and its other fills must not be lost
    gateway, transport, history = fills_of([NOW_MS + n // 3 for n in range(count)])
    assert gateway.fill_rows_since("BTCUSDT", NOW_MS, NOW_MS + DAY_MS) == history.rows
    assert len(transport.asked) == requests


def test_funding_is_read_the_same_way() -> None:
    history = History("tranId", [NOW_MS + n * DAY_MS for n in range(20)])
    client, transport = mounted(history)
    rows = Gateway(client).funding_rows_since("BTCUSDT", NOW_MS, NOW_MS + 20 * DAY_MS)
    assert rows == history.rows
    assert {asked.path for asked in transport.asked} == {"/fapi/v1/income"}
    assert {asked.params["incomeType"] for asked in transport.asked} == {"FUNDING_FEE"}


def test_bookings_of_one_number_are_told_apart_by_type_trade_and_symbol() -> None:
    names = ("incomeType", "tranId", "tradeId", "symbol", "time")
    rows: list[dict[str, Any]] = [
        dict(zip(names, (kind, number, trade, symbol, 0), strict=True))
        for number in range(400)
        for kind, trade, symbol in (
            ("COMMISSION", "1", "BTCUSDT"),
            ("REALIZED_PNL", "1", "BTCUSDT"),
            ("REALIZED_PNL", "2", "BTCUSDT"),
            ("FUNDING_FEE", "", "BTCUSDT"),
            ("FUNDING_FEE", "", "ETHUSDT"),
        )
    ]
    for place, row in enumerate(rows):
        row["time"] = NOW_MS + place // 3
    history = History("tranId", [])
    history.rows = rows
    client, transport = mounted(history)
    assert Gateway(client).income_rows_since(NOW_MS, NOW_MS + DAY_MS) == rows
    assert len(transport.asked) == 3  # 2000 rows, and a few twice


@pytest.mark.parametrize(
    ("span_ms", "requests"), [(-1, 0), (0, 1), (WEEK_MS - 1, 1), (WEEK_MS, 2), (30 * DAY_MS, 5)]
)
def test_orders_are_read_in_the_same_windows(span_ms: int, requests: int) -> None:
    end_ms = NOW_MS + span_ms
    edges = [NOW_MS + n * WEEK_MS + more for n in range(5) for more in (-1, 0, 1)]
    gateway, transport, history = orders_of([*edges, end_ms, end_ms + 1])
    expected = [row for row in history.rows if NOW_MS <= row["time"] <= end_ms]
    assert gateway.order_rows_since("BTCUSDT", NOW_MS, end_ms) == expected
    assert [asked.path for asked in transport.asked] == ["/fapi/v1/allOrders"] * requests


@pytest.mark.parametrize(("count", "requests"), [(999, 1), (1000, 2), (1001, 2), (2500, 3)])
def test_full_pages_of_orders_go_back_from_their_first_time(count: int, requests: int) -> None:
    gateway, transport, history = orders_of([NOW_MS + n // 3 for n in range(count)])
    assert gateway.order_rows_since("BTCUSDT", NOW_MS, NOW_MS + DAY_MS) == history.rows
    assert len(transport.asked) == requests


def test_half_a_history_is_none() -> None:
    times = [NOW_MS, *[NOW_MS + 5] * 1001]
    for gateway, read in (
        (fills_of(times)[0], Gateway.fill_rows_since),
        (orders_of(times)[0], Gateway.order_rows_since),
    ):
        with pytest.raises(VenueError, match="more than 999 rows in one ms"):
            read(gateway, "BTCUSDT", NOW_MS, NOW_MS + DAY_MS)


def test_a_window_that_fails_fails_the_whole_read() -> None:
    gateway, transport, history = fills_of([NOW_MS])
    later = NOW_MS + WEEK_MS
    transport.answering = lambda asked: (
        Answer("", 503) if asked.params["startTime"] == str(later) else history(asked)
    )
    with pytest.raises(VenueError, match="read BTCUSDT fills: HTTP 503"):
        gateway.fill_rows_since("BTCUSDT", NOW_MS, later)


CLIENT, TRANSPORT = mounted(lambda _: Answer([]))


@given(
    st.lists(st.tuples(st.integers(0, 30), st.integers(0, 3)), max_size=40),
    st.integers(0, 30),
    st.integers(-1, 31),
)
def test_every_row_once_in_order(moments: list[tuple[int, int]], first_day: int, days: int) -> None:
    history = History("id", [NOW_MS + day * DAY_MS + ms for day, ms in moments])
    TRANSPORT.answering = history
    start, end = NOW_MS + first_day * DAY_MS + 1, NOW_MS + (first_day + days) * DAY_MS + 2
    rows = Gateway(CLIENT).fill_rows_since("BTCUSDT", start, end)
    assert rows == [row for row in history.rows if start <= row["time"] <= end]


@given(st.lists(st.integers(0, 20), max_size=60))
def test_pages_of_a_few_rows(offsets: list[int]) -> None:
    history = History("id", [NOW_MS + ms for ms in offsets])
    # one ms must fit on a page: the exchange offers no way to turn pages inside one
    history.rows_max = max([2, *(offsets.count(ms) + 1 for ms in offsets)])
    TRANSPORT.answering = history
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(history_module, "PAGE_ROWS_MAX", history.rows_max)
        rows = Gateway(CLIENT).fill_rows_since("BTCUSDT", NOW_MS, NOW_MS + 20)
    assert rows == history.rows
