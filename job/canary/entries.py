"""Checks of an entry: what is refused, what is accepted, and when it can be read back."""

from exchange import views
from exchange.client import RECV_WINDOW_MS
from exchange.errors import CLOCK, STALE_RULES, Outcome
from exchange.gateway import Submit
from job.canary.bench import SIDE, Bench, Held
from job.canary.contract import DifferentError, demand
from job.entering import FILLS_MS
from strategy.instrument import money_text

#: A plan's timestamp may be this old when its order arrives.
PLAN_AGE_MS = RECV_WINDOW_MS - 2_000
FILLS_MS_MAX = sum(FILLS_MS)
READ_MS_MAX = 3_000


def told(submit: Submit) -> str:
    """How an order ended, in words."""
    return f"{submit.outcome.value} ({submit.error})" if submit.error else submit.outcome.value


def refused_with(submit: Submit, codes: frozenset[int]) -> str:
    """Demands a refusal with one of these codes."""
    as_expected = submit.outcome is Outcome.REFUSED and submit.code in codes
    return demand(as_expected, told(submit))


def late_is_refused(bench: Bench) -> str:
    """The fence: is an entry refused whose timestamp is older than its recvWindow?"""
    order_id = bench.entry_id(bench.next_signal_ms())
    signed_ms = bench.now_ms() - RECV_WINDOW_MS - 1_000
    quantity = bench.quantity(bench.lots)
    submit = bench.gateway.enter(bench.symbol, SIDE, quantity, order_id, signed_ms)
    return refused_with(submit, frozenset([CLOCK]))


def broken_step_is_refused(bench: Bench) -> str:
    """Is a quantity between two steps refused with a code that we know?"""
    order_id = bench.entry_id(bench.next_signal_ms())
    quantity = bench.between_steps(bench.lots)
    submit = bench.gateway.enter(bench.symbol, SIDE, quantity, order_id, bench.now_ms())
    return refused_with(submit, STALE_RULES)


def entry_is_accepted(bench: Bench) -> str:
    """Is a market order accepted, with our id, signed as long ago as a plan may be?"""
    signal_ms, signed_ms = bench.next_signal_ms(), bench.now_ms() - PLAN_AGE_MS
    order_id = bench.entry_id(signal_ms)
    quantity = bench.quantity(bench.lots)
    submit = bench.gateway.enter(bench.symbol, SIDE, quantity, order_id, signed_ms)
    row = submit.row if submit.outcome is Outcome.ACCEPTED else None
    if row is None and submit.outcome is Outcome.UNKNOWN:
        row, _ = bench.until(
            lambda: bench.gateway.order_row(bench.symbol, client_id=order_id),
            lambda found: found is not None,
        )
    if row is not None:  # whatever the answer was worth: the later checks need the trade
        bench.trade = Held(signal_ms, bench.lots, int(row["orderId"]))
    return demand(submit.outcome is Outcome.ACCEPTED, f"{quantity}: {told(submit)}")


def order_is_found(bench: Bench) -> str:
    """Can the order be looked up by its client id, filled whole?"""
    order_id = bench.entry_id(bench.held.signal_ms)
    row, waited_ms = bench.until(
        lambda: bench.gateway.order_row(bench.symbol, client_id=order_id),
        lambda found: found is not None and found["status"] == "FILLED",
    )
    if row is None:
        raise DifferentError(f"not found for {waited_ms} ms")
    state = views.order_state(row, bench.instrument)
    came = f"{state.status}, {bench.quantity(state.filled_lots)} filled, after {waited_ms} ms"
    whole = state.status == "FILLED" and state.filled_lots == bench.lots
    return demand(whole and waited_ms <= READ_MS_MAX, came)


def fills_are_read(bench: Bench) -> str:
    """Can the fills' price, quantity and fee be read by the order's id?"""
    held = bench.held

    def lots_filled(rows: list[views.Row]) -> int:
        fills = [views.fill(row, "", bench.instrument) for row in rows]
        return sum(fill.lots for fill in fills)

    rows, waited_ms = bench.until(
        lambda: bench.gateway.fill_rows_of_order(bench.symbol, held.order_id),
        lambda found: lots_filled(found) == held.lots,
    )
    if lots_filled(rows) != held.lots:
        raise DifferentError(f"{len(rows)} fills that are not the whole, for {waited_ms} ms")
    held.fills = rows
    fills = [views.fill(row, "", bench.instrument) for row in rows]
    paid = ", ".join(f"{money_text(fill.fee_e8)} {fill.fee_asset}" for fill in fills)
    price = bench.instrument.price_text(fills[0].price)
    bench.price = fills[0].price
    came = f"filled at {price}, fee {paid}, after {waited_ms} ms"
    return demand(waited_ms <= FILLS_MS_MAX, came)


def position_is_seen(bench: Bench) -> str:
    """Does the position show, whole?"""
    position, waited_ms = bench.until(
        bench.position, lambda found: found is not None and found.lots == bench.held.lots
    )
    if position is None:
        raise DifferentError(f"none for {waited_ms} ms")
    came = f"{bench.quantity(position.lots)} after {waited_ms} ms"
    whole = (position.side, position.lots) == (SIDE, bench.held.lots)
    return demand(whole and waited_ms <= READ_MS_MAX, came)
