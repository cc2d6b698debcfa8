"""With the notes gone the exchange's own fills and orders give back what safety needs."""

import pytest

from exchange.ids import ENTRY, MOVED_STOP, STOP, TARGET, client_id
from exchange.views import Fill, Position, RestingOrder
from state.model import SymbolNotes, Trade
from state.reconcile import (
    ADOPT_LOOK_BACK_MS,
    LOOK_BACK_MAX_MS,
    Seen,
    Standing,
    Truth,
    fills_needed_since,
    reconcile,
)
from strategy.decide import bars_since
from strategy.units import DAY_MS
from tests.state.making import (
    ENTRY_MS,
    IN,
    INTERVAL_MS,
    LIQUIDATION,
    MARKET,
    PARAMETERS,
    SIGNAL_MS,
    STRANGER,
    Row,
    a_trade,
    an_intent,
    held,
    order_id,
    protected,
    resting,
    some_notes,
    tape,
)

NOW_MS = SIGNAL_MS + 3 * INTERVAL_MS + 60_000
COOLDOWN_MS = (PARAMETERS.cooldown_bars + 1) * INTERVAL_MS


def needed(
    notes: SymbolNotes, position: Position | None = None, orders: list[RestingOrder] | None = None
) -> int | None:
    return fills_needed_since(notes, PARAMETERS, MARKET, Seen(position, orders or []), NOW_MS)


def true_of(
    notes: SymbolNotes,
    position: Position | None,
    fills: list[Fill],
    orders: list[RestingOrder] | None = None,
) -> Truth:
    return reconcile(notes, PARAMETERS, MARKET, Seen(position, orders or [], fills))


def adopted(orders: list[RestingOrder], position: Position, *rows: Row) -> Trade:
    truth = true_of(SymbolNotes(), position, tape(*rows), orders)
    assert truth.standing is Standing.OURS
    assert truth.notes.trade is not None
    return truth.notes.trade


def test_notes_that_agree_need_no_fills() -> None:
    assert needed(some_notes()) is None
    assert needed(some_notes(trade=a_trade()), held(), list(protected(a_trade()))) is None


@pytest.mark.parametrize(
    ("notes", "position", "since_ms"),
    [
        (some_notes(trade=a_trade()), None, SIGNAL_MS),
        (some_notes(trade=a_trade(first_fill_ms=NOW_MS)), held(), SIGNAL_MS),
        (some_notes(intent=an_intent()), None, ENTRY_MS + 500 - 5000),
        (SymbolNotes(), None, NOW_MS - COOLDOWN_MS - 7 * DAY_MS),
        (some_notes(), held(), NOW_MS - 7 * DAY_MS),
        (SymbolNotes(), held(), NOW_MS - COOLDOWN_MS - 7 * DAY_MS),
        (some_notes(trade=a_trade(), intent=an_intent()), None, SIGNAL_MS),
        (SymbolNotes(intent=an_intent(timestamp_ms=5000)), None, 0),
    ],
    ids=[
        "the trade is gone",
        "its protection is",
        "an entry is on its way",
        "never looked back",
        "a position not in the notes",
        "no notes at all",
        "the earliest of all",
        "an old entry, whatever it was",
    ],
)
def test_from_when_on_the_fills_are_needed(
    notes: SymbolNotes, position: Position | None, since_ms: int
) -> None:
    assert needed(notes, position) == since_ms


def test_an_order_of_an_older_trade_makes_the_search_go_back_to_it() -> None:
    old_ms = SIGNAL_MS - 30 * DAY_MS
    old = resting(STOP, a_trade(), client_id=order_id(STOP, signal_ms=old_ms))
    foreign = resting(STOP, a_trade(), client_id=STRANGER)
    assert ADOPT_LOOK_BACK_MS == 7 * DAY_MS == 604_800_000
    elsewhere = resting(STOP, a_trade(), client_id=client_id("ETHUSDT", old_ms, STOP))
    assert needed(some_notes(), held(), [foreign, old]) == old_ms
    assert needed(some_notes(), held(), [elsewhere]) == NOW_MS - ADOPT_LOOK_BACK_MS
    assert needed(some_notes(), held(), [foreign]) == NOW_MS - ADOPT_LOOK_BACK_MS
    assert needed(some_notes(), None, [old]) is None  # flat: an orphan, to be swept
    assert needed(SymbolNotes(), None, [old]) == old_ms  # its trade ended while notes were lost


def test_the_search_goes_back_no_further_than_the_exchange_remembers() -> None:
    ancient = resting(STOP, a_trade(), client_id=order_id(STOP, signal_ms=60_000))
    for notes in (some_notes(), SymbolNotes()):
        assert needed(notes, held(), [ancient]) == NOW_MS - LOOK_BACK_MAX_MS
    seen = Seen(held(), [ancient], [], None, NOW_MS)
    assert reconcile(some_notes(), PARAMETERS, MARKET, seen).over == frozenset()


