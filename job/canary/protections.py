"""Checks of stop and target: where they rest, what stands beside them, how they are cancelled."""

from exchange import ids, views
from exchange.errors import DUPLICATE_ID, WOULD_TRIGGER, Outcome
from job.canary.bench import SIDE, Bench
from job.canary.contract import DifferentError, demand
from job.canary.entries import refused_with, told
from job.protecting import READ_BACK_MS

READ_BACK_MS_MAX = sum(READ_BACK_MS)
#: So far from the price, in permille, that they do not fire while the canary looks.
STOP_PERMILLE, TIGHTER_PERMILLE, TARGET_PERMILLE = 30, 20, 30


def _level(bench: Bench, permille: int) -> int:
    return bench.price + bench.price * permille // 1000


def stop_is_accepted(bench: Bench) -> str:
    """Is a reduce-only stop accepted as a conditional order, with our id?"""
    level = _level(bench, -SIDE * STOP_PERMILLE)
    bench.stop_id, submit = bench.protect(ids.STOP, views.STOP_MARKET, level)
    return demand(submit.outcome is Outcome.ACCEPTED, told(submit))


def target_is_accepted(bench: Bench) -> str:
    """Is a reduce-only target accepted beside it?"""
    level = _level(bench, SIDE * TARGET_PERMILLE)
    bench.target_id, submit = bench.protect(ids.TARGET, views.TAKE_PROFIT_MARKET, level)
    return demand(submit.outcome is Outcome.ACCEPTED, told(submit))


def both_are_listed(bench: Bench) -> str:
    """Do stop and target show in the conditional book as they were sent, and how soon?"""
    wanted = {bench.stop_id, bench.target_id}
    book, waited_ms = bench.until(bench.resting, lambda found: wanted <= found.keys())
    if not wanted <= book.keys():
        raise DifferentError(f"only {sorted(wanted & book.keys())} for {waited_ms} ms")
    stop, target = book[bench.stop_id], book[bench.target_id]
    sent = [
        (stop, views.STOP_MARKET, _level(bench, -SIDE * STOP_PERMILLE)),
        (target, views.TAKE_PROFIT_MARKET, _level(bench, SIDE * TARGET_PERMILLE)),
    ]
    for order, kind, level in sent:
        as_sent = (kind, level, bench.held.lots, -SIDE, True, True)
        shown = (order.kind, order.trigger, order.lots, order.side)
        demand(
            (*shown, order.reduce_only, order.by_last_price) == as_sent,
            f"shown as {order._asdict()}",
        )
    return demand(waited_ms <= READ_BACK_MS_MAX, f"both, after {waited_ms} ms")


def plain_book_is_empty(bench: Bench) -> str:
    """Are they absent from the plain book, and from the look-up of plain orders?"""
    listed = list(bench.plain())
    demand(not listed, f"the plain book lists {', '.join(listed)}")
    found = bench.gateway.order_row(bench.symbol, client_id=bench.stop_id)
    return demand(
        found is None, "absent" if found is None else "the stop is found as a plain order"
    )


def second_stop_rests(bench: Bench) -> str:
    """Does a second, tighter reduce-only stop rest beside the first?"""
    level = _level(bench, -SIDE * TIGHTER_PERMILLE)
    bench.second_id, submit = bench.protect(ids.MOVED_STOP, views.STOP_MARKET, level)
    demand(submit.outcome is Outcome.ACCEPTED, told(submit))
    wanted = {bench.stop_id, bench.second_id}
    book, waited_ms = bench.until(bench.resting, lambda found: wanted <= found.keys())
    missing = sorted(wanted - book.keys())
    return demand(not missing, f"missing {missing}" if missing else f"both, after {waited_ms} ms")


def open_id_is_taken(bench: Bench) -> str:
    """Is the id of an open conditional order refused a second time, as "it is there"?"""
    level = _level(bench, -SIDE * STOP_PERMILLE)
    _, submit = bench.protect(ids.STOP, views.STOP_MARKET, level, bench.stop_id)
    return demand(submit.code == DUPLICATE_ID, told(submit))


def order_is_cancelled(bench: Bench) -> str:
    """Is a cancelled order gone from the book?"""
    order = bench.resting()[bench.second_id]
    done = bench.gateway.cancel(order)
    demand(done, "the exchange says that it was not open")
    book, waited_ms = bench.until(bench.resting, lambda found: bench.second_id not in found)
    came = f"gone after {waited_ms} ms"
    demand(bench.second_id not in book, f"still listed after {waited_ms} ms")
    bench.cancelled = order
    return demand(waited_ms <= READ_BACK_MS_MAX, came)


def cancelling_again_is_told(bench: Bench) -> str:
    """Is cancelling what is no longer open refused as an unknown order?"""
    assert bench.cancelled is not None
    open_still = bench.gateway.cancel(bench.cancelled)
    return demand(not open_still, "cancelled once more" if open_still else "refused as unknown")


def through_is_refused(bench: Bench) -> str:
    """Is a stop refused that lies on the wrong side of the price?"""
    level = _level(bench, SIDE * STOP_PERMILLE)
    _, submit = bench.protect(ids.STOP, views.STOP_MARKET, level)
    return refused_with(submit, WOULD_TRIGGER)
