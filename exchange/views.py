"""What the exchange says, as plain values in whole ticks and lots. No behaviour, no I/O.

A row without what the exchange's documentation promises raises KeyError, ValueError or one of
decimal's; `exchange.errors.as_promised` makes a failed read of it.
"""

from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from typing import Any, NamedTuple

from exchange.errors import BROKEN_ANSWER
from exchange.ids import parse_id
from strategy.instrument import Instrument, whole
from strategy.units import E8

Row = Mapping[str, Any]

PLAIN = "plain"
CONDITIONAL = "conditional"
STOP_MARKET = "STOP_MARKET"
TAKE_PROFIT_MARKET = "TAKE_PROFIT_MARKET"
#: What people call them.
KIND_WORDS = {STOP_MARKET: "stop", TAKE_PROFIT_MARKET: "target"}


class Candle(NamedTuple):
    """One candle of the wire. Times ms UTC, prices in ticks."""

    open_time_ms: int
    open: int
    high: int
    low: int
    close: int


class Position(NamedTuple):
    """A position. `side` +1/-1, `lots` > 0; `entry_price` is the exchange's own average."""

    symbol: str
    side: int
    lots: int
    entry_price: Decimal


class RestingOrder(NamedTuple):
    """An open order in one of the two books. `trigger` in ticks, 0 for a plain order."""

    book: str
    symbol: str
    order_id: int
    client_id: str
    side: int
    kind: str
    lots: int
    trigger: int
    reduce_only: bool
    by_last_price: bool  # triggers on the last price, without price protection


class Fill(NamedTuple):
    """One fill of ours or of a stranger. `fee_e8` is in `fee_asset`, paid when above 0."""

    trade_id: int
    order_id: int
    client_id: str
    symbol: str
    side: int
    price: int
    lots: int
    fee_e8: int
    fee_asset: str
    realized_e8: int
    time_ms: int


class OrderState(NamedTuple):
    """A plain order looked up by id."""

    order_id: int
    client_id: str
    status: str
    side: int
    lots: int
    filled_lots: int


#: Statuses of an order to which nothing more can happen.
ORDER_DONE = frozenset(["FILLED", "CANCELED", "REJECTED", "EXPIRED", "EXPIRED_IN_MATCH"])


def candle(row: list[Any], market: Instrument) -> Candle:
    """A candle from a row of /klines."""
    return Candle(
        int(row[0]),
        market.ticks(row[1]),
        market.ticks(row[2]),
        market.ticks(row[3]),
        market.ticks(row[4]),
    )


def position(row: Row, market: Instrument) -> Position | None:
    """A position from a row of /positionRisk; None when its amount is zero."""
    amount = Decimal(str(row["positionAmt"]))
    if amount == 0:
        return None
    return Position(
        symbol=str(row["symbol"]),
        side=1 if amount > 0 else -1,
        lots=market.lots(abs(amount)),
        entry_price=Decimal(str(row["entryPrice"])),
    )


def plain_order(row: Row, market: Instrument) -> RestingOrder:
    """An order from a row of /openOrders."""
    return RestingOrder(
        book=PLAIN,
        symbol=str(row["symbol"]),
        order_id=int(row["orderId"]),
        client_id=str(row["clientOrderId"]),
        side=side_of(row),
        kind=str(row["type"]),
        lots=market.lots(str(row["origQty"])),
        trigger=0,
        reduce_only=bool(row["reduceOnly"]),
        by_last_price=True,
    )


def conditional_order(row: Row, market: Instrument) -> RestingOrder:
    """An order from a row of /openAlgoOrders (or the answer of a POST /algoOrder)."""
    return RestingOrder(
        book=CONDITIONAL,
        symbol=str(row["symbol"]),
        order_id=int(row["algoId"]),
        client_id=str(row["clientAlgoId"]),
        side=side_of(row),
        kind=str(row["orderType"]),
        lots=market.lots(str(row["quantity"] or 0)),
        trigger=market.ticks_nearest(str(row["triggerPrice"] or 0)),
        reduce_only=bool(row["reduceOnly"]),
        by_last_price=row["workingType"] == "CONTRACT_PRICE" and not row["priceProtect"],
    )


def plain_orders(rows: Iterable[Row], market: Instrument) -> list[RestingOrder]:
    """The orders of the plain book, strangers' in whatever shape they have."""
    return [_order(row, market, plain_order, PLAIN, "clientOrderId") for row in rows]


def conditional_orders(rows: Iterable[Row], market: Instrument) -> list[RestingOrder]:
    """The orders of the conditional book, strangers' in whatever shape they have."""
    return [_order(row, market, conditional_order, CONDITIONAL, "clientAlgoId") for row in rows]


def _order(
    row: Row,
    market: Instrument,
    parse: Callable[[Row, Instrument], RestingOrder],
    book: str,
    name: str,
) -> RestingOrder:
    """What a person has placed (a kind we do not know, a size from before the step changed) must
    not cost our position its protection: of such an order only the name is kept.
    """
    try:
        return parse(row, market)
    except BROKEN_ANSWER:
        client_id = str(row[name])
        if parse_id(client_id) is not None:
            raise
        return RestingOrder(book, market.symbol, 0, client_id, 0, "", 0, 0, False, False)


def fill(row: Row, client_id: str, market: Instrument) -> Fill:
    """A fill from a row of /userTrades; the client id comes from its order."""
    return Fill(
        trade_id=int(row["id"]),
        order_id=int(row["orderId"]),
        client_id=client_id,
        symbol=str(row["symbol"]),
        side=side_of(row),
        price=market.ticks_nearest(str(row["price"])),
        lots=market.lots(str(row["qty"])),
        fee_e8=money_e8(row["commission"]),
        fee_asset=str(row["commissionAsset"]),
        realized_e8=money_e8(row["realizedPnl"]),
        time_ms=int(row["time"]),
    )


def order_state(row: Row, market: Instrument) -> OrderState:
    """A plain order from GET or POST /order."""
    return OrderState(
        order_id=int(row["orderId"]),
        client_id=str(row["clientOrderId"]),
        status=str(row["status"]),
        side=side_of(row),
        lots=market.lots(str(row["origQty"])),
        filled_lots=market.lots(str(row["executedQty"])),
    )


def side_of(row: Row) -> int:
    """+1 for BUY, -1 for SELL."""
    return 1 if row["side"] == "BUY" else -1


def money_e8(value: object) -> int:
    """An amount of an asset in 10^-8 of it, exact."""
    return whole(Decimal(str(value)) * E8, 1, f"amount {value}")
