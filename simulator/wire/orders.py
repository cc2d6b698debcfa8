"""Plain orders: POST, PUT, GET, DELETE order; openOrder(s); allOpenOrders.

Reads parameters in Binance's order (present and known first, then the symbol, then precision)
and leaves every rule after that to the engine.
"""

from typing import cast

from simulator.engine.engine import Engine
from simulator.engine.filters import lots_from, ticks_from
from simulator.engine.model import BUY, SELL, Order, OrderType, Side
from simulator.engine.refused import refused
from simulator.engine.requests import OrderRequest
from simulator.wire.answer import WireError
from simulator.wire.order_rows import Row, order_answer, order_row
from simulator.wire.params import Params, missing
from simulator.wire.venue import Venue

#: Types that moved to the algo store in December 2025.
CONDITIONAL_TYPES = (
    "STOP",
    "STOP_MARKET",
    "TAKE_PROFIT",
    "TAKE_PROFIT_MARKET",
    "TRAILING_STOP_MARKET",
)
_TIMES_IN_FORCE = ("GTC", "IOC", "FOK", "GTX", "GTD", "RPI")
_POSITION_SIDES = ("BOTH", "LONG", "SHORT")
_RESPONSE_TYPES = ("ACK", "RESULT")
ALL_CANCELLED = {"code": 200, "msg": "The operation of cancel all open order is done."}


def read_side(params: Params) -> Side:
    """BUY or SELL. Raises -1102, -1117."""
    params.need("side")
    word = params.word("side", ("BUY", "SELL"), refusal=(-1117, "Invalid side."))
    return BUY if word == "BUY" else SELL


def read_position_side(params: Params) -> str:
    """BOTH when not sent. Raises -4060; whether it fits the account is the engine's to say."""
    refusal = (-4060, "Invalid position side.")
    return params.word("positionSide", _POSITION_SIDES, "BOTH", refusal)


def read_time_in_force(params: Params, known: tuple[str, ...]) -> str:
    """The word, "" when not sent. Raises -1115."""
    return params.word("timeInForce", ("", *known), refusal=(-1115, "Invalid timeInForce."))


def read_response_type(params: Params) -> str:
    """ACK when not sent. Raises -1130."""
    return params.word("newOrderRespType", _RESPONSE_TYPES, "ACK")


def unneeded(params: Params, *names: str) -> None:
    """Raises -1106 for the first of `names` that was sent."""
    for name in names:
        if params.text(name):
            raise refused(-1106, name)


def place_order(venue: Venue, engine: Engine, params: Params) -> object:
    """POST order. An ACK does not know yet what filled; a RESULT does."""
    respond = read_response_type(params)
    order = engine.place(read_order(engine, params))
    answer = order_answer(order, venue.figures[order.symbol])
    return answer if respond == "RESULT" else _acknowledged(answer, venue, order)


def _acknowledged(answer: Row, venue: Venue, order: Order) -> Row:
    none = venue.figures[order.symbol].quantity(0)
    return {**answer, "status": "NEW", "executedQty": none, "cumQty": none}


def read_order(engine: Engine, params: Params) -> OrderRequest:
    """The order that the parameters describe. Raises Refused or WireError."""
    symbol, side, kind = params.need("symbol"), read_side(params), _read_type(params)
    quantity = params.need_decimal("quantity")
    position_side = read_position_side(params)
    reduce_only = params.flag("reduceOnly")
    client_id = params.client_id("newClientOrderId")
    price = None
    if kind == "LIMIT":
        _check_limit(params)
        price = params.need_decimal("price")
    else:
        unneeded(params, "price", "timeInForce", "stopPrice")
    contract = engine.contract(symbol)
    return OrderRequest(
        symbol=symbol,
        side=side,
        type=kind,
        lots=lots_from(contract, quantity, closing=reduce_only),
        price_ticks=0 if price is None else ticks_from(contract, price),
        reduce_only=reduce_only,
        client_id=client_id,
        position_side=position_side,
    )


