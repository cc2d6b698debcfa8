"""What the journal's trades come to, in exact texts."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from job.report import utc_text
from state.journal import Event
from strategy.words import count_text

SUMS = ("gross", "fees", "funding", "net")


@dataclass
class Results:
    """Sums over all finished trades, USDT; and the newest of them in words (empty: none)."""

    trades: int = 0
    sums: dict[str, Decimal] = field(default_factory=lambda: dict.fromkeys(SUMS, Decimal(0)))
    last: str = ""

    def sentence(self, form: str = ".2f") -> str:
        """The sums in words; `form` is how an amount is written."""
        gross, fees, funding, net = (format(self.sums[name], form) for name in SUMS)
        return (
            f"{count_text(self.trades, 'trade')}: gross {gross}, fees {fees}, "
            f"funding {funding}, net {net} USDT"
        )

    def as_dict(self) -> dict[str, Any]:
        """The same for a machine."""
        return {"trades": self.trades, **{name: f"{self.sums[name]:.2f}" for name in SUMS}}


def results_of(trades: Iterable[Event]) -> Results:
    """Add up the journal's trade events."""
    results, last_ms = Results(), 0
    for record in trades:
        results.trades += 1
        for name in SUMS:
            results.sums[name] += Decimal(record[name])
        if record["exit_time"] >= last_ms:
            last_ms = record["exit_time"]
            results.last = (
                f"{record['symbol']} {record['side']} of {record['quantity']} ended "
                f"{utc_text(last_ms)} by {record['reason']}, net {Decimal(record['net']):.2f} USDT"
            )
    return results
