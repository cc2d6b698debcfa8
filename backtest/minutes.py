"""What finer candles say of the candles in which stop and target both lay.

The rules assume the stop. With 1-minute candles of the same span it can be seen which of the two
was touched first, and what the assumption has cost. Must not change the result itself: the replay
of the job knows no minutes either.
"""

from array import array
from bisect import bisect_left
from collections.abc import Iterator
from typing import Any, NamedTuple

from backtest import layout
from backtest.history import History
from backtest.lane import Outcome
from backtest.setup import Setup
from simulator.engine.fills import NONE, STOP, TARGET, candle_fill, open_fill
from strategy.protection import breakeven_level, stop_level, target_level


class Doubt(NamedTuple):
    """One candle in which a position's stop and target both lay; levels in ticks."""

    candle: int  # its index
    side: int
    stop: int
    target: int


class Seen(NamedTuple):
    """How many of the doubts ended which way."""

    stop_first: int
    target_first: int
    same_minute: int
    not_covered: int


def doubts(outcome: Outcome, history: History, setup: Setup) -> Iterator[Doubt]:
    """The trades that ended in such a candle by the assumption that the stop came first."""
    parameters = setup.parameters
    places = (layout.T_SIDE, layout.T_ENTRY, layout.T_LEFT, layout.T_REASON)
    for side, entry, index, reason in zip(*map(outcome.column, places), strict=True):
        if reason == STOP:
            stop = stop_level(side, entry, 1, parameters.stop_loss_ppm)
        elif reason == layout.BREAKEVEN:
            stop = breakeven_level(side, entry, 1, parameters.breakeven_offset_ppm)
        else:
            continue
        target = target_level(side, entry, 1, parameters.profit_target_ppm)
        high, low = history.highs[index], history.lows[index]
        at_open = open_fill(side, history.opens[index], stop, target, 0)[0]
        if at_open == NONE and candle_fill(side, high, low, 0, target, 0, 0)[0] == TARGET:
            yield Doubt(index, side, stop, target)


def resolved(
    outcome: Outcome, history: History, minutes: History, setup: Setup
) -> tuple[Seen, History]:
    """What the minutes say, and the candles as they have to be for that to happen: where the
    target came first, the candle does not reach the stop.
    """
    lows, highs = array("q", history.lows), array("q", history.highs)
    counts: dict[str, int] = dict.fromkeys(Seen._fields, 0)
    for doubt in doubts(outcome, history, setup):
        began_ms = history.times_ms[doubt.candle]
        seen = _first(doubt, minutes, began_ms, began_ms + history.interval_ms)
        counts[seen] += 1
        if seen == "target_first":
            (lows if doubt.side > 0 else highs)[doubt.candle] = doubt.stop + doubt.side
    columns = (history.times_ms, history.opens, highs, lows, history.closes)
    return Seen(**counts), History(history.interval_ms, *columns)


def _first(doubt: Doubt, minutes: History, from_ms: int, to_ms: int) -> str:
    """Which of the two was touched first; a candle whose minutes are not all there is not told."""
    first, last = (bisect_left(minutes.times_ms, at) for at in (from_ms, to_ms))
    if (last - first) * minutes.interval_ms != to_ms - from_ms:
        return "not_covered"
    side, stop, target = doubt[1:]
    for minute in range(first, last):
        high, low = minutes.highs[minute], minutes.lows[minute]
        code = open_fill(side, minutes.opens[minute], stop, target, 0)[0]
        code = code or candle_fill(side, high, low, stop, target, 0, 0)[0]
        if code == TARGET:
            return "target_first"
        if code == STOP:
            opened = open_fill(side, minutes.opens[minute], stop, 0, 0)[0] == STOP
            both = candle_fill(side, high, low, 0, target, 0, 0)[0] == TARGET
            return "same_minute" if both and not opened else "stop_first"
    return "not_covered"  # the files contradict each other


def told(seen: Seen, net: float, net_seen: float) -> dict[str, Any]:
    """What the summary keeps of it."""
    return {**seen._asdict(), "net": net_seen, "net_change": net_seen - net}
