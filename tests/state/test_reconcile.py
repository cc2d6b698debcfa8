"""Notes + what the exchange says = what is true: every standing and every way to it."""

import msgspec
import pytest

from exchange.ids import CLOSE_REVERTED, ENTRY, STOP
from exchange.views import Fill, Position, RestingOrder
from state.model import SymbolNotes, Trade
from state.reconcile import EntryWord, Seen, Standing, Truth, agrees, reconcile
from tests.state.making import (
    ENTRY_MS,
    IN,
    MARKET,
    NEVER,
    NOTED,
    OUT,
    PARAMETERS,
    SIGNAL_MS,
    STRANGER,
    Row,
    a_short,
    a_trade,
    an_intent,
    held,
    protected,
    resting,
    some_notes,
    tape,
)

OLDER_MS = SIGNAL_MS - 3_600_000


def true_of(
    notes: SymbolNotes,
    position: Position | None,
    fills: list[Fill] | None,
    entry: EntryWord | None = None,
) -> Truth:
    return reconcile(notes, PARAMETERS, MARKET, Seen(position, [], fills, entry))


def said(truth: Truth) -> tuple[SymbolNotes, Standing]:
    return truth.notes, truth.standing


def noted(truth: Truth) -> Trade:
    assert truth.notes.trade is not None
    return truth.notes.trade


def test_where_no_fills_were_needed_the_notes_stand_as_they_are() -> None:
    assert true_of(NOTED, held(), None) == Truth(NOTED, Standing.OURS)
    assert true_of(some_notes(), None, None) == Truth(some_notes(), Standing.FLAT)


def test_the_words_for_a_standing() -> None:
    assert [each.value for each in Standing] == ["flat", "ours", "foreign", "lagging"]


def test_flat_and_nothing_ever_happened() -> None:
    truth = true_of(SymbolNotes(), None, [])
    assert truth == Truth(SymbolNotes(looked_back=True), Standing.FLAT)


def test_an_open_trade_keeps_its_notes() -> None:
    moved = a_trade(stop=1001, stop_moved=True, exit_leg=CLOSE_REVERTED, attempts=3)
    truth = true_of(some_notes(trade=moved), held(), tape(IN))
    assert said(truth) == (some_notes(trade=moved), Standing.OURS)


def test_a_trade_that_ended_is_told_and_forgotten() -> None:
    truth = true_of(NOTED, None, tape(IN, OUT))
    assert truth.standing is Standing.FLAT
    assert truth.notes == some_notes(ended_ms=ENTRY_MS + 1000)
    assert [(trade.reason, trade.signal_ms) for trade in truth.ended] == [("stop", SIGNAL_MS)]


def test_an_end_that_is_noted_already_is_not_told_again() -> None:
    known = some_notes(ended_ms=ENTRY_MS + 1000)
    truth = true_of(known, None, tape(IN, OUT))
    assert (truth.notes, truth.standing, truth.ended) == (known, Standing.FLAT, ())


def test_every_trade_that_the_fills_show_as_ended_is_over_told_or_not() -> None:
    later_ms = SIGNAL_MS + 600_000
    fills = [*tape(IN, OUT), *tape(IN, start_ms=later_ms + 300_000, signal_ms=later_ms)]
    assert true_of(some_notes(ended_ms=ENTRY_MS + 1000), held(), fills).over == {SIGNAL_MS}
    assert true_of(NOTED, held(), tape(IN)).over == frozenset()


def test_an_end_never_moves_back() -> None:
    known = some_notes(ended_ms=ENTRY_MS + 9000)
    assert true_of(known, None, tape(IN, OUT)).notes == known
    assert true_of(known, None, []).notes == known


@pytest.mark.parametrize(
    "fills", [tape(IN), [], tape(IN, (STOP, -1, 990, 4))], ids=["entry only", "none", "a part"]
)
def test_gone_but_its_fills_are_not_visible_yet_is_lagging(fills: list[Fill]) -> None:
    assert said(true_of(NOTED, None, fills)) == (NOTED, Standing.LAGGING)


@pytest.mark.parametrize("word", [None, EntryWord(0, done=False), EntryWord(10, done=True)])
def test_gone_and_no_fill_visible_is_lagging_unless_the_entry_never_was(
    word: EntryWord | None,
) -> None:
    assert said(true_of(NOTED, None, [], word)) == (NOTED, Standing.LAGGING)
    assert said(true_of(NOTED, None, [], NEVER)) == (some_notes(), Standing.FLAT)


def test_a_position_whose_fills_are_not_visible_is_protected_as_noted() -> None:
    assert true_of(NOTED, held(), []) == Truth(NOTED, Standing.OURS)
    assert true_of(NOTED, held(15), []) == Truth(NOTED, Standing.OURS)
    assert noted(true_of(NOTED, held(6), [])).lots == 6


