"""When the fills must be read once more: a trade has ended unseen, and must still be booked."""

import pytest

from exchange.ids import STOP
from exchange.views import Fill, Position, RestingOrder
from state.model import SymbolNotes
from state.reconcile import Seen, reconcile
from tests.state.making import (
    IN,
    MARKET,
    NEVER,
    NOTED,
    OUT,
    PARAMETERS,
    PLANNED,
    SIGNAL_MS,
    STRANGER,
    a_trade,
    held,
    resting,
    some_notes,
    tape,
)

OUR_STOP = resting(STOP, a_trade())
THEIRS = resting(STOP, a_trade(), client_id=STRANGER)


@pytest.mark.parametrize(
    ("notes", "position", "orders", "fills", "shown_before_ms", "again"),
    [
        (some_notes(), None, [], tape(IN), 0, True),
        (some_notes(), None, [], tape(IN, OUT), 0, False),
        (NOTED, held(side=-1), [], tape(IN), 0, True),
        (some_notes(), held(), [OUR_STOP], [], SIGNAL_MS - 1, True),
        (some_notes(), held(), [OUR_STOP], [], SIGNAL_MS, True),
        (some_notes(), held(), [OUR_STOP], [], SIGNAL_MS + 1, False),
        (some_notes(), held(), [OUR_STOP], tape(IN, OUT), SIGNAL_MS, False),
        (some_notes(), held(), [THEIRS], [], SIGNAL_MS, False),
        (NOTED, held(), [OUR_STOP], [], SIGNAL_MS, False),
        (PLANNED, None, [OUR_STOP], [], SIGNAL_MS, False),
    ],
    ids=[
        "gone, and only its entry is shown",
        "gone, and its end is shown",
        "turned, and its end is not shown",
        "nothing noted, the order of a young entry rests",
        "nothing noted, the youngest entry that may be unseen",
        "nothing noted, an entry that would be shown by now",
        "nothing noted, its trade is shown",
        "nothing noted, a stranger's order",
        "the trade is noted",
        "the entry is noted",
    ],
)
def test_when_the_fills_are_read_again(
    notes: SymbolNotes,
    position: Position | None,
    orders: list[RestingOrder],
    fills: list[Fill],
    shown_before_ms: int,
    again: bool,
) -> None:
    seen = Seen(position, orders, fills, shown_before_ms=shown_before_ms)
    truth = reconcile(notes, PARAMETERS, MARKET, seen)
    assert truth.notes.looked_back is not again


def test_an_entry_that_never_was_makes_no_end_of_what_was_closed_before() -> None:
    truth = reconcile(PLANNED, PARAMETERS, MARKET, Seen(None, [], tape(OUT), NEVER))
    assert truth.notes == some_notes()
