"""The integers under the synthetic market, against what they stand for."""

import statistics

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.market.integer_math import BELL_SD, ONE, bells, draws, exp2


@given(st.integers(-8 * ONE, 8 * ONE))
def test_exp2_is_a_power_of_two(exponent: int) -> None:
    exact = 2 ** (exponent / ONE)
    assert exp2(exponent) == pytest.approx(exact * ONE, rel=3e-8, abs=2)


@pytest.mark.parametrize(("octaves", "power"), [(-1, ONE // 2), (0, ONE), (1, 2 * ONE), (-40, 0)])
def test_exp2_of_whole_octaves_is_exact(octaves: int, power: int) -> None:
    assert exp2(octaves * ONE) == power


@given(st.integers(-(10**12), 10**12), st.integers(1, 40), st.integers(0, 40))
def test_draws_begin_the_same_however_many(index: int, few: int, more: int) -> None:
    assert draws("stream", index, few + more)[:few] == draws("stream", index, few)


def test_draws_differ_by_stream_and_index() -> None:
    assert len({draws(s, n, 4) for s in ("1/a", "1/b", "2/a") for n in range(-50, 50)}) == 300


def test_bells_are_nearly_normal() -> None:
    found = bells(draws("bells", 0, 80_000))
    assert abs(statistics.fmean(found)) < BELL_SD / 40
    assert statistics.pstdev(found) == pytest.approx(BELL_SD, rel=0.02)
    beyond_two = sum(abs(x) > 2 * BELL_SD for x in found) / len(found)
    assert 0.038 < beyond_two < 0.053
