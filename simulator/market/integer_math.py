"""Randomness and powers of two in integers, so that every machine computes the same.

Must not use floats or libm: their last digit differs between machines, and a price that differs
by a tick is another market.
"""

import hashlib
import struct

#: Fixed-point numbers here hold 32 bits behind the point: ONE stands for 1.
FRACTION_BITS = 32
ONE = 1 << FRACTION_BITS

#: Standard deviation of what `bell` returns: sqrt(4 * 65536**2 / 12), rounded.
BELL_SD = 37_837

_LN2 = 0xB17217F7D1CF79AB  # ln 2, with 64 bits behind the point


def _series_of_exp2(terms: int) -> tuple[int, ...]:
    """Taylor coefficients of 2**x, ln(2)**n / n!, highest first."""
    coefficients = [1 << 64]
    for n in range(1, terms):
        coefficients.append((coefficients[-1] * _LN2 >> 64) // n)
    return tuple(c >> (64 - FRACTION_BITS) for c in reversed(coefficients))


_EXP2_SERIES = _series_of_exp2(10)  # what is left out is below 1 part in 10**8


def exp2(exponent: int) -> int:
    """2 to the power of `exponent`; both fixed-point, right to 1 part in 10**8.

    Results below 2**-32 are 0.
    """
    whole, fraction = exponent >> FRACTION_BITS, exponent & (ONE - 1)
    power = 0
    for coefficient in _EXP2_SERIES:
        power = coefficient + (power * fraction >> FRACTION_BITS)
    return power << whole if whole >= 0 else power >> -whole


def draws(stream: str, index: int, count: int) -> tuple[int, ...]:
    """`count` uniform numbers from 0 to 65535, a pure function of `stream` and `index`."""
    digest = hashlib.shake_128(f"{stream}/{index}".encode()).digest(2 * count)
    return struct.unpack(f">{count}H", digest)


def bells(uniform: tuple[int, ...]) -> list[int]:
    """One nearly normal number per four uniform ones, their sum (Irwin and Hall, 1927): mean 0,
    deviation BELL_SD, at most 131070 either way.
    """
    return [
        a + b + c + d - 131_070
        for a, b, c, d in zip(
            uniform[::4], uniform[1::4], uniform[2::4], uniform[3::4], strict=True
        )
    ]
