"""The order of the rules is a rule too: the one function that says what a close means.

It takes numbers and returns a number. `strategy.words` makes the sentence; sizing and the
prices of the protection come after it, from the functions beside this one.
"""

from strategy.indicator import distance_from_average
from strategy.signals import breakeven_reached, entry_side, reverted

# In a position.
HOLD = 0
HOLD_BEFORE_ENTRY = 1  # the candle closed before the position was opened: nothing to decide
HOLD_NO_AVERAGE = 2
MOVE_STOP = 3
CLOSE_REVERTED = 4
# Flat.
WAIT_COOLDOWN = 5
WAIT_NO_AVERAGE = 6
WAIT_INSIDE = 7
ENTER_LONG = 8
ENTER_SHORT = 9

#: `bars_since_end` of a symbol that no trade is known of: any cooldown is over.
NEVER_TRADED = 1 << 30


def bars_since(candle_open_ms: int, ended_ms: int, interval_ms: int) -> int:
    """Candles, by time, from the one in which a trade ended to this one; below 0 = it ended later.

    All three in ms, times since the epoch.
    """
    return candle_open_ms // interval_ms - ended_ms // interval_ms


def decide_in_position(
    side: int,
    entry_quote: int,
    entry_lots: int,
    closed_after_entry: bool,
    stop_moved: bool,
    close: int,
    total: int,
    length: int,
    trigger_ppm: int,
) -> int:
    """What the close of a candle means for a position: a code of the first group.

    Units as in `decide`.
    """
    if not closed_after_entry:
        return HOLD_BEFORE_ENTRY
    if total > 0 and reverted(side, distance_from_average(close, total, length)):
        return CLOSE_REVERTED
    if not stop_moved and breakeven_reached(side, close, entry_quote, entry_lots, trigger_ppm):
        return MOVE_STOP
    return HOLD if total > 0 else HOLD_NO_AVERAGE


def decide_flat(
    bars_since_end: int,
    cooldown_bars: int,
    close: int,
    total: int,
    length: int,
    threshold_ppm: int,
) -> int:
    """What it means without a position: a code of the second group. Units as in `decide`."""
    if bars_since_end < cooldown_bars:
        return WAIT_COOLDOWN
    if total == 0:
        return WAIT_NO_AVERAGE
    side = entry_side(distance_from_average(close, total, length), total, threshold_ppm)
    if side > 0:
        return ENTER_LONG
    return ENTER_SHORT if side < 0 else WAIT_INSIDE


def decide(
    side: int,
    entry_quote: int,
    entry_lots: int,
    closed_after_entry: bool,
    stop_moved: bool,
    bars_since_end: int,
    close: int,
    total: int,
    length: int,
    threshold_ppm: int,
    trigger_ppm: int,
    cooldown_bars: int,
) -> int:
    """The action for one symbol at the close of one candle: one of the codes above.

    `side` 0 = flat. `close` in ticks, `total` = sum of the last `length` closes or 0 when they
    are not contiguous in time. Entry as the fraction `entry_quote` / `entry_lots` in ticks.
    """
    if side != 0:
        return decide_in_position(
            side,
            entry_quote,
            entry_lots,
            closed_after_entry,
            stop_moved,
            close,
            total,
            length,
            trigger_ppm,
        )
    return decide_flat(bars_since_end, cooldown_bars, close, total, length, threshold_ppm)
