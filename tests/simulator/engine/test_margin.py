"""Margin, leverage, brackets and liquidation."""

import pytest

from simulator.engine.model import BUY, SELL, Costs, Side
from simulator.engine.refused import Refused
from tests.simulator.engine.bench import FREE, STEP_MS, Bench, flat

P = 600_000
U = 10_000


def refused_with(code: int) -> "pytest.RaisesExc[Refused]":
    return pytest.RaisesExc(Refused, check=lambda refusal: refusal.code == code)


def ten_times(bench: Bench) -> Bench:
    bench.at(0).engine.set_leverage("BTCUSDT", 10)
    return bench


def test_isolated_margin_and_liquidation_price_of_the_worked_example() -> None:
    bench = ten_times(Bench([flat(P)]))
    bench.market_order(BUY, 10)
    position = bench.position
    assert position is not None
    assert (position.margin_e8, position.liquidation_ticks) == (60 * 10**8, 542_169)
    bench.market_order(SELL, 20)
    short = bench.position
    assert short is not None
    assert short.liquidation_ticks == 657_371


def test_the_bracket_of_the_entry_notional_decides() -> None:
    # 300,000 USDT belong to the first bracket, more to the second.
    at_cap = ten_times(Bench([flat(P)], wallet=100_000))
    at_cap.market_order(BUY, 5_000)
    above = ten_times(Bench([flat(P)], wallet=100_000))
    above.market_order(BUY, 5_010)
    first, second = at_cap.position, above.position
    assert first is not None
    assert second is not None
    # Notional less margin (and less the tier's 300), over quantity x (1 - ratio).
    assert first.liquidation_ticks == round(270_000 / (5 * 0.996) * 10)
    assert second.liquidation_ticks == round((270_540 - 300) / (5.01 * 0.995) * 10)


@pytest.mark.parametrize(
    ("side", "bars", "time"),
    [
        (BUY, [flat(P), flat(542_169)], STEP_MS),
        (BUY, [flat(P), flat(500_000)], STEP_MS),
        (BUY, [(P, P, 542_169, P)], STEP_MS - 1),
        (SELL, [flat(P), flat(657_371)], STEP_MS),
        (SELL, [(P, 700_000, P, P)], STEP_MS - 1),
    ],
)
def test_liquidation_takes_the_isolated_margin_and_no_fee(
    side: Side, bars: list[tuple[int, int, int, int]], time: int
) -> None:
    bench = ten_times(Bench(list(bars)))
    bench.market_order(side, 10)
    bench.to_end()
    level = 542_169 if side == BUY else 657_371
    assert bench.last_fill() == (level, 10, time)
    assert bench.position is None
    assert bench.wallet == (10_000 - 60) * 10**8
    fill, income = bench.books.fills[-1], bench.books.incomes[-1]
    assert (fill.realised_e8, fill.fee_e8) == (-60 * 10**8, 0)
    assert (income.type, income.amount_e8) == ("INSURANCE_CLEAR", -60 * 10**8)
    order = bench.engine.order("BTCUSDT", fill.order_id)
    assert order.client_id.startswith("autoclose-")
    assert (order.status, order.side) == ("FILLED", -side)


def test_a_candle_one_tick_short_of_the_level_liquidates_nothing() -> None:
    bench = ten_times(Bench([(P, P, 542_170, P)]))
    bench.market_order(BUY, 10)
    bench.to_end()
    assert bench.position is not None


def test_at_an_open_liquidation_goes_before_the_stop() -> None:
    bench = ten_times(Bench([flat(P), flat(500_000)]))
    bench.trade(BUY, 10, stop=590_000)
    bench.to_end()
    assert bench.last_fill()[0] == 542_169
    assert bench.status_of("stop-590000") == "REJECTED"


def test_within_a_candle_the_stop_goes_before_liquidation() -> None:
    bench = ten_times(Bench([(P, P, 500_000, P)]))
    bench.trade(BUY, 10, stop=590_000)
    bench.to_end()
    assert bench.last_fill()[0] == 590_000


def test_within_a_candle_liquidation_goes_before_the_target() -> None:
    bench = ten_times(Bench([(P, 700_000, 500_000, P)]))
    bench.trade(BUY, 10, target=610_000)
    bench.to_end()
    assert bench.last_fill()[0] == 542_169


def test_fees_and_funding_do_not_move_the_margin() -> None:
    costs = Costs(fee_ppm=500, slippage_ppm=0, funding=True)
    bench = ten_times(Bench([flat(P)] * 200, costs))
    bench.market_order(BUY, 10)
    bench.to_end()
    position = bench.position
    assert position is not None
    assert bench.books.funding_e8 > 0
    assert position.margin_e8 == 60 * 10**8


@pytest.mark.parametrize(
    ("wallet", "lots", "side", "passes"),
    [
        # 10x: 60 per 0.01 BTC, and 0.03 % of 600.3 as a buyer's open loss, no fee
        (61, 10, BUY, True),
        (60, 10, BUY, False),  # ask x 1.0005: 60.03 + 0.3
        (60, 10, SELL, True),
        (59, 10, SELL, False),
    ],
)
def test_margin_of_a_market_order(wallet: int, lots: int, side: Side, passes: bool) -> None:
    bench = ten_times(Bench([flat(P)], FREE, wallet=wallet))
    if passes:
        bench.market_order(side, lots)
        assert bench.position is not None
    else:
        with refused_with(-2019):
            bench.market_order(side, lots)


