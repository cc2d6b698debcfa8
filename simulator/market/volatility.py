"""How nervous the synthetic market is at a given candle: one mood for all its symbols.

The logarithm of the volatility is a sum of value noises: random heights at knots 1 hour, 6 hours,
1 day and 1 week apart, joined by straight lines. Slow noises make calm and wild weeks, the hourly
one makes single wild hours; together they give the clusters that real candles show. Must not
depend on what was asked before (the caches only save time).
"""

from collections.abc import Callable
from functools import lru_cache

from simulator.market.integer_math import BELL_SD, ONE, bells, draws, exp2

CANDLES_AN_HOUR = 12

#: Volatility of a 5-minute candle in an average mood, in octaves (log2 of price), fixed-point.
_TYPICAL_LOG2_SD_E6 = 840
TYPICAL = ONE * _TYPICAL_LOG2_SD_E6 // 1_000_000

#: (candles between knots, deviation of the heights in thousandths of an octave), slow ones.
_SLOW_NOISES = ((72, 250), (288, 450), (2016, 700))
_HOUR_NOISE_PERMILLE = 950
#: Root of the mean square that the hourly noise multiplies the volatility by (measured). Without
#: it hours would move less than their candles do, and the market would pay for mean reversion.
_HOUR_NOISE_RMS_PERMILLE = 1_432


def _height(permille: int, bell: int) -> int:
    return permille * ONE * bell // (1000 * BELL_SD)


class Volatility:
    """Volatility of one 5-minute candle, as octaves in fixed-point, a pure function of time."""

    def __init__(self, seed: int) -> None:
        """`seed` names the market."""
        self._stream = f"{seed}/volatility"
        self._knot: Callable[[int, int], int] = lru_cache(4096)(self._knot_uncached)
        self._at_hour: Callable[[int], int] = lru_cache(4096)(self._at_hour_uncached)
        #: Volatility of a candle, by its number (counted from 1970).
        self.at: Callable[[int], int] = lru_cache(4096)(self._at_uncached)

    def slow_at(self, candle: int) -> int:
        """The same, the hourly noise averaged: what the hours around `candle` have in common."""
        mood = self._slow_mood(candle)
        return TYPICAL * exp2(mood) // ONE * _HOUR_NOISE_RMS_PERMILLE // 1000

    def _at_uncached(self, candle: int) -> int:
        hour, past = divmod(candle, CANDLES_AN_HOUR)
        here, there = self._at_hour(hour), self._at_hour(hour + 1)
        return here + (there - here) * past // CANDLES_AN_HOUR

    def _at_hour_uncached(self, hour: int) -> int:
        bell = bells(draws(f"{self._stream}/hour", hour, 4))[0]
        mood = self._slow_mood(hour * CANDLES_AN_HOUR) + _height(_HOUR_NOISE_PERMILLE, bell)
        return TYPICAL * exp2(mood) // ONE

    def _slow_mood(self, candle: int) -> int:
        mood = 0
        for level, (span, _) in enumerate(_SLOW_NOISES):
            knot, past = divmod(candle, span)
            here, there = self._knot(level, knot), self._knot(level, knot + 1)
            mood += here + (there - here) * past // span
        return mood

    def _knot_uncached(self, level: int, knot: int) -> int:
        span, permille = _SLOW_NOISES[level]
        return _height(permille, bells(draws(f"{self._stream}/{span}", knot, 4))[0])
