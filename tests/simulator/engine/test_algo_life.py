"""The life of a conditional order: placed, refused, triggered, cancelled, expired."""

from typing import Any

import pytest

from simulator.engine.model import BUY, SELL
from simulator.engine.refused import Refused
from tests.simulator.engine.bench import STEP_MS, T0, Bench, flat

P = 600_000
AGAINST_A_LONG = [
    # name, kind, side, trigger: fires at placement while P stands
    ("sell stop at the price", "STOP_MARKET", SELL, P),
    ("sell stop above the price", "STOP_MARKET", SELL, P + 1),
    ("buy stop at the price", "STOP_MARKET", BUY, P),
    ("buy stop below the price", "STOP_MARKET", BUY, P - 1),
    ("sell target at the price", "TAKE_PROFIT_MARKET", SELL, P),
    ("sell target below the price", "TAKE_PROFIT_MARKET", SELL, P - 1),
    ("buy target at the price", "TAKE_PROFIT_MARKET", BUY, P),
    ("buy target above the price", "TAKE_PROFIT_MARKET", BUY, P + 1),
]


@pytest.mark.parametrize(
    ("kind", "side", "ticks"), [c[1:] for c in AGAINST_A_LONG], ids=[c[0] for c in AGAINST_A_LONG]
)
def test_an_order_that_would_fire_at_once_is_refused(kind: Any, side: Any, ticks: int) -> None:
    bench = Bench([flat(P)]).at(0)
    with pytest.raises(Refused) as refusal:
        bench.algo(kind, side, ticks, 10)
    assert refusal.value.code == -2021
    assert refusal.value.message == "Order would immediately trigger."
    assert bench.engine.all_algos() == []


def test_a_trigger_makes_a_plain_order_with_a_new_id_and_the_same_client_id() -> None:
    bench = Bench([(P, P, P - 1_000, P)]).at(0)
    bench.trade(BUY, 10, stop=P - 1_000)
    name = f"stop-{P - 1_000}"
    with pytest.raises(Refused) as refusal:
        bench.engine.order("BTCUSDT", client_id=name)
    assert refusal.value.code == -2013, "before the trigger it is in the conditional store only"
    bench.to_end()
    algo, child = bench.engine.algo(client_id=name), bench.engine.order("BTCUSDT", 0, name)
    assert algo.status == "FINISHED"
    assert algo.triggered_ms == algo.updated_ms == T0 + STEP_MS - 1
    assert algo.actual_order_id == child.order_id
    assert (algo.actual_lots, algo.actual_quote) == (10, 10 * (P - 1_000))
    assert (child.status, child.type, child.reduce_only) == ("FILLED", "MARKET", True)
    assert child.time_ms == algo.triggered_ms
    assert [fill.order_id for fill in bench.books.fills][-1] == child.order_id
    assert bench.engine.open_algos() == []
    with pytest.raises(Refused) as late:
        bench.engine.cancel_algo(client_id=name)
    assert late.value.code == -2011


def test_a_reduce_only_quantity_beyond_the_position_is_trimmed_at_the_trigger() -> None:
    bench = Bench([(P, P, P - 1_000, P)]).at(0)
    bench.market_order(BUY, 10)
    algo = bench.stop(SELL, P - 1_000, 25)
    bench.to_end()
    assert bench.position is None
    assert (algo.lots, algo.actual_lots) == (25, 10)


def test_cancelling_ends_it_and_it_never_fires() -> None:
    bench = Bench([(P, P, P - 1_000, P)]).at(0)
    bench.trade(BUY, 10, stop=P - 1_000)
    algo = bench.engine.cancel_algo(client_id=f"stop-{P - 1_000}")
    bench.to_end()
    assert algo.status == "CANCELED"
    assert bench.position is not None


def test_cancelling_all_leaves_other_symbols_and_plain_orders() -> None:
    bench = Bench({"BTCUSDT": [flat(P)], "ETHUSDT": [flat(300_000)]}).at(0)
    bench.stop(SELL, P - 1_000, 10)
    bench.stop(SELL, 290_000, 100, symbol="ETHUSDT")
    bench.limit(BUY, 10, P - 5_000)
    assert len(bench.engine.cancel_all_algos("BTCUSDT")) == 1
    assert [algo.symbol for algo in bench.engine.open_algos()] == ["ETHUSDT"]
    assert len(bench.engine.open_orders()) == 1


def test_an_open_client_id_is_taken_and_an_ended_one_is_free_again() -> None:
    bench = Bench([flat(P)]).at(0)
    bench.stop(SELL, P - 1_000, 10, client_id="mine")
    with pytest.raises(Refused) as refusal:
        bench.stop(SELL, P - 2_000, 10, client_id="mine")
    assert refusal.value.code == -4116
    first = bench.engine.cancel_algo(client_id="mine")
    second = bench.stop(SELL, P - 2_000, 10, client_id="mine")
    assert bench.engine.algo(client_id="mine") is second
    assert bench.engine.algo(algo_id=first.algo_id) is first


def test_the_two_stores_do_not_share_client_ids() -> None:
    bench = Bench([flat(P)]).at(0)
    bench.stop(SELL, P - 1_000, 10, client_id="mine")
    bench.limit(BUY, 10, P - 5_000, client_id="mine")
    assert len(bench.engine.open_orders()) == len(bench.engine.open_algos()) == 1


