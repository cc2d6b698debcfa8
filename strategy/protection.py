"""Where the stop, the target and the moved stop lie, from the average entry fill.

The entry is the fraction `entry_quote` / `entry_lots` in ticks. Every level is rounded to the
nearest tick, half up; nothing else in the strategy rounds a price.
"""

from strategy.units import MILLION


def level(entry_quote: int, entry_lots: int, offset_ppm: int) -> int:
    """Entry x (1 + offset_ppm / 10^6) in ticks, nearest, half up."""
    above = 2 * entry_quote * (MILLION + offset_ppm) + MILLION * entry_lots
    return above // (2 * MILLION * entry_lots)


def stop_level(side: int, entry_quote: int, entry_lots: int, stop_loss_ppm: int) -> int:
    """The stop-loss of a position, in ticks."""
    return level(entry_quote, entry_lots, -side * stop_loss_ppm)


def target_level(side: int, entry_quote: int, entry_lots: int, profit_target_ppm: int) -> int:
    """The profit target of a position, in ticks."""
    return level(entry_quote, entry_lots, side * profit_target_ppm)


def breakeven_level(side: int, entry_quote: int, entry_lots: int, offset_ppm: int) -> int:
    """Where the moved stop lies, in ticks."""
    return level(entry_quote, entry_lots, side * offset_ppm)


def tighter(side: int, stop: int, other: int) -> bool:
    """Does `stop` (ticks) lie nearer to the market than `other`, for a position of this side?"""
    return side * (stop - other) > 0


def through(side: int, price: int, stop: int) -> bool:
    """Has the price reached a stop, both in ticks (of a target: pass -side and the target)?"""
    return side * (price - stop) <= 0
