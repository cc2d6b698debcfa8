"""The fill rules and the money arithmetic, as tables."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.engine import fills
from simulator.engine.fills import LIQUIDATED, NONE, STOP, TARGET

LONG, SHORT = 1, -1

OPEN_CASES = [
    # name                                      side   open stop target liq   result
    ("long, open between the levels", LONG, 100, 90, 110, 50, (NONE, 0)),
    ("long, open at the stop", LONG, 90, 90, 110, 50, (STOP, 90)),
    ("long, open beyond the stop fills at the open", LONG, 80, 90, 110, 50, (STOP, 80)),
    ("long, one tick above the stop", LONG, 91, 90, 110, 50, (NONE, 0)),
    ("long, open at the target", LONG, 110, 90, 110, 50, (TARGET, 110)),
    ("long, open beyond the target fills at the open", LONG, 120, 90, 110, 50, (TARGET, 120)),
    ("long, one tick below the target", LONG, 109, 90, 110, 50, (NONE, 0)),
    ("long, open at liquidation goes before the stop", LONG, 50, 90, 110, 50, (LIQUIDATED, 50)),
    ("long, open beyond liquidation fills at its level", LONG, 40, 90, 0, 50, (LIQUIDATED, 50)),
    ("long, no levels at all", LONG, 1, 0, 0, 0, (NONE, 0)),
    ("long, moved stop above the entry", LONG, 101, 101, 110, 50, (STOP, 101)),
    ("short, open between the levels", SHORT, 100, 110, 90, 150, (NONE, 0)),
    ("short, open at the stop", SHORT, 110, 110, 90, 150, (STOP, 110)),
    ("short, open beyond the stop fills at the open", SHORT, 120, 110, 90, 150, (STOP, 120)),
    ("short, open at the target", SHORT, 90, 110, 90, 150, (TARGET, 90)),
    ("short, open beyond the target", SHORT, 80, 110, 90, 150, (TARGET, 80)),
    ("short, open at liquidation", SHORT, 150, 110, 90, 150, (LIQUIDATED, 150)),
    ("short, open beyond liquidation", SHORT, 170, 110, 90, 150, (LIQUIDATED, 150)),
    ("short, no levels at all", SHORT, 999, 0, 0, 0, (NONE, 0)),
]


@pytest.mark.parametrize(
    ("side", "open_", "stop", "target", "liq", "want"),
    [case[1:] for case in OPEN_CASES],
    ids=[case[0] for case in OPEN_CASES],
)
def test_open_fill(
    side: int, open_: int, stop: int, target: int, liq: int, want: tuple[int, int]
) -> None:
    assert fills.open_fill(side, open_, stop, target, liq) == want


CANDLE_CASES = [
    # name                                     side  high low  stop target liq   result
    ("long, nothing touched", LONG, 109, 91, 90, 110, 50, (NONE, 0)),
    ("long, low at the stop", LONG, 105, 90, 90, 110, 50, (STOP, 90)),
    ("long, low through the stop fills at the stop", LONG, 105, 80, 90, 110, 50, (STOP, 90)),
    ("long, high at the target", LONG, 110, 95, 90, 110, 50, (TARGET, 110)),
    ("long, high through the target fills there", LONG, 130, 95, 90, 110, 50, (TARGET, 110)),
    ("long, both inside: the stop is assumed", LONG, 130, 80, 90, 110, 50, (STOP, 90)),
    ("long, stop goes before liquidation", LONG, 105, 40, 90, 110, 50, (STOP, 90)),
    ("long, no stop: liquidation goes before target", LONG, 130, 40, 0, 110, 50, (LIQUIDATED, 50)),
    ("long, no stop, low one above liquidation", LONG, 105, 51, 0, 110, 50, (NONE, 0)),
    ("short, nothing touched", SHORT, 109, 91, 110, 90, 150, (NONE, 0)),
    ("short, high at the stop", SHORT, 110, 95, 110, 90, 150, (STOP, 110)),
    ("short, low at the target", SHORT, 105, 90, 110, 90, 150, (TARGET, 90)),
    ("short, both inside: the stop is assumed", SHORT, 130, 80, 110, 90, 150, (STOP, 110)),
    ("short, no stop: liquidation", SHORT, 160, 80, 0, 90, 150, (LIQUIDATED, 150)),
]


@pytest.mark.parametrize(
    ("side", "high", "low", "stop", "target", "liq", "want"),
    [case[1:] for case in CANDLE_CASES],
    ids=[case[0] for case in CANDLE_CASES],
)
def test_candle_fill(
    side: int, high: int, low: int, stop: int, target: int, liq: int, want: tuple[int, int]
) -> None:
    assert fills.candle_fill(side, high, low, stop, target, liq, 0) == want


@pytest.mark.parametrize(
    ("side", "worst", "liq", "ppm", "want"),
    [
        (LONG, 80, 50, 100_000, (STOP, 89)),  # a tenth of ten ticks
        (LONG, 81, 50, 100_000, (STOP, 89)),  # 0.9 of a tick is rounded to the worse one
        (LONG, 90, 50, 500_000, (STOP, 90)),  # no way beyond the stop
        (LONG, 61, 50, 1_000_000, (STOP, 61)),
        (LONG, 40, 50, 500_000, (STOP, 65)),
        (LONG, 10, 50, 500_000, (LIQUIDATED, 50)),
        (LONG, 10, 0, 500_000, (STOP, 50)),
        (SHORT, 101, 130, 100_000, (STOP, 92)),  # the stop of both is 90
        (SHORT, 91, 130, 500_000, (STOP, 91)),
        (SHORT, 200, 130, 500_000, (LIQUIDATED, 130)),
    ],
)
def test_a_stop_in_a_rush_fills_on_the_way_to_the_worst_price(
    side: int, worst: int, liq: int, ppm: int, want: tuple[int, int]
) -> None:
    high, low = (95, worst) if side == LONG else (worst, 85)
    assert fills.candle_fill(side, high, low, 90, 0, liq, ppm) == want


@pytest.mark.parametrize(
    ("taker", "ticks", "ppm", "want"),
    [
        (LONG, 600_000, 100, 600_060),
        (SHORT, 600_000, 100, 599_940),
        (LONG, 600_001, 100, 600_062),  # 600061.0001: up
        (SHORT, 600_001, 100, 599_940),  # 599940.9999: down
        (LONG, 600_001, 0, 600_001),
        (SHORT, 600_001, 0, 600_001),
        (LONG, 7, 100, 8),
        (SHORT, 7, 100, 6),
    ],
)
def test_slippage_goes_against_the_taker(taker: int, ticks: int, ppm: int, want: int) -> None:
    assert fills.slipped(taker, ticks, ppm) == want


@given(
    st.integers(-(4 * 10**18), 4 * 10**18),
    st.integers(-(10**8), 10**8),
    st.sampled_from([1, 3, 50, 10**6, 10**8]),
)
def test_scaling_is_the_exact_quotient_rounded_half_to_even(
    amount: int, ratio: int, scale: int
) -> None:
    assert fills.scaled_half_even(amount, ratio, scale) == round(Fraction(amount * ratio, scale))


def test_fee_rounds_half_to_even() -> None:
    assert fills.fee_e8(1_000, 500) == 0  # 0.5
    assert fills.fee_e8(3_000, 500) == 2  # 1.5
    assert fills.fee_e8(5_000, 500) == 2  # 2.5
    assert fills.fee_e8(60_000 * 10**8, 500) == 30 * 10**8


def test_funding_is_paid_by_longs_and_received_by_shorts_when_the_rate_is_positive() -> None:
    notional = 3_000 * 10**8
    assert fills.funding_e8(LONG, notional, 10_000) == 30_000_000
    assert fills.funding_e8(SHORT, notional, 10_000) == -30_000_000
    assert fills.funding_e8(LONG, notional, -10_000) == -30_000_000
    assert fills.funding_e8(SHORT, 5_000, 10_000) == 0  # 0.5, to even
    assert fills.funding_e8(SHORT, 15_000, 10_000) == -2  # 1.5, to even


def test_isolated_margin_rounds_half_to_even() -> None:
    assert fills.margin_e8(25, 10) == 2
    assert fills.margin_e8(35, 10) == 4
    assert fills.margin_e8(600 * 10**8, 10) == 60 * 10**8


def test_liquidation_price_of_the_worked_example() -> None:
    # 0.010 BTC at 60000, 10x, ratio 0.004: 54216.87 long, 65737.05 short; tick 0.1.
    notional, margin = 600 * 10**8, 60 * 10**8
    assert fills.liquidation_ticks(LONG, 10 * 10_000, notional, margin, 40) == 542_169
    assert fills.liquidation_ticks(SHORT, 10 * 10_000, notional, margin, 40) == 657_371


def test_a_long_without_leverage_has_no_liquidation_price() -> None:
    assert fills.liquidation_ticks(LONG, 100_000, 600, 600, 40) == 0


@given(
    side=st.sampled_from([1, -1]),
    tick_value=st.integers(1, 10**11),
    entry=st.integers(1, 10**7),
    leverage=st.integers(1, 150),
    maintenance=st.integers(40, 5_000),
    cum=st.integers(0, 10**12),
)
def test_liquidation_price_is_the_formula_to_the_nearest_tick_half_up(
    side: int, tick_value: int, entry: int, leverage: int, maintenance: int, cum: int
) -> None:
    notional = tick_value * entry
    backing = notional // leverage + cum
    ratio = Fraction(maintenance, 10_000)
    exact = Fraction(backing - side * notional) / (tick_value * (ratio - side))
    want = max(0, (exact + Fraction(1, 2)).__floor__())
    got = fills.liquidation_ticks(side, tick_value, notional, backing, maintenance)
    assert got == want
