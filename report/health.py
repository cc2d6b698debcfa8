"""Is the job well? How often it ran, how late, what failed, how long positions were bare."""

from collections.abc import Iterable, Sequence
from statistics import median
from typing import NamedTuple

from exchange.ids import ENTRY, STOP_LEGS, parse_id
from report.facts import Facts

FAILURES_SHOWN = 12


class Health(NamedTuple):
    """Times in ms. `bare_ms`: for each trade, from its first fill to the exchange's word that a
    stop rests; None where no such word is in the journal.
    """

    runs: int
    undecided: int  # closes between the first and the last decision without one
    late_ms: list[int]  # of every first decision of a candle, ascending
    took_ms: list[int]  # of every run that was measured, until it saved; ascending
    failed: list[tuple[int, str]]  # when, and what, newest first
    bare_ms: list[int | None]

    @property
    def bare_total_ms(self) -> int:
        """Time in a position without a stop, as far as it is known."""
        return sum(bare for bare in self.bare_ms if bare is not None)


def health_of(facts: Facts, symbols: Iterable[str]) -> Health:
    """Measured from the journal alone."""
    undecided, late = 0, []
    for symbol in symbols:
        asked = [question for question, _ in facts.decided(symbol)]
        late += [question.now_ms - question.closed_ms for question in asked]
        if asked:
            signals = [question.signal_ms for question in asked]
            span = max(signals) - min(signals)
            undecided += span // asked[-1].parameters.interval_ms + 1 - len(signals)
    failed = [
        (int(run["at_ms"]), text)
        for run in reversed(facts.runs)
        for text in _failures(run["report"])
    ]
    took = sorted(sum(run["report"]["steps_ms"].values()) for run in facts.runs)
    took = [each for each in took if each]  # on the clock of a replay nothing takes time
    return Health(len(facts.runs), max(0, undecided), sorted(late), took, failed, _bare(facts))


def _failures(report: dict[str, list[dict[str, str]]]) -> list[str]:
    errors = [
        f"{symbol['symbol']}: {symbol['error']}" for symbol in report["symbols"] if symbol["error"]
    ]
    return [*errors, *(str(failure) for failure in report["failures"])]


def _bare(facts: Facts) -> list[int | None]:
    """For every entry: how long until the exchange had taken a stop for it."""
    entered: dict[tuple[str, int], int] = {}
    for fill in facts.fills:
        own = parse_id(fill["client_id"])
        if own is not None and own.leg == ENTRY:
            entered.setdefault((own.symbol, own.signal_ms), int(fill["at_ms"]))
    stops = [
        (order["symbol"], int(order["at_ms"]))
        for order in facts.orders
        if order.get("leg") in STOP_LEGS and order["outcome"].endswith("accepted")
    ]
    return [
        next((at - filled_ms for of, at in stops if of == symbol and at >= filled_ms), None)
        for (symbol, _), filled_ms in entered.items()
    ]


def middle(values: Sequence[int]) -> float:
    """The median; 0 of nothing."""
    return median(values) if values else 0.0


def share(ascending: Sequence[int], percent: int) -> int:
    """The value that so many percent do not exceed; 0 of nothing."""
    return ascending[min(len(ascending) - 1, len(ascending) * percent // 100)] if ascending else 0
