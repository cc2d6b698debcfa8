"""Plain orders: what fills, what rests, what is refused and with which code."""

from decimal import Decimal

import pytest

from simulator.engine import filters
from simulator.engine.model import BUY, SELL, Costs, Side
from simulator.engine.refused import Refused
from simulator.engine.requests import OrderRequest
from simulator.rules import contracts_for
from tests.simulator.engine.bench import STEP_MS, Bench, flat

P = 600_000
DEFAULT_COSTS = Costs()


def code_of(bench: Bench, request: OrderRequest) -> int:
    """The refusal's code; nothing may have changed."""
    before = bench.books.revision
    with pytest.raises(Refused) as refusal:
        bench.engine.place(request)
    assert bench.books.revision == before
    return refusal.value.code


def test_a_market_order_fills_whole_at_the_slipped_open() -> None:
    bench = Bench([(P, P + 9, P - 9, P + 5)], DEFAULT_COSTS).at(0.5)
    order = bench.market_order(BUY, 10, client_id="entry")
    assert (order.status, order.filled_lots, order.filled_quote) == ("FILLED", 10, 10 * (P + 60))
    fill = bench.books.fills[-1]
    assert (fill.ticks, fill.lots, fill.order_id) == (P + 60, 10, order.order_id)
    # 600.06 USDT x 0.05 %
    assert fill.fee_e8 == 30_003_000
    assert bench.wallet == 10_000 * 10**8 - 30_003_000
    assert bench.engine.order("BTCUSDT", client_id="entry") is order


def test_while_the_candle_is_missing_every_new_order_is_refused_and_cancels_pass() -> None:
    bench = Bench([flat(P), None, flat(P)]).at(0)
    bench.market_order(BUY, 10)
    resting = bench.stop(SELL, P - 1_000, 10)
    bench.at(1.2)
    assert code_of(bench, OrderRequest("BTCUSDT", SELL, "MARKET", 10, reduce_only=True)) == -4141
    with pytest.raises(Refused, match="Symbol is closed"):
        bench.stop(SELL, P - 2_000, 10)
    assert bench.engine.last_ticks("BTCUSDT") == P
    assert bench.engine.cancel_algo(resting.algo_id).status == "CANCELED"
    bench.at(2)
    bench.market_order(SELL, 10, reduce_only=True)
    assert bench.last_fill() == (P, 10, 2 * STEP_MS)


REFUSALS = [
    ("unknown symbol", OrderRequest("NOUSDT", BUY, "MARKET", 10), -1121),
    ("no quantity", OrderRequest("BTCUSDT", BUY, "MARKET", 0), -4003),
    ("more than the market maximum", OrderRequest("BTCUSDT", BUY, "MARKET", 120_001), -4005),
    ("limit above the maximum", OrderRequest("BTCUSDT", BUY, "LIMIT", 1_000_001, P), -4005),
    ("limit price below the minimum", OrderRequest("BTCUSDT", BUY, "LIMIT", 10, 0), -4013),
    (
        "limit price above the maximum",
        OrderRequest("BTCUSDT", SELL, "LIMIT", 10, 45_297_641),
        -4002,
    ),
    ("buy limit above the band", OrderRequest("BTCUSDT", BUY, "LIMIT", 10, 630_001), -4016),
    ("sell limit below the band", OrderRequest("BTCUSDT", SELL, "LIMIT", 10, 569_999), -4024),
    ("reduce-only when flat", OrderRequest("BTCUSDT", SELL, "MARKET", 10, reduce_only=True), -2022),
    ("hedge side", OrderRequest("BTCUSDT", BUY, "MARKET", 10, position_side="LONG"), -4061),
    ("limit notional", OrderRequest("BTCUSDT", BUY, "LIMIT", 1, 499_000), -4164),
    ("margin", OrderRequest("BTCUSDT", BUY, "MARKET", 3_400), -2019),
    ("above the bracket's cap", OrderRequest("BTCUSDT", BUY, "MARKET", 120_000), -2019),
]


@pytest.mark.parametrize(
    ("request_", "code"), [case[1:] for case in REFUSALS], ids=[case[0] for case in REFUSALS]
)
def test_refusals(request_: OrderRequest, code: int) -> None:
    bench = Bench([flat(P)]).at(0)
    assert code_of(bench, request_) == code


def test_minimum_notional_is_tested_at_the_standing_price() -> None:
    bench = Bench([flat(500_000), flat(499_999)]).at(0)
    bench.market_order(BUY, 1)  # 50 USDT exactly
    bench.market_order(SELL, 1, reduce_only=True)
    bench.at(1)
    assert code_of(bench, OrderRequest("BTCUSDT", BUY, "MARKET", 1)) == -4164


