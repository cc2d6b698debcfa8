"""What happened: allOrders, userTrades, income, forceOrders, each within a window of time.

Limits keep different ends: allOrders the newest, userTrades and income the oldest rows of the
window. A window nobody bounds is the last seven days.
"""

from collections.abc import Sequence
from typing import TypeVar

from simulator.engine.engine import Engine
from simulator.wire.answer import WireError
from simulator.wire.order_rows import fill_row, history_row, income_row
from simulator.wire.orders import vanished
from simulator.wire.params import Params, invalid
from simulator.wire.venue import Venue

T = TypeVar("T")

WINDOW_MS = 7 * 86_400_000
_LIMIT_MAX = 1000
#: Client ids of liquidation orders begin so.
_LIQUIDATION = "autoclose-"


def read_limit(params: Params, default: int) -> int:
    """`limit`, 1 to 1000. Raises -1130."""
    limit = params.whole("limit", default)
    if not 1 <= limit <= _LIMIT_MAX:
        raise invalid("limit")
    return limit


def read_window(params: Params, now_ms: int, longest_ms: int = WINDOW_MS) -> tuple[int, int]:
    """(first, last) ms, both included; one end alone bounds seven days.

    Raises WireError: -1128 for an end before the start, -4165 for more than `longest_ms`
    (0: any length, and a start alone reaches to now).
    """
    start_ms, end_ms = params.whole("startTime", 0), params.whole("endTime", 0)
    if not end_ms:
        end_ms = start_ms + longest_ms if start_ms and longest_ms else now_ms
    if not start_ms:
        start_ms = end_ms - WINDOW_MS
    if end_ms < start_ms:
        raise WireError(-1128, "Combination of optional parameters invalid.")
    if longest_ms and end_ms - start_ms > longest_ms:
        raise WireError(-4165, "Invalid time interval")
    return start_ms, end_ms


def newest(rows: Sequence[T], limit: int) -> Sequence[T]:
    """The last `limit` of ascending rows."""
    return rows[-limit:]


def all_orders(venue: Venue, engine: Engine, params: Params) -> object:
    """GET allOrders: ascending; from `orderId` upward, or the newest of the window."""
    symbol = params.text("symbol")
    if symbol:
        engine.contract(symbol)
    start_ms, end_ms = read_window(params, engine.now_ms)
    order_id, limit = params.whole("orderId", 0), read_limit(params, 500)
    found = [
        order
        for order in engine.all_orders(symbol)
        if (order.order_id >= order_id if order_id else start_ms <= order.time_ms <= end_ms)
        and not vanished(order, engine.now_ms)
        and venue.sees(order, engine, in_list=True)
    ]
    found = found[:limit] if order_id else list(newest(found, limit))
    return [history_row(order, venue.figures[order.symbol]) for order in found]


def user_trades(venue: Venue, engine: Engine, params: Params) -> object:
    """GET userTrades: ascending, the OLDEST `limit` of the window, of `orderId`, or from
    `fromId` upward. Raises -1128 for `fromId` with a window.
    """
    symbol = engine.contract(params.need("symbol")).symbol
    order_id, from_id = params.whole("orderId", 0), params.whole("fromId", 0)
    limit = read_limit(params, 500)
    bounded = bool(params.text("startTime") or params.text("endTime"))
    if from_id and bounded:
        raise WireError(-1128, "Combination of optional parameters invalid.")
    start_ms, end_ms = read_window(params, engine.now_ms)
    if (order_id or from_id) and not bounded:
        start_ms, end_ms = 0, engine.now_ms
    fills = engine.fills(symbol, start_ms, end_ms, order_id)
    if from_id:
        fills = [fill for fill in fills if fill.fill_id >= from_id]
    return [fill_row(fill, venue.figures[symbol]) for fill in fills[:limit]]


def income(_venue: Venue, engine: Engine, params: Params) -> object:
    """GET income: ascending, the oldest `limit` of the window (default 100, at most 1000)."""
    symbol = params.text("symbol")
    if symbol:
        engine.contract(symbol)
    kind, limit = params.text("incomeType"), read_limit(params, 100)
    start_ms, end_ms = read_window(params, engine.now_ms, longest_ms=0)
    incomes = [each for each in engine.incomes(symbol, start_ms, end_ms) if kind in ("", each.type)]
    return [income_row(each) for each in incomes[:limit]]


def force_orders(venue: Venue, engine: Engine, params: Params) -> object:
    """GET forceOrders: liquidations, newest first, of the window."""
    symbol = params.text("symbol")
    start_ms, end_ms = read_window(params, engine.now_ms)
    limit = read_limit(params, 50)
    found = [
        order
        for order in engine.all_orders(symbol)
        if order.client_id.startswith(_LIQUIDATION) and start_ms <= order.time_ms <= end_ms
    ]
    return [
        history_row(order, venue.figures[order.symbol]) for order in reversed(newest(found, limit))
    ]
