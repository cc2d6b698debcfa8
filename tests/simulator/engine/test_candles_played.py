"""What candles do to a protected position: which order fills, where and when."""

from typing import Final

import pytest

from simulator.engine.model import BUY, SELL, Costs, Side
from tests.simulator.engine.bench import STEP_MS, Bar, Bench, flat

P = 600_000  # 60,000.0 USDT
END = STEP_MS - 1  # a candle's last ms, where fills within it happen

LONG: Final = BUY
SHORT: Final = SELL
STOPS: dict[Side, int] = {LONG: P - 1_000, SHORT: P + 1_000}
TARGETS: dict[Side, int] = {LONG: P + 4_000, SHORT: P - 4_000}

CASES: list[tuple[str, Side, list[Bar], tuple[int, int]]] = [
    # name, side, the candles after the entry's open (entry at the first), (fill price, time)
    ("stop inside the entry candle", LONG, [(P, P, P - 1_000, P)], (P - 1_000, END)),
    ("target inside the entry candle", LONG, [(P, P + 4_000, P, P)], (P + 4_000, END)),
    ("both inside: stop", LONG, [(P, P + 9_000, P - 9_000, P)], (P - 1_000, END)),
    ("open through the stop", LONG, [flat(P), flat(P - 2_000)], (P - 2_000, STEP_MS)),
    ("open at the stop", LONG, [flat(P), flat(P - 1_000)], (P - 1_000, STEP_MS)),
    ("open through the target", LONG, [flat(P), flat(P + 5_000)], (P + 5_000, STEP_MS)),
    (
        "stop at the open although the candle reaches the target",
        LONG,
        [flat(P), (P - 1_500, P + 9_000, P - 1_500, P)],
        (P - 1_500, STEP_MS),
    ),
    (
        "target at the open although the candle reaches the stop",
        LONG,
        [flat(P), (P + 4_100, P + 4_100, P - 9_000, P)],
        (P + 4_100, STEP_MS),
    ),
    (
        "a missing candle, then an open through the stop",
        LONG,
        [flat(P), None, flat(P - 3_000)],
        (
            P - 3_000,
            2 * STEP_MS,
        ),
    ),
    ("short: stop inside", SHORT, [(P, P + 1_000, P, P)], (P + 1_000, END)),
    ("short: target inside", SHORT, [(P, P, P - 4_000, P)], (P - 4_000, END)),
    ("short: both inside: stop", SHORT, [(P, P + 9_000, P - 9_000, P)], (P + 1_000, END)),
    ("short: open through the stop", SHORT, [flat(P), flat(P + 2_000)], (P + 2_000, STEP_MS)),
    ("short: open through the target", SHORT, [flat(P), flat(P - 5_000)], (P - 5_000, STEP_MS)),
]


@pytest.mark.parametrize(
    ("side", "bars", "want"), [case[1:] for case in CASES], ids=[case[0] for case in CASES]
)
def test_protection_fills(side: Side, bars: list[Bar], want: tuple[int, int]) -> None:
    bench = Bench(bars).at(0)
    bench.trade(side, 10, STOPS[side], TARGETS[side])
    bench.to_end()
    price, lots, time = bench.last_fill()
    assert (price, time) == want
    assert lots == 10
    assert bench.position is None
    assert len(bench.books.fills) == 2


def test_nothing_touched_leaves_everything_resting() -> None:
    bench = Bench([flat(P), (P, P + 3_999, P - 999, P)]).at(0)
    bench.trade(LONG, 10, STOPS[LONG], TARGETS[LONG])
    bench.to_end()
    assert bench.position is not None
    assert [algo.status for algo in bench.engine.open_algos()] == ["NEW", "NEW"]


def test_stop_and_target_slip_like_market_orders() -> None:
    costs = Costs(fee_ppm=0, slippage_ppm=100, funding=False)
    bench = Bench([(P, P, P - 1_001, P)], costs).at(0)
    bench.trade(LONG, 10, stop=P - 1_001)
    assert bench.last_fill()[0] == P + 60
    bench.to_end()
    # 598999 x 0.9999 = 598939.1001, a sell goes down
    assert bench.last_fill()[0] == 598_939


