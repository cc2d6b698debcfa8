"""What a world remembers: what is due, what was fired and how it went, what persists between."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from tests.torture.world import World

RUN, GUARD, EVENT = "run", "guard", "event"


class Due(NamedTuple):
    """Something that happens at a time: a run, a guard, or a script's event."""

    at_ms: int
    what: str
    act: Callable[[World], None] | None = None


class Hand(NamedTuple):
    """What somebody does right before an operation of a firing. `act`: was there anything to do?"""

    firing: int
    op: int
    name: str
    act: Callable[[World], bool]


@dataclass
class Firing:
    """One firing of the world: how it went, and the operations it did."""

    number: int
    what: str
    at_ms: int
    names: list[str] = field(default_factory=list)
    ended: str = "under way"  # done, failed, left, killed, crashed
    end_ms: int = 0
    touched: bool = True
    struck: bool = False
    kept_out: bool = False  # a ban, a rate limit or an outage began in it
    entered: bool = False  # an entry order left
    acted: bool = False  # a person acted while it was at work: what it had read is no longer so
    failures: tuple[str, ...] = ()
    said: str = ""  # its notices

    def text(self) -> str:
        """For people: what, when, how it ended, its operations."""
        operations = " ".join(f"{n}:{name}" for n, name in enumerate(self.names))
        return f"#{self.number} {self.what} at {self.at_ms} {self.ended}: {operations}"


class Snapshot(NamedTuple):
    """All that persists between two firings."""

    now_ms: int
    due: int
    books: bytes
    files: Mapping[str, bytes]
    nonces: int
