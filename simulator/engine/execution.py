"""Carrying an order out: the taker's price, the booking, and what ends with a position."""

from simulator.engine import fills, ledger
from simulator.engine.core import Core
from simulator.engine.model import Order, Position


def take(core: Core, order: Order, ticks: int, time_ms: int) -> None:
    """Fill the whole order as a taker at the standing price `ticks`, moved against it; never
    beyond its own limit.
    """
    lots = order.lots
    part = core.mischief.next_fill_lots(lots) if order.type == "MARKET" else lots
    order.lots = part
    if part:
        _take(core, order, ticks, time_ms)
    if part < lots:  # a thin book: what found nobody is given up
        order.lots = lots
        order.status = "EXPIRED"
        order.updated_ms = time_ms


def _take(core: Core, order: Order, ticks: int, time_ms: int) -> None:
    price = fills.slipped(order.side, ticks, core.costs.slippage_ppm)
    if order.price_ticks:
        price = order.side * min(order.side * price, order.side * order.price_ticks)
    _fill(core, order, ledger.Execution(price, time_ms, ticks, maker=False))


def make(core: Core, order: Order, time_ms: int) -> None:
    """Fill a resting limit order at its own price."""
    price = order.price_ticks
    _fill(core, order, ledger.Execution(price, time_ms, price, maker=True))


def _fill(core: Core, order: Order, how: ledger.Execution) -> None:
    ledger.book_fill(core, order, how)
    order.status = "FILLED"
    expire_gone(core, order.symbol, how.time_ms)


def liquidate(core: Core, position: Position, time_ms: int) -> None:
    """The venue closes the position."""
    ledger.book_liquidation(core, position, time_ms)
    expire_gone(core, position.symbol, time_ms)


def expire_gone(core: Core, symbol: str, time_ms: int) -> None:
    """End conditional orders that live with a position (closePosition, GTE_GTC) and whose
    position is gone. Plain reduce-only ones stay, as on Binance.
    """
    position = core.books.positions.get(symbol)
    for algo in list(core.books.algos):
        bound = algo.close_position or algo.time_in_force == "GTE_GTC"
        if algo.symbol != symbol or not bound:
            continue
        if position is None or position.side == algo.side:
            algo.status = "EXPIRED"
            algo.updated_ms = time_ms
            algo.reason = "position closed"
            core.algos.end(algo)
            core.changed()