def test_the_price_stands_at_the_open_while_the_candle_runs() -> None:
    bench = Bench([(P, P + 500, P - 1_000, P + 400)]).at(0.9)
    bench.trade(LONG, 10, stop=P - 1_000)
    assert bench.last_fill() == (P, 10, round(0.9 * STEP_MS))
    assert bench.engine.standing_ticks("BTCUSDT") == P
    bench.at(0.999)
    assert bench.books.positions, "what happens inside is known when the candle is over"
    bench.at(1)
    assert bench.books.positions == {}
    assert bench.last_fill() == (P - 1_000, 10, END)


def test_the_tightest_of_two_stops_fills_and_the_other_finds_nothing_to_reduce() -> None:
    bench = Bench([(P, P, P - 2_000, P)]).at(0)
    bench.trade(LONG, 10, stop=P - 1_500)
    bench.stop(SELL, P - 500, 10, client_id="tighter")
    bench.to_end()
    assert bench.last_fill()[0] == P - 500
    assert bench.status_of("tighter") == "FINISHED"
    loser = bench.engine.algo(client_id=f"stop-{P - 1_500}")
    assert (loser.status, loser.reason) == ("REJECTED", "Reduce Only reject")


def test_two_stops_of_half_the_quantity_both_fill_in_one_candle() -> None:
    bench = Bench([(P, P, P - 2_000, P)]).at(0)
    bench.market_order(BUY, 10)
    bench.stop(SELL, P - 500, 4)
    bench.stop(SELL, P - 1_500, 6)
    bench.to_end()
    assert [(f.ticks, f.lots) for f in bench.books.fills[1:]] == [(P - 500, 4), (P - 1_500, 6)]
    assert bench.position is None


def test_the_nearest_of_two_targets_fills_first() -> None:
    bench = Bench([(P, P + 9_000, P, P)]).at(0)
    bench.market_order(BUY, 10)
    bench.target(SELL, P + 8_000, 10)
    bench.target(SELL, P + 2_000, 4)
    bench.to_end()
    assert [(f.ticks, f.lots) for f in bench.books.fills[1:]] == [(P + 2_000, 4), (P + 8_000, 6)]


def test_an_orphan_that_is_not_touched_stays() -> None:
    bench = Bench([(P, P, P - 1_000, P), flat(P)]).at(0)
    bench.trade(LONG, 10, STOPS[LONG], TARGETS[LONG])
    bench.to_end()
    assert [algo.client_id for algo in bench.engine.open_algos()] == [f"target-{P + 4_000}"]


@pytest.mark.parametrize(
    ("side", "kind", "open_", "fires"),
    [
        (SELL, "STOP_MARKET", P - 1_000, True),
        (SELL, "STOP_MARKET", P + 1_000, False),
        (SELL, "TAKE_PROFIT_MARKET", P + 1_000, True),
        (SELL, "TAKE_PROFIT_MARKET", P - 1_000, False),
        (BUY, "STOP_MARKET", P + 1_000, True),
        (BUY, "STOP_MARKET", P - 1_000, False),
        (BUY, "TAKE_PROFIT_MARKET", P - 1_000, True),
        (BUY, "TAKE_PROFIT_MARKET", P + 1_000, False),
    ],
)
def test_an_orphan_is_rejected_when_it_triggers_flat(
    side: Side, kind: str, open_: int, fires: bool
) -> None:
    bench = Bench([flat(P), flat(open_)]).at(0)
    up = (side == BUY) == (kind == "STOP_MARKET")
    place = bench.stop if kind == "STOP_MARKET" else bench.target
    algo = place(side, P + 500 if up else P - 500, 10)
    bench.to_end()
    assert algo.status == ("REJECTED" if fires else "NEW")
    assert algo.triggered_ms == (bench.books.played_to_ms - STEP_MS if fires else 0)
    assert bench.engine.all_orders() == []


