"""What must rest on the exchange for a trade, and what must not. PURE.

Repairs follow from what is true now, never from an event: one stop of ours for the whole
quantity at the recorded level or tighter, one target, and nothing else of ours.
"""

from collections.abc import Sequence
from typing import NamedTuple

from exchange.ids import MOVED_STOP, parse_id
from exchange.views import CONDITIONAL, STOP_MARKET, TAKE_PROFIT_MARKET, RestingOrder
from state.model import Trade
from strategy.protection import tighter


class Repairs(NamedTuple):
    """What is missing, and which orders of ours are too many once nothing is missing any more."""

    place_stop: bool
    place_target: bool
    surplus: tuple[RestingOrder, ...]

    @property
    def needed(self) -> bool:
        """Is anything to be done?"""
        return self.place_stop or self.place_target or bool(self.surplus)


def ours(resting: Sequence[RestingOrder], symbol: str) -> list[RestingOrder]:
    """The orders of a symbol that carry our prefix."""
    found = []
    for order in resting:
        own = parse_id(order.client_id)
        if own is not None and order.symbol == symbol and own.symbol == symbol:
            found.append(order)
    return found


def repairs(trade: Trade, symbol: str, resting: Sequence[RestingOrder]) -> Repairs:
    """Compare what rests with what the trade needs."""
    own = ours(resting, symbol)
    stop = tightest_stop(trade, own)
    target = next((order for order in own if is_target(trade, order)), None)
    surplus = tuple(order for order in own if order is not stop and order is not target)
    return Repairs(stop is None, target is None, surplus)


def tightest_stop(trade: Trade, own: Sequence[RestingOrder]) -> RestingOrder | None:
    """The stop of ours that protects the whole trade best, None when none does."""
    best: RestingOrder | None = None
    for order in own:
        if is_stop(trade, order) and (
            best is None or tighter(trade.side, order.trigger, best.trigger)
        ):
            best = order
    return best


def is_stop(trade: Trade, order: RestingOrder, *, any_level: bool = False) -> bool:
    """Is this a valid stop for the whole trade, at the recorded level or tighter?"""
    if not _belongs(trade, order, STOP_MARKET):
        return False
    return any_level or not tighter(trade.side, trade.stop, order.trigger)


def is_target(trade: Trade, order: RestingOrder) -> bool:
    """Is this the trade's target, whole and at its level?"""
    return _belongs(trade, order, TAKE_PROFIT_MARKET) and order.trigger == trade.target


def moved_stop(signal_ms: int, own: Sequence[RestingOrder]) -> RestingOrder | None:
    """A resting break-even stop of the trade of this signal candle."""
    for order in own:
        parsed = parse_id(order.client_id)
        if parsed and parsed.leg == MOVED_STOP and parsed.signal_ms == signal_ms:
            return order
    return None


def _belongs(trade: Trade, order: RestingOrder, kind: str) -> bool:
    parsed = parse_id(order.client_id)
    return (
        order.book == CONDITIONAL
        and order.kind == kind
        and order.side == -trade.side
        and order.reduce_only
        and order.by_last_price
        and order.lots == trade.lots
        and parsed is not None
        and parsed.signal_ms == trade.signal_ms
    )