def test_the_fee_must_be_there_too() -> None:
    costs = Costs(fee_ppm=500, slippage_ppm=0, funding=False)
    bench = ten_times(Bench([flat(P)], costs, wallet=60))
    with refused_with(-2019):
        bench.market_order(SELL, 10)
    enough = ten_times(Bench([flat(P)], costs, wallet=61))
    assert enough.market_order(SELL, 10).status == "FILLED"  # 60 and a fee of 0.30


def test_margins_of_all_positions_are_in_use() -> None:
    bench = Bench({"BTCUSDT": [flat(P)], "ETHUSDT": [flat(300_000)]}, wallet=100).at(0)
    for symbol in ("BTCUSDT", "ETHUSDT"):
        bench.engine.set_leverage(symbol, 10)
    bench.market_order(SELL, 10)
    assert bench.engine.available_e8() == 40 * 10**8
    with refused_with(-2019):
        bench.market_order(SELL, 200, "ETHUSDT")  # 60 USDT
    bench.market_order(SELL, 130, "ETHUSDT")  # 39 USDT


def test_turning_round_needs_margin_for_the_new_side_only() -> None:
    bench = ten_times(Bench([flat(P)], wallet=70))
    bench.market_order(BUY, 10)
    bench.market_order(SELL, 20)
    assert bench.position is not None
    with refused_with(-2019):
        bench.market_order(BUY, 30)


def test_a_position_above_the_cap_of_its_leverage_is_refused() -> None:
    # 50x: tier 4, 12 million. 20,000 lots of 600 = 12 million.
    bench = Bench([flat(P), flat(P + 1)], wallet=10_000_000).at(0)
    bench.engine.set_leverage("BTCUSDT", 50)
    bench.market_order(BUY, 120_000)
    bench.market_order(BUY, 79_999)
    with refused_with(-2027):
        bench.market_order(BUY, 2)
    bench.market_order(BUY, 1)
    bench.market_order(SELL, 1)
    bench.at(1)
    with refused_with(-2027):
        bench.market_order(BUY, 1)
    bench.market_order(SELL, 100)


def test_leverage_is_bounded_and_never_lowered_on_a_position() -> None:
    bench = Bench([flat(P)]).at(0)
    engine = bench.engine
    assert engine.settings("BTCUSDT").leverage == 20
    for wrong in (0, -1, 151):
        with refused_with(-4028):
            engine.set_leverage("BTCUSDT", wrong)
    engine.set_leverage("BTCUSDT", 10)
    bench.market_order(BUY, 10)
    with refused_with(-4161):
        engine.set_leverage("BTCUSDT", 9)
    engine.set_leverage("BTCUSDT", 10)
    engine.set_leverage("BTCUSDT", 20)
    position = bench.position
    assert position is not None
    assert (position.margin_e8, position.extra_e8) == (60 * 10**8, 30 * 10**8)
    assert position.liquidation_ticks == 542_169


def test_leverage_beyond_a_positions_notional_is_refused() -> None:
    bench = Bench([flat(P)], wallet=1_000_000).at(0)
    bench.market_order(BUY, 6_000)  # 360,000 USDT
    with refused_with(-2027):
        bench.engine.set_leverage("BTCUSDT", 125)


def test_margin_type() -> None:
    bench = Bench([flat(P)]).at(0)
    engine = bench.engine
    assert engine.settings("BTCUSDT").margin_type == "CROSSED"
    engine.set_margin_type("BTCUSDT", "ISOLATED")
    with refused_with(-4046):
        engine.set_margin_type("BTCUSDT", "ISOLATED")
    bench.stop(SELL, P - 1_000, 10)
    with refused_with(-4047):
        engine.set_margin_type("BTCUSDT", "CROSSED")
    engine.cancel_all_algos("BTCUSDT")
    bench.market_order(BUY, 10)
    with refused_with(-4048):
        engine.set_margin_type("BTCUSDT", "CROSSED")
    with refused_with(-4167):
        engine.set_multi_assets(True)


def test_account_modes() -> None:
    bench = Bench([flat(P)]).at(0)
    engine = bench.engine
    with refused_with(-4059):
        engine.set_dual_side(False)
    with refused_with(-4171):
        engine.set_multi_assets(False)
    engine.set_multi_assets(True)
    with refused_with(-4168):
        engine.set_margin_type("BTCUSDT", "ISOLATED")
    bench.limit(BUY, 10, P - 1_000)
    with refused_with(-4067):
        engine.set_dual_side(True)
    engine.cancel_all("BTCUSDT")
    bench.market_order(BUY, 10)
    with refused_with(-4068):
        engine.set_dual_side(True)
    bench.market_order(SELL, 10)
    engine.set_dual_side(True)
    with refused_with(-4061):
        bench.market_order(BUY, 10)
    with refused_with(-4061):
        bench.stop(SELL, P - 1_000, 10)


def test_moving_margin_moves_the_liquidation_price() -> None:
    bench = ten_times(Bench([flat(P)]))
    with refused_with(-4054):
        bench.engine.move_margin("BTCUSDT", 10**8)
    bench.market_order(BUY, 10)
    bench.engine.move_margin("BTCUSDT", 40 * 10**8)
    position = bench.position
    assert position is not None
    assert position.margin_e8 == 100 * 10**8
    assert position.liquidation_ticks == round(500 / (0.01 * 0.996) * 10)
    assert bench.wallet == 10_000 * 10**8
    bench.market_order(SELL, 5, reduce_only=True)
    assert position.extra_e8 == 20 * 10**8
    with refused_with(-4051):
        bench.engine.move_margin("BTCUSDT", -21 * 10**8)
    with refused_with(-4051):
        bench.engine.move_margin("BTCUSDT", 10_000 * 10**8)
    bench.engine.move_margin("BTCUSDT", -20 * 10**8)
    assert position.liquidation_ticks == 542_169
