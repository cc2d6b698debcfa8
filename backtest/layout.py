"""What the kernel is given and what it leaves: arrays and places in them, whole numbers only.

Every column may be a list of ints (interpreted) or an int64 array (compiled): the kernel does not
know. Prices in ticks, quantities in lots, money in 1e-8 USDT. A *slot* is a candle's open time
counted in candles (time // interval), an *index* its place in the columns. No rule stands here.
"""

from collections.abc import MutableSequence, Sequence
from typing import NamedTuple

Column = Sequence[int]
Store = MutableSequence[int]


class Candles(NamedTuple):
    """Candles in order of time, one symbol; gaps are slots left out."""

    slots: Column
    opens: Column
    highs: Column
    lows: Column
    closes: Column


class Payments(NamedTuple):
    """Funding payments in order of time; the last row is a sentinel far behind the candles."""

    at: Column  # index of the candle at whose open it is paid
    rates_e8: Column
    marks: Column  # in ticks; 0 = the open of that candle


class Tiers(NamedTuple):
    """The symbol's maintenance tiers, ascending."""

    caps_e8: Column
    maintenance_bp: Column
    cums_e8: Column


class Terms(NamedTuple):
    """The strategy's parameters, the costs and the contract, as the kernel uses them."""

    ma_length: int
    threshold_ppm: int
    risk_ppm: int
    stop_loss_ppm: int
    profit_target_ppm: int
    breakeven_trigger_ppm: int
    breakeven_offset_ppm: int
    cooldown_bars: int
    leverage: int
    exposure_max_permille: int
    fee_ppm: int
    slippage_ppm: int
    unit_e8: int
    min_lots: int
    market_max_lots: int
    min_notional_e8: int
    notional_max_e8: int  # cap of the highest tier that allows the leverage
    symbols: int  # what the wallet is divided by
    first: int  # index of the first candle that may decide
    stop_range_ppm: int  # of the way to the candle's worst price that a stop fills
    wallet_e8_max: int  # beyond it (or its negative) the walk stops with OVER_CAP


# The account between two candles: places in `state`.
NEXT = 0  # index of the candle to play next
WALLET = 1  # realised money
WRITTEN = 2  # trades written into `trades`; the caller sets it back to 0
OVER_CAP = 3  # 1: the wallet left the bounds that the arithmetic was checked for
TOTAL = 4  # sum of the closes in the average
STREAK = 5  # closes without a gap up to the newest one
ENDED = 6  # slot of the candle the last trade ended in
DUE = 7  # the next funding payment
# The open trade; SIDE 0 = none, and the others then mean nothing.
SIDE = 8
LOTS = 9
ENTRY = 10  # ticks
SIGNAL_INDEX = 11
ENTRY_INDEX = 12
STOP_LEVEL = 13
TARGET_LEVEL = 14
LIQUIDATION = 15
MOVED = 16  # 1: the stop is the break-even stop
MARGIN = 17
FEES = 18
FUNDING = 19
# Counters.
AMBIGUOUS = 20  # candles in which stop and target both lay: the stop was assumed
LAPSED = 21  # entries that met a missing candle
REFUSED = 22  # and the four places after it: by the code of strategy.sizing
REFUSED_NOTIONAL = 27  # notional below the minimum at the open of the fill (-4164)
REFUSED_TIER = 28  # notional above the cap of the leverage (-2027)
REFUSED_MARGIN = 29  # margin, loss against the open and fee above the wallet (-2019)
STATE_SIZE = 30

# One trade in `trades`: WIDTH numbers, one trade after the other.
T_SIDE = 0
T_LOTS = 1
T_SIGNAL = 2  # indices of candles
T_ENTERED = 3
T_ENTRY = 4  # ticks
T_LEFT = 5
T_EXIT = 6
T_REASON = 7
T_GROSS = 8
T_FEES = 9
T_FUNDING = 10
T_WALLET = 11
WIDTH = 12

# Reasons beyond the codes of simulator.engine.fills (STOP, TARGET, LIQUIDATED).
BREAKEVEN = 4
REVERTED = 5
