"""An entry that was written down: when its order is looked up, and when it is settled."""

import pytest

from exchange.ids import ENTRY
from exchange.views import Fill, Position
from state.model import SymbolNotes, Trade
from state.reconcile import EntryWord, Seen, Standing, Truth, entry_in_doubt, reconcile
from tests.state.making import (
    ENTRY_MS,
    IN,
    MARKET,
    NEVER,
    NOTED,
    OUT,
    PARAMETERS,
    PLANNED,
    SIGNAL_MS,
    STRANGER,
    SYMBOL,
    Row,
    a_trade,
    an_intent,
    held,
    order_id,
    some_notes,
    tape,
)

PART: Row = (ENTRY, 1, 1000, 4)
BY_INTENT = (order_id(ENTRY), ENTRY_MS + 500)
BY_FILL = (order_id(ENTRY), ENTRY_MS)


@pytest.mark.parametrize(
    ("notes", "position", "fills", "doubt"),
    [
        (PLANNED, held(), None, None),
        (PLANNED, None, [], BY_INTENT),
        (PLANNED, held(), tape(PART), BY_INTENT),
        (PLANNED, held(), tape(IN), None),
        (PLANNED, held(), tape((STRANGER, 1, 1000, 10)), BY_INTENT),
        (NOTED, None, [], BY_FILL),
        (NOTED, held(), [], BY_FILL),
        (NOTED, None, tape(IN, OUT), None),
        (NOTED, held(), tape(IN), None),
        (NOTED, held(11), tape(IN), BY_FILL),
        (NOTED, held(15), tape(IN, (STRANGER, 1, 1000, 5)), BY_FILL),
        (NOTED, held(9), tape(IN), None),
        (some_notes(), held(10), tape(PART), BY_FILL),
        (some_notes(), held(10), [], None),
        (some_notes(), None, tape(PART), None),
        (some_notes(), None, [], None),
    ],
    ids=[
        "no fills were read",
        "nothing seen of a planned entry",
        "a part seen of it",
        "all seen of it",
        "a stranger's fill is not its",
        "nothing seen of a noted trade that is gone",
        "nothing seen of a noted trade that is there",
        "seen and ended",
        "seen and open",
        "the position is larger than its fills",
        "a stranger's part on top",
        "the position is smaller",
        "no notes, the position is larger than its fills",
        "no notes, nothing of ours seen",
        "no notes, no position",
        "nothing at all",
    ],
)
def test_which_entry_order_is_looked_up(
    notes: SymbolNotes,
    position: Position | None,
    fills: list[Fill] | None,
    doubt: tuple[str, int] | None,
) -> None:
    assert entry_in_doubt(notes, SYMBOL, Seen(position, [], fills)) == doubt


def true_of(
    position: Position | None,
    fills: list[Fill],
    word: EntryWord | None = None,
    notes: SymbolNotes = PLANNED,
) -> Truth:
    return reconcile(notes, PARAMETERS, MARKET, Seen(position, [], fills, word))


def noted(truth: Truth) -> Trade:
    assert truth.standing is Standing.OURS
    assert truth.notes.trade is not None
    return truth.notes.trade


@pytest.mark.parametrize(
    ("fills", "word", "settled"),
    [
        (tape(IN), None, True),
        (tape(IN, OUT), None, True),
        (tape(PART), None, False),
        (tape(PART), EntryWord(4, done=False), False),
        (tape(PART), EntryWord(4, done=True), True),
        (tape(PART), EntryWord(7, done=True), False),
        ([], None, False),
        ([], EntryWord(0, done=False), False),
        ([], NEVER, True),
        (tape((STRANGER, 1, 1000, 10)), None, False),
    ],
    ids=[
        "all filled",
        "filled and closed",
        "a part, not asked",
        "a part, can still fill",
        "a part, the rest never",
        "a part, more is not visible yet",
        "nothing yet",
        "nothing, can still fill",
        "never executed",
        "a stranger's fill settles nothing",
    ],
)
def test_when_an_entry_is_settled(fills: list[Fill], word: EntryWord | None, settled: bool) -> None:
    after = true_of(None, fills, word).notes.intent
    assert (after is None) is settled
    assert after in (None, an_intent())


def test_an_entry_that_arrives_is_protected_by_the_position_s_own_price() -> None:
    truth = true_of(held(4, price="100.25"), [])
    assert noted(truth) == Trade(
        side=1,
        signal_ms=SIGNAL_MS,
        first_fill_ms=an_intent().timestamp_ms,
        entry_quote=4010,
        entry_lots=4,
        lots=4,
        stop=992,  # 1002.5 - 1 % = 992.475
        target=1023,  # 1002.5 + 2 % = 1022.55
    )
    assert truth.notes.intent == an_intent()


def test_a_short_that_arrives_has_its_levels_on_the_other_side() -> None:
    found = noted(true_of(held(4, side=-1), [], notes=some_notes(intent=an_intent(side=-1))))
    assert (found.side, found.stop, found.target) == (-1, 1010, 980)


def test_what_arrives_is_ours_up_to_what_was_ordered_or_filled() -> None:
    assert noted(true_of(held(15), [])).lots == 10
    assert noted(true_of(held(15), [], EntryWord(4, done=True))).lots == 4
    assert noted(true_of(held(3), [], EntryWord(4, done=True))).lots == 3


def test_a_position_of_the_other_side_is_not_the_entry_that_arrives() -> None:
    assert true_of(held(side=-1), []) == Truth(PLANNED, Standing.FOREIGN)


def test_a_position_is_not_the_entry_that_never_was() -> None:
    truth = true_of(held(), [], NEVER)
    assert (truth.notes, truth.standing) == (some_notes(), Standing.FOREIGN)
    assert truth.over == {SIGNAL_MS}


def test_a_position_is_not_the_entry_that_has_ended() -> None:
    truth = true_of(held(), tape(IN, OUT))
    assert (truth.standing, truth.notes.trade, truth.notes.intent) == (Standing.FOREIGN, None, None)


def test_an_earlier_trade_that_ended_does_not_hide_the_entry_that_arrives() -> None:
    older_ms = SIGNAL_MS - 3_600_000
    before = tape(IN, OUT, start_ms=older_ms + 300_000, signal_ms=older_ms)
    assert noted(true_of(held(), before)).signal_ms == SIGNAL_MS


def test_an_entry_whose_fills_are_visible_is_protected_by_them() -> None:
    assert noted(true_of(held(price="999.9"), tape(IN))) == a_trade(first_fill_ms=ENTRY_MS)


def test_an_entry_that_is_visible_in_the_fills_only_is_lagging() -> None:
    truth = true_of(None, tape(IN))
    assert (truth.standing, truth.notes.trade) == (Standing.LAGGING, None)
