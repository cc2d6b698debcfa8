"""What tells the symbols of the synthetic market apart: price level, temper and money traded.

Must not hold exchange rules: tick and step are the caller's.
"""

from typing import NamedTuple

_E8 = 100_000_000


class _Character(NamedTuple):
    anchor_e8: int  # the price about which the symbol moves for ever
    swing_percent: int  # its moves, compared with those of BTCUSDT
    turnover_e8: int  # USDT traded in an ordinary candle


_CHARACTERS = {
    "BTCUSDT": _Character(77_500 * _E8, 100, 12_000_000 * _E8),
    "ETHUSDT": _Character(2_600 * _E8, 120, 9_000_000 * _E8),
    "SOLUSDT": _Character(150 * _E8, 150, 4_000_000 * _E8),
    "XRPUSDT": _Character(23 * _E8 // 10, 150, 3_000_000 * _E8),
}
#: Any other symbol costs 20,000 ticks, which is the order of what real ones cost.
_OTHER_ANCHOR_TICKS = 20_000
_OTHER_SWING_PERCENT = 140
_OTHER_TURNOVER_E8 = 1_000_000 * _E8


class SyntheticSymbol(NamedTuple):
    """A symbol as the synthetic market needs it, in whole ticks and lots."""

    stream: str  # the name of its randomness
    anchor_ticks: int
    swing_percent: int
    turnover: int  # of an ordinary candle, in ticks times lots


def synthetic_symbol(seed: int, name: str, tick_e8: int, step_e8: int) -> SyntheticSymbol:
    """The character of symbol `name`; tick in 1e-8 USDT, step in 1e-8 of the base asset."""
    other = _Character(_OTHER_ANCHOR_TICKS * tick_e8, _OTHER_SWING_PERCENT, _OTHER_TURNOVER_E8)
    character = _CHARACTERS.get(name, other)
    return SyntheticSymbol(
        stream=f"{seed}/candle/{name}",
        anchor_ticks=max(1, character.anchor_e8 // tick_e8),
        swing_percent=character.swing_percent,
        turnover=character.turnover_e8 * _E8 // (tick_e8 * step_e8),
    )
