"""The state of one firing while it runs: what was wired in, what was read, what is to be told.

A `Firing` belongs to one run and dies with it. `Work` is its part for one symbol.
"""

import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Protocol, TypeVar

import msgspec

from exchange.errors import VenueError
from exchange.gateway import Gateway
from exchange.ids import owner_tag
from exchange.views import Candle, Position, RestingOrder
from job.budget import Budget
from job.config import Config
from job.outside import Clock
from job.question import Record
from job.report import Report, SymbolReport
from state.codec import UnreadableNotesError
from state.journal import Event
from state.lock import Claim
from state.model import Notes, SymbolNotes, replace_symbol
from state.owning import Owner
from state.reconcile import Standing
from state.store import LostRaceError, Store
from strategy.instrument import Instrument
from strategy.parameters import Parameters

T = TypeVar("T")
Task = Callable[[], T]


#: What `halt` and `resume` change in the notes; revision and nonce are the save's own.
SWITCH = ("brakes", "resumed_ms", "revision", "nonce")


class Executor(Protocol):
    """Runs tasks side by side (venues on the wire) or in order (the in-process venue)."""

    def __call__(self, tasks: Sequence[Task[T]]) -> list[T | VenueError]:
        """The results in the order of the tasks; a VenueError stands where one was raised."""
        ...


class Journal(Protocol):
    """Where events go."""

    def append(self, events: Sequence[Event]) -> None:
        """Write them; keyed ones only once."""
        ...

    def events(self, kind: str | None = None, day: str | None = None) -> Iterator[Event]:
        """Every event (of one kind, of one day YYYY-MM-DD), oldest day first."""
        ...


def no_connections(command: str) -> None:
    """The exchange in this process needs none."""


@dataclass(frozen=True)
class Job:
    """Everything a firing is given. Nothing in it remembers an earlier one."""

    config: Config
    gateway: Gateway
    store: Store
    journal: Journal
    clock: Clock
    claim: Callable[[int], AbstractContextManager[Claim]]
    together: Executor
    new_nonce: Callable[[], str]
    budget: Budget
    prices: str = ""  # what people must be told of them: "synthetic", or nothing
    ignore_window: bool = False
    connect: Callable[[str], None] = no_connections  # open what this command's reads will need
    tells_news: bool = False  # somebody wants to hear of what happens
    started: Callable[[], None] = lambda: None  # called once the lock is ours


@dataclass
class Work:
    """One symbol in one firing."""

    symbol: str
    parameters: Parameters
    notes: SymbolNotes
    report: SymbolReport
    market: Instrument | None = None
    position: Position | None = None
    resting: list[RestingOrder] = field(default_factory=list)
    standing: Standing = Standing.FLAT
    candles: list[Candle] = field(default_factory=list)
    signal: int = -1  # index of the signal candle, -1: none
    final: bool = False
    entry_ban: str = ""  # why no entry may be made, empty: none is known
    over: frozenset[int] = frozenset()  # signal candles of trades that are known to have ended
    sent: dict[int, str] = field(default_factory=dict)  # client ids of this run's orders, by id
    blind: bool = False  # what is true could not be found out: protect as noted, nothing else
    record: Record | None = None  # what was decided, and from what
    clock_refused: bool = False  # the exchange refused this run's entry for its time stamp
    entry_again: bool = False  # so it is planned once more
    usable: bool = False  # account reads succeeded: what is true is known

    @property
    def instrument(self) -> Instrument:
        """The symbol's rules, once they are known."""
        if self.market is None:
            raise VenueError(f"{self.symbol}", message="the symbol's rules are not known")
        return self.market

    def note(self, **changes: object) -> None:
        """Change this symbol's notes (in memory; saving is the firing's)."""
        self.notes = msgspec.structs.replace(self.notes, **changes)

    def distrust_rules(self) -> None:
        """The kept rules are stale: the next run reads them again."""
        if self.notes.rules is not None:
            self.note(rules=msgspec.structs.replace(self.notes.rules, read_ms=0))

    def fail(self, text: str) -> None:
        """Someone should look: the run ends with status 1."""
        self.report.error = f"{self.report.error}; {text}" if self.report.error else text


