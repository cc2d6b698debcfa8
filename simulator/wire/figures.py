"""Whole ticks, lots and 1e-8 USDT written as Binance writes them.

Binance pads the same price differently in different answers; this module knows the ways, the
rows choose. Integers only. Reading figures is the engine's (`engine/filters.py`).
"""

from simulator.engine.fills import divided_half_even
from simulator.engine.model import Contract


def fixed(value: int, places: int) -> str:
    """A whole count of 10^-places as text: -1050 with 3 places is "-1.050"."""
    if not places:
        return str(value)
    if value < 0:
        return f"-{fixed(-value, places)}"
    text = f"{value:0{places + 1}d}"
    return f"{text[:-places]}.{text[-places:]}"


def money(value_e8: int) -> str:
    """USDT with eight decimals."""
    if value_e8 < 0:
        return f"-{money(-value_e8)}"
    text = f"{value_e8:09d}"
    return f"{text[:-8]}.{text[-8:]}"


def bare(text: str) -> str:
    """Without padding zeros: "1.1800" -> "1.18", "0.000" -> "0"."""
    return text.rstrip("0").rstrip(".") if "." in text else text


def dotted(text: str) -> str:
    """Unpadded, but never without a decimal: "1.1800" -> "1.18", "58000.00" -> "58000.0"."""
    short = bare(text)
    return short if "." in short else short + ".0"


class Figures:
    """The figures of one symbol."""

    __slots__ = ("_lot", "_tick", "price_places", "quantity_places")

    def __init__(self, contract: Contract) -> None:
        """Decimals are the symbol's pricePrecision and quantityPrecision."""
        self.price_places = max(contract.price_decimals, _places(contract.tick_e8))
        self.quantity_places = max(contract.quantity_decimals, _places(contract.step_e8))
        self._tick = contract.tick_e8 // 10 ** (8 - self.price_places)
        self._lot = contract.step_e8 // 10 ** (8 - self.quantity_places)

    def price(self, ticks: int) -> str:
        """A price with the symbol's decimals: "1.183700"."""
        return fixed(ticks * self._tick, self.price_places)

    def quantity(self, lots: int) -> str:
        """A quantity with the symbol's decimals: "4.9"."""
        return fixed(lots * self._lot, self.quantity_places)

    def quote(self, tick_lots: int) -> str:
        """A notional, given as the sum of ticks x lots: "5.5659100"."""
        return fixed(tick_lots * self._tick * self._lot, self.price_places + self.quantity_places)

    def average(self, tick_lots: int, lots: int) -> str:
        """The average price of `lots` that cost `tick_lots`, zero for none: "1.1359000"."""
        places = self.price_places + self.quantity_places
        if not lots:
            return fixed(0, places)
        top = tick_lots * self._tick * 10**self.quantity_places
        return fixed(divided_half_even(top, lots), places)


def _places(size_e8: int) -> int:
    places = 8
    while places and size_e8 % 10 ** (9 - places) == 0:
        places -= 1
    return places
