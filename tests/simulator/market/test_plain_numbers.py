"""Text to integers, against Decimal."""

from decimal import ROUND_FLOOR, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.market.plain_numbers import e8, e8_down, signed_e8, ticks_nearest

E8 = 100_000_000


@st.composite
def plain_decimals(draw: st.DrawFn, places_max: int = 8) -> str:
    whole = draw(st.integers(0, 10**9))
    digits = draw(st.text("0123456789", max_size=places_max))
    return f"{whole}.{digits}" if digits or draw(st.booleans()) else str(whole)


@given(plain_decimals())
def test_e8_is_exact(text: str) -> None:
    assert e8(text) == Decimal(text) * E8
    assert signed_e8("-" + text) == -e8(text)


@given(plain_decimals(places_max=12))
def test_finer_numbers_are_refused_or_cut(text: str) -> None:
    exact = Decimal(text) * E8
    cut = exact.to_integral_value(ROUND_FLOOR)
    assert e8_down(text) == cut
    if exact == cut:
        assert e8(text) == cut
    else:
        with pytest.raises(ValueError, match="no plain decimal"):
            e8(text)


@given(plain_decimals(places_max=12), st.sampled_from([1, 10_000, 1_000_000, 10_000_000]))
def test_ticks_nearest_rounds_half_up(text: str, tick_e8: int) -> None:
    ticks = Decimal(text) * E8 / tick_e8
    assert ticks_nearest(text, tick_e8) == (ticks + Decimal("0.5")).to_integral_value(ROUND_FLOOR)


@pytest.mark.parametrize(
    "text", ["", ".", ".5", "+1", "-1", " 1", "1 ", "1e3", "1_0", "1.2.3", "١", "inf", "9" * 16]
)
def test_what_is_no_plain_decimal(text: str) -> None:
    for read in (e8, e8_down):
        with pytest.raises(ValueError, match="no plain decimal"):
            read(text)