def test_a_position_of_the_other_side_is_not_protected_as_noted() -> None:
    truth = true_of(NOTED, held(side=-1), [])
    # its end is not visible yet, and must still be booked
    assert truth == Truth(some_notes(looked_back=False), Standing.FOREIGN)


def test_a_position_is_not_the_noted_trade_whose_entry_never_was() -> None:
    guessed = some_notes(trade=a_trade(), intent=an_intent())
    truth = true_of(guessed, held(), [], NEVER)
    assert said(truth) == (some_notes(), Standing.FOREIGN)
    assert truth.over == {SIGNAL_MS}  # what protected it is not to close a stranger's position


def test_a_trade_whose_fills_were_read_once_is_ours_though_the_exchange_has_forgotten_it() -> None:
    truth = true_of(NOTED, held(), [], NEVER)
    assert (said(truth), truth.over) == ((NOTED, Standing.OURS), frozenset())
    other = true_of(NOTED, held(price="101.0"), [], NEVER)  # enlarged by hand, or a stranger's
    assert (said(other), other.over) == ((NOTED, Standing.LAGGING), frozenset())


def test_the_end_of_a_trade_whose_entry_is_forgotten_gives_the_cooldown() -> None:
    truth = true_of(NOTED, None, tape(OUT), NEVER)
    assert (truth.standing, truth.notes.trade) == (Standing.FLAT, None)
    assert truth.notes.ended_ms == ENTRY_MS


def test_another_trade_ended_earlier_and_this_one_s_fills_lag() -> None:
    before = tape(IN, OUT, start_ms=OLDER_MS + 300_000, signal_ms=OLDER_MS)
    truth = true_of(NOTED, held(), before)
    assert (truth.standing, noted(truth)) == (Standing.OURS, a_trade())
    gone = true_of(NOTED, None, before)
    assert (gone.standing, noted(gone)) == (Standing.LAGGING, a_trade())
    assert len(gone.ended) == 1


def test_lessened_by_hand_the_trade_shrinks_and_keeps_its_levels() -> None:
    truth = true_of(NOTED, held(6), tape(IN, (STRANGER, -1, 1005, 4)))
    assert said(truth) == (some_notes(trade=a_trade(lots=6)), Standing.OURS)


def test_lessened_where_the_fill_is_not_visible_yet_the_position_decides() -> None:
    assert noted(true_of(NOTED, held(6), tape(IN))).lots == 6


@pytest.mark.parametrize("word", [None, EntryWord(10, done=True)])
def test_enlarged_by_hand_the_trade_keeps_its_quantity(word: EntryWord | None) -> None:
    truth = true_of(NOTED, held(15), tape(IN, (STRANGER, 1, 1005, 5)), word)
    assert said(truth) == (NOTED, Standing.OURS)
    assert said(true_of(NOTED, held(15), tape(IN), word)) == (NOTED, Standing.OURS)


def test_an_entry_that_shows_in_part_only_is_protected_for_all_that_its_order_filled() -> None:
    part: Row = (ENTRY, 1, 1000, 4)
    notes = some_notes(intent=an_intent())
    for position, lots in ((held(10), 10), (held(15), 10), (held(7), 7)):
        truth = true_of(notes, position, tape(part), EntryWord(10, done=True))
        assert (truth.standing, noted(truth).lots) == (Standing.OURS, lots)
        assert noted(truth).entry_lots == 4
        assert truth.notes.intent == an_intent()


def test_what_a_partly_visible_trade_closed_is_not_counted_as_unseen() -> None:
    rows: list[Row] = [(ENTRY, 1, 1000, 8), (STRANGER, -1, 1000, 3)]
    truth = true_of(NOTED, held(7), tape(*rows), EntryWord(10, done=True))
    assert noted(truth).lots == 7


def test_of_several_entry_orders_one_s_word_lessens_nothing() -> None:
    fills = tape((ENTRY, 1, 1000, 4), (ENTRY, 1, 1000, 6))
    truth = true_of(NOTED, held(15), fills, EntryWord(4, done=True))
    assert noted(truth).lots == 10


def test_turned_around_by_hand_what_is_left_is_foreign() -> None:
    truth = true_of(NOTED, held(15, side=-1), tape(IN, (STRANGER, -1, 1005, 25)))
    assert truth.standing is Standing.FOREIGN
    assert truth.notes == some_notes(ended_ms=ENTRY_MS + 1000)
    assert [trade.reason for trade in truth.ended] == ["manual"]


def test_turned_around_where_the_fill_is_not_visible_yet_is_foreign_too() -> None:
    truth = true_of(NOTED, held(15, side=-1), tape(IN))
    assert (truth.standing, truth.notes.trade) == (Standing.FOREIGN, None)


def test_closed_by_us_and_opened_again_by_hand_is_foreign() -> None:
    truth = true_of(NOTED, held(3), tape(IN, OUT, (STRANGER, 1, 990, 3)))
    assert (truth.standing, truth.notes.trade) == (Standing.FOREIGN, None)
    assert len(truth.ended) == 1


