"""One endless random walk that any machine can enter at any candle.

Built from coarse to fine, each level a bridge between two points of the level above: anchors every
4,096 candles, drawn independently inside a fixed band (so the walk never drifts away); between two
anchors 64 strides with a rare jump; inside a stride 64 single steps. So a candle costs a few
hundred hashes at any date, and whoever asks gets the same path. Must not depend on what was asked
before (the caches only save time).
"""

from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple

from simulator.market.integer_math import BELL_SD, ONE, bells, draws
from simulator.market.volatility import Volatility

_STEPS = 64  # candles in a stride, and strides between two anchors
_ROOT_OF_STEPS = 8
_ANCHOR_BAND = ONE * 12 // 100  # anchors lie within this many octaves around 0
_JUMP_BELOW = 1_000  # of 65,536 strides hold a jump
_JUMP_LEAST, _JUMP_MOST = 5, 50  # in deviations of one step; the larger, the rarer


class _Stride(NamedTuple):
    start: int
    end: int
    jump: int
    jump_at: int  # the step that jumps


class Walk:
    """Positions in octaves (log2 of price), fixed-point, a pure function of (seed, name, time)."""

    def __init__(self, seed: int, name: str, volatility: Volatility) -> None:
        """`name` tells walks of one market apart; `volatility` is what they share."""
        self._stream = f"{seed}/walk/{name}"
        self._volatility = volatility
        self._strides: Callable[[int], list[_Stride]] = lru_cache(16)(self._strides_uncached)
        self._stride: Callable[[int], list[int]] = lru_cache(64)(self._stride_uncached)

    def at(self, candle: int) -> int:
        """Where the walk stands when candle number `candle` (counted from 1970) begins."""
        return self._stride(candle // _STEPS)[candle % _STEPS]

    def _anchor(self, block: int) -> int:
        (place,) = draws(f"{self._stream}/anchor", block, 1)
        return (2 * place - 65_535) * _ANCHOR_BAND // 65_536

    def _strides_uncached(self, block: int) -> list[_Stride]:
        """The 64 strides between anchor number `block` and the next."""
        first = block * _STEPS
        normals = bells(draws(f"{self._stream}/stride", block, 4 * _STEPS))
        dice = draws(f"{self._stream}/jump", block, 3 * _STEPS)
        travelled, jumps = [0], []
        for step, normal in enumerate(normals):
            deviation = self._volatility.slow_at((first + step) * _STEPS + _STEPS // 2)
            chance, place, size = dice[3 * step : 3 * step + 3]
            jump = _jump(size, deviation) if chance < _JUMP_BELOW else 0
            jumps.append((jump, place % _STEPS))
            stride = deviation * _ROOT_OF_STEPS * normal // BELL_SD
            travelled.append(travelled[-1] + stride + jump)
        anchor = self._anchor(block)
        points = [anchor + p for p in _bridged(travelled, self._anchor(block + 1) - anchor)]
        return [
            _Stride(points[n], points[n + 1], jump, place) for n, (jump, place) in enumerate(jumps)
        ]

    def _stride_uncached(self, number: int) -> list[int]:
        """The 64 positions of stride `number`, its end left out (it begins the next)."""
        start, end, jump, jump_at = self._strides(number // _STEPS)[number % _STEPS]
        volatility, first = self._volatility.at, number * _STEPS
        normals = bells(draws(f"{self._stream}/step", number, 4 * _STEPS))
        travelled = [0]
        for step, normal in enumerate(normals):
            travelled.append(travelled[-1] + volatility(first + step) * normal // BELL_SD)
        # The jump stays out of the bridge: bridged, it would be walked back within the stride.
        path = _bridged(travelled, end - start - jump)
        return [start + p + (jump if n > jump_at else 0) for n, p in enumerate(path[:_STEPS])]


def _jump(size: int, deviation: int) -> int:
    """A jump up or down, from `size` (uniform): large ones become rare like its reciprocal."""
    cut = 65_536 * _JUMP_LEAST // _JUMP_MOST
    height = deviation * 65_536 * _JUMP_LEAST // (size + cut)
    return height if size % 2 else -height


def _bridged(travelled: list[int], distance: int) -> list[int]:
    """The path `travelled` (65 points from 0) tilted so that it ends at `distance`."""
    missing = distance - travelled[-1]
    return [point + missing * n // _STEPS for n, point in enumerate(travelled)]
