"""When to enter, when the price has reverted, when the stop may move. Equal counts as reached.

`distance` and `total` are those of `strategy.indicator`, in ticks. `side` is +1 for long, -1 for
short, 0 for none. A price of entry is a fraction `entry_quote` / `entry_lots` in ticks, because the
average of several fills may lie between ticks.
"""

from strategy.units import MILLION


def entry_side(distance: int, total: int, threshold_ppm: int) -> int:
    """The side to enter, against the move: +1 when the close is low enough, -1 when it is high
    enough, 0 between.
    """
    gap = distance * MILLION
    threshold = threshold_ppm * total
    if gap <= -threshold:
        return 1
    if gap >= threshold:
        return -1
    return 0


def reverted(side: int, distance: int) -> bool:
    """Has the close of a position's candle come back to the average?"""
    return side * distance >= 0


def breakeven_reached(
    side: int, close: int, entry_quote: int, entry_lots: int, trigger_ppm: int
) -> bool:
    """Has the close (ticks) gained the trigger (ppm of the entry)? 0 switches the rule off."""
    if trigger_ppm == 0:
        return False
    return side * (close * entry_lots - entry_quote) * MILLION >= trigger_ppm * entry_quote
