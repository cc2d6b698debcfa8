"""Step 8 for an entry: send it, read what it filled, protect it, or find out what became of it.

The intent was saved before. An order whose outcome is unknown is never sent again: it is looked
for, together with the position, until its fence has passed; a position that appears meanwhile is
protected at once.
"""

from decimal import Decimal
from functools import partial

from exchange import views
from exchange.errors import (
    CLOCK,
    POSITION_SIDE_MISMATCH,
    STALE_RULES,
    Outcome,
    VenueError,
    as_promised,
)
from exchange.gateway import Submit
from exchange.views import Fill, OrderState, Row
from job.booking import tell_fills
from job.firing import Firing, Work
from job.protecting import repair
from job.sweeping import read_position
from state.adopting import trade_from, trade_from_position
from state.ledger import Share, walk
from state.model import Intent, Trade
from state.protection import repairs
from state.reconcile import Standing

#: How often the fills of an entry are read before the position's own price is taken, ms between.
FILLS_MS = (0, 100, 300, 600)
ORDER_DONE_MS = (0, 200, 400, 800, 1_600)
WATCH_MS = 1_000
#: After its fence an order cannot arrive any more; clocks may differ by this much.
FENCE_MARGIN_MS = 1_000
NOT_THERE_READS = 2


def enter(firing: Firing, work: Work) -> None:
    """Send the saved intent and see the trade through to its protection."""
    intent = work.notes.intent
    assert intent is not None
    quantity = work.instrument.quantity_text(intent.lots)
    submit = firing.gateway.enter(
        work.symbol, intent.side, quantity, intent.client_id, intent.timestamp_ms
    )
    told = f"market {'buy' if intent.side > 0 else 'sell'} {quantity}: {submit.outcome.value}"
    work.report.orders.append(told)
    firing.tell("order", symbol=work.symbol, client_id=intent.client_id, outcome=told)
    if submit.outcome is Outcome.REFUSED:
        _refused(work, submit)
    elif submit.outcome is Outcome.UNKNOWN:
        _watch(firing, work, intent)
    else:
        _accepted(firing, work, intent, submit.row)


def _refused(work: Work, submit: Submit) -> None:
    """No trade, with the exchange's own words; what they say about our notes is acted on."""
    work.note(intent=None)
    work.report.reason = f"no entry: the exchange refused it: {submit.error}"
    work.clock_refused = submit.code == CLOCK
    if submit.code in STALE_RULES:
        work.distrust_rules()
    if submit.code == POSITION_SIDE_MISMATCH:
        work.note(mode_checked_ms=0)


def _accepted(firing: Firing, work: Work, intent: Intent, row: Row) -> None:
    """The exchange has the order; an answer that tells no more than that is asked again."""
    try:
        with as_promised(f"order {intent.client_id}"):
            state = views.order_state(row, work.instrument)
    except VenueError:
        _watch(firing, work, intent)
    else:
        _filled(firing, work, intent, state)


def _look_up(firing: Firing, work: Work, intent: Intent) -> OrderState | None:
    """The entry's order, None when there is none. Raises VenueError also for an unusable answer:
    nothing that comes back here may cost the position its stop.
    """
    row = firing.gateway.order_row(work.symbol, client_id=intent.client_id)
    if row is None:
        return None
    with as_promised(f"order {intent.client_id}"):
        return views.order_state(row, work.instrument)


def _filled(firing: Firing, work: Work, intent: Intent, seen: OrderState) -> None:
    """The exchange has the order: wait until it is done, then protect what it filled."""
    state = _until_done(firing, work, intent, seen)
    work.sent[state.order_id] = intent.client_id
    done = state.status in views.ORDER_DONE
    if done and state.filled_lots == 0:
        work.note(intent=None)
        work.report.reason = f"no trade: nothing was filled ({state.status})"
        return
    fills = _read_fills(firing, work, intent, state)
    if fills:
        tell_fills(firing, work, [Share(fill, fill.lots) for fill in fills])
        firing.fees_since_e8 += sum(fill.fee_e8 for fill in fills if fill.fee_asset == "USDT")
        _hold(firing, work, trade_from(walk(fills)[-1], work.parameters), complete=done)
    else:
        _hold_unread(firing, work, intent, state)


