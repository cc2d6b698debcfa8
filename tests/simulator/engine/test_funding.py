"""Funding: when it is paid, by whom, on what mark, at what rate."""

from typing import Any

from simulator.engine.funding import DEFAULT_INTERVAL_MS, FundingSchedule
from simulator.engine.model import BUY, SELL, Costs
from tests.simulator.engine.bench import BTC, HOUR_MS, STEP_MS, T0, Bar, Bench, flat

P = 600_000
ONLY_FUNDING = Costs(fee_ppm=0, slippage_ppm=0, funding=True)
#: T0 is 00:05; bar 95 opens at 08:00.
EIGHT = 95
PAID = 6_000_000  # 600 USDT x 0.01 %


def paid_by_long(bars: list[Bar], costs: Costs = ONLY_FUNDING, **series: Any) -> int:
    """What a long of 0.01 BTC, bought at the first open, has paid at the end."""
    bench = Bench(bars, costs, **series).at(0)
    bench.market_order(BUY, 10)
    return bench.to_end().books.funding_e8


def test_a_position_held_into_the_open_of_a_funding_candle_pays() -> None:
    assert paid_by_long([flat(P)] * EIGHT) == 0
    assert paid_by_long([flat(P)] * (EIGHT + 1)) == PAID


def test_a_short_receives_and_the_wallet_says_so() -> None:
    bench = Bench([flat(P)] * (EIGHT + 1), ONLY_FUNDING).at(0)
    bench.market_order(SELL, 10)
    bench.to_end()
    income = bench.books.incomes[-1]
    assert (income.type, income.amount_e8) == ("FUNDING_FEE", PAID)
    assert income.time_ms == T0 + EIGHT * STEP_MS
    assert bench.wallet == 10_000 * 10**8 + PAID


def test_an_entry_at_that_open_does_not_pay() -> None:
    bench = Bench([flat(P)] * (EIGHT + 2), ONLY_FUNDING).at(EIGHT)
    bench.market_order(BUY, 10)
    assert bench.to_end().books.funding_e8 == 0


def test_a_late_entry_inside_that_candle_does_not_pay() -> None:
    bench = Bench([flat(P)] * (EIGHT + 2), ONLY_FUNDING).at(EIGHT + 0.4)
    bench.market_order(BUY, 10)
    assert bench.to_end().books.funding_e8 == 0


def test_a_position_closed_at_that_open_pays_first() -> None:
    bench = Bench([flat(P)] * EIGHT + [flat(P - 5_000)], ONLY_FUNDING).at(0)
    bench.trade(BUY, 10, stop=P - 1_000)
    bench.to_end()
    assert bench.position is None
    assert bench.books.funding_e8 == 5_950_000, "on the open it was closed at"


def test_a_position_closed_within_the_candle_before_does_not_pay() -> None:
    bars: list[Bar] = [flat(P)] * (EIGHT - 1) + [(P, P, P - 1_000, P), flat(P)]
    bench = Bench(bars, ONLY_FUNDING).at(0)
    bench.trade(BUY, 10, stop=P - 1_000)
    assert bench.to_end().books.funding_e8 == 0


def test_a_funding_time_on_a_missing_candle_is_paid_at_the_next_open() -> None:
    bars = [flat(P)] * EIGHT + [None, None, flat(P + 10_000)]
    assert paid_by_long(bars) == 6_100_000


def test_a_gap_over_two_funding_times_pays_twice() -> None:
    bars: list[Bar] = [flat(P)] + [None] * 200 + [flat(P)]
    assert paid_by_long(bars) == 2 * PAID


def test_a_funding_time_inside_a_candle_is_paid_at_the_next_open() -> None:
    rates = {BTC: [(T0 + 2 * STEP_MS + 60_000, 10_000)]}
    assert paid_by_long([flat(P)] * 3, rates=rates) == 0
    assert paid_by_long([flat(P)] * 4, rates=rates) == PAID


def test_the_jitter_of_the_exchange_is_cut_to_the_minute() -> None:
    rates = {BTC: [(T0 + 2 * STEP_MS + 29, 10_000)]}
    assert paid_by_long([flat(P)] * 2, rates=rates) == 0
    assert paid_by_long([flat(P)] * 3, rates=rates) == PAID


def test_a_series_replaces_the_default_times_and_rates() -> None:
    rates = {BTC: [(T0 + STEP_MS, -20_000)]}
    assert paid_by_long([flat(P)] * (EIGHT + 1), rates=rates) == -2 * PAID


def test_the_mark_of_the_funding_minute_is_used_else_the_open() -> None:
    rates = {BTC: [(T0 + STEP_MS + 7, 10_000), (T0 + 2 * STEP_MS, 10_000)]}
    marks = {BTC: [(T0 + STEP_MS, 500_000)]}
    assert paid_by_long([flat(P)] * 3, rates=rates, marks=marks) == 5_000_000 + PAID


def test_the_mark_of_a_funding_time_is_kept_when_it_is_paid_late() -> None:
    rates = {BTC: [(T0 + STEP_MS, 10_000)]}
    marks = {BTC: [(T0 + STEP_MS, 500_000)]}
    assert paid_by_long([flat(P), None, flat(P)], rates=rates, marks=marks) == 5_000_000


def test_a_funding_mark_liquidates_nobody() -> None:
    rates = {BTC: [(T0 + STEP_MS, 10_000)]}
    marks = {BTC: [(T0 + STEP_MS, 1)]}
    bench = Bench([flat(P)] * 3, ONLY_FUNDING, rates=rates, marks=marks).at(0)
    bench.market_order(BUY, 10)
    assert bench.to_end().position is not None


def test_funding_switched_off_is_never_paid() -> None:
    costs = Costs(fee_ppm=0, slippage_ppm=0, funding=False)
    assert paid_by_long([flat(P)] * (EIGHT + 1), costs) == 0


def test_a_turned_position_does_not_pay_for_the_old_one_again() -> None:
    bench = Bench([flat(P)] * (EIGHT + 2), ONLY_FUNDING).at(0)
    bench.market_order(BUY, 10)
    bench.at(EIGHT).market_order(SELL, 30)
    assert bench.to_end().books.funding_e8 == PAID


def test_what_the_venue_tells_about_funding() -> None:
    plain = FundingSchedule(ONLY_FUNDING, {}, {})
    assert plain.info(BTC, T0) == (T0 - STEP_MS + 8 * HOUR_MS, 10_000, DEFAULT_INTERVAL_MS)
    rates = {BTC: [(T0, 5), (T0 + 4 * HOUR_MS, 6)]}
    series = FundingSchedule(ONLY_FUNDING, rates, {})
    assert series.info(BTC, T0 - 1) == (T0, 10_000, 4 * HOUR_MS)
    assert series.info(BTC, T0) == (T0 + 4 * HOUR_MS, 5, 4 * HOUR_MS)
    assert series.info(BTC, T0 + 4 * HOUR_MS)[1] == 6
