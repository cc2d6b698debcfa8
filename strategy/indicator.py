"""The moving average, kept as a sum so that no rule ever divides.

Prices are whole ticks. With `total` = the sum of the last `length` closes the average is
total / length, and the deviation of a close from it is distance / total, both exact.
"""

from collections.abc import Sequence


def closes_total(closes: Sequence[int], end: int, length: int) -> int:
    """Sum of the `length` closes that end before index `end`, in ticks."""
    total = 0
    for index in range(end - length, end):
        total += closes[index]
    return total


def distance_from_average(close: int, total: int, length: int) -> int:
    """`length` times (close - average), in ticks: the deviation without a division."""
    return length * close - total