def _hold_unread(firing: Firing, work: Work, intent: Intent, state: OrderState) -> None:
    """The fills cannot be read: the position's price, else (it has filled) the signal's close."""
    try:
        position = read_position(firing, work)
    except VenueError as error:
        work.report.orders.append(str(error))
        position = None
    if position is None and state.filled_lots == 0:
        work.fail("the entry is neither filled nor done yet; the next run settles it")
        return
    if position is None or position.side != intent.side:
        close = Decimal(work.instrument.price_text(intent.close))
        position = views.Position(work.symbol, intent.side, state.filled_lots, close)
    work.report.orders.append("the fill price could not be read; the stop lies by the best known")
    _hold_position(firing, work, intent, position, state.filled_lots or intent.lots)


def _hold_position(
    firing: Firing, work: Work, intent: Intent, position: views.Position, lots_max: int
) -> None:
    """Protect a position whose fills are not known; the intent stays until they are."""
    ours = position._replace(lots=min(position.lots, lots_max))
    trade = trade_from_position(intent, ours, work.instrument, work.parameters)
    _hold(firing, work, trade, complete=False)


def _until_done(firing: Firing, work: Work, intent: Intent, state: OrderState) -> OrderState:
    for wait_ms in ORDER_DONE_MS:
        if state.status in views.ORDER_DONE:
            break
        firing.job.clock.sleep_ms(wait_ms)
        try:
            state = _look_up(firing, work, intent) or state
        except VenueError:
            continue
    return state


def _read_fills(firing: Firing, work: Work, intent: Intent, state: OrderState) -> list[Fill]:
    """The entry's fills, complete; empty when they do not become visible within a second."""
    for wait_ms in FILLS_MS:
        if wait_ms:
            firing.job.clock.sleep_ms(wait_ms)
        try:
            rows = firing.gateway.fill_rows_of_order(work.symbol, state.order_id)
            with as_promised(f"fills of {intent.client_id}"):
                fills = [views.fill(row, intent.client_id, work.instrument) for row in rows]
        except VenueError:
            continue
        if sum(fill.lots for fill in fills) >= state.filled_lots > 0:
            return fills
    return []


def _hold(firing: Firing, work: Work, trade: Trade, *, complete: bool) -> None:
    """The position is there: note it and put its stop and target before anything else.

    Unless everything that the entry filled is known, its intent stays: the next run looks again.
    """
    work.note(trade=trade)
    if complete:
        work.note(intent=None)
    work.standing = Standing.OURS
    if work.position is None:
        price = Decimal(work.instrument.average_text(trade.entry_quote, trade.entry_lots))
        work.position = views.Position(work.symbol, trade.side, trade.lots, price)
    repair(firing, work, repairs(trade, work.symbol, work.resting), entering=True)


def _watch(firing: Firing, work: Work, intent: Intent) -> None:
    """The outcome is unknown: look for order and position until the fence has passed.

    "Not there" must be read twice, the reads a second apart, to mean that it never was.
    """
    not_there = 0
    while not_there < NOT_THERE_READS:
        passed = firing.exchange_now_ms() > intent.fence_ms + FENCE_MARGIN_MS
        [order] = firing.job.together([partial(_look_up, firing, work, intent)])
        [position] = firing.job.together([partial(read_position, firing, work)])
        if order is not None and not isinstance(order, VenueError):
            _filled(firing, work, intent, order)
            return
        if isinstance(position, views.Position) and position.side == intent.side:
            _hold_position(firing, work, intent, position, intent.lots)
            return
        not_there = not_there + 1 if passed and order is None and position is None else 0
        if firing.job.budget.left_ms() < 2 * WATCH_MS:
            work.fail("the entry's outcome is unknown; the next run settles it")
            return
        firing.job.clock.sleep_ms(WATCH_MS)
    work.note(intent=None)
    work.report.reason = "no entry: its outcome was unknown, and it was never executed"
    firing.tell("never-executed", symbol=work.symbol, client_id=intent.client_id)
