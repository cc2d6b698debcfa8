"""Between the wire's text and whole ticks, lots and money: exact both ways, or refused."""

import re
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from math import floor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from strategy.instrument import Instrument, instrument, money_text, scaled_text, whole

E8 = 10**8


def market(tick: str = "0.1", step: str = "0.001", **other: str) -> Instrument:
    given_texts = {"min_quantity": step, "market_max": "120", "min_notional": "50", **other}
    return instrument("BTCUSDT", tick=tick, step=step, **given_texts)


BTC = market()
XRP = market("0.0001", "0.1", market_max="2000000", min_notional="5")
COARSE = market("0.25", "5", min_quantity="5", market_max="1000")
WHOLE = market("1", "1")
TENS = market("10", "100")
NOT_WHOLE = "is not a whole number of steps"
MARKETS = st.sampled_from([BTC, XRP, COARSE, WHOLE, TENS])


def test_the_exchange_s_texts_become_whole_units() -> None:
    assert Instrument("BTCUSDT", 10_000_000, 100_000, 10_000, 1, 120_000, 50 * E8) == BTC
    assert Instrument("BTCUSDT", 10_000, 10_000_000, 1_000, 1, 20_000_000, 5 * E8) == XRP


@pytest.mark.parametrize(
    ("texts", "min_lots", "market_max_lots"),
    [
        ({"min_quantity": "0.0005"}, 1, 120_000),  # a minimum between steps is rounded up
        ({"min_quantity": "0.0011"}, 2, 120_000),
        ({"min_quantity": "0.002"}, 2, 120_000),
        ({"market_max": "0.0029"}, 1, 2),  # a maximum between steps is rounded down
        ({"market_max": "120.00000000"}, 1, 120_000),
    ],
)
def test_minimum_and_maximum_are_rounded_to_the_safe_side(
    texts: dict[str, str], min_lots: int, market_max_lots: int
) -> None:
    made = market(**texts)
    assert (made.min_lots, made.market_max_lots) == (min_lots, market_max_lots)


@pytest.mark.parametrize(
    ("texts", "said"),
    [
        ({"tick": "0"}, ": tick 0 and quantity step 0.001 must be above 0"),
        ({"step": "0"}, ": tick 0.1 and quantity step 0 must be above 0"),
        ({"tick": "-0.1"}, ": tick -0.1 and quantity step 0.001 must be above 0"),
        ({"tick": "0.000000001"}, f" tick 0.000000001 {NOT_WHOLE}"),
        ({"step": "0.000000001"}, f" quantity step 0.000000001 {NOT_WHOLE}"),
        ({"tick": "0.00001", "step": "0.0001"}, f" tick 0.00001 x step 0.0001 {NOT_WHOLE}"),
        ({"min_quantity": "0.000000001"}, f" minimum {NOT_WHOLE}"),
        ({"min_notional": "0.000000001"}, f" minimum notional {NOT_WHOLE}"),
    ],
)
def test_rules_that_do_not_fit_whole_units_are_refused(texts: dict[str, str], said: str) -> None:
    with pytest.raises(ValueError, match=f"^BTCUSDT{re.escape(said)}$"):
        market(**texts)


def test_the_smallest_unit_of_either_is_taken() -> None:
    assert market("0.00000001", "1").unit_e8 == 1
    assert market("1", "0.00000001").unit_e8 == 1


@given(MARKETS, st.integers(1, 10**10))
def test_ticks_and_lots_survive_the_way_to_the_wire_and_back(each: Instrument, count: int) -> None:
    for text in (each.price_text(count), f"{each.price_text(count)}"):
        assert each.ticks(text) == each.ticks_nearest(text) == each.ticks(Decimal(text)) == count
    assert each.lots(each.quantity_text(count)) == count
    assert each.average_text(count * 7, 7) == each.price_text(count)


