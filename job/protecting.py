"""Step 5: a position has its stop and its target, or is closed, before anything else happens.

Stops and closes are reduce-only: sent twice they are refused, trimmed or swept, so these orders
may be repeated. What rests is believed only when it was read back.
"""

from collections.abc import Sequence
from functools import partial

import msgspec

from exchange import ids, views
from exchange.errors import (
    CLOCK,
    REDUCE_ONLY_REJECTED,
    WOULD_TRIGGER,
    Outcome,
    VenueError,
    as_promised,
)
from exchange.gateway import Submit
from job.closing import close_position, finish
from job.firing import Firing, Task, Work
from job.reading import measure_clock
from job.sweeping import cancel_orders, read_position, sweep, sweep_ended
from state.model import Trade
from state.protection import Repairs, is_stop, ours, repairs
from state.reconcile import Standing, entered_at

#: How often and how long a placed order is looked for before it counts as not there.
READ_BACK_MS = (0, 200, 400, 800, 1_600)


def protect(firing: Firing, work: Work) -> None:
    """Put the symbol's protection right: what is missing is placed, what is too much cancelled."""
    if work.standing is Standing.OURS and work.notes.trade is not None:
        if work.notes.trade.exit_leg and not work.blind:
            close_position(firing, work, work.notes.trade.exit_leg)
            _protect_meanwhile(firing, work)
            return
        needed = _needed(work)
        if needed.needed:
            repair(firing, work, needed)
    elif work.standing in (Standing.FOREIGN, Standing.LAGGING):
        # what is left is not ours: our orders of trades that have ended must not touch it
        sweep_ended(firing, work)
    elif work.standing is Standing.FLAT and ours(work.resting, work.symbol):
        sweep(firing, work)


def _protect_meanwhile(firing: Firing, work: Work) -> None:
    """A close that is not done yet: what protects the position until then is put back."""
    if work.notes.trade is not None and work.position is not None:
        _place(firing, work, work.notes.trade, _needed(work))


def _needed(work: Work) -> Repairs:
    assert work.notes.trade is not None
    return repairs(work.notes.trade, work.symbol, work.resting)


def repair(firing: Firing, work: Work, needed: Repairs, *, entering: bool = False) -> None:
    """Place what is missing, read it back, then cancel what is too much.

    `entering`: this very run has opened the position, so it stays only with a stop that was read.
    """
    trade = work.notes.trade
    assert trade is not None
    sent = _place(firing, work, trade, needed)
    through = next((leg for leg, submit in sent.items() if submit.code in WOULD_TRIGGER), None)
    if through is not None:
        _close_if_ours(firing, work, ids.CLOSE_FOR[through])
        return
    refused = any(submit.code == REDUCE_ONLY_REJECTED for submit in sent.values())
    if refused and read_position(firing, work) is None:
        work.fail("the position was gone when it was to be protected; next run settles it")
        return
    left = read_back(firing, work)
    if left is None:
        if not (entering or _stop_refused(sent)):
            work.fail("what rests could not be read back; the next guard or run looks again")
            return
        left = needed
    if left.place_stop:
        _without_stop(firing, work, sent)
        return
    if left.place_target:
        work.fail(f"the target could not be placed ({_why(sent, ids.TARGET)}); the stop rests")
    if not work.blind and cancel_orders(firing, work, left.surplus):
        _after_a_race(firing, work)


def _after_a_race(firing: Firing, work: Work) -> None:
    """An order was gone as it was cancelled: has it filled, and ended the trade?"""
    try:
        if read_position(firing, work) is None:
            finish(firing, work)
    except VenueError as error:
        work.fail(
            f"an order was gone as it was cancelled, and what came of it is not known ({error})"
        )


def _place(firing: Firing, work: Work, trade: Trade, needed: Repairs) -> dict[str, Submit]:
    """Send the missing orders side by side; the stop comes first in the answer."""
    stop_leg = ids.MOVED_STOP if trade.stop_moved else ids.STOP
    legs = [(stop_leg, views.STOP_MARKET, trade.stop)] if needed.place_stop else []
    if needed.place_target:
        legs.append((ids.TARGET, views.TAKE_PROFIT_MARKET, trade.target))
    market = work.instrument
    tasks = []
    for leg, kind, level in legs:
        order_id = ids.client_id(work.symbol, trade.signal_ms, leg, trade.attempts)
        price, quantity = market.price_text(level), market.quantity_text(trade.lots)
        tasks.append(
            partial(
                firing.gateway.protect, work.symbol, -trade.side, kind, quantity, price, order_id
            )
        )
    if legs:
        work.note(trade=_next_attempt(trade))
    answers = _sent(firing, tasks)
    sent = {}
    for (leg, kind, level), answer in zip(legs, answers, strict=True):
        submit = answer if isinstance(answer, Submit) else Submit(Outcome.UNKNOWN, {}, answer)
        sent[leg] = submit
        told = f"{views.KIND_WORDS[kind]} at {market.price_text(level)}: {submit.outcome.value}"
        work.report.orders.append(f"{told} ({submit.error})" if submit.error else told)
        firing.tell("order", symbol=work.symbol, leg=leg, level=level, outcome=told)
    return sent


