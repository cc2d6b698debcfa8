"""Fills that lag behind our own exits: when the orders are asked, and what their answer means."""

import pytest

from exchange.ids import CLOSE_REVERTED, ENTRY, STOP
from exchange.views import Fill, Position
from state.model import SymbolNotes
from state.reconcile import Seen, Standing, exit_in_doubt, reconcile
from tests.state.making import (
    IN,
    MARKET,
    NOTED,
    OUT,
    PARAMETERS,
    SIGNAL_MS,
    STRANGER,
    a_short,
    a_trade,
    held,
    some_notes,
    tape,
)

CLOSING = some_notes(trade=a_trade(exit_leg=CLOSE_REVERTED))


@pytest.mark.parametrize(
    ("notes", "position", "fills", "asked"),
    [
        (NOTED, held(), tape(IN), False),
        (NOTED, held(), None, False),
        (NOTED, held(), tape(IN, OUT), False),
        (NOTED, held(), [], False),
        (NOTED, None, tape(IN), False),
        (CLOSING, None, tape(IN), False),
        (NOTED, held(side=-1), tape(IN), False),
        (CLOSING, held(side=-1), tape(IN), False),
        (some_notes(trade=a_short()), held(side=-1), tape((ENTRY, -1, 1000, 10)), False),
        (NOTED, held(4), tape(IN, (STOP, -1, 990, 6)), False),
        (some_notes(), held(), tape(IN), False),
        (NOTED, held(9), tape(IN), True),
        (NOTED, held(11), tape(IN), True),
        (NOTED, held(10), tape(IN, (STRANGER, -1, 1005, 1)), True),
        (NOTED, held(price="100.1"), tape(IN), True),
        (CLOSING, held(), tape(IN), True),
        (some_notes(), held(9), tape(IN), True),
    ],
    ids=[
        "just as the fills say",
        "no fills were read",
        "ended",
        "nothing seen",
        "gone",
        "gone under a close",
        "the other side",
        "the other side under a close",
        "a short just as the fills say",
        "a part is closed, and seen",
        "no notes, just as the fills say",
        "smaller",
        "larger",
        "larger than a stranger has left",
        "a tick beside",
        "a close was sent",
        "no notes, smaller",
    ],
)
def test_when_our_exits_are_asked_what_they_have_filled(
    notes: SymbolNotes, position: Position | None, fills: list[Fill] | None, asked: bool
) -> None:
    running = exit_in_doubt(notes, MARKET, Seen(position, [], fills))
    assert (running is not None) is asked
    assert running is None or running.signal_ms == SIGNAL_MS


@pytest.mark.parametrize(
    ("position_lots", "unseen_lots", "ours"),
    [(10, 0, 10), (10, 4, 6), (6, 4, 6), (5, 4, 5), (5, 9, 1), (5, 10, None), (5, 11, None)],
)
def test_what_our_orders_have_closed_is_not_ours_any_more(
    position_lots: int, unseen_lots: int, ours: int | None
) -> None:
    seen = Seen(held(position_lots), [], tape(IN), unseen_exit_lots=unseen_lots)
    truth = reconcile(NOTED, PARAMETERS, MARKET, seen)
    if ours is None:  # whoever holds it: the closing fills will tell of our trade
        assert (truth.standing, truth.notes.trade) == (Standing.LAGGING, NOTED.trade)
        return
    assert truth.standing is Standing.OURS
    assert truth.notes.trade is not None
    assert truth.notes.trade.lots == ours