@dataclass
class Firing:
    """One run in progress."""

    job: Job
    report: Report
    notes: Notes
    works: list[Work] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    wallet_e8: int | None = None
    fees_since_e8: int = 0  # what entries have cost since the wallet was read
    loaded: Notes = field(init=False)  # as they were when the firing began
    saved: bool = False
    may_save: bool = True
    may_write: bool = True

    def __post_init__(self) -> None:
        """Until notes are loaded, there were none."""
        self.loaded = self.notes

    @property
    def gateway(self) -> Gateway:
        """The exchange."""
        return self.job.gateway

    @property
    def owner(self) -> Owner:
        """Which entries on the exchange are this deployment's."""
        return Owner(owner_tag(self.job.config.owner), self.notes.owned_since_ms)

    def exchange_now_ms(self) -> int:
        """The exchange's clock as well as it is known."""
        return self.job.budget.exchange_now_ms()

    def set_offset(self, offset_ms: int) -> None:
        """Remember how far the exchange's clock is ahead of ours; signing uses it at once."""
        self.notes = msgspec.structs.replace(self.notes, clock_offset_ms=offset_ms)
        self.job.budget.clock_offset_ms = offset_ms

    def tell(self, event: str, **fields: object) -> None:
        """Queue an event for the journal; `key` makes it exactly-once."""
        at_ms = fields.pop("at_ms", None)
        stamp = at_ms if isinstance(at_ms, int) else self.exchange_now_ms()
        self.events.append({"at_ms": stamp, "event": event, "run": self.report.run, **fields})

    def save(self) -> None:
        """Journal first, then the notes: an event can come twice (and is dropped), never be lost.

        Raises LostRaceError when another run has saved: then this one must not go on. Raises
        OSError once when it cannot be written; after that nothing is written any more.
        """
        if not self.may_write:
            return
        if self.events:
            self.job.journal.append(self.events)
            self.events = []
        for work in self.works:
            if self.notes.symbols.get(work.symbol) != work.notes:
                self.notes = replace_symbol(self.notes, work.symbol, work.notes)
        quiet_ms = self.job.budget.quiet_until_ms
        self.notes = msgspec.structs.replace(self.notes, quiet_until_ms=quiet_ms)
        if self.may_save:
            self.notes = self.job.store.save(self.notes)
            self.saved = True

    def save_if_possible(self) -> bool:
        """Save; False (and told) when it cannot be written: what protects or closes goes on."""
        try:
            self.save()
        except (OSError, UnreadableNotesError) as error:
            self.may_write = self.may_save = False
            why = f"{error.strerror}: {error.filename}" if isinstance(error, OSError) else error
            self.report.failures.append(
                f"state or journal cannot be written ({why}): "
                "no entries; exits and protection go on"
            )
        return self.may_write

    def save_before_exits(self) -> None:
        """Save, also on top of a switch that a person has turned since this firing loaded: it
        forbids entries, and must not cost an exit. Raises LostRaceError for all else.
        """
        try:
            self.save_if_possible()
        except LostRaceError:
            if not self._only_switched():
                raise
            self.save_if_possible()

    def _only_switched(self) -> bool:
        """Has nothing but the switch changed since the notes were loaded? Then it is taken up."""
        try:
            now = self.job.store.load()
        except (OSError, UnreadableNotesError):
            return False
        if now is None:
            return False
        switch = {name: getattr(now, name) for name in SWITCH}
        if msgspec.structs.replace(self.loaded, **switch) != now:
            return False
        self.notes = msgspec.structs.replace(self.notes, **switch)
        return True

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Measure a step of the run for the report."""
        began = self.job.clock.spent_ms()
        try:
            yield
        finally:
            spent = self.job.clock.spent_ms() - began
            self.report.steps_ms[name] = self.report.steps_ms.get(name, 0) + spent


WorkTask = Callable[[Firing, Work], None]


def each(firing: Firing, works: Sequence[Work], task: WorkTask) -> None:
    """Do something for several symbols side by side; one that fails does not stop the others."""
    firing.job.together([partial(_alone, task, firing, work) for work in works])


def _alone(task: WorkTask, firing: Firing, work: Work) -> None:
    try:
        task(firing, work)
    except VenueError as error:
        work.fail(str(error))
    except Exception as error:  # noqa: BLE001 - a fault in one symbol must not cost the others
        where = traceback.extract_tb(error.__traceback__)[-1]
        work.fail(f"internal error {type(error).__name__} at {where.name}:{where.lineno}: {error}")
