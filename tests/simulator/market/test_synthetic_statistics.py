"""The synthetic market's habits, in the ranges of real 5-minute candles."""

from collections.abc import Sequence
from functools import cache
from itertools import pairwise
from statistics import fmean

import pytest

from simulator.market.model import Candle
from simulator.market.synthetic import DEFAULT_SEED, SyntheticMarket

M5 = 300_000
COUNT = 20_000
START_MS = 1_577_836_800_000  # 2020-01-01


@cache
def candles(symbol: str) -> list[Candle]:
    ticks = {"BTCUSDT": 10_000_000, "ETHUSDT": 1_000_000}
    steps = {"BTCUSDT": 100_000, "ETHUSDT": 100_000}
    market = SyntheticMarket(DEFAULT_SEED, ticks, steps)
    return market.candles(symbol, START_MS, START_MS + COUNT * M5)


def moves(symbol: str = "BTCUSDT") -> list[float]:
    return [after.close / before.close - 1 for before, after in pairwise(candles(symbol))]


def correlation(a: Sequence[float], b: Sequence[float]) -> float:
    mean_a, mean_b = fmean(a), fmean(b)
    together = sum((x - mean_a) * (y - mean_b) for x, y in zip(a, b, strict=True))
    spread = sum((x - mean_a) ** 2 for x in a) * sum((y - mean_b) ** 2 for y in b)
    return float(together / spread**0.5)


def test_the_share_of_closes_beyond_the_threshold() -> None:
    closes = [c.close for c in candles("BTCUSDT")]
    total, beyond = sum(closes[:20]), 0
    for n in range(20, COUNT):
        total += closes[n] - closes[n - 20]
        beyond += abs(20 * closes[n] - total) * 1000 >= 2 * total
    assert 0.26 < beyond / COUNT < 0.33


def test_fat_tails() -> None:
    squares = [move**2 for move in moves()]
    kurtosis = fmean([s * s for s in squares]) / fmean(squares) ** 2
    assert 17 < kurtosis < 360


def test_ordinary_size() -> None:
    assert 0.0009 < fmean([move**2 for move in moves()]) ** 0.5 < 0.0018


@pytest.mark.parametrize(
    ("lag", "least", "most"), [(1, 0.25, 0.46), (12, 0.12, 0.25), (288, 0.02, 0.14)]
)
def test_wild_candles_come_in_clusters(lag: int, least: float, most: float) -> None:
    sizes = [abs(move) for move in moves()]
    assert least < correlation(sizes[lag:], sizes[:-lag]) < most


@pytest.mark.parametrize("candles_held", [2, 6, 12, 20, 40])
def test_neither_trend_nor_reversion_is_built_in(candles_held: int) -> None:
    """Variance of longer moves over that of single ones: 1 where moves are independent."""
    single = moves()
    sums = [0.0]
    for move in single:
        sums.append(sums[-1] + move)
    longer = [b - a for a, b in zip(sums, sums[candles_held:], strict=False)]
    ratio = fmean([x * x for x in longer]) / (candles_held * fmean([x * x for x in single]))
    assert 0.85 < ratio < 1.15


def test_symbols_move_together() -> None:
    assert 0.65 < correlation(moves("BTCUSDT"), moves("ETHUSDT")) < 0.85


def test_opens_differ_from_the_close_before_as_real_ones_do() -> None:
    gaps = [abs(after.open - before.close) for before, after in pairwise(candles("BTCUSDT"))]
    assert 0.47 < gaps.count(0) / COUNT < 0.57
    assert 0.42 < gaps.count(1) / COUNT < 0.50
    assert max(gaps) > 50


def test_highs_and_lows_reach_as_far_as_real_ones() -> None:
    ranges = fmean([(c.high - c.low) / c.close for c in candles("BTCUSDT")])
    assert 1.75 < ranges / fmean([abs(move) for move in moves()]) < 2.1
    at_the_top = sum(c.high == max(c.open, c.close) for c in candles("BTCUSDT")) / COUNT
    assert 0.05 < at_the_top < 0.15
