"""Client order ids: what goes in comes out, they fit the exchange, and strangers' are known."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exchange import ids
from exchange.ids import OrderId, client_id, is_liquidation, parse_id

LEGS = sorted({ids.ENTRY, *ids.REASONS})
MINUTE_MS = 60_000
SIGNAL_MS = 29_922_611 * MINUTE_MS
#: The exchange's own rule, less the two characters that travel percent-encoded.
ALLOWED = re.compile(r"[.A-Za-z0-9_-]{1,36}")

symbols = st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_", min_size=5, max_size=18)
minutes = st.integers(0, 99_999_999)


def test_an_id_says_what_its_order_is_for() -> None:
    assert client_id("BTCUSDT", SIGNAL_MS, ids.ENTRY) == "rv1-BTCUSDT-29922611-EN0"
    assert client_id("BTCUSDT", SIGNAL_MS, ids.STOP, 35) == "rv1-BTCUSDT-29922611-SLz"
    assert client_id("BTCUSDT", SIGNAL_MS, ids.STOP, 36) == "rv1-BTCUSDT-29922611-SL10"
    assert client_id("BTCUSDT", SIGNAL_MS, ids.STOP, 1295) == "rv1-BTCUSDT-29922611-SLzz"


@given(symbols, minutes, st.sampled_from(LEGS), st.integers(0, 1295))
def test_round_trip(symbol: str, minute: int, leg: str, attempt: int) -> None:
    text = client_id(symbol, minute * MINUTE_MS, leg, attempt)
    assert ALLOWED.fullmatch(text)
    assert parse_id(text) == OrderId(symbol, minute * MINUTE_MS, leg, attempt)


@given(st.integers(0, 100_000))
def test_attempts_wrap_after_1296(attempt: int) -> None:
    text = client_id("BTCUSDT", SIGNAL_MS, ids.STOP, attempt)
    assert text == client_id("BTCUSDT", SIGNAL_MS, ids.STOP, attempt + 1296)
    parsed = parse_id(text)
    assert parsed is not None
    assert parsed.attempt == attempt % 1296


def test_the_ids_of_one_candle_all_differ() -> None:
    made = [client_id("BTCUSDT", SIGNAL_MS, leg, n) for leg in LEGS for n in range(1296)]
    assert len(set(made)) == len(made)


@pytest.mark.parametrize("leg", LEGS)
def test_a_symbol_of_18_letters_fits_with_every_attempt(leg: str) -> None:
    assert len(client_id("A" * 18, SIGNAL_MS, leg, 1295)) == 36


def test_an_id_that_is_too_long_is_refused() -> None:
    assert len(client_id("A" * 19, SIGNAL_MS, ids.ENTRY, 35)) == 36
    with pytest.raises(ValueError, match="longer than 36"):
        client_id("A" * 19, SIGNAL_MS, ids.ENTRY, 36)


@pytest.mark.parametrize(
    ("signal_ms", "leg"), [(SIGNAL_MS + 1, ids.ENTRY), (SIGNAL_MS, "QQ"), (SIGNAL_MS, "")]
)
def test_an_id_of_nothing_is_refused(signal_ms: int, leg: str) -> None:
    with pytest.raises(ValueError, match="no id for candle"):
        client_id("BTCUSDT", signal_ms, leg)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "rv1-",
        "web_AbCdEf",
        "x-cvBPrNm9-BTCUSDT-EN0",
        "6e8f8d89-5b04-4ede-88bb-52b7d8b2b0d2",
        "autoclose-1789837689736",
        "rv2-BTCUSDT-29922611-EN0",
        "RV1-BTCUSDT-29922611-EN0",
        "rv1-BTCUSDT-29922611-EN",
        "rv1-BTCUSDT-29922611-QQ0",
        "rv1-BTCUSDT-29922611-ENA",
        "rv1-BTCUSDT-29922611-EN-",
        "rv1-BTCUSDT-2992261x-EN0",
        "rv1-BTCUSDT--EN0",
        "rv1-BTCUSDT-29922611",
        "rv1-BTCUSDT-29922611-EN0-1",
        " rv1-BTCUSDT-29922611-EN0",
        "my-rv1-BTCUSDT-29922611-EN0",
    ],
)
def test_a_stranger_is_a_stranger(text: str) -> None:
    assert parse_id(text) is None


@given(st.text())
def test_any_text_can_be_asked_about(text: str) -> None:
    parsed = parse_id(text)
    assert parsed is None or text.startswith(ids.PREFIX)


@pytest.mark.parametrize(
    ("text", "by_the_exchange"),
    [
        ("autoclose-1789837689736", True),
        ("adl_autoclose", True),
        ("adl_autoclose-1", True),
        ("settlement_autoclose-1789", True),
        ("rv1-BTCUSDT-29922611-SL0", False),
        ("my-autoclose-1", False),
        ("autoclosed", False),
        ("", False),
    ],
)
def test_orders_of_a_liquidation(text: str, by_the_exchange: bool) -> None:
    assert is_liquidation(text) is by_the_exchange


@pytest.mark.parametrize(
    ("text", "closes"),
    [
        *((client_id("BTCUSDT", SIGNAL_MS, leg), leg != ids.ENTRY) for leg in LEGS),
        ("autoclose-1789837689736", True),
        ("web_AbCdEf", False),
        ("", False),
    ],
)
def test_orders_that_close_a_trade(text: str, closes: bool) -> None:
    assert ids.is_close(text) is closes


def test_every_leg_that_ends_a_trade_has_a_reason_and_stops_have_their_close() -> None:
    assert ids.ENTRY not in ids.REASONS
    assert {leg: ids.REASONS[leg] for leg in ids.CLOSE_FOR} == {
        leg: ids.REASONS[closing] for leg, closing in ids.CLOSE_FOR.items()
    }
    assert ids.STOP_LEGS | {ids.TARGET} == set(ids.CLOSE_FOR)
