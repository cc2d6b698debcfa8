"""What fills where, and what it costs: plain functions of whole numbers.

Each rule is written once, here, for the embedded exchange and for the compiled backtest: no
objects, no strings, no defaults, and no product beyond 62 bits for the sizes that exist
(amounts below 4e18, which is 40 billion USDT; rates and ratios below their scale).
`side` is +1 for long (or a buying taker) and -1 for short (or a selling taker).
A level of 0 is absent.
"""

from collections.abc import Sequence

NONE = 0
STOP = 1
TARGET = 2
LIQUIDATED = 3

PPM = 1_000_000
E8 = 100_000_000
BP = 10_000
#: Binance takes the best ask x 1.0005 as the price of a buying market order.
MARKET_BUY_PPM = 500


def open_fill(
    side: int, open_ticks: int, stop: int, target: int, liquidation: int
) -> tuple[int, int]:
    """What a candle's open closes: (code, price before slippage). Liquidation, stop, target."""
    if liquidation > 0 and side * (open_ticks - liquidation) <= 0:
        return LIQUIDATED, liquidation
    if stop > 0 and side * (open_ticks - stop) <= 0:
        return STOP, open_ticks
    if target > 0 and side * (open_ticks - target) >= 0:
        return TARGET, open_ticks
    return NONE, 0


def candle_fill(
    side: int, high: int, low: int, stop: int, target: int, liquidation: int, stop_range_ppm: int
) -> tuple[int, int]:
    """What the rest of the candle closes: (code, price before slippage). Stop, liquidation,
    target: of a stop and a target in one candle the stop is assumed. A stop fills
    `stop_range_ppm` of the way from its price to the candle's worst one, rounded to the worse
    tick; what lies beyond the liquidation price on that way is liquidated.
    """
    worst = low if side > 0 else high
    best = high if side > 0 else low
    if stop > 0 and side * (worst - stop) <= 0:
        if stop_range_ppm == 0:
            return STOP, stop
        slid = stop + side * (side * (worst - stop) * stop_range_ppm // PPM)
        if liquidation > 0 and side * (slid - liquidation) <= 0:
            return LIQUIDATED, liquidation
        return STOP, slid
    if liquidation > 0 and side * (worst - liquidation) <= 0:
        return LIQUIDATED, liquidation
    if target > 0 and side * (best - target) >= 0:
        return TARGET, target
    return NONE, 0


def slipped(taker_side: int, ticks: int, slippage_ppm: int) -> int:
    """A taker's price: moved against the taker and rounded to the tick against the taker."""
    if taker_side > 0:
        return -((-ticks * (PPM + slippage_ppm)) // PPM)
    return (ticks * (PPM - slippage_ppm)) // PPM


def scaled_half_even(amount: int, ratio: int, scale: int) -> int:
    """amount x ratio / scale, rounded half to even; any signs, scale > 0.

    Split at the scale, so that no product is larger than amount or scale x ratio.
    """
    whole = amount // scale
    part = (amount - whole * scale) * ratio
    floor = part // scale
    return half_even(whole * ratio + floor, part - floor * scale, scale)


def divided_half_even(amount: int, divisor: int) -> int:
    """amount / divisor, rounded half to even; divisor > 0."""
    floor = amount // divisor
    return half_even(floor, amount - floor * divisor, divisor)


def half_even(floor: int, rest: int, divisor: int) -> int:
    """floor + rest / divisor to the nearest whole number, half to even; 0 <= rest < divisor."""
    if 2 * rest > divisor or (2 * rest == divisor and floor % 2 != 0):
        return floor + 1
    return floor


def fee_e8(notional_e8: int, fee_ppm: int) -> int:
    """The fee of a fill, in 1e-8 USDT, half to even."""
    return scaled_half_even(notional_e8, fee_ppm, PPM)


def funding_e8(side: int, mark_notional_e8: int, rate_e8: int) -> int:
    """What a position pays (negative: receives) at a funding time, in 1e-8 USDT, half to even.

    `mark_notional_e8` = quantity x mark, >= 0.
    """
    return side * scaled_half_even(mark_notional_e8, rate_e8, E8)


def margin_e8(notional_e8: int, leverage: int) -> int:
    """Isolated margin of an entry notional, in 1e-8 USDT, half to even."""
    return divided_half_even(notional_e8, leverage)


def below_minimum(notional_e8: int, min_notional_e8: int) -> bool:
    """MIN_NOTIONAL (-4164): is the order worth less than the exchange takes?"""
    return notional_e8 < min_notional_e8


def beyond_cap(notional_e8: int, notional_max_e8: int) -> bool:
    """Would the position be worth more than its leverage allows (-2027)?"""
    return notional_e8 > notional_max_e8


def tier_of(notional_e8: int, caps_e8: Sequence[int]) -> int:
    """The maintenance tier of a notional: a tier's cap belongs to it, the last has none."""
    tier = 0
    while tier < len(caps_e8) - 1 and notional_e8 > caps_e8[tier]:
        tier += 1
    return tier


def assumed_e8(side: int, notional_e8: int) -> int:
    """What a market order is taken to be worth before it fills: a buy is assumed dearer."""
    return notional_e8 + (scaled_half_even(notional_e8, MARKET_BUY_PPM, PPM) if side > 0 else 0)


def opening_cost_e8(
    side: int, assumed_e8: int, standing_e8: int, leverage: int, fee_ppm: int
) -> int:
    """What must be free for an order that opens (-2019 if it is not): initial margin, loss
    against the standing price, and the fee; each as it would be booked.
    """
    loss_e8 = max(0, side * (assumed_e8 - standing_e8))
    return margin_e8(assumed_e8, leverage) + loss_e8 + fee_e8(assumed_e8, fee_ppm)


def pnl_e8(side: int, entry_quote: int, exit_quote: int, unit_e8: int) -> int:
    """Gross profit, exact; the quotes are sums of ticks x lots."""
    return side * (exit_quote - entry_quote) * unit_e8


def liquidation_ticks(
    side: int, tick_value_e8: int, notional_e8: int, backing_e8: int, maintenance_bp: int
) -> int:
    """The price that liquidates, nearest tick, half up; 0 when there is none.

    `tick_value_e8` = lots x U, what one tick is worth to the whole position;
    `backing_e8` = isolated margin + the tier's cum; `maintenance_bp` = its ratio in 1e-4.
    Binance's formula for one isolated position in one-way mode:
    LP = (backing - side x notional) / (quantity x (ratio - side)), both sides turned positive.
    """
    amount = notional_e8 - side * backing_e8
    if amount <= 0:
        return 0
    share_bp = BP - side * maintenance_bp
    # amount x BP / (tick_value x share) without that product: divide by the tick value first.
    ticks = amount // tick_value_e8
    rest = (amount - ticks * tick_value_e8) * BP
    whole = (ticks * BP) // share_bp
    left = ticks * BP - whole * share_bp
    part = left * tick_value_e8 + rest
    # part may reach (share + 1) x tick_value for a small share, so whole ticks may be left in it.
    whole += part // (share_bp * tick_value_e8)
    part -= (part // (share_bp * tick_value_e8)) * (share_bp * tick_value_e8)
    if 2 * part >= share_bp * tick_value_e8:
        return whole + 1
    return whole
