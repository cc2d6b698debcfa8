"""Plain orders: placed, changed, cancelled, found.

A market order fills whole at the standing price; a limit order takes what it can reach at once
or rests until it is touched. Nothing is changed before every check has passed.
"""

from simulator.engine import checks, execution, filters
from simulator.engine.core import Core
from simulator.engine.model import PLAIN_ORDERS_MAX, Contract, Order, Side
from simulator.engine.refused import refused
from simulator.engine.requests import OrderRequest


def place(core: Core, request: OrderRequest) -> Order:
    """Place a plain order. See `Engine.place` for the refusals and their order."""
    contract = core.contract(request.symbol)
    standing = core.price_now(request.symbol)
    _check_filters(contract, request, standing)
    check_position_side(core, request.position_side)
    if request.client_id and core.plain.is_open(request.client_id):
        raise refused(-4116)
    lots = _lots_allowed(core, request)
    limit = request.price_ticks if request.type == "LIMIT" else 0
    if not request.reduce_only:
        filters.check_notional(contract, lots, limit or standing)
        checks.check_opening(core, contract, request.side, lots, limit, standing)
    takes = not limit or _reaches(request.side, limit, standing)
    if not takes and _open_count(core, request.symbol) >= PLAIN_ORDERS_MAX:
        raise refused(-2025)
    order = new_order(core, request, lots, standing)
    if takes:
        execution.take(core, order, standing, order.time_ms)
        core.plain.add_ended(order)
    else:
        core.plain.add_open(order)
    core.changed()
    return order


def _check_filters(contract: Contract, request: OrderRequest, standing: int) -> None:
    filters.check_lots(contract, request.lots, market=request.type == "MARKET")
    if request.type == "LIMIT":
        filters.check_price(contract, request.price_ticks)
        filters.check_price_band(contract, request.side, request.price_ticks, standing)


def check_position_side(core: Core, position_side: str) -> None:
    """One-way only. Refused: -4061, also for every order while the hedge mode is on."""
    if core.books.dual_side or position_side != "BOTH":
        raise refused(-4061)


def _lots_allowed(core: Core, request: OrderRequest) -> int:
    """A reduce-only order is trimmed to the position. Refused: -2022 when it cannot reduce."""
    if not request.reduce_only:
        return request.lots
    position = core.books.positions.get(request.symbol)
    if position is None or position.side == request.side:
        raise refused(-2022)
    return min(request.lots, position.lots)


def _reaches(side: Side, price_ticks: int, standing: int) -> bool:
    return side * (price_ticks - standing) >= 0


def _open_count(core: Core, symbol: str) -> int:
    return sum(1 for order in core.books.orders if order.symbol == symbol)


def new_order(core: Core, request: OrderRequest, lots: int, standing: int) -> Order:
    """An order with an id of its own, on no shelf yet."""
    books = core.books
    order_id = books.next_order_id
    books.next_order_id += 1
    return Order(
        order_id,
        request.client_id or f"auto-{order_id}",
        request.symbol,
        request.side,
        request.type,
        lots,
        books.played_to_ms,
        books.played_to_ms,
        price_ticks=request.price_ticks if request.type == "LIMIT" else 0,
        reduce_only=request.reduce_only,
        seen_ticks=standing,
    )


def find(core: Core, symbol: str, order_id: int, client_id: str) -> Order:
    """A plain order, open or ended. Refused: -1121, -2013."""
    core.contract(symbol)
    order = core.plain.by_id(order_id) if order_id else core.plain.by_client(symbol, client_id)
    if order is None or order.symbol != symbol:
        raise refused(-2013)
    return order


def _find_open(core: Core, symbol: str, order_id: int, client_id: str, code: int) -> Order:
    core.contract(symbol)
    for order in core.books.orders:
        named = order.order_id == order_id if order_id else order.client_id == client_id
        if named and order.symbol == symbol:
            return order
    raise refused(code)


def cancel(core: Core, symbol: str, order_id: int, client_id: str) -> Order:
    """Cancel an open plain order. Refused: -1121, -2011."""
    order = _find_open(core, symbol, order_id, client_id, -2011)
    order.status = "CANCELED"
    order.updated_ms = core.books.played_to_ms
    core.plain.end(order)
    core.changed()
    return order


def cancel_all(core: Core, symbol: str) -> list[Order]:
    """Cancel all open plain orders of the symbol. Refused: -1121."""
    core.contract(symbol)
    ids = [order.order_id for order in core.books.orders if order.symbol == symbol]
    return [cancel(core, symbol, order_id, "") for order_id in ids]


def modify(
    core: Core,
    symbol: str,
    side: Side,
    lots: int,
    price_ticks: int,
    order_id: int,
    client_id: str,
) -> Order:
    """Another quantity and price for an open limit order. See `Engine.modify`."""
    order = _find_open(core, symbol, order_id, client_id, -2013)
    contract = core.contracts[symbol]
    standing = core.price_now(symbol)
    if order.side != side:
        raise refused(-1106, "side")
    if (order.lots, order.price_ticks) == (lots, price_ticks):
        raise refused(-5027)
    filters.check_lots(contract, lots, market=False)
    filters.check_price(contract, price_ticks)
    filters.check_price_band(contract, side, price_ticks, standing)
    if not order.reduce_only:
        filters.check_notional(contract, lots, price_ticks)
        _check_changed(core, order, lots, price_ticks, standing)
    order.lots, order.price_ticks = lots, price_ticks
    order.updated_ms = core.books.played_to_ms
    order.seen_ticks = standing
    if _reaches(side, price_ticks, standing):
        execution.take(core, order, standing, order.updated_ms)
        core.plain.end(order)
    core.changed()
    return order


def _check_changed(core: Core, order: Order, lots: int, price: int, standing: int) -> None:
    """The opening checks, without the margin the order itself keeps aside. It is taken off the
    open orders for the check and put back where it was.
    """
    place_in_line = core.books.orders.index(order)
    del core.books.orders[place_in_line]
    try:
        contract = core.contracts[order.symbol]
        checks.check_opening(core, contract, order.side, lots, price, standing)
    finally:
        core.books.orders.insert(place_in_line, order)