def test_a_foreign_conditional_entry_opens_a_position() -> None:
    bench = Bench([(P, P + 2_000, P, P)]).at(0)
    bench.stop(BUY, P + 1_000, 10, reduce_only=False)
    bench.to_end()
    position = bench.position
    assert position is not None
    assert (position.side, position.lots, position.quote) == (BUY, 10, 10 * (P + 1_000))


def test_a_foreign_conditional_entry_without_money_is_rejected_at_its_trigger() -> None:
    bench = Bench([(P, P + 2_000, P, P)], wallet=20).at(0)
    algo = bench.stop(BUY, P + 1_000, 10, reduce_only=False)
    bench.to_end()
    assert (algo.status, algo.reason) == ("REJECTED", "Margin is insufficient.")
    assert bench.position is None


def test_symbols_are_played_in_time_order_closes_before_opens() -> None:
    eth = 300_000
    bench = Bench(
        {
            "BTCUSDT": [flat(P), flat(P - 2_000)],  # BTC closes at the second open
            "ETHUSDT": [(eth, eth, eth - 900, eth), flat(eth)],  # ETH within the first candle
        }
    ).at(0)
    bench.market_order(BUY, 10)
    bench.stop(SELL, P - 1_000, 10)
    bench.market_order(BUY, 100, "ETHUSDT")
    bench.stop(SELL, eth - 900, 100, symbol="ETHUSDT")
    bench.to_end()
    assert [fill.symbol for fill in bench.books.fills[2:]] == ["ETHUSDT", "BTCUSDT"]
    times = [fill.time_ms for fill in bench.books.fills]
    assert times == sorted(times)


def test_an_order_placed_at_a_ticker_price_sees_only_the_way_to_the_close() -> None:
    # Live prices: the candle opened at P and fell before we bought at P - 3000. Its high (the
    # open) must not count as our target reached, nor its low before as our stop.
    bench = Bench([(P, P, P - 5_000, P - 3_500), (P - 3_500, P, P - 3_500, P)])
    bench.market.ticker["BTCUSDT"] = P - 3_000
    bench.at(0.5)
    bench.trade(LONG, 10, stop=P - 4_000, target=P - 2_000)
    bench.at(1)
    assert bench.position is not None
    bench.to_end()
    assert bench.last_fill() == (P - 2_000, 10, STEP_MS + END)


@pytest.mark.parametrize(("close", "filled"), [(P - 4_500, 1), (P - 4_000, 1), (P - 3_999, 0)])
def test_an_order_placed_at_a_ticker_price_fires_when_the_close_is_at_or_beyond_it(
    close: int, filled: int
) -> None:
    bench = Bench([(P, P, P - 5_000, close)])
    bench.market.ticker["BTCUSDT"] = P - 3_000
    bench.at(0.5)
    bench.trade(LONG, 10, stop=P - 4_000, target=P - 2_000)
    bench.at(1)
    assert bench.books.fills[1:] == bench.engine.fills(start_ms=bench.books.played_to_ms - 1)
    assert len(bench.books.fills) == 1 + filled
    assert bench.last_fill()[0] == (P - 4_000 if filled else P - 3_000)


def test_a_limit_order_placed_at_a_ticker_price_sees_only_the_way_to_the_close() -> None:
    bench = Bench([(P, P, P - 5_000, P - 3_500), flat(P - 3_500), flat(P - 4_000)])
    bench.market.ticker["BTCUSDT"] = P - 3_000
    bench.at(0.5)
    behind = bench.limit(LONG, 10, P - 4_000)
    ahead = bench.limit(LONG, 10, P - 3_500)
    bench.at(1)
    assert [(order.status, order.filled_lots) for order in (behind, ahead)] == [
        ("NEW", 0),
        ("FILLED", 10),
    ]
    bench.to_end()
    assert behind.status == "FILLED"
