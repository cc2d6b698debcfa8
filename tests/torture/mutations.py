"""Safeguards switched off, one at a time: each must be missed by a named check.

A safeguard that nothing misses is either not needed or not tested. The switches work on the
production code in this process and are undone afterwards.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from typing import Any, NamedTuple
from unittest.mock import patch

import msgspec

import job.acting
import job.deciding
import job.entering
import job.protecting
import job.settling
import job.sweeping
from exchange.errors import Outcome
from exchange.gateway import Gateway, Submit
from exchange.views import CONDITIONAL, PLAIN, RestingOrder
from job.budget import Budget
from job.firing import Firing, Work
from state.model import Notes
from state.protection import Repairs
from state.store import FileStore, replace_file
from tests.torture.campaign import FIRING_MS, kind_of
from tests.torture.cases import Case, Played, Theatre
from tests.torture.history import GUARD
from tests.torture.interleave import PAIRINGS, play_schedule
from tests.torture.seam import Fault
from tests.torture.world import World

Switch = Callable[[], AbstractContextManager[object]]


class Hunt(NamedTuple):
    """Where a missing safeguard shows: faults of these kinds at operations of these names, or
    with a `pairing` every schedule in which the first process stops before such an operation.
    Without either the scene alone shows it.
    """

    scene: str
    candle: int
    names: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    pairing: str = ""
    locked: bool = True


class Mutation(NamedTuple):
    """A safeguard, how it is switched off, and which checks must then fail where."""

    safeguard: str
    off: Switch
    hunts: tuple[Hunt, ...]
    checks: tuple[str, ...]


@contextmanager
def _no_plan_write() -> Iterator[None]:
    """Notes with an intent in them are not saved: the order leaves first."""
    saved = Firing.save

    def save(firing: Firing) -> None:
        if not any(work.notes.intent is not None for work in firing.works):
            saved(firing)

    with patch.object(Firing, "save", save):
        yield


def _fresh_timestamp() -> AbstractContextManager[object]:
    """The entry is signed with the time it leaves at, not with that of its plan."""

    def enter(
        self: Gateway, symbol: str, side: int, quantity: str, client_id: str, _timestamp: int
    ) -> Submit:
        return self._market(symbol, side, quantity, client_id)

    return patch.object(Gateway, "enter", enter)


def _no_revision() -> AbstractContextManager[object]:
    """A save replaces whatever is there."""

    def save(self: FileStore, notes: Notes) -> Notes:
        new = msgspec.structs.replace(notes, revision=notes.revision + 1, nonce=self._nonce())
        replace_file(self.path, msgspec.json.encode(new), durable=False)
        return new

    return patch.object(FileStore, "save", save)


def _no_fills() -> AbstractContextManager[object]:
    """Notes are believed: the exchange's fills are never asked for."""
    return patch.object(job.settling, "fills_needed_since", lambda *_: None)


def _no_read_back() -> AbstractContextManager[object]:
    """What was sent is believed to rest."""
    return patch.object(job.protecting, "read_back", lambda *_: Repairs(False, False, ()))


def _no_sweep(book: str) -> AbstractContextManager[object]:
    """Orders of one book are never cancelled."""
    cancel = Gateway.cancel

    def kept(self: Gateway, order: RestingOrder) -> bool:
        return True if order.book == book else cancel(self, order)

    return patch.object(Gateway, "cancel", kept)


def _no_second_read() -> AbstractContextManager[object]:
    """The first wave's position is believed when orders are swept."""
    return patch.object(job.sweeping, "read_position", lambda _firing, work: work.position)


@contextmanager
def _no_last_signal() -> Iterator[None]:
    """It is forgotten which candle was decided."""
    note = Work.note

    def forgetful(work: Work, **changes: Any) -> None:
        changes.pop("last_signal_ms", None)
        note(work, **changes)

    with patch.object(Work, "note", forgetful):
        yield


def _no_deadline() -> AbstractContextManager[object]:
    """A run goes on however long it takes."""
    return patch.object(Budget, "left_ms", lambda _budget: 40_000)


@contextmanager
def _blind_retry() -> Iterator[None]:
    """An order whose outcome is unknown is sent once more."""
    market = Gateway._market

    def twice(self: Gateway, *given: Any, **more: Any) -> Submit:
        submit = market(self, *given, **more)
        return submit if submit.outcome is not Outcome.UNKNOWN else market(self, *given, **more)

    with patch.object(Gateway, "_market", twice):
        yield


def _unknown_is_refused() -> AbstractContextManager[object]:
    """No answer is taken for a refusal."""
    return patch.object(job.entering, "_watch", lambda _f, work, _i: work.note(intent=None))


def _no_guard() -> AbstractContextManager[object]:
    """Guards are never fired."""
    fire = World.fire

    def only_runs(world: World, what: str) -> object:
        return None if what == GUARD else fire(world, what)

    return patch.object(World, "fire", only_runs)


@contextmanager
def _no_window() -> Iterator[None]:
    """An entry may leave however late it is."""
    with ExitStack() as stack:
        for module in (job.acting, job.deciding):
            stack.enter_context(patch.object(module, "too_late", lambda *_: ""))
        yield