@pytest.mark.parametrize(
    ("made", "text"),
    [
        (lambda: BTC.price_text(914_376), "91437.6"),
        (lambda: BTC.price_text(914_370), "91437.0"),
        (lambda: BTC.quantity_text(2), "0.002"),
        (lambda: BTC.quantity_text(0), "0.000"),
        (lambda: XRP.price_text(5), "0.0005"),
        (lambda: XRP.quantity_text(12_345), "1234.5"),
        (lambda: COARSE.price_text(5), "1.25"),
        (lambda: COARSE.price_text(4), "1.00"),
        (lambda: COARSE.quantity_text(3), "15"),
        (lambda: WHOLE.price_text(3), "3"),
        (lambda: TENS.price_text(3), "30"),
        (lambda: TENS.quantity_text(3), "300"),
        (lambda: BTC.average_text(3_000, 3), "100.0"),
        (lambda: BTC.average_text(2_001, 2), "100.05000000"),
        (lambda: BTC.average_text(1_000, 3), "33.33333333"),
        (lambda: BTC.average_text(2_000, 3), "66.66666667"),
        (lambda: scaled_text(-150_000_000, 10_000_000), "-1.5"),
        (lambda: money_text(1), "0.00000001"),
        (lambda: money_text(-123_456_789), "-1.23456789"),
        (lambda: money_text(123_456_789, 2), "1.23"),
        (lambda: money_text(0), "0.00000000"),
        (lambda: money_text(10**17 + 1), "1000000000.00000001"),
    ],
)
def test_amounts_as_text(made: Callable[[], str], text: str) -> None:
    assert made() == text


def test_an_instrument_is_made_of_the_exchange_s_texts() -> None:
    made = instrument(
        "BTCUSDT", tick="0.1", step="0.001", min_quantity="0.0045", market_max="120",
        min_notional="50.00000001",
    )  # fmt: skip
    assert made == Instrument(
        symbol="BTCUSDT",
        tick_e8=10_000_000,
        step_e8=100_000,
        unit_e8=10_000,
        min_lots=5,  # rounded up
        market_max_lots=120_000,
        min_notional_e8=5_000_000_001,
    )


@pytest.mark.parametrize(
    ("price", "ticks"),
    [
        ("100.04", 1000),
        ("100.05", 1001),
        ("100.049999", 1000),
        ("100.15", 1002),  # half up, not half to even
        ("100.25", 1003),
        ("0", 0),
    ],
)
def test_the_nearest_tick_is_half_up(price: str, ticks: int) -> None:
    assert BTC.ticks_nearest(price) == BTC.ticks_nearest(Decimal(price)) == ticks


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("100.05", "BTCUSDT price 100.05 is not a whole number of steps"),
        ("0.01", "BTCUSDT price 0.01 is not a whole number of steps"),
    ],
)
def test_a_price_between_ticks_is_refused(text: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        BTC.ticks(text)


def test_a_quantity_between_steps_is_refused() -> None:
    with pytest.raises(ValueError, match=r"BTCUSDT quantity 0\.0015 is not a whole number"):
        BTC.lots("0.0015")


@given(MARKETS, st.integers(1, 10**15), st.integers(1, 10**6))
def test_an_average_price_becomes_the_nearest_quote(
    each: Instrument, price_e8: int, lots: int
) -> None:
    exact = Fraction(price_e8 * lots, each.tick_e8)
    quote = each.quote_nearest(Decimal(price_e8).scaleb(-8), lots)
    assert quote == floor(exact + Fraction(1, 2))


@given(MARKETS, st.integers(1, 10**9), st.integers(1, 10**6), st.integers(0))
def test_the_exchange_s_average_gives_back_the_quote_it_was_made_of(
    each: Instrument, price: int, lots: int, rest: int
) -> None:
    quote = price * lots + rest % lots
    average = Decimal(quote) * each.tick_e8 / (Decimal(lots) * E8)
    assert each.quote_nearest(average, lots) == quote


@given(st.integers(-(10**17), 10**17))
def test_money_text_is_exact(amount_e8: int) -> None:
    assert whole(Decimal(money_text(amount_e8)) * E8, 1, "amount") == amount_e8


def test_a_quote_in_the_middle_is_rounded_up() -> None:
    assert BTC.quote_nearest(Decimal("100.05"), 1) == 1001


def test_averages_are_exact_beyond_what_a_float_holds() -> None:
    ticks = 2**53 + 1
    assert BTC.average_text(3 * ticks, 3) == BTC.price_text(ticks)
