"""The sentence of every code, word for word."""

import pytest

from strategy import decide as actions
from strategy import sizing
from strategy.decide import NEVER_TRADED
from strategy.instrument import instrument
from strategy.parameters import parse
from strategy.words import (
    SIDES,
    count_text,
    decision_sentence,
    deviation_text,
    parameters_text,
    percent,
    risk_sentence,
    size_sentence,
)

BTC = instrument(
    "BTCUSDT", tick="0.1", step="0.001", min_quantity="0.005", market_max="120", min_notional="50"
)
PARAMETERS = parse({"ma_length": 5})
TOTAL = 5 * 100_000


@pytest.mark.parametrize(
    ("ppm", "text"),
    [
        (2_000, "0.2"),
        (1, "0.0001"),
        (10_000, "1"),
        (100_000, "10"),
        (1_000_000, "100"),
        (0, "0"),
        (12_345, "1.2345"),
    ],
)
def test_percent_has_no_needless_zeros(ppm: int, text: str) -> None:
    assert percent(ppm) == text


@pytest.mark.parametrize(
    ("count", "text"),
    [(0, "0 trades"), (1, "1 trade"), (2, "2 trades"), (1_000, "1,000 trades")],
)
def test_a_number_of_things(count: int, text: str) -> None:
    assert count_text(count, "trade") == text


@pytest.mark.parametrize(
    ("close", "text"),
    [(99_800, "-0.20 %"), (100_000, "+0.00 %"), (101_234, "+1.23 %"), (99_889, "-0.11 %")],
)
def test_the_deviation_has_a_sign_and_two_decimals(close: int, text: str) -> None:
    assert deviation_text(close, TOTAL, 5) == text


@pytest.mark.parametrize(
    ("action", "close", "total", "waited", "sentence"),
    [
        (actions.HOLD, 99_800, TOTAL, 9,
         "hold: not back at the average yet, deviation -0.20 %"),
        (actions.HOLD_BEFORE_ENTRY, 99_800, TOTAL, 9,
         "hold: the candle closed before the entry"),
        (actions.HOLD_NO_AVERAGE, 99_800, 0, 9,
         "hold: no average, the last 5 candles are not contiguous"),
        (actions.MOVE_STOP, 99_800, TOTAL, 9,
         "move the stop to break-even: the close gained at least 0.4 %"),
        (actions.MOVE_STOP, 99_800, 0, 9,
         "move the stop to break-even: the close gained at least 0.4 %"),
        (actions.CLOSE_REVERTED, 100_100, TOTAL, 9,
         "close: the price has reverted to the average, deviation +0.10 %"),
        (actions.WAIT_COOLDOWN, 99_000, TOTAL, 2,
         "no entry: cooldown, 2 of 3 candles waited"),
        (actions.WAIT_COOLDOWN, 99_000, 0, -1,
         "no entry: cooldown, 0 of 3 candles waited"),
        (actions.WAIT_NO_AVERAGE, 99_000, 0, NEVER_TRADED,
         "no entry: no average, the last 5 candles are not contiguous"),
        (actions.WAIT_INSIDE, 99_900, TOTAL, NEVER_TRADED,
         "no entry: deviation -0.10 % is inside ±0.2 %"),
        (actions.ENTER_LONG, 99_800, TOTAL, NEVER_TRADED,
         "enter long: deviation -0.20 % is at or beyond ±0.2 %"),
        (actions.ENTER_SHORT, 100_200, TOTAL, NEVER_TRADED,
         "enter short: deviation +0.20 % is at or beyond ±0.2 %"),
    ],
)  # fmt: skip
def test_the_sentence_of_every_decision(
    action: int, close: int, total: int, waited: int, sentence: str
) -> None:
    assert decision_sentence(action, PARAMETERS, close, total, waited) == sentence


@pytest.mark.parametrize(
    ("refusal", "lots", "sentence"),
    [
        (sizing.BELOW_MIN_QUANTITY, 4, "no entry: quantity 0.004 is below the minimum 0.005"),
        (sizing.BELOW_MIN_NOTIONAL, 5,
         "no entry: 0.005 is worth 49.99 USDT, below the minimum 50.00"),
        (sizing.STOP_TOO_NEAR, 5, "no entry: the stop would lie nearer than 2 ticks to the price"),
        (sizing.TARGET_TOO_NEAR, 5,
         "no entry: the target would lie nearer than 2 ticks to the price"),
    ],
)  # fmt: skip
def test_the_sentence_of_every_refused_size(refusal: int, lots: int, sentence: str) -> None:
    assert size_sentence(refusal, lots, 99_980, BTC) == sentence


def test_the_names_of_the_sides() -> None:
    assert SIDES == {1: "long", -1: "short", 0: "flat"}


@pytest.mark.parametrize(
    ("given", "fee_ppm", "told"),
    [
        ({}, 500, "1.50 % of the symbol's balance (1.00 price + 0.50 fees); ... margin, 50 %"),
        ({"max_exposure": 2}, 500,
         "0.60 % of the symbol's balance (0.40 price + 0.20 fees); ... margin, 20 %"),
        ({"stop_loss_perc": 1, "leverage": 3, "max_exposure": 2.4}, 400,
         "1.08 % of the symbol's balance (1.00 price + 0.08 fees); ... margin, 33.33 %"),
    ],
)  # fmt: skip
def test_the_whole_risk_is_told(given: dict[str, object], fee_ppm: int, told: str) -> None:
    cost, _, margin = told.partition(" ... ")
    assert risk_sentence(parse(given), fee_ppm) == (
        f"a stop costs about {cost} a gap can cost the whole isolated {margin}"
    )


def test_what_is_traded_in_one_line() -> None:
    assert parameters_text(PARAMETERS) == (
        "5m, SMA 5, threshold 0.2 %, stop 0.2 %, target 0.8 %, risk 1 %, leverage 10"
    )