def _read_type(params: Params) -> OrderType:
    kind = params.need("type")
    if kind in CONDITIONAL_TYPES:
        raise WireError(
            -4120,
            "Order type not supported for this endpoint. "
            "Please use the Algo Order API endpoints instead.",
        )
    if kind not in ("MARKET", "LIMIT"):
        raise WireError(-1116, "Invalid orderType.")
    if params.flag("closePosition"):
        raise WireError(-4136, f"Target strategy invalid for orderType {kind}, closePosition true")
    return cast(OrderType, kind)


def _check_limit(params: Params) -> None:
    """Only resting orders are modelled: other times in force are refused with -1020."""
    time_in_force = read_time_in_force(params, _TIMES_IN_FORCE)
    if not time_in_force:
        raise missing("timeInForce")
    if time_in_force != "GTC" or params.text("priceMatch") not in ("", "NONE"):
        raise refused(-1020)


def modify_order(venue: Venue, engine: Engine, params: Params) -> object:
    """PUT order: LIMIT only."""
    symbol, side = params.need("symbol"), read_side(params)
    quantity, price = params.need_decimal("quantity"), params.need_decimal("price")
    order_id, client_id = read_order_id(params)
    contract = engine.contract(symbol)
    order = engine.modify(
        symbol,
        side,
        lots_from(contract, quantity),
        ticks_from(contract, price),
        order_id,
        client_id,
    )
    return order_answer(order, venue.figures[symbol])


def read_order_id(params: Params) -> tuple[int, str]:
    """(orderId, "") or (0, origClientOrderId). Raises -1102 when neither was sent."""
    order_id, client_id = params.whole("orderId", 0), params.text("origClientOrderId")
    if not order_id and not client_id:
        raise WireError(
            -1102,
            "Param 'origclientorderid' or 'orderid' must be sent, but both were empty/null!",
        )
    return order_id, "" if order_id else client_id


def cancel_order(venue: Venue, engine: Engine, params: Params) -> object:
    """DELETE order."""
    order = engine.cancel(params.need("symbol"), *read_order_id(params))
    return order_answer(order, venue.figures[order.symbol])


def get_order(venue: Venue, engine: Engine, params: Params) -> object:
    """GET order, open or ended."""
    order = engine.order(params.need("symbol"), *read_order_id(params))
    if not venue.sees(order, engine) or vanished(order, engine.now_ms):
        raise refused(-2013)
    return order_row(order, venue.figures[order.symbol])


def get_open_order(venue: Venue, engine: Engine, params: Params) -> object:
    """GET openOrder: -2013 once it has ended."""
    order = engine.order(params.need("symbol"), *read_order_id(params))
    if order.status not in ("NEW", "PARTIALLY_FILLED") or not venue.sees(order, engine):
        raise refused(-2013)
    return order_row(order, venue.figures[order.symbol])


def open_orders(venue: Venue, engine: Engine, params: Params) -> object:
    """GET openOrders, of one symbol or of all."""
    symbol = params.text("symbol")
    if symbol:
        engine.contract(symbol)
    return [
        order_row(order, venue.figures[order.symbol])
        for order in engine.open_orders(symbol)
        if venue.sees(order, engine, in_list=True)
    ]


def cancel_all_orders(_venue: Venue, engine: Engine, params: Params) -> object:
    """DELETE allOpenOrders: conditional orders stay."""
    engine.cancel_all(params.need("symbol"))
    return ALL_CANCELLED


#: Orders that ended without a fill are forgotten so long after they were made.
UNFILLED_HISTORY_MS = 3 * 86_400_000


def vanished(order: Order, now_ms: int) -> bool:
    """Whether Binance would have forgotten this order: cancelled or expired, nothing filled,
    and made more than three days ago.
    """
    return (
        order.status in ("CANCELED", "EXPIRED")
        and not order.filled_lots
        and now_ms - order.time_ms > UNFILLED_HISTORY_MS
    )
