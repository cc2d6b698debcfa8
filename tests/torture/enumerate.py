"""Every fault at every operation of every run of every scene, once and twice, and in pairs."""

from collections.abc import Iterator, Sequence

from tests.torture.cases import Case, Theatre
from tests.torture.seam import Fault, kinds_for

#: First and second fault of a pair: one word for each way to die or to be left in doubt.
PAIR_FIRST = ("kill-after", "hang-done", "hang-lost", "error")
PAIR_SECOND = ("kill-after", "hang-done", "error")
#: Dying at a read is dying at the claim: nothing was done. For reads a lost answer is left.
PAIR_SECOND_READ = ("hang-lost",)


def singles(theatre: Theatre) -> Iterator[Case]:
    """Every operation x every fault that fits it, striking once, and striking twice."""
    for candle, names in theatre.golden.items():
        for op, name in enumerate(names):
            for kind in kinds_for(name):
                for times in (1, 2):
                    yield Case(theatre.scene.name, candle, (Fault(0, op, kind, times),))


def firsts(theatre: Theatre) -> Iterator[Case]:
    """The first halves of the pairs: what strikes an operation that changes something."""
    for candle, names in theatre.golden.items():
        for op, name in enumerate(names):
            changes = name in ("save", "append") or name.startswith(("POST", "DELETE"))
            for kind in kinds_for(name) if changes else ():
                if kind in PAIR_FIRST:
                    yield Case(theatre.scene.name, candle, (Fault(0, op, kind),))


def seconds(case: Case, later: int, names: Sequence[str], since: int = 0) -> Iterator[Case]:
    """The pairs that a first half makes with every operation of a firing from `since` on."""
    for op, name in enumerate(names):
        if op < since:
            continue
        kinds = PAIR_SECOND_READ if name.startswith("GET") else PAIR_SECOND
        for kind in kinds_for(name):
            if kind in kinds:
                yield case._replace(faults=(*case.faults, Fault(later, op, kind)))
