"""The embedded exchange: clock, saving, candles as a client sees them."""

import msgspec
import pytest

from simulator.engine.ledger import opened_books
from simulator.engine.model import BUY, SELL, Books, Costs
from simulator.engine.refused import Refused
from simulator.engine.requests import AlgoRequest, OrderRequest
from simulator.exchange import BooksNotSaved, EmbeddedExchange
from simulator.market.model import Candle
from simulator.rules import contracts_for
from tests.simulator.engine.bench import BTC, STEP_MS, T0, Bar, Bars, flat

P = 600_000
BARS: list[Bar] = [flat(P), (P, P + 90, P - 90, P + 50), (P + 40, P + 60, P - 1_000, P), flat(P)]


class Desk:
    """An exchange with a clock that is set by hand and a list of what was saved."""

    def __init__(self, bars: list[Bar] | None = None) -> None:
        self.now_ms = T0
        self.saved: list[bytes] = []
        self.full = False
        self.market = Bars({BTC: bars if bars is not None else BARS})
        self.exchange = self.opened(opened_books(10_000 * 10**8, T0))

    def opened(self, books: Books) -> EmbeddedExchange:
        return EmbeddedExchange(
            self.market, contracts_for([BTC]), Costs(), lambda: self.now_ms, books, self.save
        )

    def save(self, books: Books) -> None:
        if self.full:
            raise OSError("no space left on device")
        self.saved.append(msgspec.json.encode(books))

    def buy(self) -> None:
        with self.exchange.request() as engine:
            engine.place(OrderRequest(BTC, BUY, "MARKET", 10))


def test_a_change_is_saved_before_the_answer_leaves_and_a_read_is_not() -> None:
    desk = Desk()
    desk.exchange.now_ms()
    assert desk.saved == []
    desk.buy()
    assert len(desk.saved) == 1
    desk.now_ms += STEP_MS
    desk.exchange.last_ticks(BTC)
    assert len(desk.saved) == 1, "time alone is no change"


def test_what_happens_while_time_goes_by_is_saved_by_a_read_and_by_a_refusal() -> None:
    for refused_order in (False, True):
        desk = Desk()
        desk.buy()
        with desk.exchange.request() as engine:
            engine.place_algo(AlgoRequest(BTC, SELL, "STOP_MARKET", P - 800, 10, reduce_only=True))
        desk.now_ms = T0 + 3 * STEP_MS
        if refused_order:
            with pytest.raises(Refused), desk.exchange.request() as engine:
                engine.cancel(BTC, 1)
        else:
            desk.exchange.now_ms()
        assert msgspec.json.decode(desk.saved[-1], type=Books).positions == {}


def test_it_goes_on_exactly_from_what_was_saved() -> None:
    desk = Desk()
    desk.buy()
    with desk.exchange.request() as engine:
        engine.place_algo(AlgoRequest(BTC, SELL, "STOP_MARKET", P - 800, 10, reduce_only=True))
    desk.now_ms = T0 + 3 * STEP_MS
    again = desk.opened(msgspec.json.decode(desk.saved[-1], type=Books))
    with desk.exchange.request() as one, again.request() as other:
        assert msgspec.json.encode(one.books) == msgspec.json.encode(other.books)
        assert one.books.positions == {}


def test_after_a_failed_save_nothing_more_is_answered() -> None:
    desk = Desk()
    desk.full = True
    with pytest.raises(OSError, match="no space"):
        desk.buy()
    desk.full = False
    with pytest.raises(BooksNotSaved):
        desk.exchange.now_ms()


def test_a_clock_that_goes_back_is_held() -> None:
    desk = Desk()
    desk.now_ms = T0 + STEP_MS
    assert desk.exchange.now_ms() == T0 + STEP_MS
    desk.now_ms = T0
    assert desk.exchange.now_ms() == T0 + STEP_MS


