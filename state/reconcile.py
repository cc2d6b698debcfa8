"""Notes + what the exchange says = what is true. PURE.

The exchange is right about positions, orders and fills; the notes are right about intent: which
level the stop belongs at, whether a close was decided. A position is ours when an order with our
prefix opened it; any other is foreign and is never touched.
"""

from collections.abc import Sequence
from enum import Enum
from typing import NamedTuple

import msgspec

from exchange.ids import is_close, parse_id
from exchange.views import Fill, Position, RestingOrder
from state.ledger import TradeLedger, open_trade, walk
from state.model import Intent, SymbolNotes, Trade
from state.protection import moved_stop, ours, repairs
from strategy.instrument import Instrument
from strategy.parameters import Parameters
from strategy.protection import stop_level, target_level

DAY_MS = 24 * 3_600_000
#: How far back the fills are searched for what opened a position that the notes do not know.
ADOPT_LOOK_BACK_MS = 7 * DAY_MS


class Standing(Enum):
    """Whose position it is."""

    FLAT = "flat"
    OURS = "ours"
    FOREIGN = "foreign"
    #: The position has changed but its fills are not visible yet: nothing may be opened.
    LAGGING = "lagging"


class Truth(NamedTuple):
    """What is true of one symbol: its notes set right, and the trades that have ended since."""

    notes: SymbolNotes
    standing: Standing
    ended: tuple[TradeLedger, ...] = ()
    over: frozenset[int] = frozenset()  # signal candles of trades that the fills show as ended


def fills_needed_since(
    notes: SymbolNotes,
    parameters: Parameters,
    position: Position | None,
    resting: Sequence[RestingOrder],
    symbol: str,
    now_ms: int,
) -> int | None:
    """From when on the fills must be read to know what is true; None when the notes suffice."""
    starts = []
    trade = notes.trade
    if trade is not None and not agrees(trade, symbol, position, resting):
        starts.append(trade.signal_ms)  # every fill of the trade is later, whatever was noted
    if notes.intent is not None:
        starts.append(notes.intent.timestamp_ms - notes.intent.recv_window_ms)
    if not notes.looked_back:
        cooldown_ms = (parameters.cooldown_bars + 1) * parameters.interval_ms
        starts.append(now_ms - cooldown_ms - ADOPT_LOOK_BACK_MS)
    if trade is None and position is not None:
        signals = [parsed.signal_ms for order in resting if (parsed := parse_id(order.client_id))]
        starts.append(min([now_ms - ADOPT_LOOK_BACK_MS, *signals]))
    return min(starts) if starts else None


def agrees(
    trade: Trade, symbol: str, position: Position | None, resting: Sequence[RestingOrder]
) -> bool:
    """Is the position the noted trade's, and its stop and target where they belong?"""
    if position is None or position.side != trade.side or position.lots < trade.lots:
        return False
    missing = repairs(trade, symbol, resting)
    return not (missing.place_stop or missing.place_target)


def reconcile(
    notes: SymbolNotes,
    parameters: Parameters,
    market: Instrument,
    position: Position | None,
    resting: Sequence[RestingOrder],
    fills: Sequence[Fill] | None,
) -> Truth:
    """What is true of one symbol.

    `fills` is None when `fills_needed_since` asked for none, else all of them since then.
    """
    if fills is None:
        return Truth(notes, Standing.FLAT if position is None else Standing.OURS)
    trades = walk(fills)
    truth = _standing(notes, parameters, market, position, resting, fills, trades)
    ended = tuple(trade for trade in trades if trade.ended_ms > notes.ended_ms)
    over = frozenset(trade.signal_ms for trade in trades if trade.ended_ms)
    return truth._replace(ended=ended, over=over)


