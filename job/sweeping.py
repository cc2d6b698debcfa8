"""Cancelling what must not rest: surplus orders, and orders that outlived their position.

Only orders with our prefix are ever touched, in both books.
"""

from functools import partial

from exchange import views
from exchange.errors import VenueError, as_promised
from exchange.ids import parse_id
from job.firing import Firing, Work
from state.protection import ours
from state.reconcile import Standing


def sweep(firing: Firing, work: Work) -> None:
    """Cancel our orders that outlived their position, in both books.

    Only when a second read of the position, begun after the read that listed them, is zero too,
    and no entry that was written down could still arrive.
    """
    if work.notes.intent is not None:
        return
    if read_position(firing, work) is not None:
        work.standing = Standing.LAGGING
        work.fail("a position has appeared between two reads; next run settles it")
        return
    cancel_orders(firing, work, tuple(ours(work.resting, work.symbol)))


def sweep_ended(firing: Firing, work: Work) -> None:
    """Cancel our orders of trades that the fills show as ended, whatever the position is now."""
    ended = [
        order
        for order in ours(work.resting, work.symbol)
        if (own := parse_id(order.client_id)) and own.signal_ms in work.over
    ]
    cancel_orders(firing, work, tuple(ended))


def list_orders(firing: Firing, work: Work) -> None:
    """Read both books of the symbol again."""
    market = work.instrument
    plain = firing.gateway.plain_order_rows(work.symbol)
    conditional = firing.gateway.conditional_order_rows(work.symbol)
    with as_promised(f"read {work.symbol} orders"):
        found = views.plain_orders(plain, market)
        work.resting = found + views.conditional_orders(conditional, market)


def read_position(firing: Firing, work: Work) -> views.Position | None:
    """Read the symbol's position again."""
    rows = firing.gateway.position_rows(work.symbol)
    with as_promised(f"read the {work.symbol} position"):
        own = [row for row in rows if row["symbol"] == work.symbol]
        found = [views.position(row, work.instrument) for row in own]
    work.position = next((position for position in found if position is not None), None)
    return work.position


def cancel_orders(firing: Firing, work: Work, orders: tuple[views.RestingOrder, ...]) -> bool:
    """Cancel orders side by side. True when one was no longer open: it may just have filled."""
    answers = firing.job.together([partial(firing.gateway.cancel, order) for order in orders])
    for order, answer in zip(orders, answers, strict=True):
        if isinstance(answer, VenueError):
            work.fail(f"{order.client_id} could not be cancelled ({answer})")
            continue
        work.resting = [kept for kept in work.resting if kept.order_id != order.order_id]
        firing.tell("cancelled", symbol=work.symbol, client_id=order.client_id)
        work.report.orders.append(f"cancelled {views.KIND_WORDS.get(order.kind, order.kind)}")
    return any(answer is False for answer in answers)
