"""Notes + what the exchange says = what is true. PURE.

The exchange is right about positions, orders and fills; the notes are right about intent: which
level the stop belongs at, whether a close was decided. A position is ours when an order with our
prefix opened it; any other is foreign and is never touched.

Three questions in turn: do the fills have to be read (`fills_needed_since`), does an entry order
have to be looked up (`entry_in_doubt`), and then: what is true (`reconcile`).
"""

from collections.abc import Sequence
from enum import Enum
from typing import NamedTuple

import msgspec

from exchange.ids import ENTRY, client_id, is_close, parse_id
from exchange.views import Fill, Position, RestingOrder
from state.adopting import refreshed, trade_from, trade_from_position
from state.ledger import TradeLedger, open_trade, walk
from state.model import Intent, SymbolNotes, Trade
from state.owning import Owner, newest_rival_ms, of_rival
from state.protection import ours, repairs
from strategy.instrument import Instrument
from strategy.parameters import Parameters
from strategy.units import DAY_MS, E8

#: How far back the fills are searched for what opened a position that the notes do not know.
ADOPT_LOOK_BACK_MS = 7 * DAY_MS
#: An order of ours that rests makes the search go back to its candle, but not further than this:
#: the exchange forgets orders after 90 days, and whose a fill was with them.
LOOK_BACK_MAX_MS = 85 * DAY_MS
NOBODY_ELSE = Owner()


class Standing(Enum):
    """Whose position it is."""

    FLAT = "flat"
    OURS = "ours"
    FOREIGN = "foreign"
    #: The position has changed but its fills are not visible yet: nothing may be opened.
    LAGGING = "lagging"


class EntryWord(NamedTuple):
    """What the exchange says of an entry order: lots it has filled, and whether it is done."""

    lots: int
    done: bool


class Seen(NamedTuple):
    """What the exchange shows of one symbol. `fills` None: not asked for.

    `shown_before_ms`: an entry for a signal candle before this would be among the fills by now.
    `unseen_exit_lots`: so much of the open trade our orders have closed, though no fill shows it.
    """

    position: Position | None
    resting: Sequence[RestingOrder]
    fills: Sequence[Fill] | None = None
    entry: EntryWord | None = None  # None: not asked for, or not to be known yet
    shown_before_ms: int = 0
    unseen_exit_lots: int = 0


class Truth(NamedTuple):
    """What is true of one symbol: its notes set right, and the trades that have ended since.

    `over`: signal candles of trades that the fills show as ended, or that never were: a position
    that seemed to be an entry's and is a stranger's may have been given a stop.
    """

    notes: SymbolNotes
    standing: Standing
    ended: tuple[TradeLedger, ...] = ()
    over: frozenset[int] = frozenset()
    running: TradeLedger | None = None  # the open trade, as far as the fills show it


def fills_needed_since(
    notes: SymbolNotes,
    parameters: Parameters,
    market: Instrument,
    seen: Seen,
    now_ms: int,
) -> int | None:
    """From when on the fills must be read to know what is true; None when the notes suffice."""
    starts = []
    trade = notes.trade
    if trade is not None and not agrees(trade, market, seen):
        starts.append(trade.signal_ms)  # every fill of the trade is later, whatever was noted
    if notes.intent is not None:
        starts.append(notes.intent.timestamp_ms - notes.intent.recv_window_ms)
    if not notes.looked_back:
        cooldown_ms = (parameters.cooldown_bars + 1) * parameters.interval_ms
        starts.append(now_ms - cooldown_ms - ADOPT_LOOK_BACK_MS)
    unexplained = trade is None and seen.position is not None
    if unexplained:
        starts.append(now_ms - ADOPT_LOOK_BACK_MS)
    if unexplained or not notes.looked_back:
        oldest_ms = now_ms - LOOK_BACK_MAX_MS
        starts += [max(signal_ms, oldest_ms) for signal_ms in _signals(market.symbol, seen)]
    return min(starts) if starts else None


def _signals(symbol: str, seen: Seen) -> set[int]:
    """Signal candles of the orders of ours that rest."""
    parsed = [parse_id(order.client_id) for order in ours(seen.resting, symbol)]
    return {each.signal_ms for each in parsed if each}


def agrees(trade: Trade, market: Instrument, seen: Seen) -> bool:
    """Is the position exactly the noted trade's, and its stop and target where they belong?

    A close that was decided may have been executed: then only the fills can tell.
    """
    position = seen.position
    if position is None or trade.exit_leg:
        return False
    if (position.side, position.lots) != (trade.side, trade.lots):
        return False
    if not entered_at(trade, market, position):
        return False
    missing = repairs(trade, market.symbol, seen.resting)
    return not (missing.place_stop or missing.place_target)


