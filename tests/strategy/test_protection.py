"""Where stop, target and moved stop lie: the nearest tick, half up, for both sides."""

from fractions import Fraction
from math import floor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from strategy.protection import (
    breakeven_level,
    level,
    stop_level,
    target_level,
    through,
    tighter,
)


@pytest.mark.parametrize(
    ("side", "quote", "lots", "stop", "target", "moved"),
    [
        (1, 1_000_000, 1, 998_000, 1_008_000, 1_001_000),
        (-1, 1_000_000, 1, 1_002_000, 992_000, 999_000),
        (1, 250, 1, 250, 252, 250),  # 249.5 up, 252, 250.25 down
        (-1, 250, 1, 251, 248, 250),  # 250.5 up, 248, 249.75 up
        (1, 1500, 6, 250, 252, 250),  # the same price from several fills
        (1, 2001, 2, 998, 1009, 1002),  # entry 1000.5: 998.499, 1008.504, 1001.5005
        (-1, 2001, 2, 1003, 992, 999),  # 1002.501, 992.496, 999.4995
    ],
)
def test_levels_from_the_average_entry(
    side: int, quote: int, lots: int, stop: int, target: int, moved: int
) -> None:
    assert stop_level(side, quote, lots, 2_000) == stop
    assert target_level(side, quote, lots, 8_000) == target
    assert breakeven_level(side, quote, lots, 1_000) == moved


@given(st.integers(1, 10**12), st.integers(1, 10**6), st.integers(-500_000, 999_999))
def test_a_level_is_the_nearest_tick_half_up(quote: int, lots: int, offset_ppm: int) -> None:
    exact = Fraction(quote, lots) * (1 + Fraction(offset_ppm, 10**6))
    assert level(quote, lots, offset_ppm) == floor(exact + Fraction(1, 2))


@given(st.integers(0, 10**6), st.integers(1, 1000))
def test_halves_go_up(ticks: int, lots: int) -> None:
    assert level((2 * ticks + 1) * lots, 2 * lots, 0) == ticks + 1


@given(
    st.integers(100, 10**7),
    st.integers(1, 10**4),
    st.integers(1, 500_000),
    st.integers(1, 999_999),
    st.integers(0, 999_999),
)
def test_the_stop_lies_behind_the_entry_and_the_others_before_it(
    price: int, lots: int, stop_ppm: int, target_ppm: int, offset_ppm: int
) -> None:
    quote = price * lots
    for side in (1, -1):
        assert side * (stop_level(side, quote, lots, stop_ppm) - price) <= 0
        assert side * (target_level(side, quote, lots, target_ppm) - price) >= 0
        assert side * (breakeven_level(side, quote, lots, offset_ppm) - price) >= 0


@pytest.mark.parametrize(
    ("side", "stop", "other", "is_tighter"),
    [
        (1, 101, 100, True),
        (1, 100, 100, False),
        (1, 99, 100, False),
        (-1, 99, 100, True),
        (-1, 100, 100, False),
        (-1, 101, 100, False),
    ],
)
def test_tighter_is_nearer_to_the_market(
    side: int, stop: int, other: int, is_tighter: bool
) -> None:
    assert tighter(side, stop, other) is is_tighter


@pytest.mark.parametrize(
    ("side", "price", "stop", "is_through"),
    [
        (1, 101, 100, False),
        (1, 100, 100, True),
        (1, 99, 100, True),
        (-1, 99, 100, False),
        (-1, 100, 100, True),
        (-1, 101, 100, True),
    ],
)
def test_a_price_at_the_stop_is_through(side: int, price: int, stop: int, is_through: bool) -> None:
    assert through(side, price, stop) is is_through
