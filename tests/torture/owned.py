"""Our trades as the exchange's fills tell them: where their levels may lie, when they were naked.

Believes nothing the job says; must not import the job's rules.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from tests.torture.facts import PREFIX, Facts, Hit, Resting

MILLION = 1_000_000


class Terms(NamedTuple):
    """What was agreed for one symbol: whole units as in docs/invariants.md."""

    interval_ms: int
    stop_ppm: int
    target_ppm: int
    offset_ppm: int
    cooldown_bars: int
    risk_ppm: int
    exposure_permille: int
    unit_e8: int
    market_max_lots: int
    closes: Mapping[int, int]  # by the candle's open time


@dataclass
class Owned:
    """One trade of ours, as the exchange's fills tell it."""

    symbol: str
    side: int
    signal_ms: int
    began_ms: int
    quote: int = 0
    entry_lots: int = 0
    open_lots: int = 0
    ended_ms: int = 0
    path: list[tuple[int, int]] = field(default_factory=list)  # (time, lots open from then on)


def leg_of(client_id: str) -> tuple[int, str] | None:
    """(signal candle in ms, leg) of an id of ours; None for a stranger's."""
    parts = client_id.split("-")
    if not client_id.startswith(PREFIX) or len(parts) != 4 or not parts[2].isdigit():
        return None
    return int(parts[2]) * 60_000, parts[3][:2]


def trades_of(hits: Sequence[Hit], symbol: str) -> list[Owned]:
    """Our trades on a symbol. What a stranger adds is his, and he takes his own back first."""
    trades: list[Owned] = []
    theirs = 0
    for hit in hits:
        if hit.symbol != symbol:
            continue
        own = leg_of(hit.client_id)
        trade = trades[-1] if trades and trades[-1].open_lots else None
        if own and own[1] == "EN":
            if trade is None:
                trade = Owned(symbol, hit.side, own[0], hit.time_ms)
                trades.append(trade)
                theirs = 0
            trade.quote += hit.ticks * hit.lots
            trade.entry_lots += hit.lots
            trade.open_lots += hit.lots
        elif trade is None:
            continue
        elif hit.side == trade.side:
            theirs += hit.lots
            continue
        else:
            strange = min(theirs, hit.lots) if own is None else 0
            theirs -= strange
            trade.open_lots -= min(trade.open_lots, hit.lots - strange)
            trade.ended_ms = 0 if trade.open_lots else hit.time_ms
        trade.path.append((hit.time_ms, trade.open_lots))
    return trades


def level(side: int, quote: int, lots: int, ppm: int) -> int:
    """entry x (1 + side x ppm), nearest tick, half up."""
    factor = MILLION + side * ppm
    return (2 * quote * factor + lots * MILLION) // (2 * lots * MILLION)


def levels(trade: Owned, agreed: Terms) -> set[int]:
    """Where the trade's stop may lie: from the fills, or from the close when they were unread."""
    lots = trade.entry_lots
    by_close = agreed.closes[trade.signal_ms] * lots
    return {
        found
        for quote in (trade.quote, by_close)
        for found in (
            level(-trade.side, quote, lots, agreed.stop_ppm),
            level(trade.side, quote, lots, agreed.offset_ppm),
        )
    }


def own_signal(order: Resting) -> int:
    """The signal candle an order of ours belongs to, 0 for a stranger's."""
    own = leg_of(order.client_id)
    return own[0] if own else 0


def guards(order: Resting, trade: Owned) -> bool:
    """Can this order reduce the trade, by the last price?"""
    return order.side == -trade.side and order.reduce_only and order.by_last_price


class Naked(NamedTuple):
    """Times without a valid stop: the longest, and how often a stop was there and went away."""

    worst_ms: int
    taken_away: int


def naked(facts: Facts, symbol: str, trades: Sequence[Owned], agreed: Terms) -> Naked:
    """When a position of ours had no stop of ours for all of it, from the exchange's history."""
    worst = taken = 0
    stops = [c for c in facts.conditionals if c.symbol == symbol and c.stop and leg_of(c.client_id)]
    for trade in trades:
        widest = min(trade.side * found for found in levels(trade, agreed))
        valid = [c for c in stops if guards(c, trade) and trade.side * c.trigger >= widest]
        until = trade.ended_ms or facts.now_ms
        times = sorted(
            {trade.began_ms, until}
            | {time for time, _ in trade.path}
            | {c.created_ms for c in valid}
            | {c.ended_ms for c in valid if c.ended_ms}
        )
        since = None
        was_covered = False
        for now in (time for time in times if trade.began_ms <= time <= until):
            held = [lots for time, lots in trade.path if time <= now][-1]
            covered = any(
                c.created_ms <= now and (not c.ended_ms or c.ended_ms > now) and c.lots >= held
                for c in valid
            )
            if since is not None:
                worst = max(worst, now - since)
            if covered or not held:
                since = None
            elif since is None:
                since = now
                taken += was_covered and any(c.cancelled and c.ended_ms == now for c in valid)
            was_covered = covered
    return Naked(worst, taken)