def entered_at(trade: Trade | TradeLedger, market: Instrument, position: Position) -> bool:
    """Is the position's price the trade's? A tick or more beside it is another position."""
    quote = position.entry_price * E8 / market.tick_e8 * trade.entry_lots
    return abs(quote - trade.entry_quote) < trade.entry_lots


def exit_in_doubt(notes: SymbolNotes, market: Instrument, seen: Seen) -> TradeLedger | None:
    """The open trade of which our orders may have closed more than the fills show: the position is
    not what they make of it. It may be a stranger's by now.
    """
    running, position = open_trade(walk(seen.fills or ())), seen.position
    if running is None or position is None or running.side != position.side:
        return None
    closing = notes.trade is not None and notes.trade.exit_leg != ""
    same = position.lots == running.open_lots and entered_at(running, market, position)
    return running if closing or not same else None


def entry_in_doubt(notes: SymbolNotes, symbol: str, seen: Seen) -> tuple[str, int] | None:
    """The entry order that must be looked up (its id, and when it was sent at the earliest)."""
    if seen.fills is None:
        return None
    trades = walk(seen.fills)
    if notes.intent is not None and _filled(notes.intent.client_id, seen) < notes.intent.lots:
        return notes.intent.client_id, notes.intent.timestamp_ms
    if notes.trade is not None and not _known(notes.trade, trades):
        trade = notes.trade
        return client_id(symbol, trade.signal_ms, ENTRY, trade.entry_tag), trade.first_fill_ms
    running, position = open_trade(trades), seen.position
    if running is not None and position is not None and position.lots > running.open_lots:
        return running.entries[0].client_id, running.first_fill_ms
    return None


def reconcile(
    notes: SymbolNotes,
    parameters: Parameters,
    market: Instrument,
    seen: Seen,
    owner: Owner = NOBODY_ELSE,
) -> Truth:
    """What is true of one symbol. A trade of another deployment of this job is foreign."""
    if seen.fills is None:
        return Truth(notes, Standing.FLAT if seen.position is None else Standing.OURS)
    trades = walk(seen.fills)
    known = msgspec.structs.replace(
        notes,
        ended_ms=_newest_end(notes, seen, trades),
        rival_ms=max(notes.rival_ms, newest_rival_ms(seen.fills, owner)),
    )
    if notes.intent is not None and _settled(notes.intent, seen):
        known = msgspec.structs.replace(known, intent=None)
    running = open_trade(trades)
    if seen.position is None:
        standing, trade = _without_position(notes.trade, trades, seen)
    elif running is not None and of_rival(running, owner):
        standing, trade = Standing.FOREIGN, None
    else:
        standing, trade = _with_position(notes, trades, parameters, market, seen)
    own = [found for found in trades if not of_rival(found, owner)]
    ended = {found.signal_ms for found in own if found.ended_ms}
    again = _end_unseen(notes.trade, trade, own, seen) or _unseen(notes, market, seen, trades)
    return Truth(
        msgspec.structs.replace(known, trade=trade, looked_back=not again),
        standing,
        ended=tuple(found for found in own if found.ended_ms > notes.ended_ms),
        over=frozenset(ended | _never_were(notes, market.symbol, seen, trades)),
        running=running if standing is Standing.OURS else None,
    )


def _end_unseen(
    noted: Trade | None, trade: Trade | None, trades: Sequence[TradeLedger], seen: Seen
) -> bool:
    """Is a trade given up, or cut down to the position, though no fill shows it? Then the fills
    must be read again: its end has a cooldown and belongs into the journal, and what is left may be
    a stranger's, though it agrees with the notes now.
    """
    if trade is not None:
        return noted is not None and trade.lots < noted.lots and not _known(trade, trades)
    if open_trade(trades) is not None:
        return True
    return noted is not None and not _ended(noted.signal_ms, trades) and not _never_filled(seen)


def _unseen(
    notes: SymbolNotes, market: Instrument, seen: Seen, trades: Sequence[TradeLedger]
) -> bool:
    """With nothing noted: does an order of ours rest whose entry is too young to be visible yet?
    Its trade may have ended by the next look, with a cooldown, and must still be booked.
    """
    if notes.trade is not None or notes.intent is not None:
        return False
    entered = {found.signal_ms for found in trades}
    signals = _signals(market.symbol, seen) - entered
    return any(signal_ms >= seen.shown_before_ms for signal_ms in signals)


