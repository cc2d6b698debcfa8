"""Two processes at once: A does i operations, B does j, A ends, B ends, for every i and j.

Each process is a thread with a baton: only one of them moves at a time, and it stops exactly
before an operation. So a schedule is the same every time it is played.
"""

from collections.abc import Iterator
from threading import Semaphore, Thread, current_thread
from typing import NamedTuple

from tests.torture.cases import Case, Played, Theatre, judge, naked_bound_ms, play_out
from tests.torture.history import GUARD, RUN, Firing
from tests.torture.world import World

FOR_EVER = 1 << 30
#: Of a stride, what is taken of the second process's operations; the rest is of the first's.
SECOND_STRIDE = 7


class Pairing(NamedTuple):
    """What meets what. `gap_ms` goes by between A's first part and B's beginning."""

    name: str
    first: str
    second: str
    locked: bool
    gap_ms: int = 0
    stride: int = 1


PAIRINGS = (
    Pairing("two runs, no lock", RUN, RUN, locked=False),
    Pairing("two runs", RUN, RUN, locked=True, stride=11),
    Pairing("run and guard, no lock", RUN, GUARD, locked=False, stride=11),
    Pairing("guard and run, no lock", GUARD, RUN, locked=False, stride=11),
    Pairing("frozen run and guard", RUN, GUARD, locked=True, gap_ms=59_000, stride=11),
    Pairing("frozen run and run, no lock", RUN, RUN, locked=False, gap_ms=30_000, stride=11),
)


class Process:
    """One firing in a thread, which moves only as far as it is allowed to."""

    def __init__(self, world: World, what: str, depth: int) -> None:
        self.world = world
        self.firing = Firing(len(world.firings), what, world.clock.now_ms())
        world.firings.append(self.firing)
        self.allowed = 0
        self.ended = False
        self._go, self._back = Semaphore(0), Semaphore(0)
        self.thread = Thread(target=self._live, args=(depth,), daemon=True)
        self.thread.start()

    def _live(self, depth: int) -> None:
        self._go.acquire()
        try:
            self.world.carry_out(self.firing, depth)
        finally:
            self.ended = True
            self._back.release()

    def gate(self) -> None:
        """Called in this process's thread before each operation."""
        while self.allowed == 0:
            self._back.release()
            self._go.acquire()
        self.allowed -= 1

    def move(self, operations: int) -> None:
        """Let it do so many operations; returns when it has stopped before the next, or ended."""
        if self.ended:
            return
        self.allowed = operations
        self._go.release()
        self._back.acquire()


def play_schedule(
    stage: Theatre, candle: int, pairing: Pairing, i: int, j: int
) -> tuple[Played, bool]:
    """One schedule; and whether B really got as far as its operation `j`."""
    world = stage.world
    world.restore(stage.before[candle])
    world.lock_off = not pairing.locked
    world.clock.move_to(world.schedule[world.due].at_ms)
    world.due += 1
    world.depth = 2  # what falls due meanwhile is a third process
    processes: dict[Thread, Process] = {}

    def gate() -> None:
        process = processes.get(current_thread())
        if process is not None:
            process.gate()

    world.gate = gate
    first = Process(world, pairing.first, 0)
    processes[first.thread] = first
    first.move(i)
    world.pass_ms(pairing.gap_ms)
    second = Process(world, pairing.second, 1)
    processes[second.thread] = second
    second.move(j)
    reached = not second.ended
    first.move(FOR_EVER)
    second.move(FOR_EVER)
    world.gate, world.lock_off, world.depth = None, False, 0
    world.struck.append(f"{pairing.name}: {i} operations, then {j} of the other")
    for process in (first, second):
        process.firing.touched = True
    play_out(world, stage.scene)
    played = Played(
        Case(f"{stage.scene.name}/{pairing.name}/{i}/{j}", candle, ()),
        *judge(world, stage.scene),
        bound_ms=naked_bound_ms(world) + pairing.gap_ms,
        struck=tuple(world.struck),
        firings=tuple(world.firings),
    )
    return played, reached


def schedules(stage: Theatre, candle: int, pairing: Pairing, stride: int = 1) -> Iterator[Played]:
    """Every pair of operations, by A's and then by B's number; with a stride every so manieth."""
    outer = max(1, stride // SECOND_STRIDE)
    inner = stride // outer
    for i in range(candle % outer, len(stage.golden[candle]) + 1, outer):
        for j in range(i % inner, FOR_EVER, inner):
            played, reached = play_schedule(stage, candle, pairing, i, j)
            yield played
            if not reached:
                break
