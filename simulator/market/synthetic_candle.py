"""What happens inside one candle of the synthetic market, given where it begins and ends.

Must not know how prices wander from candle to candle (that is `walk`), nor ask for anything but
its arguments.
"""

from math import isqrt

from simulator.market.integer_math import BELL_SD, ONE, bells, draws
from simulator.market.model import Candle
from simulator.market.synthetic_symbols import SyntheticSymbol
from simulator.market.volatility import TYPICAL

INTERVAL_MS = 300_000

_LN2_PERMILLE = 693  # a move of one octave, in thousandths of the price (small moves)

_QUIET_BELOW = 12  # of 65,536 candles: nobody trades
_SAME_OPEN_BELOW = 34_000  # of 65,536 candles open at the close before ...
_TICK_OFF_BELOW = 64_500  # ... nearly all others one tick beside it, the rest somewhere near


_NO_WICK_BELOW = BELL_SD * BELL_SD // 5  # a tenth of all candles end at an extreme, as real ones do


def dice(symbol: SyntheticSymbol, number: int) -> tuple[int, ...]:
    """The random numbers of candle `number` of a symbol, for the functions below."""
    return draws(symbol.stream, number, 20)


def is_quiet(thrown: tuple[int, ...]) -> bool:
    """Whether nobody trades in this candle, so that its price stands still."""
    return thrown[0] < _QUIET_BELOW


def quiet_candle(number: int, price: int) -> Candle:
    """Candle `number` without a trade, at the price in ticks that stood before."""
    return Candle(number * INTERVAL_MS, price, price, price, price, 0)


def busy_candle(
    symbol: SyntheticSymbol,
    number: int,
    thrown: tuple[int, ...],
    before: int,
    close: int,
    volatility: int,
) -> Candle:
    """Candle `number`, which ends at `close` and comes after one that ended at `before` (ticks).

    `volatility` is the market's for this candle: octaves, fixed-point.
    """
    _, gap, size, crowd = thrown[:4]
    up1, up2, down1, down2 = bells(thrown[4:])
    mood = volatility * symbol.swing_percent // 100
    spread = before * mood * _LN2_PERMILLE // (1000 * ONE)  # deviation of the move, in ticks
    opened = max(1, before + _gap(gap, size, spread))
    move = close - opened
    high = opened + (move + _reach(move, spread, up1, up2)) // 2
    low = max(1, opened + (move - _reach(move, spread, down1, down2)) // 2)
    volume = _volume(symbol.turnover // close, volatility, crowd, abs(move), spread)
    return Candle(number * INTERVAL_MS, opened, high, low, close, volume)


def _gap(kind: int, size: int, spread: int) -> int:
    """How far the open lies from the close before, in ticks."""
    if kind < _SAME_OPEN_BELOW:
        return 0
    if kind < _TICK_OFF_BELOW:
        return 1 if size % 2 else -1
    return (2 * size - 65_535) * spread // 65_536


def _reach(move: int, spread: int, normal1: int, normal2: int) -> int:
    """Twice the maximum of a Brownian bridge from 0 to `move`, less `move`; at least |move|.

    The maximum is (move + sqrt(move**2 - 2 spread**2 ln U)) / 2 with U uniform, and -2 ln U is
    distributed like the sum of the squares of two normals.
    """
    squares = max(0, normal1 * normal1 + normal2 * normal2 - _NO_WICK_BELOW)
    return isqrt(move * move + squares * spread * spread // (BELL_SD * BELL_SD))


def _volume(lots: int, volatility: int, crowd: int, way: int, spread: int) -> int:
    """Of `lots` in an ordinary candle: more when prices are nervous or have gone a long way."""
    nervous = lots * volatility * (spread + 2 * way) // (TYPICAL * (3 * spread + 1))
    return 1 + nervous * (crowd + 16_384) // 49_152