def test_a_reduction_may_be_below_the_minimum_notional() -> None:
    bench = Bench([flat(400_000)]).at(0)
    bench.market_order(BUY, 3)
    bench.market_order(SELL, 1, reduce_only=True)
    assert bench.position is not None
    assert bench.position.lots == 2


def test_an_open_client_id_is_taken_and_a_filled_one_is_free_again() -> None:
    bench = Bench([flat(P)]).at(0)
    bench.limit(BUY, 10, P - 1_000, client_id="mine")
    assert code_of(bench, OrderRequest("BTCUSDT", BUY, "MARKET", 10, client_id="mine")) == -4116
    bench.engine.cancel("BTCUSDT", client_id="mine")
    bench.market_order(BUY, 10, client_id="mine")
    bench.market_order(BUY, 10, client_id="mine")
    assert len(bench.books.fills) == 2, "a filled market order sent twice fills twice"


def test_reduce_only_is_trimmed_to_the_position_and_refused_on_its_own_side() -> None:
    bench = Bench([flat(P)]).at(0)
    bench.market_order(BUY, 10)
    wrong = OrderRequest("BTCUSDT", BUY, "MARKET", 5, reduce_only=True)
    assert code_of(bench, wrong) == -2022
    order = bench.market_order(SELL, 25, reduce_only=True)
    assert (order.lots, order.filled_lots) == (10, 10)
    assert bench.position is None


def test_a_turn_round_closes_and_then_opens() -> None:
    bench = Bench([flat(P), flat(P + 1_000)]).at(0)
    bench.market_order(BUY, 10)
    bench.at(1)
    order = bench.market_order(SELL, 30)
    close, open_ = bench.books.fills[1:]
    assert close.order_id == open_.order_id == order.order_id
    assert (close.lots, close.realised_e8) == (10, 10 * 1_000 * 10_000)
    assert (open_.lots, open_.realised_e8) == (20, 0)
    position = bench.position
    assert position is not None
    assert (position.side, position.lots, position.quote) == (SELL, 20, 20 * (P + 1_000))


def test_additions_and_partial_reductions_keep_the_entry() -> None:
    bench = Bench([flat(P), flat(P + 300), flat(P + 600)]).at(0)
    bench.market_order(BUY, 10)
    bench.at(1).market_order(BUY, 20)
    position = bench.position
    assert position is not None
    assert (position.lots, position.quote) == (30, 10 * P + 20 * (P + 300))
    bench.at(2).market_order(SELL, 12, reduce_only=True)
    assert (position.lots, position.quote) == (18, 18 * (P + 200))
    assert bench.books.fills[-1].realised_e8 == 12 * 400 * 10_000


def test_profit_of_a_life_in_pieces_is_exact_although_the_entry_lies_between_ticks() -> None:
    bench = Bench([flat(P), flat(P + 1), flat(P + 100)]).at(0)
    bench.market_order(BUY, 1)
    bench.at(1).market_order(BUY, 2)
    bench.at(2)
    for _ in range(3):
        bench.market_order(SELL, 1, reduce_only=True)
    want = (3 * (P + 100) - (P + 2 * (P + 1))) * 10_000
    assert bench.books.realised_e8 == want
    assert bench.position is None


def test_a_limit_order_rests_and_fills_at_its_price() -> None:
    bench = Bench([flat(P), (P, P, P - 2_000, P)]).at(0)
    order = bench.limit(BUY, 10, P - 1_000)
    assert (order.status, bench.engine.open_orders()) == ("NEW", [order])
    bench.to_end()
    assert order.status == "FILLED"
    assert bench.last_fill() == (P - 1_000, 10, 2 * STEP_MS - 1)
    assert bench.books.fills[-1].maker


def test_a_limit_order_fills_at_its_own_price_when_the_open_is_beyond_it() -> None:
    bench = Bench([flat(P), flat(P + 3_000)]).at(0)
    bench.market_order(BUY, 10)
    order = bench.limit(SELL, 10, P + 1_000, reduce_only=True)
    bench.to_end()
    assert order.status == "FILLED"
    assert bench.last_fill() == (P + 1_000, 10, STEP_MS)


def test_a_limit_order_that_reaches_takes_at_once_never_beyond_its_limit() -> None:
    bench = Bench([flat(P)], Costs(fee_ppm=0, slippage_ppm=100, funding=False)).at(0)
    assert bench.limit(BUY, 10, P + 5_000).filled_quote == 10 * (P + 60)
    assert bench.limit(BUY, 10, P + 20).filled_quote == 10 * (P + 20)


