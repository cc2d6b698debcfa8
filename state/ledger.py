"""Trades as the exchange's fills tell them. PURE: the one way from fills to trades.

Ours are the fills of orders whose client id carries our prefix. Strangers' fills on the same
symbol are followed too, so that a hand-made enlargement stays theirs and a hand-made close ends
our trade as `manual`. So does an entry against it: only another deployment sends one.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from exchange.ids import ENTRY, REASONS, is_liquidation, parse_id
from exchange.views import Fill

LIQUIDATED = "liquidated"
MANUAL = "manual"


class Share(NamedTuple):
    """The part of a fill that belongs to a trade: all of it, but for mixed hand-made closes."""

    fill: Fill
    lots: int

    @property
    def fee_e8(self) -> int:
        """This share's part of the fee."""
        return _part(self.fill.fee_e8, self.lots, self.fill.lots)

    @property
    def realized_e8(self) -> int:
        """This share's part of the exchange's own realised profit."""
        return _part(self.fill.realized_e8, self.lots, self.fill.lots)


@dataclass(slots=True)
class TradeLedger:
    """One trade: its fills, what is still open, and how it ended (`reason` empty while open)."""

    symbol: str
    side: int
    signal_ms: int
    entries: list[Fill] = field(default_factory=list)
    exits: list[Share] = field(default_factory=list)
    open_lots: int = 0
    reason: str = ""

    @property
    def entry_lots(self) -> int:
        """Lots entered."""
        return sum(fill.lots for fill in self.entries)

    @property
    def entry_quote(self) -> int:
        """Sum of ticks x lots over the entry's fills."""
        return sum(fill.price * fill.lots for fill in self.entries)

    @property
    def exit_quote(self) -> int:
        """Sum of ticks x lots over the closing fills."""
        return sum(share.fill.price * share.lots for share in self.exits)

    @property
    def first_fill_ms(self) -> int:
        """When the position was opened."""
        return self.entries[0].time_ms

    @property
    def ended_ms(self) -> int:
        """When the last closing fill happened; 0 while the trade is open."""
        return self.exits[-1].fill.time_ms if self.exits and self.open_lots == 0 else 0

    def fees_e8(self) -> dict[str, int]:
        """Fees of both ends by asset, in 10^-8 of it; below 0 where the exchange paid."""
        fees: dict[str, int] = {}
        for fill in self.entries:
            fees[fill.fee_asset] = fees.get(fill.fee_asset, 0) + fill.fee_e8
        for share in self.exits:
            fees[share.fill.fee_asset] = fees.get(share.fill.fee_asset, 0) + share.fee_e8
        return fees

    def gross_e8(self, unit_e8: int) -> int:
        """Profit by price alone, 10^-8 USDT; `unit_e8` is the worth of one tick on one lot.

        A liquidation loses what the exchange booked: the margin.
        """
        if self.reason == LIQUIDATED:
            return sum(share.realized_e8 for share in self.exits)
        return self.side * (self.exit_quote - self.entry_quote) * unit_e8


def walk(fills: Iterable[Fill]) -> list[TradeLedger]:
    """All trades that begin in these fills (one symbol's, oldest first), the last maybe open."""
    trades: list[TradeLedger] = []
    strangers = 0  # lots that others hold on top of ours, on our side
    for fill in sorted(fills, key=lambda fill: (fill.time_ms, fill.trade_id)):
        trade = trades[-1] if trades and trades[-1].open_lots else None
        own = parse_id(fill.client_id)
        if own is not None and own.leg == ENTRY and (trade is None or fill.side == trade.side):
            if trade is None:
                trade = TradeLedger(fill.symbol, fill.side, own.signal_ms)
                trades.append(trade)
                strangers = 0
            trade.entries.append(fill)
            trade.open_lots += fill.lots
        elif trade is not None and fill.side == trade.side:
            strangers += fill.lots
        elif trade is not None:
            theirs = 0 if own or is_liquidation(fill.client_id) else min(strangers, fill.lots)
            strangers -= theirs
            _close(trade, fill, min(fill.lots - theirs, trade.open_lots))
    return trades


def _close(trade: TradeLedger, fill: Fill, lots: int) -> None:
    if lots <= 0:
        return
    trade.exits.append(Share(fill, lots))
    trade.open_lots -= lots
    if trade.open_lots == 0:
        trade.reason = closing_reason(fill.client_id)


def closing_reason(client_id: str) -> str:
    """Why a trade ended, by the id of the order that closed it."""
    if is_liquidation(client_id):
        return LIQUIDATED
    own = parse_id(client_id)
    return REASONS.get(own.leg, MANUAL) if own else MANUAL


def open_trade(trades: Sequence[TradeLedger]) -> TradeLedger | None:
    """The trade that is still open after a walk."""
    return trades[-1] if trades and trades[-1].open_lots else None


def _part(amount: int, lots: int, of_lots: int) -> int:
    """amount x lots / of_lots, half to even; all of it when the fill is whole."""
    whole, rest = divmod(amount * lots, of_lots)
    doubled = 2 * rest
    return whole + (doubled > of_lots or (doubled == of_lots and whole % 2 == 1))
