"""batchOrders: up to five plain orders placed, or up to ten cancelled, in one request.

Each element succeeds or fails by itself; a failed one is `{"code": ..., "msg": ...}` in its place.
"""

from collections.abc import Callable

import msgspec

from simulator.engine.engine import Engine
from simulator.engine.refused import Refused
from simulator.wire.answer import WireError
from simulator.wire.order_rows import Row, order_answer
from simulator.wire.orders import read_order
from simulator.wire.params import Params, invalid, missing
from simulator.wire.venue import Venue

_PLACED_MAX = 5
_CANCELLED_MAX = 10


def place_orders(venue: Venue, engine: Engine, params: Params) -> object:
    """POST batchOrders. Raises -4082 for more than five orders or none."""
    requests = _read_list(params.need("batchOrders"), "batchOrders")
    if not 1 <= len(requests) <= _PLACED_MAX:
        raise WireError(-4082, "Invalid number of batch place orders.")

    def place(request: object) -> Row:
        if not isinstance(request, dict):
            raise invalid("batchOrders")
        values = {str(name): _text(value) for name, value in request.items()}
        order = engine.place(read_order(engine, Params(values)))
        return order_answer(order, venue.figures[order.symbol])

    return [_each(place, request) for request in requests]


def cancel_orders(venue: Venue, engine: Engine, params: Params) -> object:
    """DELETE batchOrders, by `orderIdList` or `origClientOrderIdList` (any case)."""
    symbol = params.need("symbol")
    ids, client_ids = params.any_case("orderIdList"), params.any_case("origClientOrderIdList")
    if not ids and not client_ids:
        raise missing("orderIdList")
    keys = _read_list(ids or client_ids, "orderIdList" if ids else "origClientOrderIdList")
    if not 1 <= len(keys) <= _CANCELLED_MAX:
        raise WireError(-4082, "Invalid number of batch place orders.")

    def cancel(key: object) -> Row:
        if ids and not isinstance(key, int):
            raise invalid("orderIdList")
        number, name = (key, "") if isinstance(key, int) and ids else (0, str(key))
        order = engine.cancel(symbol, number, name)
        return order_answer(order, venue.figures[order.symbol])

    return [_each(cancel, key) for key in keys]


def _each(act: Callable[[object], Row], item: object) -> Row:
    try:
        return act(item)
    except (Refused, WireError) as error:
        return {"code": error.code, "msg": error.message}


def _read_list(text: str, name: str) -> list[object]:
    try:
        return msgspec.json.decode(text.encode(), type=list[object])
    except msgspec.MsgspecError as error:
        raise invalid(name) from error


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