def test_a_reduce_only_limit_order_expires_when_touched_flat() -> None:
    bench = Bench([flat(P), flat(P + 3_000)]).at(0)
    bench.market_order(BUY, 10)
    order = bench.limit(SELL, 10, P + 1_000, reduce_only=True)
    bench.market_order(SELL, 10, reduce_only=True)
    bench.to_end()
    assert (order.status, bench.position) == ("EXPIRED", None)


def test_open_limit_orders_keep_their_margin_aside_until_cancelled() -> None:
    bench = Bench([flat(P)], wallet=1_000).at(0)
    bench.engine.set_leverage("BTCUSDT", 10)
    bench.limit(BUY, 100, 590_000)
    assert bench.engine.order_margin_e8("BTCUSDT") == 590 * 10**8
    assert bench.engine.available_e8() == 410 * 10**8
    assert code_of(bench, OrderRequest("BTCUSDT", BUY, "LIMIT", 100, 590_000)) == -2019
    assert len(bench.engine.cancel_all("BTCUSDT")) == 1
    assert bench.engine.available_e8() == 1_000 * 10**8


def test_cancelling_what_is_not_open() -> None:
    bench = Bench([flat(P)]).at(0)
    order = bench.market_order(BUY, 10)
    for order_id, name in ((order.order_id, ""), (77, ""), (0, "nobody")):
        with pytest.raises(Refused) as refusal:
            bench.engine.cancel("BTCUSDT", order_id, name)
        assert refusal.value.code == -2011
    with pytest.raises(Refused) as lost:
        bench.engine.order("BTCUSDT", 77)
    assert lost.value.code == -2013


def test_modifying_a_limit_order() -> None:
    bench = Bench([flat(P), flat(P)]).at(0)
    order = bench.limit(BUY, 10, P - 1_000)
    engine = bench.engine
    same = engine.modify("BTCUSDT", BUY, 20, P - 2_000, order.order_id, "")
    assert (same.lots, same.price_ticks, same.order_id) == (20, P - 2_000, order.order_id)
    codes = []
    for side, lots, ticks, order_id in (
        (BUY, 20, P - 2_000, order.order_id),
        (SELL, 10, P - 2_000, order.order_id),
        (BUY, 0, P - 2_000, order.order_id),
        (BUY, 10, P - 2_000, 77),
        (BUY, 900_000, P - 2_000, order.order_id),
    ):
        made: Side = BUY if side > 0 else SELL
        with pytest.raises(Refused) as refusal:
            engine.modify("BTCUSDT", made, lots, ticks, order_id, "")
        codes.append(refusal.value.code)
    assert codes == [-5027, -1106, -4003, -2013, -2019]
    assert engine.open_orders() == [order]
    taken = engine.modify("BTCUSDT", BUY, 20, P, order.order_id, "")
    assert (taken.status, engine.open_orders()) == ("FILLED", [])
    assert not bench.books.fills[-1].maker


def test_a_reduce_only_limit_order_keeps_no_margin_aside_and_may_shrink_to_anything() -> None:
    bench = Bench([flat(P)]).at(0)
    bench.market_order(BUY, 10)
    free_e8 = bench.engine.available_e8()
    order = bench.limit(SELL, 10, P + 1_000, reduce_only=True)
    small = bench.engine.modify("BTCUSDT", SELL, 1, P + 2_000, order.order_id, "")
    assert (small.lots, small.price_ticks) == (1, P + 2_000)
    assert bench.engine.order_margin_e8("BTCUSDT") == 0
    assert bench.engine.available_e8() == free_e8


@pytest.mark.parametrize(
    ("quantity", "want"),
    [("0.010", 10), ("0.01", 10), ("1", 1_000), ("0.0015", -1111), ("0.0010", 1)],
)
def test_quantities_from_the_wire(quantity: str, want: int) -> None:
    (contract,) = contracts_for(["BTCUSDT"])
    assert _or_code(lambda: filters.lots_from(contract, Decimal(quantity))) == want


@pytest.mark.parametrize(
    ("price", "want"),
    [("60000", 600_000), ("60000.10", 600_001), ("60000.15", -4014), ("60000.001", -1111)],
)
def test_prices_from_the_wire(price: str, want: int) -> None:
    (contract,) = contracts_for(["BTCUSDT"])
    assert _or_code(lambda: filters.ticks_from(contract, Decimal(price))) == want


def _or_code(work: object) -> int:
    assert callable(work)
    try:
        return int(work())
    except Refused as refusal:
        return refusal.code
