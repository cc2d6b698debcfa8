"""The synthetic market: pure, endless, the same everywhere."""

import hashlib
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.market.model import Market
from simulator.market.synthetic import DEFAULT_SEED, SyntheticMarket

M5 = 300_000
TICKS = {
    "BTCUSDT": 10_000_000,
    "ETHUSDT": 1_000_000,
    "SOLUSDT": 1_000_000,
    "XRPUSDT": 10_000,
    "ADAUSDT": 10_000,
}
STEPS = {
    "BTCUSDT": 100_000,
    "ETHUSDT": 100_000,
    "SOLUSDT": 1_000_000,
    "XRPUSDT": 10_000_000,
    "ADAUSDT": 100_000_000,
}
NOW = 1_798_761_600_000  # 2027-01-01

symbols = st.sampled_from(sorted(TICKS))
times_ms = st.integers(0, 4_000_000_000_000)


def fresh(seed: int = DEFAULT_SEED) -> SyntheticMarket:
    return SyntheticMarket(seed, TICKS, STEPS)


@settings(max_examples=40, deadline=None)
@given(symbols, times_ms, st.integers(0, 100), st.integers(0, 100))
def test_any_split_of_a_range_gives_the_same_candles(
    symbol: str, start_ms: int, left: int, right: int
) -> None:
    middle_ms, end_ms = start_ms + left * M5, start_ms + (left + right) * M5
    whole = fresh().candles(symbol, start_ms, end_ms)
    one: Market = fresh()
    later = one.candles(symbol, middle_ms, end_ms)
    assert one.candles(symbol, start_ms, middle_ms) + later == whole
    assert len(whole) == left + right


@settings(max_examples=40, deadline=None)
@given(symbols, times_ms)
def test_every_candle_is_whole_on_the_grid_and_joins_its_neighbours(symbol: str, ms: int) -> None:
    candles = fresh().candles(symbol, ms, ms + 60 * M5)
    first_ms = -(-ms // M5) * M5
    assert [c.open_time_ms for c in candles] == [first_ms + n * M5 for n in range(60)]
    for c in candles:
        assert 0 < c.low <= min(c.open, c.close) <= max(c.open, c.close) <= c.high
        assert c.volume > 0 or c.open == c.high == c.low == c.close
    for before, after in pairwise(candles):
        assert abs(after.open - before.close) <= max(1, before.close // 50)


@settings(max_examples=30, deadline=None)
@given(symbols, times_ms)
def test_the_last_price_is_the_open_of_the_running_candle(symbol: str, now_ms: int) -> None:
    first_ms = now_ms // M5 * M5
    (running,) = fresh().candles(symbol, first_ms, first_ms + M5)
    assert fresh().last_price(symbol, now_ms) == running.open


def test_days_apart_is_one_market() -> None:
    day = 288
    long = fresh().candles("BTCUSDT", NOW, NOW + 20 * day * M5)
    market = fresh()
    late = market.candles("BTCUSDT", NOW + 15 * day * M5, NOW + 15 * day * M5 + 50 * M5)
    early = market.candles("BTCUSDT", NOW, NOW + 50 * M5)
    assert early == long[:50]
    assert late == long[15 * day : 15 * day + 50]


def test_prices_stay_around_their_anchors_for_ever() -> None:
    market = fresh()
    bounds = {"BTCUSDT": (550_000, 1_100_000), "XRPUSDT": (14_000, 38_000)}
    for symbol, (low, high) in bounds.items():
        years = [n * 365 * 86_400_000 for n in range(1, 10_000, 83)]
        prices = [market.last_price(symbol, NOW + ms) or 0 for ms in years]
        assert low < min(prices) < max(prices) < high
        assert max(prices) > 1.15 * min(prices)


def test_seeds_and_symbols_differ() -> None:
    def moves(market: SyntheticMarket, symbol: str) -> tuple[bool, ...]:
        return tuple(c.close > c.open for c in market.candles(symbol, NOW, NOW + 64 * M5))

    assert moves(fresh(1), "BTCUSDT") != moves(fresh(2), "BTCUSDT")
    assert moves(fresh(1), "SOLUSDT") != moves(fresh(1), "XRPUSDT")


def test_nobody_trades_now_and_then_and_the_price_stands() -> None:
    market = fresh()
    candles = market.candles("BTCUSDT", NOW, NOW + 20_000 * M5)
    quiet = [n for n, c in enumerate(candles) if c.volume == 0]
    assert 1 <= len(quiet) <= 20
    for n in quiet:
        assert candles[n].close == candles[n - 1].close
        for start in (n, n + 1):  # a range may begin at the quiet candle, or right behind it
            start_ms = NOW + start * M5
            assert market.candles("BTCUSDT", start_ms, start_ms + M5) == [candles[start]]


def test_nothing_for_an_unknown_symbol_or_an_empty_range() -> None:
    assert fresh().candles("DOGEUSDT", NOW, NOW + M5) == []
    assert fresh().last_price("DOGEUSDT", NOW) is None
    assert fresh().candles("BTCUSDT", NOW + 1, NOW + 2) == []
    assert fresh().candles("BTCUSDT", NOW, NOW - M5) == []


@pytest.mark.parametrize("tick_e8", [1, 10, 100_000_000, 1_000_000_000])
def test_a_symbol_of_any_tick_has_a_sane_price(tick_e8: int) -> None:
    market = SyntheticMarket(1, {"NEWUSDT": tick_e8}, {"NEWUSDT": 100_000_000})
    candles = market.candles("NEWUSDT", NOW, NOW + 200 * M5)
    assert all(10_000 < c.low <= c.high < 40_000 for c in candles)


def test_the_market_has_not_changed() -> None:
    """Another digest is another market: every replay on synthetic prices tells another story."""
    market, digest = fresh(), hashlib.sha256()
    for symbol in TICKS:
        for start_ms in (0, 1_577_836_800_000, NOW):
            for candle in market.candles(symbol, start_ms, start_ms + 100 * M5):
                digest.update(",".join(map(str, candle)).encode() + b"\n")
    assert digest.hexdigest() == "d1edafed41485929b19f6635befeb407812b3c5663dc86b97b540ff8e6f25b3d"
