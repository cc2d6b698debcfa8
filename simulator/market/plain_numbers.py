"""Prices and quantities out of text, exactly: decimal strings to whole 1e-8, ticks and lots.

Must not use floats. Cuts strings instead of calling Decimal, which is several times slower over
the half million numbers of a year; so it takes plain decimals only (no exponent, sign or blank).
"""

E8 = 100_000_000
_PLACES = 8
_WHOLE_DIGITS_MAX = 15  # more is no price and no quantity
_DIGITS_MAX = 40
_NOT_PLAIN = "no plain decimal number, or too fine"


def _is_digits(text: str) -> bool:
    return text.isascii() and text.isdigit()


class WholeParts(dict[str, int]):
    """Digits before the point -> that many times `factor`. Remembers what it has read."""

    def __init__(self, factor: int) -> None:
        """`factor`: units in 1."""
        self._factor = factor

    def __missing__(self, digits: str) -> int:
        """ValueError unless digits."""
        if len(digits) > _WHOLE_DIGITS_MAX or not _is_digits(digits):
            raise ValueError(_NOT_PLAIN)
        self[digits] = int(digits) * self._factor
        return self[digits]


class Fractions(dict[str, int]):
    """Digits behind the point -> whole units of `unit_e8`. Remembers what it has read."""

    def __init__(self, unit_e8: int, *, round_down: bool = False) -> None:
        """`unit_e8` in 1e-8; finer numbers are errors unless they are rounded down."""
        self._unit_e8 = unit_e8
        self._round_down = round_down

    def __missing__(self, digits: str) -> int:
        """ValueError unless digits, and whole units where not rounded down."""
        if len(digits) > _DIGITS_MAX or (digits and not _is_digits(digits)):
            raise ValueError(_NOT_PLAIN)
        units, finer = divmod(int(digits[:_PLACES].ljust(_PLACES, "0")), self._unit_e8)
        if not self._round_down and (finer or digits[_PLACES:].strip("0")):
            raise ValueError(_NOT_PLAIN)
        self[digits] = units
        return units


def e8(text: str) -> int:
    """`text` ("16537.5") in 1e-8. ValueError unless a plain decimal of at most 8 places."""
    whole, _, fraction = text.partition(".")
    return WholeParts(E8)[whole] + Fractions(1)[fraction]


def e8_down(text: str) -> int:
    """The same, what lies behind the eighth place cut off."""
    whole, _, fraction = text.partition(".")
    return WholeParts(E8)[whole] + Fractions(1, round_down=True)[fraction]


def signed_e8(text: str) -> int:
    """`text` ("-0.00012") in 1e-8. ValueError unless a plain decimal of at most 8 places."""
    return -e8(text[1:]) if text.startswith("-") else e8(text)


def ticks_nearest(text: str, tick_e8: int) -> int:
    """`text` in ticks, rounded to the nearest (half up), however many places it has."""
    whole, _, fraction = text.partition(".")
    if not whole or len(text) > _DIGITS_MAX or not _is_digits(whole + fraction):
        raise ValueError(_NOT_PLAIN)
    unit: int = tick_e8 * 10 ** len(fraction)
    return (2 * int(whole + fraction) * E8 + unit) // (2 * unit)