def test_a_position_that_nothing_of_ours_opened_is_foreign() -> None:
    fills = tape((STRANGER, 1, 1000, 10))
    assert true_of(some_notes(), held(), fills) == Truth(some_notes(), Standing.FOREIGN)
    assert true_of(some_notes(), held(), []).standing is Standing.FOREIGN


@pytest.mark.parametrize("shown", [True, False])
def test_what_rests_for_a_trade_that_never_was_must_not_close_a_stranger_s_position(
    shown: bool,
) -> None:
    older_ms = SIGNAL_MS - 3_600_000
    orders = [*protected(a_trade()), *protected(a_trade(signal_ms=older_ms))]
    shown_before_ms = SIGNAL_MS + shown
    seen = Seen(held(), orders, tape((STRANGER, 1, 1000, 10)), None, shown_before_ms)
    truth = reconcile(some_notes(), PARAMETERS, MARKET, seen)
    assert truth.standing is Standing.FOREIGN
    assert truth.over == ({older_ms, SIGNAL_MS} if shown else {older_ms})


def test_what_rests_for_an_entry_that_shows_or_may_still_come_is_not_over() -> None:
    late = Seen(held(), protected(a_trade()), [], None, SIGNAL_MS + 1)
    for notes in (some_notes(intent=an_intent()), NOTED):
        assert reconcile(notes, PARAMETERS, MARKET, late).over == frozenset()
    assert reconcile(some_notes(), PARAMETERS, MARKET, late._replace(position=None)).over == set()
    shown = late._replace(fills=tape(IN))
    assert reconcile(some_notes(), PARAMETERS, MARKET, shown).over == frozenset()


def test_the_open_trade_is_told_where_it_is_ours_and_shows() -> None:
    running = true_of(NOTED, held(), tape(IN)).running
    assert running is not None
    assert (running.signal_ms, running.entry_lots) == (SIGNAL_MS, 10)
    assert true_of(NOTED, held(), []).running is None
    assert true_of(NOTED, held(side=-1), tape(IN)).running is None


def test_an_entry_after_a_trade_that_ended_tells_both() -> None:
    later_ms = SIGNAL_MS + 600_000
    fills = [*tape(IN, OUT), *tape(IN, start_ms=later_ms + 300_000, signal_ms=later_ms)]
    truth = true_of(NOTED, held(), fills)
    assert (truth.standing, noted(truth).signal_ms) == (Standing.OURS, later_ms)
    assert noted(truth).stop_moved is False
    assert [trade.signal_ms for trade in truth.ended] == [SIGNAL_MS]
    assert truth.notes.ended_ms == ENTRY_MS + 1000


@pytest.mark.parametrize(
    ("trade", "position", "orders", "agreed"),
    [
        (a_trade(), held(), protected(a_trade()), True),
        (a_short(), held(side=-1), protected(a_short()), True),
        (a_trade(), held(11), protected(a_trade()), False),
        (a_trade(), held(9), protected(a_trade()), False),
        (a_trade(), None, protected(a_trade()), False),
        (a_trade(), held(side=-1), protected(a_trade()), False),
        (a_trade(), held(price="100.09"), protected(a_trade()), True),
        (a_trade(), held(price="99.91"), protected(a_trade()), True),
        (a_trade(), held(price="100.1"), protected(a_trade()), False),
        (a_trade(), held(price="99.9"), protected(a_trade()), False),
        (a_trade(lots=6), held(6), protected(a_trade(lots=6)), True),
        (a_trade(exit_leg=CLOSE_REVERTED), held(), protected(a_trade()), False),
        (a_trade(), held(), [resting("SL", a_trade())], False),
        (a_trade(), held(), [resting("TP", a_trade())], False),
        (a_trade(), held(), [*protected(a_trade()), resting("SL", a_trade(), order_id=2)], True),
    ],
    ids=[
        "as noted",
        "a short as noted",
        "more",
        "less",
        "gone",
        "turned",
        "not a tick above",
        "not a tick below",
        "a tick above: another position",
        "a tick below: another position",
        "closed in part, as noted",
        "a close was sent",
        "no target",
        "no stop",
        "two stops",
    ],
)
def test_when_the_notes_agree_with_the_exchange(
    trade: Trade, position: Position | None, orders: list[RestingOrder], agreed: bool
) -> None:
    assert agrees(trade, MARKET, Seen(position, orders)) is agreed


def test_a_short_is_reconciled_the_same_way() -> None:
    notes = some_notes(trade=a_short())
    truth = true_of(notes, held(side=-1), tape((ENTRY, -1, 1000, 10)))
    assert said(truth) == (notes, Standing.OURS)


def test_nothing_else_in_the_notes_is_touched() -> None:
    notes = msgspec.structs.replace(NOTED, last_signal_ms=SIGNAL_MS, mode_checked_ms=7)
    after = true_of(notes, None, tape(IN, OUT)).notes
    assert (after.last_signal_ms, after.mode_checked_ms) == (SIGNAL_MS, 7)
