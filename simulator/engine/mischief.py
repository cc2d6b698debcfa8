"""What the venue does wrong on purpose, by its own will and not by an order's.

Kept beside the books and forgotten with the process: nothing here is part of an account. What
the mischief does to an account is booked like everything else.
"""

from dataclasses import dataclass, field
from typing import NamedTuple

from simulator.engine.model import AlgoOrder


class LateChild(NamedTuple):
    """A conditional order that has triggered and whose child has not been matched yet."""

    algo: AlgoOrder
    due_ms: int


@dataclass
class Mischief:
    """What is in store. Lists are used up from the front, one entry a time."""

    #: The next market orders fill so much of themselves, in permille, then expire.
    fill_permille: list[int] = field(default_factory=list)
    #: So many conditional orders are REJECTED when they trigger.
    rejected_triggers: int = 0
    #: The children of the next ones that trigger are matched so much later, ms.
    child_lags_ms: list[int] = field(default_factory=list)
    late_children: list[LateChild] = field(default_factory=list)
    #: Above 0: commission is paid in BNB (10 % off), at this price of one BNB in 1e-8 USDT.
    bnb_price_e8: int = 0

    def next_fill_lots(self, lots: int) -> int:
        """How much of a market order of `lots` fills; all of it almost always."""
        if not self.fill_permille:
            return lots
        return lots * self.fill_permille.pop(0) // 1000

    def rejects_trigger(self) -> bool:
        """Is this trigger to be rejected?"""
        if not self.rejected_triggers:
            return False
        self.rejected_triggers -= 1
        return True

    def due_children(self, now_ms: int) -> list[AlgoOrder]:
        """The late children whose time has come; they are late no more."""
        due = [late.algo for late in self.late_children if late.due_ms <= now_ms]
        self.late_children = [late for late in self.late_children if late.due_ms > now_ms]
        return due