ENTRY = ("long-reverted", 4)
MUTATIONS = (
    Mutation(
        "write-ahead: the intent is saved before the order leaves",
        _no_plan_write,
        (Hunt(*ENTRY, ("POST order",), ("kill-after", "hang-done")),),
        ("I1",),
    ),
    Mutation(
        "fence: the entry is signed with the plan's timestamp",
        _fresh_timestamp,
        (Hunt(*ENTRY, ("save",), ("pause-30-after",)),),
        ("I1",),
    ),
    Mutation(
        "the notes' revision: a save stands only on what was loaded",
        _no_revision,
        (Hunt(*ENTRY, ("append", "save"), pairing="two runs, no lock"),),
        ("I1",),
    ),
    Mutation(
        "reconcile: the exchange's fills say what is true",
        _no_fills,
        (Hunt("long-stopped", 5),),
        ("I4", "I5"),
    ),
    Mutation(
        "read-back: a stop counts when it was seen resting",
        _no_read_back,
        (Hunt(*ENTRY, ("POST algoOrder",), ("lost", "503-lost")),),
        ("after a completed firing: I2",),
    ),
    Mutation(
        "sweep of the conditional book",
        lambda: _no_sweep(CONDITIONAL),
        (Hunt("long-reverted", 6),),
        ("I3",),
    ),
    Mutation(
        "sweep of the plain book",
        lambda: _no_sweep(PLAIN),
        (Hunt("leftovers", 3),),
        ("I3",),
    ),
    Mutation(
        "guard: protection every minute between runs",
        _no_guard,
        (Hunt(*ENTRY, ("POST order",), ("kill-after",)),),
        ("naked",),
    ),
    Mutation(
        "second read of the position before a sweep",
        _no_second_read,
        (Hunt(*ENTRY, ("GET openOrders", "GET openAlgoOrders"), pairing="guard and run, no lock"),),
        ("I2", "after a completed firing: I2", "naked"),
    ),
    Mutation(
        "a candle is decided once",
        _no_last_signal,
        (Hunt("fired-twice", 4, ("POST order",), ("503-lost", "lost")),),
        ("I1",),
    ),
    Mutation(
        "deadline: a run that was frozen sends nothing more",
        _no_deadline,
        (Hunt("exit-and-reentry", 5, ("save",), ("pause-420-after",), locked=False),),
        ("I7", "I2", "I1", "after a completed firing"),
    ),
    Mutation(
        "an order is never sent twice",
        _blind_retry,
        (Hunt(*ENTRY, ("POST order",), ("hang-done", "503-done", "reset-done")),),
        ("I1",),
    ),
    Mutation(
        "unknown is not refused",
        _unknown_is_refused,
        (Hunt(*ENTRY, ("POST order",), ("hang-done", "503-done", "reset-done")),),
        ("after a completed firing: I2", "naked"),
    ),
    Mutation(
        "entry window",
        _no_window,
        (Hunt("fired-late", 4),),
        ("I1",),
    ),
)


def cases_of(stage: Theatre, hunt: Hunt, golden: Sequence[str]) -> Iterator[Played]:
    """Everything a hunt plays, one after the other."""
    places = [op for op, name in enumerate(golden) if name in hunt.names]
    if hunt.pairing:
        pairing = next(found for found in PAIRINGS if found.name == hunt.pairing)
        for i in places:
            for j in range(60):
                played, reached = play_schedule(stage, hunt.candle, pairing, i, j)
                yield played
                if not reached:
                    break
        return
    if not hunt.kinds:
        yield stage.play(Case(hunt.scene, hunt.candle, ()))
    for op in places:
        for kind in hunt.kinds:
            case = Case(hunt.scene, hunt.candle, (Fault(0, op, kind),))
            yield stage.play(case, None if hunt.locked else _unlocked)


def _unlocked(world: World) -> None:
    world.lock_off = True


def misses(played: Played) -> list[str]:
    """What a case broke, the bound of the naked time included."""
    broken = list(played.broken)
    if played.worst_ms > played.bound_ms + FIRING_MS:
        broken.append(f"naked for {played.worst_ms} ms, bound {played.bound_ms} ms")
    return broken


class Caught(NamedTuple):
    """How a mutation was found out; `case` empty when it was not."""

    safeguard: str
    case: str
    check: str
    tried: int


def hunt_down(mutation: Mutation, theatre: Callable[[str], Theatre]) -> Caught:
    """Play the hunts with the safeguard off until a named check fails."""
    tried = 0
    for hunt in mutation.hunts:
        stage = theatre(hunt.scene)
        golden = stage.golden[hunt.candle]
        with mutation.off():
            for played in cases_of(stage, hunt, golden):
                tried += 1
                for text in misses(played):
                    if text.startswith(mutation.checks):
                        return Caught(mutation.safeguard, played.case.text(), text, tried)
    return Caught(mutation.safeguard, "", "", tried)


def table(found: Sequence[Caught]) -> str:
    """A Markdown table of what was caught."""
    lines = ["| safeguard switched off | found out by | in |", "|---|---|---|"]
    for caught in found:
        check = kind_of(caught.check) if caught.case else "**nothing**"
        lines.append(f"| {caught.safeguard} | {check} | `{caught.case}` |")
    return "\n".join(lines)
