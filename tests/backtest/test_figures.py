"""Statistics against numbers worked out by hand."""

from itertools import accumulate
from math import sqrt
from operator import truediv

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backtest import figures
from strategy.units import DAY_MS

DAY = DAY_MS


def test_mean_and_its_error() -> None:
    # 1, 2, 3, 6: mean 3, squares 4 + 1 + 0 + 9 = 14, sample variance 14/3, error sqrt(14/12)
    mean, error = figures.mean_and_error([1, 2, 3, 6])
    assert mean == 3
    assert error == pytest.approx(sqrt(14 / 12))


def test_drawdown_is_from_the_highest_level_before() -> None:
    assert figures.drawdown([100, 50, 200, 90, 150]) == pytest.approx(0.55)  # 200 to 90
    assert figures.drawdown([100, 110, 120]) == 0
    assert figures.drawdown([100, -20]) == pytest.approx(1.2)


@given(st.integers(1, 10**6), st.lists(st.integers(-(10**6), 10**6)))
def test_drawdown_is_the_deepest_of_all(first: int, others: list[int]) -> None:
    levels = [first, *others]
    peaks = accumulate(levels, max)
    assert figures.drawdown(levels) == 1 - min(map(truediv, levels, peaks))


def test_the_longest_losing_streak() -> None:
    assert figures.losing_streak([-1, 2, -1, -1, 0, -1, -1, -1]) == 3
    assert figures.losing_streak([]) == 0


def test_levels_at_the_end_of_each_day() -> None:
    changes = [(0, 90.0), (DAY - 1, 80.0), (3 * DAY, 70.0)]
    # start, day 0, 1, 2, 3, 4
    assert figures.daily_levels(5, 4 * DAY + 5, 100, changes) == [100, 80, 80, 80, 70, 70]
    assert figures.daily_levels(5, 6, 100, []) == [100, 100]


def test_returns_end_where_nothing_is_left() -> None:
    assert figures.daily_returns([100, 50, 75, 0, 10]) == [-0.5, 0.5, -1]


def test_sharpe_and_sortino() -> None:
    # returns +2 %, -1 %: mean 0.5 %, sample deviation 3/sqrt(2) %, downside sqrt(1/2) %
    assert figures.sharpe([0.02, -0.01]) == pytest.approx(0.5 / (3 / sqrt(2)) * sqrt(365))
    assert figures.sortino([0.02, -0.01]) == pytest.approx(0.5 / sqrt(0.5) * sqrt(365))
    assert figures.sharpe([0.01]) is None
    assert figures.sharpe([0.01, 0.01]) is None
    assert figures.sortino([0.01, 0.02]) is None
