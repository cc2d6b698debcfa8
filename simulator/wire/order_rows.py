"""Plain orders, fills and incomes in the shapes that live accounts were seen to answer.

Three shapes of one order: the answer to a request (no `avgPrice`, no `cumQuote`), the single
read, and the history. Key sets, their order and the JSON types are those of the captures.
"""

from simulator.engine.model import BUY, Fill, Income, Order, Side
from simulator.wire.figures import Figures, bare, money

Row = dict[str, object]

#: Perpetuals against USDT: `pair` is the symbol.
MARGIN_ASSET = "USDT"


def side_word(side: Side) -> str:
    """BUY or SELL."""
    return "BUY" if side == BUY else "SELL"


def order_answer(order: Order, figures: Figures) -> Row:
    """What POST, PUT, DELETE and batch answer."""
    filled = figures.quantity(order.filled_lots)
    return {
        "orderId": order.order_id,
        "symbol": order.symbol,
        "status": order.status,
        "clientOrderId": order.client_id,
        "price": figures.price(order.price_ticks),
        "origQty": figures.quantity(order.lots),
        "executedQty": filled,
        "cumQty": filled,
        **_common(order),
        "stopPrice": figures.price(0),
        **_modes(order),
        "updateTime": order.updated_ms,
    }


def order_row(order: Order, figures: Figures) -> Row:
    """What GET order, openOrder and openOrders answer."""
    return {
        "orderId": order.order_id,
        "symbol": order.symbol,
        "status": order.status,
        "clientOrderId": order.client_id,
        "price": figures.price(order.price_ticks),
        "avgPrice": figures.average(order.filled_quote, order.filled_lots),
        "origQty": figures.quantity(order.lots),
        "executedQty": figures.quantity(order.filled_lots),
        "cumQuote": figures.quote(order.filled_quote),
        **_common(order),
        "stopPrice": figures.price(0),
        **_modes(order),
        "time": order.time_ms,
        "updateTime": order.updated_ms,
    }


def history_row(order: Order, figures: Figures) -> Row:
    """An element of allOrders."""
    return {
        "orderId": order.order_id,
        "symbol": order.symbol,
        "status": order.status,
        "clientOrderId": order.client_id,
        "price": bare(figures.price(order.price_ticks)),
        "avgPrice": figures.average(order.filled_quote, order.filled_lots),
        "origQty": figures.quantity(order.lots),
        "executedQty": figures.quantity(order.filled_lots),
        "cumQuote": figures.quote(order.filled_quote),
        "cumBase": "0",
        **_common(order),
        "stopPrice": "0",
        "workingType": "CONTRACT_PRICE",
        "priceMatch": "NONE",
        "selfTradePreventionMode": "EXPIRE_MAKER",
        "goodTillDate": 0,
        "priceProtect": False,
        "origType": order.type,
        "time": order.time_ms,
        "updateTime": order.updated_ms,
        "pair": order.symbol,
    }


def _common(order: Order) -> Row:
    return {
        "timeInForce": order.time_in_force,
        "type": order.type,
        "reduceOnly": order.reduce_only,
        "closePosition": order.close_position,
        "side": side_word(order.side),
        "positionSide": "BOTH",
    }


def _modes(order: Order) -> Row:
    return {
        "workingType": "CONTRACT_PRICE",
        "priceProtect": False,
        "origType": order.type,
        "priceMatch": "NONE",
        "selfTradePreventionMode": "EXPIRE_MAKER",
        "goodTillDate": 0,
    }


def fill_row(fill: Fill, figures: Figures) -> Row:
    """An element of userTrades: no client id, the order's id only."""
    return {
        "symbol": fill.symbol,
        "id": fill.fill_id,
        "orderId": fill.order_id,
        "pair": fill.symbol,
        "side": side_word(fill.side),
        "price": figures.price(fill.ticks),
        "qty": figures.quantity(fill.lots),
        "realizedPnl": money(fill.realised_e8),
        "quoteQty": figures.quote(fill.ticks * fill.lots),
        "commission": money(fill.fee_e8),
        "commissionAsset": fill.fee_asset,
        "time": fill.time_ms,
        "buyer": fill.side == BUY,
        "maker": fill.maker,
        "positionSide": "BOTH",
        "baseQty": "0",
        "marginAsset": MARGIN_ASSET,
    }


def income_row(income: Income) -> Row:
    """An element of income. Positive = received."""
    return {
        "symbol": income.symbol,
        "incomeType": income.type,
        "income": money(income.amount_e8),
        "asset": income.asset,
        "info": income.type,
        "time": income.time_ms,
        "tranId": income.income_id,
        "tradeId": str(income.fill_id) if income.fill_id else "",
    }
