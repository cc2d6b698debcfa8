"""Safeguards switched off, one at a time: each must be missed by a named check.

A safeguard that nothing misses is either not needed or not tested. The switches work on the
production code in this process and are undone afterwards.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from typing import NamedTuple

from exchange.views import CONDITIONAL, PLAIN
from tests.torture import switches
from tests.torture.campaign import FIRING_MS, kind_of
from tests.torture.cases import Case, Played, Theatre
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


ENTRY = ("long-reverted", 4)
MUTATIONS = (
    Mutation(
        "write-ahead: the intent is saved before the order leaves",
        switches.no_plan_write,
        (Hunt(*ENTRY, ("POST order",), ("kill-after", "hang-done")),),
        ("I1",),
    ),
    Mutation(
        "fence: the entry is signed with the plan's timestamp",
        switches.fresh_timestamp,
        (Hunt(*ENTRY, ("save",), ("pause-30-after",)),),
        ("I1",),
    ),
    Mutation(
        "the notes' revision: a save stands only on what was loaded",
        switches.no_revision,
        (Hunt(*ENTRY, ("append", "save"), pairing="two runs, no lock"),),
        ("I1",),
    ),
    Mutation(
        "reconcile: the exchange's fills say what is true",
        switches.no_fills,
        (Hunt("long-stopped", 5),),
        ("I4", "I5"),
    ),
    Mutation(
        "read-back: a stop counts when it was seen resting",
        switches.no_read_back,
        (Hunt(*ENTRY, ("POST algoOrder",), ("lost", "503-lost")),),
        ("after a completed firing: I2",),
    ),
    Mutation(
        "sweep of the conditional book",
        lambda: switches.no_sweep(CONDITIONAL),
        (Hunt("long-reverted", 6),),
        ("I3",),
    ),
    Mutation(
        "sweep of the plain book",
        lambda: switches.no_sweep(PLAIN),
        (Hunt("leftovers", 3),),
        ("I3",),
    ),
    Mutation(
        "guard: protection every minute between runs",
        switches.no_guard,
        (Hunt(*ENTRY, ("POST order",), ("kill-after",)),),
        ("naked",),
    ),
    Mutation(
        "second read of the position before a sweep",
        switches.no_second_read,
        (Hunt(*ENTRY, ("GET openOrders", "GET openAlgoOrders"), pairing="guard and run, no lock"),),
        ("I2", "after a completed firing: I2", "naked"),
    ),
    Mutation(
        "a candle is decided once",
        switches.no_last_signal,
        (Hunt("fired-twice", 4, ("POST order",), ("503-lost", "lost")),),
        ("I1",),
    ),
    Mutation(
        "deadline: a run that was frozen sends nothing more",
        switches.no_deadline,
        (Hunt("exit-and-reentry", 5, ("save",), ("pause-420-after",), locked=False),),
        ("I7", "I2", "I1", "after a completed firing"),
    ),
    Mutation(
        "an order is never sent twice",
        switches.blind_retry,
        (Hunt(*ENTRY, ("POST order",), ("hang-done", "503-done", "reset-done")),),
        ("I1",),
    ),
    Mutation(
        "unknown is not refused",
        switches.unknown_is_refused,
        (Hunt(*ENTRY, ("POST order",), ("hang-done", "503-done", "reset-done")),),
        ("after a completed firing: I2", "naked"),
    ),
    Mutation(
        "journal before notes: an event may come twice, never be lost",
        switches.notes_first,
        (Hunt("long-reverted", 6, ("append", "save"), ("kill-after",)),),
        ("I5",),
    ),
    Mutation(
        "keyed events: what is told twice is written once",
        switches.no_keys,
        (Hunt("long-reverted", 6, ("append",), ("kill-after",)),),
        ("I5",),
    ),
    Mutation(
        "only what carries our prefix is ours",
        switches.all_orders_ours,
        (Hunt("foreign", 4),),
        ("I7",),
    ),
    Mutation(
        "errors are told in our own words",
        switches.addresses_told,
        (Hunt(*ENTRY, ("GET positionRisk",), ("lost",)),),
        ("I8",),
    ),
    Mutation(
        "a moved stop: the old one is cancelled last",
        switches.cancel_first,
        (Hunt("short-breakeven", 5),),
        ("I2 protected: BTCUSDT was left without its stop",),
    ),
    Mutation(
        "adoption: lost notes are rebuilt from the exchange's fills",
        switches.no_adopting,
        (Hunt("stopped-notes-lost", 5),),
        ("I4", "I5"),
    ),
    Mutation(
        "a guard goes on without a holder that is older than the deadline",
        switches.guards_wait,
        (Hunt(*ENTRY, ("POST order",), ("pause-420-after",)),),
        ("naked",),
    ),
    Mutation(
        "entry window",
        switches.no_window,
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
        check = kind_of(caught.check).replace("|", "/") if caught.case else "**nothing**"
        lines.append(f"| {caught.safeguard} | {check} | `{caught.case}` |")
    return "\n".join(lines)
