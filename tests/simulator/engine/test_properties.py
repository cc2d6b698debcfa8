"""What holds for any prices and any orders: books that balance, and one story however told."""

from typing import NamedTuple

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.engine.ledger import check
from simulator.engine.model import HISTORY_MS, Books, Costs, Side
from simulator.engine.refused import Refused
from tests.simulator.engine.bench import STEP_MS, T0, Bar, Bench, flat

P = 600_000
COSTS = Costs(fee_ppm=500, slippage_ppm=100, funding=True, funding_rate_e8=12_345)
SYMBOLS = ("BTCUSDT", "ETHUSDT")

moves = st.integers(-40_000, 40_000)
bars_of_prices = st.lists(
    st.one_of(st.none(), st.tuples(moves, st.integers(0, 20_000), st.integers(0, 20_000), moves)),
    min_size=3,
    max_size=12,
)


def bar_from(parts: tuple[int, int, int, int] | None) -> Bar:
    if parts is None:
        return None
    open_, up, down, close = P + parts[0], parts[1], parts[2], P + parts[3]
    return open_, max(open_, close) + up, min(open_, close) - down, close


class Deed(NamedTuple):
    """Something an account does, at some bar."""

    bar: int
    kind: str
    side: Side
    lots: int
    #: Distance of a price from where the market began.
    away: int
    flag: bool
    symbol: str


deeds = st.lists(
    st.builds(
        Deed,
        st.integers(0, 11),
        st.sampled_from(["market", "limit", "stop", "target", "cancel", "margin", "deposit"]),
        st.sampled_from([1, -1]),
        st.integers(1, 3_000),
        moves,
        st.booleans(),
        st.sampled_from(SYMBOLS),
    ),
    max_size=14,
)


def do(bench: Bench, deed: Deed) -> None:
    """Do it; a refusal is an answer too, and must have changed nothing."""
    engine, ticks = bench.engine, P + deed.away
    before = msgspec.json.encode(bench.books)
    try:
        if deed.kind == "market":
            bench.market_order(deed.side, deed.lots, deed.symbol, reduce_only=deed.flag)
        elif deed.kind == "limit":
            bench.limit(deed.side, deed.lots, ticks, deed.symbol, reduce_only=deed.flag)
        elif deed.kind == "stop":
            bench.stop(deed.side, ticks, deed.lots, symbol=deed.symbol, reduce_only=deed.flag)
        elif deed.kind == "target":
            more = {"reduce_only": False, "close_position": True} if deed.flag else {}
            lots = 0 if deed.flag else deed.lots
            bench.target(deed.side, ticks, lots, symbol=deed.symbol, **more)
        elif deed.kind == "cancel":
            engine.cancel_all(deed.symbol)
        elif deed.kind == "margin":
            engine.move_margin(deed.symbol, deed.away * 10_000)
        else:
            engine.deposit(deed.lots * 10**6)
    except Refused:
        assert msgspec.json.encode(bench.books) == before


def told(rows: list[Bar], plan: list[Deed], cuts: int, reload: bool = False) -> Books:
    """The account after all deeds, advanced in `cuts` small steps a candle."""
    bench = Bench(dict.fromkeys(SYMBOLS, rows), COSTS, wallet=20_000)
    for bar in range(13):
        for cut in range(cuts):
            bench.at(bar + cut / cuts)
            if cut == 0:
                for deed in plan:
                    if deed.bar == bar:
                        do(bench, deed)
            if reload:
                again = msgspec.json.decode(msgspec.json.encode(bench.books), type=Books)
                bench.engine = bench.made(again)
    bench.at(14)
    return bench.books


@given(bars_of_prices, deeds)
def test_the_books_balance_whatever_happens(
    parts: list[tuple[int, int, int, int] | None], plan: list[Deed]
) -> None:
    books = told([bar_from(part) for part in parts], plan, 1)
    check(books)
    assert sum(income.amount_e8 for income in books.incomes) == books.wallet_e8
    assert sum(fill.fee_e8 for fill in books.fills) == books.fees_e8
    assert sum(fill.realised_e8 for fill in books.fills) == books.realised_e8
    for symbol in SYMBOLS:
        net = sum(fill.side * fill.lots for fill in books.fills if fill.symbol == symbol)
        position = books.positions.get(symbol)
        assert net == (position.side * position.lots if position is not None else 0)
    assert all(order.filled_lots == order.lots for order in books.ended_orders if order.filled_lots)
    times = [fill.time_ms for fill in books.fills]
    assert times == sorted(times)


@settings(max_examples=60)
@given(bars_of_prices, deeds)
def test_many_small_steps_tell_the_same_as_few_big_ones(
    parts: list[tuple[int, int, int, int] | None], plan: list[Deed]
) -> None:
    rows = [bar_from(part) for part in parts]
    once = msgspec.json.encode(told(rows, plan, 1))
    assert msgspec.json.encode(told(rows, plan, 4)) == once
    assert msgspec.json.encode(told(rows, plan, 2, reload=True)) == once


@settings(max_examples=60)
@given(bars_of_prices, deeds)
def test_deeds_of_the_first_candle_and_then_one_leap(
    parts: list[tuple[int, int, int, int] | None], plan: list[Deed]
) -> None:
    rows = [bar_from(part) for part in parts]
    first = [deed._replace(bar=0) for deed in plan]
    leap = Bench(dict.fromkeys(SYMBOLS, rows), COSTS, wallet=20_000).at(0)
    for deed in first:
        do(leap, deed)
    leap.at(14)
    assert msgspec.json.encode(leap.books) == msgspec.json.encode(told(rows, first, 3))


def _found(bench: Bench, order_id: int, client_id: str) -> bool:
    try:
        return bench.engine.order("BTCUSDT", order_id, client_id).status == "FILLED"
    except Refused:
        return False


def test_history_is_forgotten_after_90_days_however_one_gets_there() -> None:
    def after(days: list[float]) -> Books:
        bench = Bench([flat(P)])
        bench.market_order(1, 10)
        order = bench.market_order(-1, 10, client_id="old")
        bench.stop(-1, P - 1_000, 10)
        bench.engine.cancel_all_algos("BTCUSDT")
        for day in days:
            bench.engine.advance(T0 + round(day * 86_400_000))
        found = _found(bench, order.order_id, ""), _found(bench, 0, "old")
        assert found == (bool(bench.books.fills),) * 2
        return bench.books

    kept = after([89.0])
    assert (len(kept.fills), len(kept.ended_orders), len(kept.ended_algos)) == (2, 2, 1)
    gone = after([92.0])
    assert (gone.fills, gone.ended_orders, gone.ended_algos, gone.incomes) == ([], [], [], [])
    assert msgspec.json.encode(after([89.0, 90.5, 91.9, 92.0])) == msgspec.json.encode(gone)
    check(gone)
    assert HISTORY_MS // STEP_MS == 90 * 288
