"""Closing a trade at market. It is done when the position reads zero, not when a call returns; or
when the close has filled all that is ours, and what still shows is a stranger's.

Protection stays until then. A close that was decided is written into the trade (`exit_leg`) and
tried again in every run until it is done.
"""

from functools import partial

import msgspec

from exchange import ids, views
from exchange.errors import BROKEN_ANSWER, CLOCK, VenueError
from exchange.gateway import Submit
from job.booking import read_ended, tell_ended
from job.firing import Firing, Work
from job.reading import measure_clock
from job.settling import read_fills
from job.sweeping import list_orders, read_position, sweep, sweep_ended
from state.ledger import walk
from state.model import Trade
from state.reconcile import Standing

#: How often a closed position is read before it counts as still open, ms between reads.
READ_ZERO_MS = (0, 200, 400, 800, 1_600)


def close_position(firing: Firing, work: Work, leg: str) -> None:
    """Close what is ours of the position, with the leg's reason; sweep and journal when done."""
    trade = work.notes.trade
    assert trade is not None
    market = work.instrument
    order_id = ids.client_id(work.symbol, trade.signal_ms, leg, trade.attempts)
    work.note(trade=msgspec.structs.replace(trade, exit_leg=leg, attempts=trade.attempts + 1))
    before = work.position.lots if work.position else trade.lots
    quantity = market.quantity_text(trade.lots)
    send = partial(firing.gateway.close, work.symbol, -trade.side, quantity, order_id)
    submit = send()
    if submit.code == CLOCK and measure_clock(firing):  # never made: once more, signed anew
        submit = send()
    if "orderId" in submit.row:
        work.sent[int(submit.row["orderId"])] = order_id
    told = f"close {ids.REASONS[leg]}: {submit.outcome.value}"
    work.report.orders.append(f"{told} ({submit.error})" if submit.error else told)
    firing.tell("order", symbol=work.symbol, leg=leg, outcome=told)
    if not (_reads_closed(firing, work, before - trade.lots) or _filled_whole(work, submit)):
        why = f": {submit.error}" if submit.error else ""
        work.fail(f"the position is not closed yet{why}; the next run tries again")
        return
    finish(firing, work)


def _reads_closed(firing: Firing, work: Work, lots_left: int) -> bool:
    """Read the position until no more than `lots_left` (a stranger's part) is open."""
    trade = work.notes.trade
    assert trade is not None
    for wait_ms in READ_ZERO_MS:
        if wait_ms:
            firing.job.clock.sleep_ms(wait_ms)
        try:
            position = read_position(firing, work)
        except VenueError as error:
            work.report.orders.append(str(error))
            continue
        if position is None or position.side != trade.side or position.lots <= lots_left:
            return True
    return False


def _filled_whole(work: Work, submit: Submit) -> bool:
    """Has the close itself filled all that is ours? Then what is left came meanwhile, by hand."""
    trade = work.notes.trade
    assert trade is not None
    try:
        order = views.order_state(submit.row, work.instrument)
    except BROKEN_ANSWER:  # not accepted, or an answer that tells no more than that
        return False
    return order.status == "FILLED" and order.filled_lots >= trade.lots


def finish(firing: Firing, work: Work) -> None:
    """After our part reads zero: sweep our orders, find the fills, journal the trade."""
    trade = work.notes.trade
    assert trade is not None
    list_orders(firing, work)  # orders of this very run may rest as well
    if work.position is None:
        sweep(firing, work)
    else:  # what is left is a stranger's
        work.over = frozenset([trade.signal_ms])
        sweep_ended(firing, work)
    work.standing = Standing.LAGGING
    for wait_ms in READ_ZERO_MS:
        if wait_ms:
            firing.job.clock.sleep_ms(wait_ms)
        try:
            if _booked(firing, work, trade):
                work.standing = Standing.FOREIGN if work.position else Standing.FLAT
                return
        except VenueError as error:
            work.report.orders.append(str(error))
    work.fail("the position is closed but its fills are not visible yet; next run settles them")


def _booked(firing: Firing, work: Work, trade: Trade) -> bool:
    """Are the closing fills visible, and the trade in the journal?"""
    fills = read_fills(firing, work, trade.signal_ms)
    ended = [found for found in walk(fills) if found.ended_ms > work.notes.ended_ms]
    if not any(found.signal_ms == trade.signal_ms for found in ended):
        return False
    firing.wallet_e8 = firing.gateway.wallet_e8()
    tell_ended(firing, work, read_ended(firing, work, ended))
    work.note(trade=None, ended_ms=max(found.ended_ms for found in ended))
    return True
