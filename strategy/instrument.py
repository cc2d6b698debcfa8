"""One symbol's rules in whole numbers, and the exact way between the wire's text and them.

Conversions are exact or refused; the two that round say so in their names.
"""

from decimal import ROUND_HALF_UP, Decimal
from typing import NamedTuple

from strategy.units import E8


class Instrument(NamedTuple):
    """Trading rules of one symbol. `unit_e8` = worth of one tick on one lot, in 10^-8 USDT."""

    symbol: str
    tick_e8: int
    step_e8: int
    unit_e8: int
    min_lots: int
    market_max_lots: int
    min_notional_e8: int

    def ticks(self, price: str | Decimal) -> int:
        """A price on the tick, in ticks. ValueError when it lies between ticks."""
        return whole(Decimal(price) * E8, self.tick_e8, f"{self.symbol} price {price}")

    def ticks_nearest(self, price: str | Decimal) -> int:
        """A price in ticks, nearest, half up (for mark prices and averages shown to people)."""
        exact = Decimal(price) * E8 / self.tick_e8
        return int(exact.to_integral_value(ROUND_HALF_UP))

    def quote_nearest(self, price: Decimal, lots: int) -> int:
        """price x lots in ticks x lots, nearest: for an average price that lies between ticks."""
        exact = price * E8 * lots / self.tick_e8
        return int(exact.to_integral_value(ROUND_HALF_UP))

    def lots(self, quantity: str | Decimal) -> int:
        """A quantity in lots. ValueError when it lies between steps."""
        return whole(Decimal(quantity) * E8, self.step_e8, f"{self.symbol} quantity {quantity}")

    def price_text(self, ticks: int) -> str:
        """Ticks as the wire writes a price, e.g. 914376 -> "91437.6"."""
        return scaled_text(ticks * self.tick_e8, self.tick_e8)

    def quantity_text(self, lots: int) -> str:
        """Lots as the wire writes a quantity, e.g. 2 -> "0.002"."""
        return scaled_text(lots * self.step_e8, self.step_e8)

    def average_text(self, quote: int, lots: int) -> str:
        """The average price quote / lots: on the tick when it is, else to 8 decimals."""
        if quote % lots == 0:
            return self.price_text(quote // lots)
        return f"{Decimal(quote) * self.tick_e8 / (Decimal(lots) * E8):.8f}"


def instrument(
    symbol: str,
    *,
    tick: str | Decimal,
    step: str | Decimal,
    min_quantity: str | Decimal,
    market_max: str | Decimal,
    min_notional: str | Decimal,
) -> Instrument:
    """An Instrument from the exchange's own texts. ValueError when they do not fit whole units."""
    tick_e8 = whole(Decimal(tick) * E8, 1, f"{symbol} tick {tick}")
    step_e8 = whole(Decimal(step) * E8, 1, f"{symbol} quantity step {step}")
    if tick_e8 <= 0 or step_e8 <= 0:
        raise ValueError(f"{symbol}: tick {tick} and quantity step {step} must be above 0")
    rounded_min = -(-whole(Decimal(min_quantity) * E8, 1, f"{symbol} minimum") // step_e8)
    return Instrument(
        symbol=symbol,
        tick_e8=tick_e8,
        step_e8=step_e8,
        unit_e8=whole(Decimal(tick_e8) * step_e8, E8, f"{symbol} tick {tick} x step {step}"),
        min_lots=rounded_min,
        market_max_lots=int(Decimal(market_max) * E8) // step_e8,
        min_notional_e8=whole(Decimal(min_notional) * E8, 1, f"{symbol} minimum notional"),
    )


def whole(value: Decimal, unit: int, what: str) -> int:
    """`value` counted in `unit`. ValueError naming `what` when something is left over."""
    count, rest = divmod(value, unit)
    if rest != 0:
        raise ValueError(f"{what} is not a whole number of steps")
    return int(count)


def scaled_text(value_e8: int, grain_e8: int) -> str:
    """A 10^-8 amount with as many decimals as its grain needs (grain 0.10 -> one decimal)."""
    decimals = 8
    while decimals > 0 and grain_e8 % 10 == 0:
        grain_e8 //= 10
        decimals -= 1
    return f"{Decimal(value_e8).scaleb(-8):.{decimals}f}"


def money_text(amount_e8: int, decimals: int = 8) -> str:
    """10^-8 USDT as text; with all 8 decimals it is exact."""
    return f"{Decimal(amount_e8).scaleb(-8):.{decimals}f}"
