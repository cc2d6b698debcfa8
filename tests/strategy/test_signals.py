"""Average, entry side, reversion and break-even: each edge, and the exact fractions behind them."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from strategy.indicator import closes_total, distance_from_average
from strategy.signals import breakeven_reached, entry_side, reverted

PRICE = st.integers(1, 10**7)
SIDE = st.sampled_from([1, -1])


@pytest.mark.parametrize(
    ("end", "length", "total"),
    [(5, 5, 31), (5, 2, 24), (4, 3, 14), (3, 1, 4), (3, 3, 7)],
    ids=["all", "the last two", "ends before the last", "one", "the first three"],
)
def test_the_total_is_of_the_closes_that_end_before_the_index(
    end: int, length: int, total: int
) -> None:
    assert closes_total([1, 2, 4, 8, 16], end, length) == total


@given(st.lists(PRICE, min_size=2, max_size=40), st.data())
def test_the_distance_is_length_times_close_minus_the_exact_average(
    closes: list[int], data: st.DataObject
) -> None:
    length = data.draw(st.integers(2, len(closes)))
    total = closes_total(closes, len(closes), length)
    average = Fraction(sum(closes[-length:]), length)
    distance = distance_from_average(closes[-1], total, length)
    assert Fraction(distance, length) == closes[-1] - average


@pytest.mark.parametrize(
    ("close", "side"),
    [(998, 1), (997, 1), (999, 0), (1000, 0), (1001, 0), (1002, -1), (1003, -1)],
    ids=["at -0.2 %", "beyond", "inside", "on it", "inside above", "at +0.2 %", "beyond above"],
)
def test_an_entry_goes_against_the_move_and_equal_counts(close: int, side: int) -> None:
    total = 5 * 1000
    assert entry_side(distance_from_average(close, total, 5), total, 2_000) == side


@given(PRICE, st.integers(2, 995), st.integers(1, 2_000_000), st.data())
def test_the_entry_side_is_that_of_the_exact_deviation(
    close: int, length: int, threshold_ppm: int, data: st.DataObject
) -> None:
    around = length * close * (10**6 + data.draw(st.sampled_from([-1, 0, 1])) * threshold_ppm)
    total = max(1, around // 10**6 + data.draw(st.integers(-2, 2)))
    average = Fraction(total, length)
    deviation, threshold = (close - average) / average, Fraction(threshold_ppm, 10**6)
    expected = 1 if deviation <= -threshold else -1 if deviation >= threshold else 0
    assert entry_side(distance_from_average(close, total, length), total, threshold_ppm) == expected


@pytest.mark.parametrize(
    ("side", "distance", "is_back"),
    [(1, -1, False), (1, 0, True), (1, 1, True), (-1, 1, False), (-1, 0, True), (-1, -1, True)],
)
def test_a_close_at_or_past_the_average_has_reverted(
    side: int, distance: int, is_back: bool
) -> None:
    assert reverted(side, distance) is is_back


@given(SIDE, PRICE, st.integers(1, 10**7), st.integers(2, 995))
def test_reverted_is_the_exact_comparison_with_the_average(
    side: int, close: int, total: int, length: int
) -> None:
    average = Fraction(total, length)
    expected = close >= average if side > 0 else close <= average
    assert reverted(side, distance_from_average(close, total, length)) is expected


@pytest.mark.parametrize(
    ("side", "close", "quote", "lots", "trigger_ppm", "is_reached"),
    [
        (1, 1004, 1000, 1, 4_000, True),
        (1, 1003, 1000, 1, 4_000, False),
        (1, 1005, 1000, 1, 4_000, True),
        (-1, 996, 1000, 1, 4_000, True),
        (-1, 997, 1000, 1, 4_000, False),
        (-1, 1004, 1000, 1, 4_000, False),
        (1, 996, 1000, 1, 4_000, False),
        (1, 1004, 2001, 2, 4_000, False),  # 1000.5 between the ticks needs 1004.502
        (1, 1005, 2001, 2, 4_000, True),
        (1, 5000, 1000, 1, 0, False),  # a trigger of 0 switches the rule off
        (-1, 1, 1000, 1, 0, False),
        (1, 1000, 1000, 1, 0, False),
        (1, 1001, 1000, 1, 1, True),
        (1, 1000, 1000, 1, 1, False),
    ],
)
def test_break_even_is_reached_at_the_trigger(
    side: int, close: int, quote: int, lots: int, trigger_ppm: int, is_reached: bool
) -> None:
    assert breakeven_reached(side, close, quote, lots, trigger_ppm) is is_reached


@given(
    SIDE, PRICE, st.integers(1, 10**6), st.integers(1, 999_999), st.integers(-2, 2), st.integers(0)
)
def test_break_even_is_the_exact_gain_from_the_average_fill(
    side: int, entry: int, lots: int, trigger_ppm: int, aside: int, rest: int
) -> None:
    quote = entry * lots + rest % lots
    at = Fraction(quote, lots) * (1 + side * Fraction(trigger_ppm, 10**6))
    close = max(1, round(at) + aside)
    gain = side * (close - Fraction(quote, lots)) / Fraction(quote, lots)
    expected = gain >= Fraction(trigger_ppm, 10**6)
    assert breakeven_reached(side, close, quote, lots, trigger_ppm) is expected