def test_an_open_trade_is_rebuilt_from_its_fills() -> None:
    assert adopted([], held(), (ENTRY, 1, 999, 5), (ENTRY, 1, 1001, 5)) == a_trade()


def test_its_levels_come_from_the_average_between_ticks() -> None:
    found = adopted([], held(3), (ENTRY, 1, 1000, 2), (ENTRY, 1, 1001, 1))
    assert (found.entry_quote, found.entry_lots) == (3001, 3)
    assert (found.stop, found.target) == (990, 1020)  # 990.33 and 1020.34


def test_a_short_is_rebuilt_with_its_levels_on_the_other_side() -> None:
    found = adopted([], held(side=-1), (ENTRY, -1, 1000, 10))
    assert (found.side, found.stop, found.target) == (-1, 1010, 980)


def test_what_was_closed_meanwhile_is_not_ours_any_more() -> None:
    found = adopted([], held(6), IN, (STRANGER, -1, 1005, 4))
    assert (found.lots, found.entry_lots) == (6, 10)
    assert adopted([], held(6), IN).lots == 6
    assert adopted([], held(15), IN, (STRANGER, 1, 1005, 5)).lots == 10


def test_a_stop_that_was_moved_stays_moved() -> None:
    moved = resting(MOVED_STOP, a_trade(), trigger=1001)
    found = adopted([moved], held(), IN)
    assert (found.stop, found.stop_moved) == (1001, True)
    assert adopted([resting(STOP, a_trade())], held(), IN).stop_moved is False


@pytest.mark.parametrize(("attempts", "expected"), [([], 0), ([0], 1), ([0, 4], 5), ([4, 0], 5)])
def test_new_ids_differ_from_those_that_rest(attempts: list[int], expected: int) -> None:
    orders = [
        resting(TARGET, a_trade(), client_id=order_id(TARGET, attempt)) for attempt in attempts
    ]
    assert adopted(orders, held(), IN).attempts == expected


def test_notes_of_another_trade_do_not_colour_the_one_that_runs() -> None:
    old = a_trade(signal_ms=SIGNAL_MS - 600_000, stop=5, target=6, exit_leg="XR", attempts=9)
    truth = true_of(some_notes(trade=old), held(), tape(IN))
    assert truth.notes.trade == a_trade()


def test_trades_that_ended_in_the_time_searched_are_told_again() -> None:
    fills = tape(IN, (TARGET, -1, 1020, 10))
    truth = true_of(SymbolNotes(), None, fills)
    assert (truth.standing, len(truth.ended)) == (Standing.FLAT, 1)
    assert truth.notes == some_notes(ended_ms=ENTRY_MS + 1000)


@pytest.mark.parametrize("who", [STOP, TARGET, MOVED_STOP, "XR", "XE", LIQUIDATION])
def test_the_end_of_a_trade_that_began_before_the_time_searched_gives_the_cooldown(
    who: str,
) -> None:
    fills = tape((who, -1, 990, 4), (who, -1, 990, 6))
    truth = true_of(SymbolNotes(), None, fills)
    assert (truth.standing, truth.notes) == (Standing.FLAT, some_notes(ended_ms=ENTRY_MS + 1000))
    assert truth.ended == ()


def test_a_stranger_s_fill_ends_no_trade_that_nobody_knows() -> None:
    truth = true_of(SymbolNotes(), None, tape((STRANGER, -1, 990, 4)))
    assert truth.notes == some_notes()


def test_once_looked_back_only_whole_trades_set_the_cooldown() -> None:
    part = tape(IN, (STOP, -1, 990, 4))
    truth = true_of(some_notes(), held(6), part)
    assert truth.notes.ended_ms == 0
    before = tape((STOP, -1, 990, 4))
    assert true_of(some_notes(), None, before).notes == some_notes()


def test_a_part_that_was_closed_does_not_hide_the_end_of_the_rest() -> None:
    fills = tape(IN, (STOP, -1, 990, 4), (STOP, -1, 990, 6))
    first = true_of(SymbolNotes(), held(6), fills[:2])
    assert first.notes.trade == a_trade(lots=6)
    later = true_of(first.notes, None, fills)
    assert [trade.reason for trade in later.ended] == ["stop"]
    assert later.notes == some_notes(ended_ms=ENTRY_MS + 2000)


@pytest.mark.parametrize("later_ms", range(0, 2 * INTERVAL_MS, 59_999))
def test_the_search_reaches_every_end_that_a_cooldown_can_still_count(later_ms: int) -> None:
    """The newest closed candle is at most two intervals old when a run decides on it."""
    candle_ms = SIGNAL_MS
    now_ms = candle_ms + INTERVAL_MS + later_ms % INTERVAL_MS
    since_ms = fills_needed_since(SymbolNotes(), PARAMETERS, MARKET, Seen(None, []), now_ms)
    assert since_ms is not None
    assert bars_since(candle_ms, since_ms - 1, INTERVAL_MS) >= PARAMETERS.cooldown_bars
