"""A trade's notes made of fills or of a position, set right, and told in other units."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from exchange.ids import ENTRY, STOP
from state.adopting import refreshed, rescaled, rescaled_intent, trade_from, trade_from_position
from state.ledger import TradeLedger, walk
from state.model import Rules
from tests.state.making import (
    IN,
    MARKET,
    PARAMETERS,
    Row,
    a_short,
    a_trade,
    an_intent,
    held,
    tape,
)


def ledger(*rows: Row) -> TradeLedger:
    [trade] = walk(tape(*rows))
    return trade


def test_a_trade_from_its_fills_is_as_large_as_what_they_leave_open() -> None:
    assert trade_from(ledger(IN, (STOP, -1, 990, 4)), PARAMETERS) == a_trade(lots=6)
    assert trade_from(ledger(IN), PARAMETERS, lots=7) == a_trade(lots=7)


def test_an_entry_s_levels_follow_the_position_s_price_and_its_own_candle() -> None:
    made = trade_from_position(an_intent(), held(), MARKET, PARAMETERS)
    assert made == a_trade(first_fill_ms=an_intent().timestamp_ms)


def test_as_many_fills_as_noted_change_the_quantity_only() -> None:
    noted = a_trade(stop=1001, stop_moved=True, exit_leg="XR", attempts=2, first_fill_ms=7)
    assert refreshed(noted, ledger(IN), PARAMETERS, 6) == msgspec.structs.replace(noted, lots=6)


def test_fewer_fills_than_noted_change_the_quantity_only() -> None:
    noted = a_trade()
    assert refreshed(noted, ledger((ENTRY, 1, 2000, 9)), PARAMETERS, 9) == a_trade(lots=9)


@pytest.mark.parametrize(
    ("row", "stop", "target"),
    [((ENTRY, 1, 1100, 10), 1089, 1122), ((ENTRY, 1, 1100, 12), 1089, 1122)],
    ids=["another price", "more lots"],
)
def test_a_better_known_entry_moves_the_levels(row: Row, stop: int, target: int) -> None:
    noted = a_trade(exit_leg="XR", attempts=2, first_fill_ms=7)
    found = refreshed(noted, ledger(row), PARAMETERS, 10)
    assert (found.entry_quote, found.entry_lots) == (1100 * row[3], row[3])
    assert (found.stop, found.target, found.lots) == (stop, target, 10)
    assert (found.exit_leg, found.attempts, found.stop_moved) == ("XR", 2, False)
    assert found.first_fill_ms == ledger(row).first_fill_ms


def test_a_stop_that_was_moved_stays_where_it_was_moved_to() -> None:
    noted = a_trade(stop=1001, stop_moved=True)
    found = refreshed(noted, ledger((ENTRY, 1, 1100, 10)), PARAMETERS, 10)
    assert (found.stop, found.stop_moved, found.target) == (1001, True, 1122)


def rules(tick_e8: int, step_e8: int) -> Rules:
    return Rules(
        tick_e8=tick_e8,
        step_e8=step_e8,
        unit_e8=tick_e8 * step_e8 // 10**8,
        min_lots=1,
        market_max_lots=1000,
        min_notional_e8=0,
        trading=True,
        read_ms=0,
    )


OLD = rules(10**7, 10**5)


def test_a_trade_in_finer_units_is_the_same_trade() -> None:
    fine = rules(10**6, 10**4)
    found = rescaled(a_trade(attempts=3), OLD, fine)
    assert (found.lots, found.entry_lots, found.entry_quote) == (100, 100, 1_000_000)
    assert (found.stop, found.target) == (9900, 10_200)
    assert (found.attempts, found.side, found.signal_ms) == (3, 1, a_trade().signal_ms)
    assert rescaled(found, fine, OLD) == a_trade(attempts=3)


def test_levels_on_coarser_ticks_are_the_nearest_half_up() -> None:
    coarse = rules(5 * 10**7, 10**5)
    found = rescaled(a_trade(stop=992, target=1023), OLD, coarse)
    assert (found.stop, found.target) == (198, 205)  # 198.4 and 204.6
    assert rescaled(a_trade(stop=985), OLD, rules(2 * 10**7, 10**5)).stop == 493  # 492.5
    assert rescaled(a_short(stop=1011), OLD, rules(2 * 10**7, 10**5)).stop == 506  # 505.5


@pytest.mark.parametrize("lots", [{"lots": 5}, {"entry_lots": 5, "entry_quote": 5000}])
def test_a_quantity_between_the_new_steps_is_refused(lots: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="does not fit the symbol's new quantity step"):
        rescaled(a_trade(**lots), OLD, rules(10**7, 10**6))
    assert rescaled(a_trade(), OLD, rules(10**7, 10**6)).lots == 1


@given(st.integers(1, 10**6), st.integers(1, 10**6), st.sampled_from([1, 10, 100, 1000]))
def test_the_average_entry_survives_the_way_to_finer_units_and_back(
    price: int, lots: int, finer: int
) -> None:
    trade = a_trade(entry_quote=price * lots, entry_lots=lots, lots=lots)
    fine = rules(10**7 // finer, 10**5 // finer)
    assert rescaled(rescaled(trade, OLD, fine), fine, OLD) == trade


def test_an_entry_that_was_written_down_in_other_units() -> None:
    found = rescaled_intent(an_intent(), OLD, rules(10**6, 10**4))
    assert found == an_intent(lots=100, close=10_000)
    coarse = rescaled_intent(an_intent(lots=19, close=985), OLD, rules(2 * 10**7, 10**6))
    assert coarse == an_intent(lots=1, close=493)
