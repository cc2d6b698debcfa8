"""The reality check as statistics: it rejects luck no more often than it says, and finds edges."""

import numpy as np
import pytest

from backtest.reality_check import Check, resampling, stretch_of

DAYS = 120
DRAWS = 199
WEIGHTS = resampling(DAYS, DRAWS, seed=1)


def p_value(days_bp: "np.ndarray[tuple[int, int], np.dtype[np.float64]]") -> float:
    check = Check(WEIGHTS)
    for number, column in enumerate(days_bp):
        check.take(number, column)
    return check.verdict().p_value


def test_the_weights_are_a_draw_minus_the_days() -> None:
    assert WEIGHTS.shape == (DRAWS, DAYS)
    assert np.allclose(WEIGHTS.sum(axis=1), 0)  # every draw has as many days
    counts = np.rint((WEIGHTS + 1 / DAYS) * DAYS)
    assert np.allclose(counts / DAYS - 1 / DAYS, WEIGHTS)
    # each day as often as any other, over many draws
    assert abs(resampling(50, 4000, seed=2)).max() < 0.5
    assert abs(resampling(50, 4000, seed=2).mean(axis=0)).max() < 0.002


def test_the_variance_of_a_mean_is_known_from_the_draws() -> None:
    column = np.random.default_rng(3).standard_normal(DAYS)
    drawn = resampling(DAYS, 4000, seed=4) @ column
    assert drawn.std() == pytest.approx(column.std() / DAYS**0.5, rel=0.25)


def test_days_that_hang_together_are_drawn_together() -> None:
    dice = np.random.default_rng(5)
    slow = np.convolve(dice.standard_normal(DAYS + 9), np.ones(10) / 10, "valid")
    weights = resampling(DAYS, 2000, seed=6)
    assert (weights @ slow).std() > 1.6 * slow.std() / DAYS**0.5


def test_the_same_seed_gives_the_same_draws() -> None:
    assert (resampling(30, 10, seed=1) == resampling(30, 10, seed=1)).all()
    assert (resampling(30, 10, seed=1) != resampling(30, 10, seed=2)).any()
    assert [stretch_of(days) for days in (1, 30, 396, 3650)] == [1, 3, 7, 15]


@pytest.mark.parametrize("alike", [0.0, 0.9])
def test_luck_is_rejected_about_as_often_as_said(alike: float) -> None:
    """200 markets without an edge, 40 combinations each: 5 % are 10, two errors more are 16."""
    dice = np.random.default_rng(7)
    rejected = 0
    for _ in range(200):
        common = dice.standard_normal(DAYS)
        own = dice.standard_normal((40, DAYS))
        rejected += p_value(alike * common + (1 - alike) * own) <= 0.05
    assert 2 <= rejected <= 17


def test_the_best_of_many_alone_would_be_taken_for_an_edge() -> None:
    """What the check is for: the same markets, the best one judged as if it were the only one."""
    dice = np.random.default_rng(7)
    fooled = 0
    for _ in range(100):
        days_bp = dice.standard_normal((40, DAYS))
        best = days_bp[days_bp.mean(axis=1).argmax()]
        fooled += p_value(best[None, :]) <= 0.05
    assert fooled > 70


def test_a_planted_edge_is_found_among_many() -> None:
    dice = np.random.default_rng(8)
    found = 0
    for _ in range(50):
        days_bp = dice.standard_normal((40, DAYS))
        days_bp[17] += 0.5  # 5.5 standard errors of its mean
        found += p_value(days_bp) <= 0.05
    assert found >= 48


def test_losers_beside_it_do_not_hide_it() -> None:
    dice = np.random.default_rng(9)
    days_bp = dice.standard_normal((40, DAYS)) - 0.3
    assert p_value(days_bp) > 0.9
    days_bp[3] += 0.8
    assert p_value(days_bp) <= 0.05


def test_parts_merged_are_the_whole() -> None:
    days_bp = np.random.default_rng(10).standard_normal((12, DAYS))
    whole, parts = Check(WEIGHTS), [Check(WEIGHTS) for _ in range(3)]
    for number, column in enumerate(days_bp):
        whole.take(number, column)
        parts[number // 4].take(number, column)
    merged = Check(WEIGHTS)
    for part in parts:
        merged.merge(part)
    assert merged.verdict() == whole.verdict()
    assert merged.verdict().best == int(days_bp.mean(axis=1).argmax())


def test_nothing_checked_is_no_evidence() -> None:
    verdict = Check(WEIGHTS).verdict()
    assert (verdict.p_value, verdict.best, verdict.combinations) == (1.0, None, 0)
