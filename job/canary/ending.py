"""The last check, and what makes it true: nothing of the canary is left on the exchange."""

from exchange import ids
from exchange.ids import parse_id
from job.canary.bench import SIDE, Bench
from job.canary.contract import demand
from job.canary.entries import READ_MS_MAX


def ends_flat(bench: Bench) -> str:
    """Cancel and close what is left of the canary, then look. A trade of the job keeps its own."""
    closed = _close_what_is_left(bench)
    for order in [*bench.resting().values(), *bench.plain().values()]:
        if bench.is_own(order):
            bench.gateway.cancel(order)
    position = bench.position()
    orders = [client_id for client_id in [*bench.resting(), *bench.plain()] if parse_id(client_id)]
    held = f"a position of {bench.quantity(position.lots)}" if position else ""
    left = [text for text in (held, *orders) if text]
    return demand(not left, f"left: {', '.join(left)}" if left else closed)


def _close_what_is_left(bench: Bench) -> str:
    """Reduce-only, and never more than the canary has bought itself."""
    position = bench.position()
    if bench.trade is None or position is None or position.side != SIDE:
        return "flat"
    quantity = bench.quantity(min(position.lots, bench.trade.lots))
    bench.gateway.close(bench.symbol, -SIDE, quantity, bench.order_id(ids.CLOSE_FLATTEN))
    bench.until(bench.position, lambda found: found is None, READ_MS_MAX)
    return f"flat, after {quantity} were closed at market"
