"""Checks of how a trade ends: by hand, by a trigger, and what is left behind."""

from exchange import ids, views
from exchange.errors import REDUCE_ONLY_REJECTED, Outcome
from job.canary.bench import SIDE, Bench
from job.canary.contract import DifferentError, UnsettledError, demand
from job.canary.entries import READ_MS_MAX, refused_with, told
from job.canary.protections import READ_BACK_MS_MAX

#: How far from the price stop and target lie that are meant to fire, in ppm, and in ticks at least.
NEAR_PPM, NEAR_TICKS_MIN = 200, 3
#: The market is watched this often: a position weighs 5 of 2400 a minute.
TRIGGER_POLL_MS = 2_000
#: A close by somebody else: an id without our prefix.
BY_HAND = "canary-by-hand"


def oversized_close_is_trimmed(bench: Bench) -> str:
    """What becomes of a reduce-only order that is larger than the position? Never a turn."""
    quantity = bench.quantity(2 * bench.held.lots)
    submit = bench.gateway.close(bench.symbol, -SIDE, quantity, f"{BY_HAND}-2")
    demand(submit.outcome is not Outcome.UNKNOWN, told(submit))
    position, _ = bench.until(bench.position, lambda found: found is None, READ_MS_MAX)
    demand(position is None or position.side == SIDE, "the position was turned")
    left = bench.quantity(position.lots) if position else "nothing"
    return f"{told(submit)}, {left} is left"


def hand_closes(bench: Bench) -> str:
    """Is the symbol flat after somebody else's reduce-only order for the whole position?"""
    if bench.position() is not None:
        quantity = bench.quantity(bench.held.lots)
        submit = bench.gateway.close(bench.symbol, -SIDE, quantity, f"{BY_HAND}-1")
        demand(submit.outcome is Outcome.ACCEPTED, told(submit))
    position, waited_ms = bench.until(bench.position, lambda found: found is None)
    came = f"flat after {waited_ms} ms"
    return demand(position is None and waited_ms <= READ_MS_MAX, came if not position else "open")


def orphans_rest(bench: Bench) -> str:
    """Do stop and target outlive the position, so that the job has to sweep them?"""
    book = bench.resting()
    gone = sorted({bench.stop_id, bench.target_id} - book.keys())
    return demand(not gone, f"gone by themselves: {', '.join(gone)}" if gone else "both still rest")


def orphans_are_swept(bench: Bench) -> str:
    """Can they be cancelled while flat?"""
    for order in bench.resting().values():
        demand(bench.gateway.cancel(order), f"{order.client_id} was not open")
    book, waited_ms = bench.until(bench.resting, lambda found: not found)
    demand(not book, f"{', '.join(book)} still rest after {waited_ms} ms")
    return demand(waited_ms <= READ_BACK_MS_MAX, f"gone after {waited_ms} ms")


def flat_close_is_refused(bench: Bench) -> str:
    """Is a reduce-only order refused when there is nothing to reduce?"""
    order_id = bench.order_id(ids.CLOSE_FLATTEN)
    quantity = bench.quantity(bench.held.lots)
    submit = bench.gateway.close(bench.symbol, -SIDE, quantity, order_id)
    return refused_with(submit, frozenset([REDUCE_ONLY_REJECTED]))


def near_orders_rest(bench: Bench) -> str:
    """A stop and a target that the market will reach soon."""
    away = max(NEAR_TICKS_MIN, bench.price * NEAR_PPM // 1_000_000)
    market = bench.instrument
    pair = (
        (ids.STOP, views.STOP_MARKET, bench.price - SIDE * away),
        (ids.TARGET, views.TAKE_PROFIT_MARKET, bench.price + SIDE * away),
    )
    placed = []
    for leg, kind, level in pair:
        order_id, submit = bench.protect(leg, kind, level)
        demand(submit.outcome is Outcome.ACCEPTED, f"{market.price_text(level)}: {told(submit)}")
        placed.append(order_id)
    bench.stop_id, bench.target_id = placed
    return " and ".join(market.price_text(level) for _, _, level in pair)


def one_fires(bench: Bench) -> str:
    """Does the market's touch of a trigger close the position?"""
    position, waited_ms = bench.until(
        bench.position, lambda found: found is None, bench.trigger_wait_ms, TRIGGER_POLL_MS
    )
    if position is not None:
        raise UnsettledError(f"the market did not reach them in {waited_ms // 1000} s")
    pair = [bench.stop_id, bench.target_id]
    book, _ = bench.until(bench.resting, lambda found: len(found) < len(pair))
    # the second can have been reached as well, without a position: then it was rejected
    bench.fired = [order_id for order_id in pair if order_id not in book]
    demand(bool(bench.fired), "flat, but both still rest")
    return f"flat after {waited_ms} ms; {' and '.join(bench.fired)} left the book"


def child_is_linked(bench: Bench) -> str:
    """Is what fired found as a plain order under the same client id, with its fills?"""
    row, waited_ms = bench.until(lambda: _filled_order(bench), lambda found: found is not None)
    if row is None:
        raise DifferentError(f"no filled plain order under that id for {waited_ms} ms")
    state = views.order_state(row, bench.instrument)
    rows, waited_ms = bench.until(
        lambda: bench.gateway.fill_rows_of_order(bench.symbol, state.order_id), bool
    )
    lots = sum(views.fill(row, "", bench.instrument).lots for row in rows)
    came = f"{state.client_id}: {bench.quantity(lots)} filled, read after {waited_ms} ms"
    return demand(lots == bench.held.lots, came)


def _filled_order(bench: Bench) -> views.Row | None:
    rows = [bench.gateway.order_row(bench.symbol, client_id=client_id) for client_id in bench.fired]
    return next((row for row in rows if row is not None and row["status"] == "FILLED"), None)
