"""Conditional orders: POST, GET, DELETE algoOrder; openAlgoOrders, allAlgoOrders, algoOpenOrders.

STOP_MARKET and TAKE_PROFIT_MARKET are modelled; the other types are known and refused (-1020).
"""

from typing import cast

from simulator.engine.engine import Engine
from simulator.engine.filters import lots_from, ticks_from
from simulator.engine.model import AlgoOrder, AlgoType, TimeInForce, WorkingType
from simulator.engine.refused import refused
from simulator.engine.requests import AlgoRequest
from simulator.wire.algo_rows import algo_answer, algo_row, cancel_answer, open_algo_row
from simulator.wire.answer import WireError
from simulator.wire.history import newest, read_limit, read_window
from simulator.wire.orders import (
    ALL_CANCELLED,
    CONDITIONAL_TYPES,
    UNFILLED_HISTORY_MS,
    read_position_side,
    read_side,
    read_time_in_force,
    unneeded,
)
from simulator.wire.params import Params
from simulator.wire.venue import Venue

_TIMES_IN_FORCE = ("GTC", "GTE_GTC", "IOC", "FOK", "GTX", "GTD")
_WORKING_TYPES = ("CONTRACT_PRICE", "MARK_PRICE")


def place_algo(venue: Venue, engine: Engine, params: Params) -> object:
    """POST algoOrder."""
    algo = engine.place_algo(_read_algo(engine, params))
    return algo_answer(algo, venue.figures[algo.symbol])


def _read_algo(engine: Engine, params: Params) -> AlgoRequest:
    params.need("algoType")
    params.word("algoType", ("CONDITIONAL",))
    symbol, side, kind = params.need("symbol"), read_side(params), _read_type(params)
    trigger = params.need_decimal("triggerPrice")
    close_position = params.flag("closePosition")
    quantity = params.decimal("quantity") if close_position else params.need_decimal("quantity")
    time_in_force = _read_time_in_force(params)
    working_type = params.word("workingType", _WORKING_TYPES, "CONTRACT_PRICE")
    reduce_only, price_protect = params.flag("reduceOnly"), params.flag("priceProtect")
    client_id = params.client_id("clientAlgoId")
    position_side = read_position_side(params)
    unneeded(params, "price", "activatePrice", "callbackRate")
    contract = engine.contract(symbol)
    return AlgoRequest(
        symbol=symbol,
        side=side,
        type=kind,
        trigger_ticks=ticks_from(contract, trigger),
        lots=0 if quantity is None else lots_from(contract, quantity, closing=reduce_only),
        reduce_only=reduce_only,
        close_position=close_position,
        time_in_force=time_in_force,
        working_type=cast(WorkingType, working_type),
        price_protect=price_protect,
        client_id=client_id,
        position_side=position_side,
    )


def _read_type(params: Params) -> AlgoType:
    kind = params.need("type")
    if kind not in CONDITIONAL_TYPES:
        raise WireError(-1116, "Invalid orderType.")
    if kind not in ("STOP_MARKET", "TAKE_PROFIT_MARKET"):
        raise refused(-1020)
    return cast(AlgoType, kind)


def _read_time_in_force(params: Params) -> TimeInForce:
    word = read_time_in_force(params, _TIMES_IN_FORCE) or "GTC"
    if word not in ("GTC", "GTE_GTC"):
        raise refused(-1020)
    return cast(TimeInForce, word)


def _read_id(params: Params) -> tuple[int, str]:
    algo_id, client_id = params.whole("algoId", 0), params.text("clientAlgoId")
    if not algo_id and not client_id:
        raise WireError(
            -1102,
            "Param 'algoid' or 'clientalgoid' must be sent, but both were empty/null!",
        )
    return algo_id, "" if algo_id else client_id


def get_algo(venue: Venue, engine: Engine, params: Params) -> object:
    """GET algoOrder, open or ended; a symbol is tolerated."""
    algo = engine.algo(*_read_id(params))
    if not venue.sees_algo(algo, engine) or _vanished(algo, engine.now_ms):
        raise refused(-2013)
    return algo_row(algo, venue.figures[algo.symbol])


def cancel_algo(_venue: Venue, engine: Engine, params: Params) -> object:
    """DELETE algoOrder; a symbol is tolerated."""
    return cancel_answer(engine.cancel_algo(*_read_id(params)))


def open_algos(venue: Venue, engine: Engine, params: Params) -> object:
    """GET openAlgoOrders, of one symbol or of all."""
    symbol = params.text("symbol")
    if symbol:
        engine.contract(symbol)
    return [
        open_algo_row(algo, venue.figures[algo.symbol])
        for algo in engine.open_algos(symbol)
        if venue.sees_algo(algo, engine, in_list=True)
    ]


def all_algos(venue: Venue, engine: Engine, params: Params) -> object:
    """GET allAlgoOrders: newest first, the newest `limit` of the window (default: 7 days)."""
    symbol = engine.contract(params.need("symbol")).symbol
    start_ms, end_ms = read_window(params, engine.now_ms)
    algo_id, limit = params.whole("algoId", 0), read_limit(params, 500)
    found = [
        algo
        for algo in engine.all_algos(symbol)
        if (algo.algo_id >= algo_id if algo_id else start_ms <= algo.created_ms <= end_ms)
        and not _vanished(algo, engine.now_ms)
        and venue.sees_algo(algo, engine, in_list=True)
    ]
    return [algo_row(algo, venue.figures[symbol]) for algo in reversed(newest(found, limit))]


def cancel_all_algos(_venue: Venue, engine: Engine, params: Params) -> object:
    """DELETE algoOpenOrders: plain orders stay."""
    engine.cancel_all_algos(params.need("symbol"))
    return ALL_CANCELLED


def _vanished(algo: AlgoOrder, now_ms: int) -> bool:
    return (
        algo.status in ("CANCELED", "EXPIRED", "REJECTED")
        and not algo.actual_lots
        and now_ms - algo.created_ms > UNFILLED_HISTORY_MS
    )