def _never_were(
    notes: SymbolNotes, symbol: str, seen: Seen, trades: Sequence[TradeLedger]
) -> set[int]:
    """Signal candles for which nothing was ever entered, though orders of ours may rest for them.

    What was written down and looked up in vain; and with nothing noted (then the fills are read
    as far back as any order of ours that rests) whatever is too old for its entry to be unseen.
    """
    entered = {found.signal_ms for found in trades}
    if notes.intent is not None:
        return {notes.intent.signal_ms} - entered if _never_filled(seen) else set()
    if notes.trade is not None or seen.position is None:
        return set()
    shown = range(seen.shown_before_ms - LOOK_BACK_MAX_MS, seen.shown_before_ms)
    return {signal_ms for signal_ms in _signals(symbol, seen) if signal_ms in shown} - entered


def _without_position(
    noted: Trade | None, trades: Sequence[TradeLedger], seen: Seen
) -> tuple[Standing, Trade | None]:
    if open_trade(trades) is not None:
        return Standing.LAGGING, noted  # its closing fills are not visible yet
    if noted is not None and not _known(noted, trades) and not _never_filled(seen):
        return Standing.LAGGING, noted  # not even its entry is visible yet
    return Standing.FLAT, None


def _with_position(
    notes: SymbolNotes,
    trades: Sequence[TradeLedger],
    parameters: Parameters,
    market: Instrument,
    seen: Seen,
) -> tuple[Standing, Trade | None]:
    position, running, noted, intent = seen.position, open_trade(trades), notes.trade, notes.intent
    assert position is not None
    if running is not None and running.side == position.side:
        return _with_its_trade(running, noted, parameters, seen, position)
    if noted is None or noted.side != position.side or _known(noted, trades):
        noted = None  # this is another position
    if _never_filled(seen):
        # a trade without an intent was read from its fills: it was, whatever is shown now (the
        # exchange forgets fills and orders after 90 days)
        if noted is None or intent is not None:
            return Standing.FOREIGN, None
        if not entered_at(noted, market, position):
            return Standing.LAGGING, noted
    if noted is not None:
        # its fills are not visible yet: it is protected as noted
        lots = min(noted.lots, position.lots)
        return Standing.OURS, msgspec.structs.replace(noted, lots=lots)
    if intent is not None and intent.side == position.side and not _ended(intent.signal_ms, trades):
        most = seen.entry.lots if seen.entry else intent.lots
        capped = position._replace(lots=min(position.lots, most))
        return Standing.OURS, trade_from_position(intent, capped, market, parameters)
    return Standing.FOREIGN, None


def _with_its_trade(
    running: TradeLedger,
    noted: Trade | None,
    parameters: Parameters,
    seen: Seen,
    position: Position,
) -> tuple[Standing, Trade | None]:
    unseen_lots = max(0, seen.entry.lots - running.entry_lots) if seen.entry else 0
    lots = min(running.open_lots + unseen_lots - seen.unseen_exit_lots, position.lots)
    if lots <= 0:
        return Standing.LAGGING, noted  # ours is closed: what is held is somebody else's
    if noted is None or noted.signal_ms != running.signal_ms:
        return Standing.OURS, trade_from(running, parameters, seen.resting, lots)
    return Standing.OURS, refreshed(noted, running, parameters, lots)


def _never_filled(seen: Seen) -> bool:
    return seen.entry is not None and seen.entry.done and seen.entry.lots == 0


def _settled(intent: Intent, seen: Seen) -> bool:
    """Is everything known of an entry: it is done, and all that it filled is visible?"""
    filled = _filled(intent.client_id, seen)
    if filled >= intent.lots:
        return True
    return seen.entry is not None and seen.entry.done and filled >= seen.entry.lots


def _filled(entry_id: str, seen: Seen) -> int:
    return sum(fill.lots for fill in seen.fills or () if fill.client_id == entry_id)


def _known(trade: Trade, trades: Sequence[TradeLedger]) -> bool:
    return any(found.signal_ms == trade.signal_ms for found in trades)


def _ended(signal_ms: int, trades: Sequence[TradeLedger]) -> bool:
    return any(found.signal_ms == signal_ms and found.ended_ms for found in trades)


def _newest_end(notes: SymbolNotes, seen: Seen, trades: Sequence[TradeLedger]) -> int:
    """When the last trade ended. Searching back, or when the noted trade's entry is forgotten, a
    close counts even when its entry lies before what was read: the cooldown may come out longer
    then, never shorter.
    """
    ends = [notes.ended_ms, *(trade.ended_ms for trade in trades)]
    noted = notes.trade
    forgotten = noted is not None and not _known(noted, trades) and _never_filled(seen)
    if forgotten or not notes.looked_back:
        ends += [fill.time_ms for fill in seen.fills or () if is_close(fill.client_id)]
    return max(ends)
