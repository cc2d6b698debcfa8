"""Step 4: from fills to what is true: notes set right, ended trades told to the journal.

Reads the fills (and the orders they belong to) only where the notes and the exchange disagree;
`state.reconcile` decides what they mean. When they cannot be read, a position that the notes can
vouch for is protected as noted, and nothing else is done for the symbol.
"""

from collections.abc import Sequence

import msgspec

from exchange import views
from exchange.client import RECV_WINDOW_MS
from exchange.errors import VenueError, as_promised
from exchange.ids import ENTRY, parse_id
from exchange.views import Fill
from job.booking import read_ended, tell_ended, tell_open
from job.firing import Firing, Work
from job.sweeping import list_orders, read_position
from state.adopting import trade_from_position
from state.ledger import TradeLedger
from state.model import SymbolNotes
from state.protection import ours
from state.reconcile import (
    EntryWord,
    Seen,
    Standing,
    Truth,
    entry_in_doubt,
    exit_in_doubt,
    fills_needed_since,
    reconcile,
)

#: After its fence, "no such order" counts as "never executed" only this much later, ms.
NOT_FOUND_MARGIN_MS = 10_000
#: The exchange's clock is known from a request that may have been slow: the newest fill must not be
#: missed because it seems to lie ahead.
CLOCKS_MS = 60_000
#: The entry of a signal candle that closed longer ago than this is among the fills, or never was.
ENTRY_SHOWN_MS = 900_000
#: So many symbols that the notes do not know are looked into in one firing.
NEWCOMERS_MAX = 50
#: Up to so many orders are looked up one by one; more are listed at once.
LOOK_UPS_MAX = 4
#: A market order is at most this much older than its fill.
ORDER_BEFORE_FILL_MS = 60_000
#: The order of a younger fill may not be visible yet; an older one without an order is nobody's.
ORDER_LAG_MS = 600_000


def newcomers_in_turn(works: Sequence[Work]) -> list[Work]:
    """The symbols to settle now: of those that the notes do not know yet, only so many a firing.

    Looking back for a symbol's past weighs as much as ten symbols' candles. Only one that is
    flat, with no order of ours in either book, can wait; until then it makes no entry.
    """
    waiting = [work for work in works if _newcomer(work)][NEWCOMERS_MAX:]
    for work in waiting:
        work.entry_ban = f"new symbols are looked into {NEWCOMERS_MAX} a firing, this one later"
    late = {work.symbol for work in waiting}
    return [work for work in works if work.symbol not in late]


def _newcomer(work: Work) -> bool:
    notes = work.notes
    nothing_noted = notes.trade is None and notes.intent is None and not notes.looked_back
    return nothing_noted and work.position is None and not ours(work.resting, work.symbol)


def settle(firing: Firing, work: Work) -> None:
    """Find out what is true of one symbol and write it into its notes (in memory)."""
    try:
        truth = _find_truth(firing, work)
    except VenueError as error:
        _go_blind(work, error)
        return
    if truth.standing is Standing.FOREIGN and truth.ended:
        # our trade has ended while we were reading: what the first wave saw is no longer so
        try:
            read_position(firing, work)
            list_orders(firing, work)
            truth = _find_truth(firing, work)
        except VenueError as error:
            _see_nothing(work, error)
            return
    before = work.notes
    try:
        told = read_ended(firing, work, truth.ended)
    except VenueError as error:
        # what cannot be told now is looked for again in the next run
        notes = msgspec.structs.replace(truth.notes, ended_ms=before.ended_ms, looked_back=False)
        truth, told = truth._replace(notes=notes), []
        work.entry_ban = "a trade that has ended could not be booked yet"
        work.fail(str(error))
    # from here on nothing is read: notes and journal change together or not at all
    work.notes, work.standing, work.over = truth.notes, truth.standing, truth.over
    tell_ended(firing, work, told)
    if not work.notes.looked_back:
        work.entry_ban = work.entry_ban or "what has been traded is not all visible yet"
    if truth.running is not None and _shows_more(truth.running, before, work.notes):
        tell_open(firing, work, truth.running)
    if before.intent is not None and work.notes.intent is None and work.notes.trade is None:
        work.report.orders.append(f"{before.intent.client_id} left no position")
        firing.tell("entry-settled", symbol=work.symbol, client_id=before.intent.client_id)
    _tell_standing(work)


def _shows_more(running: TradeLedger, before: SymbolNotes, now: SymbolNotes) -> bool:
    """Do the fills of an open trade show what the notes did not know, or only by the position?"""
    noted, settled = before.trade, before.intent is not None and now.intent is None
    if noted is None or noted.signal_ms != running.signal_ms:
        return True
    known = (noted.entry_lots, noted.lots)
    return settled or known != (running.entry_lots, running.open_lots)


def _tell_standing(work: Work) -> None:
    if work.standing is Standing.LAGGING:
        gone = "the position is gone" if work.position is None else "the position has changed"
        work.fail(f"{gone} but its fills are not visible yet; next run settles them")
    if work.standing is Standing.FOREIGN and work.position is not None:
        held = work.instrument.quantity_text(work.position.lots)
        work.report.position = f"FOREIGN position of {held}, not opened by this job: left alone"


