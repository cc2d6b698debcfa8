"""The size of a trade and the tests it must pass; never more than asked, never shrunk to fit."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from strategy.sizing import (
    BELOW_MIN_NOTIONAL,
    BELOW_MIN_QUANTITY,
    SIZE_OK,
    STOP_TOO_NEAR,
    TARGET_TOO_NEAR,
    balance_share_e8,
    quantity_lots,
    size_refusal,
)

E8 = 10**8
UNIT_E8 = 10_000  # BTCUSDT: 0.1 USDT x 0.001 BTC
CLOSE = 1_000_000  # 100,000.0 USDT
BALANCE_E8 = 10_000 * E8
MOST = 120_000


@pytest.mark.parametrize(
    ("balance_e8", "risk_ppm", "stop_ppm", "exposure", "market_max", "lots"),
    [
        (BALANCE_E8, 10_000, 2_000, 50_000, MOST, 500),  # 1 % at 0.2 %: 50,000 USDT
        (BALANCE_E8, 10_000, 2_000, 5_000, MOST, 500),  # 5 x: the very same
        (BALANCE_E8, 10_000, 2_000, 4_999, MOST, 499),  # the exposure cap
        (BALANCE_E8, 10_000, 2_000, 1, MOST, 0),
        (BALANCE_E8, 10_000, 2_000, 5_000, 499, 499),  # the market maximum
        (BALANCE_E8, 10_000, 2_000, 5_000, 500, 500),
        (BALANCE_E8 - 1, 10_000, 2_000, 50_000, MOST, 499),  # rounded down
        (BALANCE_E8 + 1, 10_000, 2_000, 50_000, MOST, 500),
        (BALANCE_E8 - 1, 990_000, 2_000, 5_000, MOST, 499),  # the cap is rounded down too
        (BALANCE_E8, 10_000, 4_000, 50_000, MOST, 250),
        (0, 10_000, 2_000, 5_000, MOST, 0),
        (-1, 10_000, 2_000, 5_000, MOST, 0),  # a wallet below zero is no size
        (BALANCE_E8, 10_000, 2_000, 5_000, 0, 0),
    ],
)
def test_the_size_is_the_least_of_risk_exposure_and_market_maximum(
    balance_e8: int, risk_ppm: int, stop_ppm: int, exposure: int, market_max: int, lots: int
) -> None:
    sized = quantity_lots(balance_e8, risk_ppm, stop_ppm, exposure, CLOSE, UNIT_E8, market_max)
    assert sized == lots


BALANCES = st.integers(0, 10**17)
RISKS = st.integers(1, 10**6)
STOPS = st.integers(1, 5 * 10**5)
EXPOSURES = st.integers(1, 40_000)
CLOSES = st.integers(1, 10**7)
UNITS = st.integers(1, 10**6)
MAXIMA = st.integers(0, 10**9)


@given(BALANCES, RISKS, STOPS, EXPOSURES, CLOSES, UNITS, MAXIMA)
def test_the_size_is_the_most_that_breaks_no_limit(
    balance_e8: int, risk: int, stop: int, exposure: int, close: int, unit_e8: int, most: int
) -> None:
    lots = quantity_lots(balance_e8, risk, stop, exposure, close, unit_e8, most)

    def fits(lots: int) -> bool:
        notional_e8 = lots * close * unit_e8
        loss_e8 = notional_e8 * Fraction(stop, 10**6)
        return (
            loss_e8 <= balance_e8 * Fraction(risk, 10**6)
            and notional_e8 <= balance_e8 * Fraction(exposure, 1000)
            and lots <= most
        )

    assert lots >= 0
    assert fits(lots)
    assert not fits(lots + 1)


@given(BALANCES, RISKS, STOPS, EXPOSURES, CLOSES, UNITS, MAXIMA, st.integers(1, 10**6))
def test_the_size_grows_with_what_allows_it_and_shrinks_with_what_costs(
    balance_e8: int,
    risk: int,
    stop: int,
    exposure: int,
    close: int,
    unit_e8: int,
    most: int,
    more: int,
) -> None:
    lots = quantity_lots(balance_e8, risk, stop, exposure, close, unit_e8, most)
    assert lots <= quantity_lots(balance_e8 + more, risk, stop, exposure, close, unit_e8, most)
    assert lots <= quantity_lots(balance_e8, risk + more, stop, exposure, close, unit_e8, most)
    assert lots <= quantity_lots(balance_e8, risk, stop, exposure + more, close, unit_e8, most)
    assert lots <= quantity_lots(balance_e8, risk, stop, exposure, close, unit_e8, most + more)
    assert lots >= quantity_lots(balance_e8, risk, stop + more, exposure, close, unit_e8, most)
    assert lots >= quantity_lots(balance_e8, risk, stop, exposure, close + more, unit_e8, most)


@pytest.mark.parametrize(
    ("lots", "close", "min_lots", "min_notional_e8", "stop_ppm", "target_ppm", "refusal"),
    [
        (5, CLOSE, 1, 50 * E8, 2_000, 8_000, SIZE_OK),
        (1, CLOSE, 1, 0, 2_000, 8_000, SIZE_OK),
        (0, CLOSE, 1, 0, 2_000, 8_000, BELOW_MIN_QUANTITY),
        (0, CLOSE, 0, 0, 2_000, 8_000, BELOW_MIN_QUANTITY),  # nothing is never a trade
        (4, CLOSE, 5, 0, 2_000, 8_000, BELOW_MIN_QUANTITY),
        (5, CLOSE, 5, 0, 2_000, 8_000, SIZE_OK),
        (5, CLOSE, 1, 500 * E8, 2_000, 8_000, SIZE_OK),
        (5, CLOSE, 1, 500 * E8 + 1, 2_000, 8_000, BELOW_MIN_NOTIONAL),
        (4, CLOSE, 5, 500 * E8, 1, 1, BELOW_MIN_QUANTITY),  # the first test is the one named
        (5, CLOSE, 5, 501 * E8, 1, 1, BELOW_MIN_NOTIONAL),
        (5, 1000, 1, 0, 1_499, 8_000, STOP_TOO_NEAR),  # 1.499 ticks away: 1
        (5, 1000, 1, 0, 2_000, 8_000, SIZE_OK),  # 2 ticks away
        (5, 1000, 1, 0, 1_000, 1_000, STOP_TOO_NEAR),
        (5, 1000, 1, 0, 2_000, 1_400, TARGET_TOO_NEAR),
        (5, 1000, 1, 0, 2_000, 2_000, SIZE_OK),
    ],
)
@pytest.mark.parametrize("side", [1, -1], ids=["long", "short"])
def test_what_fails_a_test_is_no_trade(
    side: int,
    lots: int,
    close: int,
    min_lots: int,
    min_notional_e8: int,
    stop_ppm: int,
    target_ppm: int,
    refusal: int,
) -> None:
    found = size_refusal(
        lots, side, close, UNIT_E8, min_lots, min_notional_e8, stop_ppm, target_ppm
    )
    assert found == refusal


@pytest.mark.parametrize(
    ("side", "stop_ppm", "target_ppm", "refusal"),
    [
        (1, 1_500, 8_000, STOP_TOO_NEAR),  # 998.5 half up: 999, one tick
        (-1, 1_500, 8_000, SIZE_OK),  # 1001.5 half up: 1002, two ticks
        (1, 8_000, 1_500, SIZE_OK),
        (-1, 8_000, 1_500, TARGET_TOO_NEAR),
    ],
)
def test_the_distance_is_tested_on_the_rounded_levels(
    side: int, stop_ppm: int, target_ppm: int, refusal: int
) -> None:
    assert size_refusal(5, side, 1000, UNIT_E8, 1, 0, stop_ppm, target_ppm) == refusal


def test_symbols_share_the_wallet_and_none_gets_more_than_its_part() -> None:
    assert balance_share_e8(10, 3) == 3
    assert balance_share_e8(10**12 + 1, 1) == 10**12 + 1
