"""Conditional ("algo") orders: placed, cancelled, found, and what a trigger makes of them.

They live in a store of their own. A trigger makes a plain market order with a new id and the
same client id, fills it, and ends the conditional one: FINISHED, or REJECTED when there is
nothing to reduce or the opening checks fail.
"""

from simulator.engine import checks, execution, filters
from simulator.engine.core import Core
from simulator.engine.mischief import LateChild
from simulator.engine.model import ALGO_ORDERS_MAX, AlgoOrder, AlgoStatus, Order
from simulator.engine.placing import check_position_side, new_order
from simulator.engine.refused import Refused, refused
from simulator.engine.requests import AlgoRequest, OrderRequest

_FOR_EVER_MS = 1 << 50
REDUCE_ONLY_REJECT = "Reduce Only reject"


def place(core: Core, request: AlgoRequest) -> AlgoOrder:
    """Store a conditional order. See `Engine.place_algo` for the refusals and their order."""
    contract = core.contract(request.symbol)
    standing = core.price_now(request.symbol)
    if request.close_position:
        if request.lots:
            raise refused(-4137)
        if request.reduce_only:
            raise refused(-1106, "reduceonly")
    else:
        filters.check_lots(contract, request.lots, market=True)
    filters.check_price(contract, request.trigger_ticks)
    check_position_side(core, request.position_side)
    if request.client_id and core.algos.is_open(request.client_id):
        raise refused(-4116)
    if len(core.books.algos) >= ALGO_ORDERS_MAX:
        raise refused(-4045)
    _check_bound(core, request)
    if triggers(request, standing):
        raise refused(-2021)
    if not (request.reduce_only or request.close_position):
        filters.check_notional(contract, request.lots, request.trigger_ticks)
    algo = _new_algo(core, request, standing)
    core.algos.add_open(algo)
    core.changed()
    return algo


def triggers(order: AlgoOrder | AlgoRequest, ticks: int) -> bool:
    """Whether a price fires it: a stop is fired by a price at or beyond it against the position
    it closes, a target by one in its favour.
    """
    beyond = order.side * (ticks - order.trigger_ticks)
    return beyond >= 0 if order.type == "STOP_MARKET" else beyond <= 0


def _check_bound(core: Core, request: AlgoRequest) -> None:
    """Orders that live with a position need one; closePosition once per kind and direction."""
    if not (request.close_position or request.time_in_force == "GTE_GTC"):
        return
    position = core.books.positions.get(request.symbol)
    if position is None or position.side == request.side:
        raise refused(-4509)
    if request.close_position and any(
        algo.close_position
        and (algo.symbol, algo.side, algo.type) == (request.symbol, request.side, request.type)
        for algo in core.books.algos
    ):
        raise refused(-4130)


def _new_algo(core: Core, request: AlgoRequest, standing: int) -> AlgoOrder:
    """closePosition is kept as Binance does: reduce-only and GTE_GTC."""
    books = core.books
    algo_id = books.next_algo_id
    books.next_algo_id += 1
    return AlgoOrder(
        algo_id,
        request.client_id or f"auto-{algo_id}",
        request.symbol,
        request.side,
        request.type,
        request.trigger_ticks,
        request.lots,
        books.played_to_ms,
        books.played_to_ms,
        reduce_only=request.reduce_only or request.close_position,
        close_position=request.close_position,
        time_in_force="GTE_GTC" if request.close_position else request.time_in_force,
        working_type=request.working_type,
        price_protect=request.price_protect,
        seen_ticks=standing,
    )


def trigger_now(core: Core, algo_id: int, client_id: str) -> AlgoOrder:
    """Fire an open conditional order at its own trigger price, now. Refused: -2011."""
    for algo in core.books.algos:
        if algo.algo_id == algo_id if algo_id else algo.client_id == client_id:
            trigger(core, algo, algo.trigger_ticks, core.books.played_to_ms)
            return algo
    raise refused(-2011)


def find(core: Core, algo_id: int, client_id: str) -> AlgoOrder:
    """A conditional order, open or ended. Refused: -2013."""
    if algo_id:
        found = [core.algos.by_id(algo_id)]
    else:
        found = [core.algos.by_client(symbol, client_id) for symbol in core.contracts]
    known = [algo for algo in found if algo is not None]
    if not known:
        raise refused(-2013)
    return max(known, key=lambda algo: (algo.status == "NEW", algo.algo_id))


