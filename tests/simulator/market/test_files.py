"""Recorded candles as a market."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.market.files import FileMarket
from simulator.market.model import Candle, Market

M5 = 300_000


def candle(n: int) -> Candle:
    return Candle(n * M5, 100 + n, 110 + n, 90 + n, 105 + n, n)


def market(numbers: list[int]) -> FileMarket:
    return FileMarket(M5, {"BTCUSDT": [candle(n) for n in numbers]}, "file x.csv")


@given(st.sets(st.integers(0, 40), max_size=30), st.integers(-M5, 45 * M5), st.integers(0, 45 * M5))
def test_a_range_holds_what_opens_in_it(numbers: set[int], first_ms: int, length_ms: int) -> None:
    file: Market = market(sorted(numbers))
    end_ms = first_ms + length_ms
    expected = [candle(n) for n in sorted(numbers) if first_ms <= n * M5 < end_ms]
    assert file.candles("BTCUSDT", first_ms, end_ms) == expected


@given(st.sets(st.integers(0, 40), max_size=30), st.integers(-M5, 45 * M5))
def test_the_last_price_is_the_open_of_the_running_candle(numbers: set[int], now_ms: int) -> None:
    running = now_ms // M5
    expected = 100 + running if running in numbers else None
    assert market(sorted(numbers)).last_price("BTCUSDT", now_ms) == expected


def test_a_symbol_without_candles() -> None:
    assert market([1]).candles("ETHUSDT", 0, 10 * M5) == []
    assert market([1]).last_price("ETHUSDT", M5) is None


def test_the_span_is_what_all_symbols_share() -> None:
    candles = {"A": [candle(n) for n in (2, 3, 9)], "B": [candle(n) for n in (0, 4, 7)]}
    assert FileMarket(M5, candles, "").span_ms() == (2 * M5, 8 * M5)
    assert FileMarket(M5, {"A": []}, "").span_ms() == (0, 0)


@pytest.mark.parametrize("times", [[1, 1], [2, 1]])
def test_candles_must_ascend(times: list[int]) -> None:
    with pytest.raises(ValueError, match="do not ascend"):
        market(times)


def test_candles_must_lie_on_the_grid() -> None:
    with pytest.raises(ValueError, match="off the grid"):
        FileMarket(M5, {"A": [candle(1)._replace(open_time_ms=1)]}, "")