def _sent(firing: Firing, tasks: Sequence[Task[Submit]]) -> list[Submit | VenueError]:
    """Send side by side; what was refused for its time stamp was never made: once more, by a clock
    that is measured anew. A position must not be closed because a clock was off.
    """
    answers = firing.job.together(tasks)
    late = [n for n, each in enumerate(answers) if isinstance(each, Submit) and each.code == CLOCK]
    if late and measure_clock(firing):
        again = firing.job.together([tasks[n] for n in late])
        for number, answer in zip(late, again, strict=True):
            answers[number] = answer
    return answers


def _next_attempt(trade: Trade) -> Trade:
    return msgspec.structs.replace(trade, attempts=trade.attempts + 1)


def _stop_refused(sent: dict[str, Submit]) -> bool:
    """Is it certain, without any read, that the stop does not rest?"""
    return any(leg in ids.STOP_LEGS and s.outcome is Outcome.REFUSED for leg, s in sent.items())


def read_back(firing: Firing, work: Work) -> Repairs | None:
    """Read the conditional book until stop and target are in it, a few seconds at most.

    None when every read failed: a failed read is never "no stop".
    """
    trade = work.notes.trade
    assert trade is not None
    left = None
    for wait_ms in READ_BACK_MS:
        if wait_ms:
            firing.job.clock.sleep_ms(wait_ms)
        try:
            rows = firing.gateway.conditional_order_rows(work.symbol)
            with as_promised(f"read {work.symbol} orders"):
                found = views.conditional_orders(rows, work.instrument)
        except VenueError as error:
            work.report.orders.append(str(error))
            continue
        kept = [order for order in work.resting if order.book == views.PLAIN]
        work.resting = kept + found
        left = repairs(trade, work.symbol, work.resting)
        if not left.place_stop and not left.place_target:
            break
    return left


def _without_stop(firing: Firing, work: Work, sent: dict[str, Submit]) -> None:
    """No stop rests after all tries: a naked position is closed at market, and the run fails.

    While an older, wider stop of the trade still rests, the position is not naked: it stays.
    """
    trade = work.notes.trade
    assert trade is not None
    leg = next((leg for leg in ids.STOP_LEGS if leg in sent), ids.STOP)
    if any(is_stop(trade, order, any_level=True) for order in work.resting):
        work.fail(f"the stop could not be moved ({_why(sent, leg)}); the old one still rests")
        return
    work.fail(f"the stop could not be placed ({_why(sent, leg)})")
    if not _stop_refused(sent) and _ours_is_gone(firing, work, trade):
        finish(firing, work)  # it was placed, and has filled: what is left is a stranger's
        return
    _close_if_ours(firing, work, ids.CLOSE_EMERGENCY)


def _ours_is_gone(firing: Firing, work: Work, trade: Trade) -> bool:
    """Has the position become smaller by all of our trade since it was read?"""
    before = work.position
    try:
        now = read_position(firing, work)
    except VenueError as error:
        work.report.orders.append(str(error))
        return False
    if before is None or now is None:
        return now is None
    return now.side != before.side or now.lots <= before.lots - trade.lots


def _close_if_ours(firing: Firing, work: Work, leg: str) -> None:
    """Close, unless the fills could not be read and the position is not (or, read again, no more)
    our trade's: then ours may have ended, and this one be a stranger's.
    """
    trade = work.notes.trade
    assert trade is not None
    if work.blind and not _looks_like(firing, work, trade):
        work.fail("the position is NOT closed: whose it is could not be found out")
        return
    close_position(firing, work, leg)
    if leg == ids.CLOSE_EMERGENCY and work.notes.trade is None:
        work.fail("the position is closed")


def _looks_like(firing: Firing, work: Work, trade: Trade) -> bool:
    """Has the position, as it is now, at least the trade's lots, and its price?"""
    try:
        position = read_position(firing, work)
    except VenueError:
        position = work.position
    if position is None or (position.side, position.lots >= trade.lots) != (trade.side, True):
        return False
    return entered_at(trade, work.instrument, position)


def _why(sent: dict[str, Submit], leg: str) -> str:
    submit = sent.get(leg)
    return str(submit.error) if submit and submit.error else "accepted, but not found afterwards"