def _see_nothing(work: Work, error: VenueError) -> None:
    """Nothing is done for the symbol: what was noted may be over."""
    work.blind, work.standing = True, Standing.LAGGING
    work.fail(f"what is true could not be found out ({error})")


def _go_blind(work: Work, error: VenueError) -> None:
    """The fills cannot be read. What notes and position agree on is protected as noted; nothing
    is closed, cancelled or opened on a guess.
    """
    _see_nothing(work, error)
    trade, intent, position = work.notes.trade, work.notes.intent, work.position
    if position is None:
        return
    if trade is not None and trade.side == position.side:
        cut = msgspec.structs.replace(trade, lots=min(trade.lots, position.lots))
        # cut down to what may be a stranger's, it agrees with the position: look again all the same
        work.note(trade=cut, looked_back=work.notes.looked_back and cut == trade)
    elif trade is None and intent is not None and intent.side == position.side:
        capped = position._replace(lots=min(position.lots, intent.lots))
        work.note(trade=trade_from_position(intent, capped, work.instrument, work.parameters))
    else:
        return
    work.standing = Standing.OURS


def _find_truth(firing: Firing, work: Work) -> Truth:
    notes, parameters, market = work.notes, work.parameters, work.instrument
    now = firing.exchange_now_ms()
    shown_before_ms = now - parameters.interval_ms - ENTRY_SHOWN_MS
    seen = Seen(work.position, work.resting, shown_before_ms=shown_before_ms)
    since = fills_needed_since(notes, parameters, market, seen, now)
    if since is not None:
        seen = seen._replace(fills=read_fills(firing, work, since))
    doubt = entry_in_doubt(notes, work.symbol, seen)
    if doubt is not None:
        seen = seen._replace(entry=_ask_entry(firing, work, *doubt))
    ending = exit_in_doubt(notes, market, seen)
    if ending is not None:
        seen = seen._replace(unseen_exit_lots=_ask_exits(firing, work, ending))
    return reconcile(notes, parameters, market, seen, firing.owner)


def _ask_entry(firing: Firing, work: Work, entry_id: str, sent_ms: int) -> EntryWord | None:
    """What became of an entry order; None while it can still arrive."""
    row = firing.gateway.order_row(work.symbol, client_id=entry_id)
    if row is not None:
        with as_promised(f"read order {entry_id}"):
            state = views.order_state(row, work.instrument)
        return EntryWord(state.filled_lots, state.status in views.ORDER_DONE)
    if firing.exchange_now_ms() <= sent_ms + RECV_WINDOW_MS + NOT_FOUND_MARGIN_MS:
        return None
    return EntryWord(0, done=True)


def _ask_exits(firing: Firing, work: Work, running: TradeLedger) -> int:
    """How much more our orders have closed of an open trade than its fills show."""
    rows = firing.gateway.order_rows_since(
        work.symbol, running.first_fill_ms, firing.exchange_now_ms() + CLOCKS_MS
    )
    closed = 0
    with as_promised(f"read {work.symbol} orders"):
        for row in rows:
            own = parse_id(str(row["clientOrderId"]))
            if own is not None and own.leg != ENTRY and own.signal_ms == running.signal_ms:
                closed += views.order_state(row, work.instrument).filled_lots
    shown = sum(share.lots for share in running.exits if parse_id(share.fill.client_id))
    return max(0, closed - shown)


def read_fills(firing: Firing, work: Work, since_ms: int) -> list[Fill]:
    """The symbol's fills since then, each with the client id of its order.

    Raises VenueError also for rows that cannot be used: they are no reason to leave a position that
    is noted without its stop.
    """
    until_ms = firing.exchange_now_ms() + CLOCKS_MS
    rows = firing.gateway.fill_rows_since(work.symbol, since_ms, until_ms)
    with as_promised(f"read {work.symbol} fills"):
        ids = _client_ids(firing, work, rows)
        return [views.fill(row, ids[int(row["orderId"])], work.instrument) for row in rows]


def _client_ids(firing: Firing, work: Work, rows: Sequence[views.Row]) -> dict[int, str]:
    """Fills carry no client id: it stands in their orders.

    Raises VenueError when the order of a young fill is not visible: to take it for a stranger's
    would be a guess. An old fill without an order is nobody's ("").
    """
    filled_ms = {int(row["orderId"]): int(row["time"]) for row in rows}
    known = dict(work.sent)
    if len(filled_ms.keys() - known.keys()) > LOOK_UPS_MAX:
        orders = firing.gateway.order_rows_since(
            work.symbol, int(rows[0]["time"]) - ORDER_BEFORE_FILL_MS, int(rows[-1]["time"])
        )
        known.update((int(order["orderId"]), str(order["clientOrderId"])) for order in orders)
    for order_id in sorted(filled_ms.keys() - known.keys()):
        order = firing.gateway.order_row(work.symbol, order_id=order_id)
        if order is not None:
            known[order_id] = str(order["clientOrderId"])
        elif firing.exchange_now_ms() - filled_ms[order_id] > ORDER_LAG_MS:
            known[order_id] = ""
        else:
            raise VenueError(
                f"read {work.symbol} fills", message=f"the order {order_id} is not visible yet"
            )
    return known
