"""How much to trade, and when not to trade at all. Quantities are lots, rounded down.

A trade is never shrunk to fit: what does not pass a test is no trade, and the code that is
returned says which test it was (`strategy.words` makes the sentence).
"""

from strategy.protection import stop_level, target_level
from strategy.units import THOUSAND

SIZE_OK = 0
BELOW_MIN_QUANTITY = 1
BELOW_MIN_NOTIONAL = 2
STOP_TOO_NEAR = 3
TARGET_TOO_NEAR = 4

#: A stop or target nearer than this to the close of the signal candle is no protection.
LEVEL_DISTANCE_TICKS_MIN = 2


def balance_share_e8(wallet_e8: int, symbols: int) -> int:
    """One symbol's balance (10^-8 USDT, rounded down): the wallet over the configured symbols."""
    return wallet_e8 // symbols


def quantity_lots(
    balance_e8: int,
    risk_ppm: int,
    stop_loss_ppm: int,
    exposure_permille: int,
    close: int,
    unit_e8: int,
    market_max_lots: int,
) -> int:
    """Lots that lose `risk_ppm` of the balance at the stop, capped by exposure and the market.

    `unit_e8` is the worth of one tick on one lot; `close` is in ticks; never below 0.
    """
    by_risk = balance_e8 * risk_ppm // (close * unit_e8 * stop_loss_ppm)
    by_exposure = balance_e8 * exposure_permille // (close * unit_e8 * THOUSAND)
    return max(0, min(by_risk, by_exposure, market_max_lots))


def size_refusal(
    lots: int,
    side: int,
    close: int,
    unit_e8: int,
    min_lots: int,
    min_notional_e8: int,
    stop_loss_ppm: int,
    profit_target_ppm: int,
) -> int:
    """SIZE_OK, or the code of why an entry of so many lots at this close (ticks) is no trade.

    `unit_e8` and `min_notional_e8` in 10^-8 USDT; the levels are taken from the close.
    """
    if lots < min_lots or lots <= 0:
        return BELOW_MIN_QUANTITY
    if lots * close * unit_e8 < min_notional_e8:
        return BELOW_MIN_NOTIONAL
    if abs(stop_level(side, close, 1, stop_loss_ppm) - close) < LEVEL_DISTANCE_TICKS_MIN:
        return STOP_TOO_NEAR
    if abs(target_level(side, close, 1, profit_target_ppm) - close) < LEVEL_DISTANCE_TICKS_MIN:
        return TARGET_TOO_NEAR
    return SIZE_OK
