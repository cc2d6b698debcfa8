"""Conditional orders in the three shapes that live accounts were seen to answer.

The answer to a placement, the element of the open book (unpadded prices), and the element of the
history, which GET algoOrder shares. Key sets, their order and the JSON types are the captures'.
"""

from simulator.engine.model import AlgoOrder
from simulator.wire.figures import Figures, dotted
from simulator.wire.order_rows import Row, side_word


def algo_answer(algo: AlgoOrder, figures: Figures) -> Row:
    """What POST algoOrder answers."""
    return {
        **_head(algo, figures),
        "triggerPrice": figures.price(algo.trigger_ticks),
        "price": figures.price(0),
        "icebergQuantity": None,
        **_tail(algo),
    }


def open_algo_row(algo: AlgoOrder, figures: Figures) -> Row:
    """An element of openAlgoOrders."""
    return {
        **_head(algo, figures),
        "actualOrderId": _child(algo),
        "actualQty": dotted(figures.quantity(algo.actual_lots)),
        "triggerPrice": dotted(figures.price(algo.trigger_ticks)),
        "price": "0.0",
        "icebergQuantity": None,
        **_tail(algo),
        "isActivated": False,
    }


def algo_row(algo: AlgoOrder, figures: Figures) -> Row:
    """What GET algoOrder answers, and an element of allAlgoOrders."""
    row = _head(algo, figures)
    row["actualOrderId"] = _child(algo)
    row["actualPrice"] = figures.average(algo.actual_quote, algo.actual_lots)
    if algo.actual_order_id:
        row["actualQty"] = figures.quantity(algo.actual_lots)
        row["actualType"] = "MARKET"
    return {
        **row,
        "triggerPrice": figures.price(algo.trigger_ticks),
        "price": figures.price(0),
        "icebergQuantity": None,
        "tpOrderType": "",
        **_tail(algo),
        "isActivated": False,
    }


def cancel_answer(algo: AlgoOrder) -> Row:
    """What DELETE algoOrder answers: the code is a string."""
    return {
        "algoId": algo.algo_id,
        "clientAlgoId": algo.client_id,
        "code": "200",
        "msg": "success",
    }


def _child(algo: AlgoOrder) -> str:
    return str(algo.actual_order_id) if algo.actual_order_id else ""


def _head(algo: AlgoOrder, figures: Figures) -> Row:
    return {
        "algoId": algo.algo_id,
        "clientAlgoId": algo.client_id,
        "algoType": "CONDITIONAL",
        "orderType": algo.type,
        "symbol": algo.symbol,
        "side": side_word(algo.side),
        "positionSide": "BOTH",
        "timeInForce": algo.time_in_force,
        "quantity": figures.quantity(algo.lots) if algo.lots else "0",
        "algoStatus": algo.status,
    }


def _tail(algo: AlgoOrder) -> Row:
    return {
        "selfTradePreventionMode": "EXPIRE_MAKER",
        "workingType": algo.working_type,
        "priceMatch": "NONE",
        "closePosition": algo.close_position,
        "priceProtect": algo.price_protect,
        "reduceOnly": algo.reduce_only or algo.close_position,
        "createTime": algo.created_ms,
        "updateTime": algo.updated_ms,
        "triggerTime": algo.triggered_ms,
        "goodTillDate": 0,
    }
