"""What the account tells about itself, and that every change of it is noted."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

import pytest

from simulator.engine import filters
from simulator.engine.model import BUY, SELL, Costs, Fill
from simulator.engine.refused import Refused
from simulator.engine.shelf import Shelf
from simulator.rules import contracts_for
from tests.simulator.engine.bench import STEP_MS, T0, Bench, flat

P = 600_000
ETH = 300_000


def holding() -> Bench:
    """A long and a resting limit order and a stop."""
    bench = Bench([flat(P)] * 3).at(0)
    bench.trade(BUY, 10, stop=P - 9_000)
    bench.limit(BUY, 10, P - 5_000, client_id="rest")
    return bench


CHANGES: list[tuple[str, Callable[[Bench], object]]] = [
    ("market order", lambda bench: bench.market_order(BUY, 10)),
    ("resting limit order", lambda bench: bench.limit(BUY, 10, P - 1)),
    ("modified", lambda b: b.engine.modify("BTCUSDT", BUY, 9, P - 5_000, 0, "rest")),
    ("cancelled", lambda bench: bench.engine.cancel("BTCUSDT", client_id="rest")),
    ("conditional order", lambda bench: bench.target(SELL, P + 9_000, 10)),
    ("conditional cancelled", lambda bench: bench.engine.cancel_all_algos("BTCUSDT")),
    ("leverage", lambda bench: bench.engine.set_leverage("BTCUSDT", 21)),
    ("margin moved", lambda bench: bench.engine.move_margin("BTCUSDT", 1)),
    ("deposit", lambda bench: bench.engine.deposit(1)),
]


@pytest.mark.parametrize("change", [c[1] for c in CHANGES], ids=[c[0] for c in CHANGES])
def test_every_change_is_noted(change: Callable[[Bench], object]) -> None:
    bench = holding()
    before = bench.books.revision
    bench.at(1)
    assert bench.books.revision == before
    change(bench)
    assert bench.books.revision > before


def test_changed_modes_are_noted() -> None:
    bench = Bench([flat(P)]).at(0)
    revisions = [bench.books.revision]
    bench.engine.set_margin_type("BTCUSDT", "ISOLATED")
    revisions.append(bench.books.revision)
    bench.engine.set_dual_side(True)
    revisions.append(bench.books.revision)
    bench.engine.set_margin_type("BTCUSDT", "CROSSED")
    bench.engine.set_multi_assets(True)
    revisions.append(bench.books.revision)
    assert revisions == sorted(set(revisions))


def test_fills_and_incomes_by_symbol_order_and_time() -> None:
    costs = Costs(slippage_ppm=0)
    bench = Bench({"BTCUSDT": [flat(P)] * 3, "ETHUSDT": [flat(ETH)] * 3}, costs)
    for bar, symbol in enumerate(("BTCUSDT", "ETHUSDT", "BTCUSDT")):
        bench.at(bar).market_order(BUY, 100, symbol)
    engine, times = bench.engine, [T0 + bar * STEP_MS for bar in range(3)]

    def bars_of(rows: list[Fill]) -> list[int]:
        return [times.index(row.time_ms) for row in rows]

    assert bars_of(engine.fills()) == [0, 1, 2]
    assert bars_of(engine.fills("BTCUSDT")) == [0, 2]
    assert bars_of(engine.fills(start_ms=times[1])) == [1, 2]
    assert bars_of(engine.fills(end_ms=times[1])) == [0, 1]
    order_id = engine.all_orders("BTCUSDT")[1].order_id
    assert bars_of(engine.fills("BTCUSDT", order_id=order_id)) == [2]
    assert engine.fills("ETHUSDT", order_id=order_id) == []
    assert [row.type for row in engine.incomes()] == ["TRANSFER", *["COMMISSION"] * 3]
    assert len(engine.incomes("BTCUSDT")) == 2
    assert [row.time_ms for row in engine.incomes("", times[1], times[1])] == [times[1]]


def test_unrealised_profit_at_the_last_price() -> None:
    bench = Bench([flat(P), flat(P + 500), None]).at(0)
    assert bench.engine.unrealised_e8("BTCUSDT") == 0
    bench.market_order(SELL, 10)
    for bar in (1, 2):  # the third candle is missing: the last close
        bench.at(bar)
        assert bench.engine.unrealised_e8("BTCUSDT") == -10 * 500 * 10_000


def test_the_last_price_is_the_last_close_however_long_the_gap() -> None:
    bench = Bench({"BTCUSDT": [flat(P), *[None] * 40], "ETHUSDT": [flat(ETH)] * 41, "SOLUSDT": []})
    assert [bench.at(bar).engine.last_ticks("BTCUSDT") for bar in (0, 1, 2, 40)] == [P] * 4
    assert bench.engine.last_ticks("SOLUSDT") is None


def test_a_client_id_used_again_is_found_after_its_first_order_is_forgotten() -> None:
    bench = Bench([flat(P)]).at(0)
    for _ in range(2):
        bench.stop(SELL, P - 1_000, 10, client_id="again")
        bench.engine.cancel_algo(client_id="again")
    first, second = bench.books.ended_algos
    second.updated_ms += 1
    shelf = Shelf(bench.books.algos, bench.books.ended_algos, lambda algo: algo.algo_id)
    shelf.forget(second.updated_ms)
    assert (shelf.by_id(first.algo_id), shelf.by_client("BTCUSDT", "again")) == (None, second)


def test_the_position_knows_when_it_was_touched() -> None:
    bench = Bench([flat(P)] * 3).at(0)
    bench.market_order(BUY, 10)
    bench.at(1).market_order(BUY, 10)
    position = bench.position
    assert position is not None
    assert (position.opened_ms, position.updated_ms) == (T0, T0 + STEP_MS)
    bench.at(2).market_order(SELL, 5)
    assert position.updated_ms == T0 + 2 * STEP_MS


def test_margin_is_not_taken_out_when_that_would_liquidate_at_once() -> None:
    bench = Bench([flat(P), flat(542_170), flat(542_169)]).at(0)
    bench.engine.set_leverage("BTCUSDT", 10)
    bench.market_order(BUY, 10)
    bench.engine.move_margin("BTCUSDT", 2)
    bench.at(1).engine.move_margin("BTCUSDT", -1)
    bench.engine.move_margin("BTCUSDT", 50 * 10**8)
    bench.at(2)
    with pytest.raises(Refused) as refusal:
        bench.engine.move_margin("BTCUSDT", -50 * 10**8)
    assert refusal.value.code == -4051


def test_leverage_up_to_a_positions_exact_notional() -> None:
    bench = Bench([flat(P)], wallet=1_000_000).at(0)
    bench.market_order(BUY, 5_000)  # 300,000 USDT, the cap of 150x
    assert bench.engine.set_leverage("BTCUSDT", 150).leverage == 150


def test_unknown_symbols_and_orders() -> None:
    bench = Bench([flat(P)]).at(0)
    codes = []
    for ask in (
        lambda: bench.engine.order("NOUSDT", 1),
        lambda: bench.engine.cancel("NOUSDT", 1),
        lambda: bench.engine.settings("NOUSDT"),
        lambda: bench.engine.algo(1),
        lambda: bench.engine.algo(client_id="nobody"),
        lambda: bench.engine.cancel_algo(1),
    ):
        with pytest.raises(Refused) as refusal:
            ask()
        codes.append(refusal.value.code)
    assert codes == [-1121, -1121, -1121, -2013, -2013, -2011]


def test_of_equal_client_ids_on_two_symbols_the_open_order_is_found() -> None:
    bench = Bench({"BTCUSDT": [flat(P)], "ETHUSDT": [flat(ETH)]}).at(0)
    first = bench.stop(SELL, P - 1, 10, client_id="same")
    bench.engine.cancel_algo(first.algo_id)
    second = bench.stop(SELL, ETH - 1, 100, symbol="ETHUSDT", client_id="same")
    bench.engine.cancel_algo(second.algo_id)
    assert bench.engine.algo(client_id="same") is second
    third = bench.stop(SELL, P - 1, 10, client_id="same")
    assert bench.engine.algo(client_id="same") is third


def test_what_expired_says_when_and_why() -> None:
    bench = Bench([flat(P), flat(P)]).at(0)
    bench.market_order(BUY, 10)
    bound = bench.stop(SELL, P - 1, 10, time_in_force="GTE_GTC")
    bench.at(1).market_order(SELL, 10)
    assert (bound.status, bound.updated_ms, bound.reason) == (
        "EXPIRED",
        T0 + STEP_MS,
        "position closed",
    )


def test_a_minimum_of_several_lots_and_the_words_of_a_refusal() -> None:
    (btc,) = contracts_for(["BTCUSDT"])
    with pytest.raises(Refused) as few:
        filters.check_lots(replace(btc, min_lots=5), 4, market=True)
    filters.check_lots(replace(btc, min_lots=5), 5, market=True)
    with pytest.raises(Refused) as cheap:
        filters.check_price(replace(btc, price_min_ticks=9), 8)
    filters.check_price(replace(btc, price_min_ticks=9), 9)
    with pytest.raises(Refused) as band:
        filters.check_price_band(btc, BUY, 700_000, P)
    with pytest.raises(Refused) as small:
        filters.check_notional(btc, 1, 400_000)
    assert (few.value.code, cheap.value.code) == (-4004, -4013)
    assert band.value.message == "Limit price can't be higher than 63000.0."
    assert small.value.message.startswith("Order's notional must be no smaller than 50 (")
    assert filters.decimal_of_e8(123) == Decimal("0.00000123")


def test_a_liquidation_and_a_funding_payment_are_noted() -> None:
    ruin = Bench([flat(P), flat(P - 100_000)]).at(0)
    ruin.engine.set_leverage("BTCUSDT", 10)
    ruin.market_order(BUY, 10)
    paying = Bench([flat(P)] * 2, Costs(0, 0), rates={"BTCUSDT": [(T0 + STEP_MS, 10_000)]}).at(0)
    paying.market_order(BUY, 10)
    for bench in (ruin, paying):
        before = bench.books.revision
        bench.at(1)
        assert bench.books.revision == before + 1