def test_time_stands_still_inside_a_request() -> None:
    desk = Desk()
    with desk.exchange.request() as engine:
        desk.now_ms += 10 * STEP_MS
        assert desk.exchange.last_ticks(BTC) == P
        assert engine.now_ms == T0


def test_books_with_a_symbol_without_rules_are_refused() -> None:
    desk = Desk()
    desk.buy()
    books = msgspec.json.decode(desk.saved[-1], type=Books)
    with pytest.raises(ValueError, match="BTCUSDT"):
        EmbeddedExchange(desk.market, [], Costs(), lambda: T0, books)


def rows(desk: Desk, **window: int) -> list[Candle]:
    return desk.exchange.klines(BTC, window.pop("interval_ms", STEP_MS), **window)


def test_candles_are_cut_by_the_clock_and_the_running_one_shows_its_open_only() -> None:
    desk = Desk()
    desk.now_ms = T0 + 2 * STEP_MS + 1
    got = rows(desk)
    assert [row.open_time_ms for row in got] == [T0, T0 + STEP_MS, T0 + 2 * STEP_MS]
    assert got[1] == Candle(T0 + STEP_MS, P, P + 90, P - 90, P + 50, 10)
    price = P + 40
    assert got[2] == Candle(T0 + 2 * STEP_MS, price, price, price, price, 0)
    desk.now_ms = T0 + 3 * STEP_MS
    assert rows(desk)[2].low == P - 1_000


def test_windows_of_candles() -> None:
    desk = Desk()
    desk.now_ms = T0 + 3 * STEP_MS + 5
    times = [T0 + i * STEP_MS for i in range(4)]
    assert [r.open_time_ms for r in rows(desk, limit=2)] == times[2:]
    assert [r.open_time_ms for r in rows(desk, start_ms=T0, limit=2)] == times[:2]
    assert [r.open_time_ms for r in rows(desk, start_ms=T0 + 1)] == times[1:]
    assert [r.open_time_ms for r in rows(desk, end_ms=times[2])] == times[:3]
    assert [r.open_time_ms for r in rows(desk, end_ms=times[2] - 1, limit=1)] == times[1:2]
    assert rows(desk, start_ms=desk.now_ms + 1) == []
    assert rows(desk, start_ms=times[2], end_ms=times[1]) == []


def test_a_missing_running_candle_is_missing() -> None:
    desk = Desk([flat(P), None])
    desk.now_ms = T0 + STEP_MS + 1
    assert [row.open_time_ms for row in rows(desk)] == [T0]


def test_longer_candles_are_made_of_base_candles() -> None:
    desk = Desk()
    desk.now_ms = T0 + 3 * STEP_MS
    quarter = 3 * STEP_MS  # T0 is 00:05: the first quarter has two of its candles
    first, second = rows(desk, interval_ms=quarter)
    assert first == Candle(T0 - STEP_MS, P, P + 90, P - 90, P + 50, 20)
    assert second == Candle(T0 + 2 * STEP_MS, P + 40, P + 60, P - 1_000, P, 10)


@pytest.mark.parametrize("interval_ms", [60_000, 7 * 60_000, 11 * STEP_MS, 0])
def test_intervals_that_cannot_be_made_are_refused(interval_ms: int) -> None:
    with pytest.raises(Refused) as refusal:
        rows(Desk(), interval_ms=interval_ms)
    assert refusal.value.code == -1120


def test_where_there_are_no_candles_there_are_no_rows() -> None:
    desk = Desk()
    assert rows(desk, end_ms=T0 - 1) == []
    assert rows(Desk([None])) == []


def test_unknown_symbols_are_refused() -> None:
    desk = Desk()
    with pytest.raises(Refused, match="Invalid symbol"):
        desk.exchange.klines("NOUSDT", STEP_MS)
    for ask in (desk.exchange.last_ticks, desk.exchange.mark_ticks, desk.exchange.funding_info):
        with pytest.raises(Refused) as refusal:
            ask("NOUSDT")
        assert refusal.value.code == -1121
