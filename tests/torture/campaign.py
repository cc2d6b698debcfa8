"""The whole enumeration, spread over processes, and what it came to."""

import os
import re
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from tests.torture.cases import Played, Theatre, theatre_of
from tests.torture.enumerate import firsts, seconds, singles
from tests.torture.hands import hands
from tests.torture.history import GUARD, RUN
from tests.torture.interleave import PAIRINGS, schedules
from tests.torture.menu import menu
from tests.torture.scenes import Scene
from tests.torture.world import KEPT_OUT, quiet_logs

#: What a firing itself may take on top of the minutes between guards, ms.
FIRING_MS = 1_000
EXAMPLES_MAX = 5
#: Of a pair's stride, what is taken of the second fault; the rest is taken of the first.
SECONDS_STRIDE = 13


@dataclass
class Tally:
    """What a part of the enumeration came to. Naked times in ms, by what struck."""

    cases: int = 0
    firings: int = 0
    faults: int = 0
    checks: int = 0
    bad: int = 0
    unprotected: int = 0
    worst: dict[str, int] = field(default_factory=dict)
    worst_case: dict[str, str] = field(default_factory=dict)
    examples: dict[str, list[str]] = field(default_factory=dict)

    def add(self, played: Played, *, guarded: bool = True) -> None:
        """Count one case."""
        self.cases += 1
        self.firings += len(played.firings)
        self.faults += len(played.struck)
        self.checks += played.checks + 1
        broken = list(played.broken)
        if guarded and played.worst_ms > played.bound_ms + FIRING_MS:
            broken.append(f"naked for {played.worst_ms} ms, bound {played.bound_ms} ms")
        self.bad += bool(broken)
        self.unprotected += any(text.startswith("I2") for text in broken)
        struck = in_words(played.struck)
        if guarded and played.worst_ms > self.worst.get(struck, -1):
            self.worst[struck] = played.worst_ms
            self.worst_case[struck] = played.case.text()
        for text in broken:
            found = self.examples.setdefault(kind_of(text), [])
            if len(found) < EXAMPLES_MAX:
                found.append(played.case.text())

    def merge(self, other: "Tally") -> None:
        """Add another part."""
        for name in ("cases", "firings", "faults", "checks", "bad", "unprotected"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        for struck, worst in other.worst.items():
            if worst > self.worst.get(struck, -1):
                self.worst[struck] = worst
                self.worst_case[struck] = other.worst_case[struck]
        for kind, cases in other.examples.items():
            found = self.examples.setdefault(kind, [])
            found += cases[: EXAMPLES_MAX - len(found)]


def in_words(struck: Sequence[str]) -> str:
    """How many faults struck, and whether one of them keeps everybody out for a while."""
    kept_out = any(text.rsplit(": ", 1)[1] in KEPT_OUT for text in struck if ": " in text)
    return f"{len(struck)}, {'with a ban or an outage' if kept_out else 'no ban, no outage'}"


def kind_of(text: str) -> str:
    """A violation without its numbers, so that the same ones are counted as one kind."""
    return re.sub(r"\d{2,}", "N", re.sub(r"/\S+", "FILE", text))[:120]


SINGLE, PAIR, MENU, INTERLEAVED = "one place", "two firings", "menu", "interleaved"
HANDS = "hands"


class Strides(NamedTuple):
    """Every how manieth case of a family is played; 1 is all of them."""

    single: int = 1
    pair: int = 1
    menu: int = 1
    interleaved: int = 1
    hands: int = 1


class Part(NamedTuple):
    """A piece of work for one process: a scene's cases of one family that begin at one run."""

    scene: str
    candle: int
    family: str
    stride: int = 1
    pairing: int = 0


#: All of it.
FULL = Strides()
_theatres: dict[tuple[int, str], Theatre] = {}
_folders: dict[int, tempfile.TemporaryDirectory[str]] = {}


def theatre(scene: str) -> Theatre:
    """The theatre of a scene, set up once in this process, in memory where there is such a disk."""
    own = os.getpid()  # a forked process must not work in its parent's folder
    if own not in _folders:
        quiet_logs()
        memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
        _folders[own] = tempfile.TemporaryDirectory(dir=memory)
    if (own, scene) not in _theatres:
        _theatres[own, scene] = theatre_of(scene, Path(_folders[own].name))
    return _theatres[own, scene]


def acts(names: Sequence[str]) -> bool:
    """Does a run with these operations change anything on the exchange?"""
    return any(name.startswith(("POST", "DELETE")) for name in names)


def parts(scenes: Iterable[Scene], strides: Strides = FULL) -> list[Part]:
    """Everything there is to do, the longest pieces first."""
    found = []
    for scene in scenes:
        stage = theatre(scene.name)
        for candle, names in stage.golden.items():
            found.append(Part(scene.name, candle, SINGLE, strides.single))
            found.append(Part(scene.name, candle, MENU, strides.menu))
            found.append(Part(scene.name, candle, HANDS, strides.hands))
            if not acts(names):
                continue
            found.append(Part(scene.name, candle, PAIR, strides.pair))
            found += [
                Part(scene.name, candle, INTERLEAVED, pairing.stride * strides.interleaved, number)
                for number, pairing in enumerate(PAIRINGS)
            ]
    order = (PAIR, INTERLEAVED, SINGLE, HANDS, MENU)
    return sorted(found, key=lambda part: order.index(part.family))


def work(part: Part) -> Tally:
    """Play one part."""
    stage = theatre(part.scene)
    tally = Tally()
    for played in plays(stage, part):
        tally.add(played, guarded=stage.scene.guards)
    return tally


def plays(stage: Theatre, part: Part) -> Iterator[Played]:
    """The cases of a part, one after the other."""
    if part.family == SINGLE:
        yield from _singles(stage, part)
    elif part.family == PAIR:
        yield from _pairs(stage, part)
    elif part.family == MENU:
        yield from menu(stage, part.candle, part.stride)
    elif part.family == HANDS:
        yield from hands(stage, part.candle, part.stride)
    else:
        yield from schedules(stage, part.candle, PAIRINGS[part.pairing], part.stride)


def _singles(stage: Theatre, part: Part) -> Iterator[Played]:
    cases = [case for case in singles(stage) if case.candle == part.candle]
    for case in cases[part.candle % part.stride :: part.stride]:
        yield stage.play(case)


def _pairs(stage: Theatre, part: Part) -> Iterator[Played]:
    """Each first fault, and with it every later operation of the same firing, and every one of
    the next guard and of the next run.
    """
    number = 0
    outer = max(1, part.stride // SECONDS_STRIDE)
    inner = part.stride // outer
    found = [case for case in firsts(stage) if case.candle == part.candle]
    for first in found[part.candle % outer :: outer]:
        played = stage.play(first)
        others = [
            next((f for f in played.firings[1:] if f.what == what), None) for what in (GUARD, RUN)
        ]
        for later in (played.firings[0], *others):
            if later is None:
                continue
            since = first.faults[0].op + 1 if later.number == 0 else 0
            for second in seconds(first, later.number, later.names, since):
                number += 1
                if number % inner == 0:
                    yield stage.play(second)


def run_parts(
    found: Sequence[Part], workers: int, told: Callable[[str], object]
) -> dict[str, Tally]:
    """Play the parts in `workers` processes; a line of progress now and then."""
    tallies: dict[str, Tally] = {}
    with ProcessPoolExecutor(workers) as pool:
        under_way = {pool.submit(work, part): part for part in found}
        for done, future in enumerate(as_completed(under_way), 1):
            part = under_way[future]
            try:
                tally = future.result()
            except Exception as error:
                error.add_note(f"in {part}")
                raise
            tallies.setdefault(part.family, Tally()).merge(tally)
            cases = sum(tally.cases for tally in tallies.values())
            bad = sum(tally.bad for tally in tallies.values())
            told(f"{done}/{len(found)} parts, {cases} faulted runs, {bad} bad")
    return tallies