def test_the_200_first_open_conditional_orders_are_taken() -> None:
    bench = Bench([flat(P)]).at(0)
    for i in range(200):
        bench.stop(SELL, P - 1_000 - i, 10)
    with pytest.raises(Refused) as refusal:
        bench.stop(SELL, P - 1_000, 10)
    assert refusal.value.code == -4045


CLOSE = {"reduce_only": False, "close_position": True}


def test_close_position_needs_a_position_in_that_direction() -> None:
    bench = Bench([flat(P)]).at(0)
    with pytest.raises(Refused) as flat_refusal:
        bench.stop(SELL, P - 1_000, 0, **CLOSE)
    bench.market_order(BUY, 10)
    with pytest.raises(Refused) as wrong_side:
        bench.stop(BUY, P + 1_000, 0, **CLOSE)
    assert flat_refusal.value.code == wrong_side.value.code == -4509


def test_close_position_exists_once_per_kind_and_direction() -> None:
    bench = Bench([flat(P)]).at(0)
    bench.market_order(BUY, 10)
    bench.stop(SELL, P - 1_000, 0, **CLOSE)
    bench.target(SELL, P + 1_000, 0, **CLOSE)
    with pytest.raises(Refused) as refusal:
        bench.stop(SELL, P - 2_000, 0, **CLOSE)
    assert refusal.value.code == -4130


def test_close_position_takes_no_quantity_and_no_reduce_only() -> None:
    bench = Bench([flat(P)]).at(0)
    bench.market_order(BUY, 10)
    with pytest.raises(Refused) as quantity:
        bench.stop(SELL, P - 1_000, 10, **CLOSE)
    with pytest.raises(Refused) as reduce_only:
        bench.stop(SELL, P - 1_000, 0, reduce_only=True, close_position=True)
    assert (quantity.value.code, reduce_only.value.code) == (-4137, -1106)


def test_close_position_closes_what_there_is_and_expires_with_the_position() -> None:
    bench = Bench([(P, P, P - 1_000, P)]).at(0)
    bench.market_order(BUY, 10)
    stop = bench.stop(SELL, P - 1_000, 0, **CLOSE)
    target = bench.target(SELL, P + 9_000, 0, **CLOSE)
    bench.market_order(BUY, 5)
    assert (stop.time_in_force, stop.reduce_only) == ("GTE_GTC", True)
    bench.to_end()
    assert bench.position is None
    assert (stop.status, stop.actual_lots) == ("FINISHED", 15)
    assert target.status == "EXPIRED"


def test_gte_gtc_with_a_quantity_expires_when_the_position_is_closed_by_hand() -> None:
    bench = Bench([flat(P)]).at(0)
    bench.market_order(BUY, 10)
    bound = bench.stop(SELL, P - 1_000, 10, time_in_force="GTE_GTC")
    free = bench.stop(SELL, P - 2_000, 10)
    bench.market_order(SELL, 10, reduce_only=True)
    assert (bound.status, free.status) == ("EXPIRED", "NEW")


def test_gte_gtc_expires_when_the_position_turns_round() -> None:
    bench = Bench([flat(P)]).at(0)
    bench.market_order(BUY, 10)
    bound = bench.stop(SELL, P - 1_000, 10, time_in_force="GTE_GTC")
    bench.market_order(SELL, 30)
    assert bound.status == "EXPIRED"


@pytest.mark.parametrize(
    ("lots", "ticks", "code"),
    [
        (0, P - 1_000, -4003),
        (120_001, P - 1_000, -4005),
        (10, 0, -4013),
        (10, 45_297_641, -4002),
    ],
)
def test_filters_of_conditional_orders(lots: int, ticks: int, code: int) -> None:
    bench = Bench([flat(P)]).at(0)
    with pytest.raises(Refused) as refusal:
        bench.stop(SELL, ticks, lots)
    assert refusal.value.code == code


def test_a_target_may_lie_far_from_the_price() -> None:
    bench = Bench([flat(P)]).at(0)
    assert bench.target(SELL, 2 * P, 10).status == "NEW"


def test_an_entry_below_the_minimum_notional_is_refused_a_reduction_is_not() -> None:
    bench = Bench([flat(P)]).at(0)
    bench.stop(BUY, P + 1_000, 1, reduce_only=False)  # 60.1 USDT
    with pytest.raises(Refused) as refusal:
        bench.target(BUY, 400_000, 1, reduce_only=False)  # 40 USDT
    assert refusal.value.code == -4164
    bench.stop(SELL, 400_000, 1)


def test_an_open_plain_order_is_found_before_a_child_of_the_same_client_id() -> None:
    bench = Bench([(P, P, P - 1_000, P), flat(P)]).at(0)
    bench.market_order(BUY, 10)
    bench.stop(SELL, P - 1_000, 10, client_id="mine")
    resting = bench.limit(BUY, 10, P - 9_000, client_id="mine")
    bench.to_end()
    child_id = bench.engine.algo(client_id="mine").actual_order_id
    assert bench.engine.order("BTCUSDT", client_id="mine") is resting
    bench.engine.cancel("BTCUSDT", client_id="mine")
    assert bench.engine.order("BTCUSDT", client_id="mine").order_id == child_id
