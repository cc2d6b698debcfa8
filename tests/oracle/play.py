"""Plays a planted case through the oracle."""

from tests.oracle.oracle import replay
from tests.oracle.planted import Planted
from tests.oracle.result import Result


def play(case: Planted) -> Result:
    """The oracle's result for `case`."""
    return replay(
        case.candles,
        case.params,
        case.costs,
        case.rules,
        balance=case.balance,
        funding=case.funding,
        marks=case.marks,
        first_ms=case.first_ms,
        end_ms=case.end_ms,
        symbols=case.symbols,
    )
