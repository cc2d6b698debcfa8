"""Fills, orders, positions and notes for the tests of this room, with the least said each time.

One symbol, one signal candle, a long of 10 lots at 1000 ticks unless a test says otherwise.
"""

from collections.abc import Sequence
from decimal import Decimal

import msgspec

from exchange.ids import ENTRY, STOP, TARGET, client_id
from exchange.views import (
    CONDITIONAL,
    STOP_MARKET,
    TAKE_PROFIT_MARKET,
    Fill,
    Position,
    RestingOrder,
)
from state.model import Intent, Notes, RunNote, SymbolNotes, Trade
from state.reconcile import EntryWord
from strategy.instrument import instrument
from strategy.parameters import parse

SYMBOL = "BTCUSDT"
INTERVAL_MS = 300_000
SIGNAL_MS = 1_750_000_200_000
#: The entry leaves at the close of the signal candle.
ENTRY_MS = SIGNAL_MS + INTERVAL_MS
MARKET = instrument(
    SYMBOL, tick="0.1", step="0.001", min_quantity="0.001", market_max="120", min_notional="5"
)
PARAMETERS = parse({"stop_loss_perc": 1, "profit_target_perc": 2, "breakeven_offset_perc": "0.1"})
STRANGER = "web_hand"
LIQUIDATION = "autoclose-1750000000000"


def order_id(leg: str, attempt: int = 0, signal_ms: int = SIGNAL_MS) -> str:
    return client_id(SYMBOL, signal_ms, leg, attempt)


#: (leg of ours, or the client id of others), side, price, lots
Row = tuple[str, int, int, int]


def tape(*rows: Row, start_ms: int = ENTRY_MS, signal_ms: int = SIGNAL_MS) -> list[Fill]:
    """Fills one second apart, each for 100 x lots of fee and 7 x lots realised."""
    return [
        Fill(
            trade_id=number,
            order_id=number,
            client_id=order_id(who, signal_ms=signal_ms) if len(who) == 2 else who,
            symbol=SYMBOL,
            side=side,
            price=price,
            lots=lots,
            fee_e8=100 * lots,
            fee_asset="USDT",
            realized_e8=7 * lots,
            time_ms=start_ms + 1000 * number,
        )
        for number, (who, side, price, lots) in enumerate(rows)
    ]


def a_trade(**changes: object) -> Trade:
    """A long of 10 at 1000: stop 990, target 1020."""
    trade = Trade(
        side=1,
        signal_ms=SIGNAL_MS,
        first_fill_ms=ENTRY_MS,
        entry_quote=10_000,
        entry_lots=10,
        lots=10,
        stop=990,
        target=1020,
    )
    return msgspec.structs.replace(trade, **changes)


def a_short(**changes: object) -> Trade:
    """A short of 10 at 1000: stop 1010, target 980."""
    return msgspec.structs.replace(a_trade(side=-1, stop=1010, target=980), **changes)


def an_intent(**changes: object) -> Intent:
    intent = Intent(
        client_id=order_id(ENTRY),
        signal_ms=SIGNAL_MS,
        side=1,
        lots=10,
        close=1000,
        timestamp_ms=ENTRY_MS + 500,
        recv_window_ms=5000,
    )
    return msgspec.structs.replace(intent, **changes)


def some_notes(**changes: object) -> SymbolNotes:
    """Notes of a symbol that was looked back for already."""
    return msgspec.structs.replace(SymbolNotes(looked_back=True), **changes)


def whole_notes(**changes: object) -> Notes:
    notes = Notes(
        venue="embedded",
        account="main",
        books_checked_ms=ENTRY_MS,
        symbols={SYMBOL: some_notes(trade=a_trade(), intent=an_intent())},
        last_runs=[RunNote(ENTRY_MS, "r1", True, "done")],
    )
    return msgspec.structs.replace(notes, **changes)


def held(lots: int = 10, side: int = 1, price: str = "100.0") -> Position:
    return Position(SYMBOL, side, lots, Decimal(price))


def resting(leg: str, trade: Trade, **changes: object) -> RestingOrder:
    """The order of this leg as the trade needs it, or with something about it changed."""
    order = RestingOrder(
        book=CONDITIONAL,
        symbol=SYMBOL,
        order_id=1,
        client_id=order_id(leg, signal_ms=trade.signal_ms),
        side=-trade.side,
        kind=TAKE_PROFIT_MARKET if leg == TARGET else STOP_MARKET,
        lots=trade.lots,
        trigger=trade.target if leg == TARGET else trade.stop,
        reduce_only=True,
        by_last_price=True,
    )
    return order._replace(**changes)  # type: ignore[arg-type]


def protected(trade: Trade) -> Sequence[RestingOrder]:
    """Both orders of a trade, where they belong."""
    return [resting(STOP, trade), resting(TARGET, trade)]


#: The whole entry, and its whole end by the stop.
IN: Row = (ENTRY, 1, 1000, 10)
OUT: Row = (STOP, -1, 990, 10)
#: Notes of the trade alone, and of its entry alone.
NOTED = some_notes(trade=a_trade())
PLANNED = some_notes(intent=an_intent())
#: The exchange's word that an entry never was.
NEVER = EntryWord(0, done=True)