def _standing(
    notes: SymbolNotes,
    parameters: Parameters,
    market: Instrument,
    position: Position | None,
    resting: Sequence[RestingOrder],
    fills: Sequence[Fill],
    trades: Sequence[TradeLedger],
) -> Truth:
    running = open_trade(trades)
    known = msgspec.structs.replace(
        notes, looked_back=True, ended_ms=_newest_end(notes, fills, trades)
    )
    if position is None:
        return _without_position(known, trades, running)
    if running is not None and running.side == position.side:
        adopted = _trade_of(running, notes.trade, parameters, position, resting)
        return Truth(msgspec.structs.replace(known, trade=adopted), Standing.OURS)
    if notes.trade is not None and not _seen(notes.trade, trades):
        return Truth(known, Standing.OURS)  # its fills are not visible yet: protect as noted
    if notes.intent is not None and notes.intent.side == position.side:
        arrived = trade_from_position(notes.intent, position, market, parameters)
        return Truth(msgspec.structs.replace(known, trade=arrived), Standing.OURS)
    return Truth(msgspec.structs.replace(known, trade=None), Standing.FOREIGN)


def _newest_end(notes: SymbolNotes, fills: Sequence[Fill], trades: Sequence[TradeLedger]) -> int:
    """When the last trade ended. Searching back, a close counts even when its entry lies before
    what was read: the cooldown may come out longer then, never shorter.
    """
    ends = [notes.ended_ms, *(trade.ended_ms for trade in trades)]
    if not notes.looked_back:
        ends += [fill.time_ms for fill in fills if is_close(fill.client_id)]
    return max(ends)


def _without_position(
    known: SymbolNotes,
    trades: Sequence[TradeLedger],
    running: TradeLedger | None,
) -> Truth:
    unseen = known.trade is not None and not _seen(known.trade, trades)
    if running is not None or unseen:
        return Truth(known, Standing.LAGGING)
    return Truth(msgspec.structs.replace(known, trade=None), Standing.FLAT)


def _seen(trade: Trade, trades: Sequence[TradeLedger]) -> bool:
    return any(found.signal_ms == trade.signal_ms for found in trades)


def _trade_of(
    running: TradeLedger,
    noted: Trade | None,
    parameters: Parameters,
    position: Position,
    resting: Sequence[RestingOrder],
) -> Trade:
    """The open trade: the noted one with its quantity set right, or rebuilt from its fills."""
    lots = min(running.open_lots, position.lots)
    if noted is not None and noted.signal_ms == running.signal_ms:
        return msgspec.structs.replace(noted, lots=lots)
    rebuilt = trade_from(running, parameters)
    rebuilt = msgspec.structs.replace(rebuilt, lots=lots)
    own = ours(resting, running.symbol)
    moved = moved_stop(running.signal_ms, own)
    if moved is not None:
        rebuilt = msgspec.structs.replace(rebuilt, stop=moved.trigger, stop_moved=True)
    return msgspec.structs.replace(rebuilt, attempts=_attempts_used(own))


def trade_from(ledger: TradeLedger, parameters: Parameters) -> Trade:
    """The notes of a trade from its fills: levels from the average entry fill."""
    quote, lots = ledger.entry_quote, ledger.entry_lots
    return Trade(
        side=ledger.side,
        signal_ms=ledger.signal_ms,
        first_fill_ms=ledger.first_fill_ms,
        entry_quote=quote,
        entry_lots=lots,
        lots=ledger.open_lots,
        stop=stop_level(ledger.side, quote, lots, parameters.stop_loss_ppm),
        target=target_level(ledger.side, quote, lots, parameters.profit_target_ppm),
    )


def trade_from_position(
    intent: Intent, position: Position, market: Instrument, parameters: Parameters
) -> Trade:
    """The notes of an entry whose fills cannot be read yet: from the position's own price."""
    quote = market.quote_nearest(position.entry_price, position.lots)
    return Trade(
        side=position.side,
        signal_ms=intent.signal_ms,
        first_fill_ms=intent.timestamp_ms,
        entry_quote=quote,
        entry_lots=position.lots,
        lots=position.lots,
        stop=stop_level(position.side, quote, position.lots, parameters.stop_loss_ppm),
        target=target_level(position.side, quote, position.lots, parameters.profit_target_ppm),
    )


def _attempts_used(own: Sequence[RestingOrder]) -> int:
    """One more than the highest attempt among our open orders, so that new ids differ."""
    used = [parsed.attempt for order in own if (parsed := parse_id(order.client_id))]
    return max(used) + 1 if used else 0