def cancel(core: Core, algo_id: int, client_id: str) -> AlgoOrder:
    """Cancel an open conditional order. Refused: -2011."""
    for algo in core.books.algos:
        if algo.algo_id == algo_id if algo_id else algo.client_id == client_id:
            _end(core, algo, "CANCELED", core.books.played_to_ms, "")
            return algo
    raise refused(-2011)


def cancel_all(core: Core, symbol: str) -> list[AlgoOrder]:
    """Cancel all open conditional orders of the symbol. Refused: -1121."""
    core.contract(symbol)
    ids = [algo.algo_id for algo in core.books.algos if algo.symbol == symbol]
    return [cancel(core, algo_id, "") for algo_id in ids]


def _end(core: Core, algo: AlgoOrder, status: AlgoStatus, time_ms: int, reason: str) -> None:
    was_open = algo.status == "NEW"
    algo.status = status
    algo.updated_ms = time_ms
    algo.reason = reason
    if was_open:
        core.algos.end(algo)
    core.changed()


def trigger(core: Core, algo: AlgoOrder, ticks: int, time_ms: int) -> None:
    """Fire an open conditional order at the price `ticks` (before slippage)."""
    algo.triggered_ms = time_ms
    if core.mischief.rejects_trigger():
        _end(core, algo, "REJECTED", time_ms, "Rejected by the engine")
        return
    if core.mischief.child_lags_ms:
        _end(core, algo, "TRIGGERED", time_ms, "")
        due_ms = time_ms + core.mischief.child_lags_ms.pop(0)
        core.mischief.late_children.append(LateChild(algo, due_ms))
        return
    _match(core, algo, ticks, time_ms)


def match_late_children(core: Core, *, everyone: bool = False) -> None:
    """What triggered some time ago and is matched only now, at the price of now; `everyone`:
    also what is not due yet.
    """
    upto_ms = core.books.played_to_ms + (_FOR_EVER_MS if everyone else 0)
    for algo in core.mischief.due_children(upto_ms):
        ticks = core.last_ticks(algo.symbol)
        assert ticks is not None
        _match(core, algo, ticks, core.books.played_to_ms)


def _match(core: Core, algo: AlgoOrder, ticks: int, time_ms: int) -> None:
    lots = _lots_to_take(core, algo)
    if lots == 0:
        _end(core, algo, "REJECTED", time_ms, REDUCE_ONLY_REJECT)
        return
    if not algo.reduce_only:
        contract = core.contracts[algo.symbol]
        try:
            checks.check_opening(core, contract, algo.side, lots, 0, ticks)
        except Refused as refusal:
            _end(core, algo, "REJECTED", time_ms, refusal.message)
            return
    # Off the open shelf before the fill, so that a closePosition order is not expired by it.
    _end(core, algo, "FINISHED", time_ms, "")
    child = _child(core, algo, lots, ticks, time_ms)
    core.plain.add_ended(child)
    execution.take(core, child, ticks, time_ms)
    algo.actual_order_id = child.order_id
    algo.actual_lots = child.filled_lots
    algo.actual_quote = child.filled_quote


def _lots_to_take(core: Core, algo: AlgoOrder) -> int:
    """What a trigger trades now: reduce-only is trimmed to the position, 0 without one."""
    if not algo.reduce_only:
        return algo.lots
    position = core.books.positions.get(algo.symbol)
    if position is None or position.side == algo.side:
        return 0
    return position.lots if algo.close_position else min(algo.lots, position.lots)


def _child(core: Core, algo: AlgoOrder, lots: int, ticks: int, time_ms: int) -> Order:
    """The plain market order a trigger makes: a new id, the same client id."""
    request = OrderRequest(
        algo.symbol,
        algo.side,
        "MARKET",
        lots,
        reduce_only=algo.reduce_only,
        client_id=algo.client_id,
    )
    child = new_order(core, request, lots, ticks)
    child.time_ms = child.updated_ms = time_ms
    child.close_position = algo.close_position
    return child
