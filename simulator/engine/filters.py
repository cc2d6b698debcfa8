"""The symbol's filters: from Decimal to whole ticks and lots, and the bounds of both.

Every breach raises Binance's own code (`Refused`). No account and no order is known here.
"""

from decimal import Decimal

from simulator.engine.fills import below_minimum
from simulator.engine.model import BUY, USDT_E8, Contract, Side
from simulator.engine.refused import refused

_PPM = 1_000_000
_DECIMALS_MAX = 8


def decimal_of_e8(amount_e8: int) -> Decimal:
    """A whole number of 1e-8 as an exact Decimal with 8 decimals."""
    return Decimal(amount_e8).scaleb(-8)


def price_text(contract: Contract, ticks: int) -> str:
    """A price as Binance writes it in a message: no exponent, no zeros at the end."""
    text = f"{decimal_of_e8(ticks * contract.tick_e8):f}".rstrip("0")
    return text + "0" if text.endswith(".") else text


def lots_from(contract: Contract, quantity: Decimal, *, closing: bool = False) -> int:
    """A quantity in whole lots. Refused: -1111 too many decimals, -4023 off the step.

    `closing`: what was opened before the step became coarser can still be closed.
    """
    decimals = contract.quantity_decimals
    if closing and quantity.scaleb(8) % contract.step_e8 == 0:
        decimals = _DECIMALS_MAX
    return _whole(quantity, contract.step_e8, decimals, -4023)


def ticks_from(contract: Contract, price: Decimal) -> int:
    """A price in whole ticks. Refused: -1111 too many decimals, -4014 off the tick."""
    return _whole(price, contract.tick_e8, contract.price_decimals, -4014)


def _whole(value: Decimal, step_e8: int, decimals: int, off_step: int) -> int:
    if value != round(value, decimals):
        raise refused(-1111)
    scaled = value.scaleb(8)
    if scaled != int(scaled) or int(scaled) % step_e8:
        raise refused(off_step)
    return int(scaled) // step_e8


def check_lots(contract: Contract, lots: int, *, market: bool) -> None:
    """LOT_SIZE, for market and conditional orders MARKET_LOT_SIZE. Refused: -4003/-4004/-4005."""
    if lots <= 0:
        raise refused(-4003)
    if lots < contract.min_lots:
        raise refused(-4004)
    if lots > (contract.market_max_lots if market else contract.max_lots):
        raise refused(-4005)


def check_price(contract: Contract, ticks: int) -> None:
    """PRICE_FILTER, for limit prices and triggers. Refused: -4013, -4002."""
    if ticks < contract.price_min_ticks or ticks <= 0:
        raise refused(-4013)
    if ticks > contract.price_max_ticks:
        raise refused(-4002)


def check_price_band(contract: Contract, side: Side, ticks: int, standing_ticks: int) -> None:
    """PERCENT_PRICE of a limit order, one-sided. Refused: -4016 (buy), -4024 (sell)."""
    if side == BUY:
        highest = standing_ticks * contract.price_up_ppm // _PPM
        if ticks > highest:
            raise refused(-4016, price_text(contract, highest))
    else:
        lowest = -(-standing_ticks * contract.price_down_ppm // _PPM)
        if ticks < lowest:
            raise refused(-4024, price_text(contract, lowest))


def check_notional(contract: Contract, lots: int, ticks: int) -> None:
    """MIN_NOTIONAL. Refused: -4164. Reduce-only orders are exempt: the caller knows."""
    if below_minimum(lots * ticks * contract.unit_e8, contract.min_notional_e8):
        whole, rest = divmod(contract.min_notional_e8, USDT_E8)
        raise refused(-4164, decimal_of_e8(contract.min_notional_e8).normalize() if rest else whole)
