"""One case: a scene, the run that is faulted, the faults; played to the end and judged."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from state.codec import UnreadableNotesError, decode
from tests.torture.checker import CLOCKS_MS, Verdict, check, leaked, settled
from tests.torture.facts import Facts, facts_of_books, read_journal
from tests.torture.history import GUARD, RUN, Firing, Snapshot
from tests.torture.owned import Terms, leg_of
from tests.torture.scenes import BY_NAME, FIRST_RUN, INTERVAL_MS, START_MS, Scene
from tests.torture.seam import Fault, fault_from
from tests.torture.world import KEY, SECRET, World

MINUTE_MS = 60_000


class Case(NamedTuple):
    """`candle`: the run at the beginning of this candle is firing 0 of the faults."""

    scene: str
    candle: int
    faults: tuple[Fault, ...]

    def text(self) -> str:
        """The case as one word, to be played again: `long-reverted@4 0:9:hang-done`."""
        return " ".join([f"{self.scene}@{self.candle}", *(f.text() for f in self.faults)])


def case_from(text: str) -> Case:
    """The inverse of `Case.text`."""
    place, *faults = text.split()
    scene, candle = place.split("@")
    return Case(scene, int(candle), tuple(fault_from(fault) for fault in faults))


class Played(NamedTuple):
    """How a case went."""

    case: Case
    broken: tuple[str, ...]
    checks: int
    worst_ms: int
    bound_ms: int
    struck: tuple[str, ...]
    firings: tuple[Firing, ...]


class Theatre:
    """A scene played once without faults, so that every run of it can be begun again."""

    def __init__(self, scene: Scene, folder: Path) -> None:
        """`folder` is empty and belongs to this theatre."""
        self.scene = scene
        self.world = scene.world(folder)
        self.schedule = self.world.schedule
        terms = terms_of(self.world)
        self.world.after = lambda world: settled(_facts(world), terms)
        self.before: dict[int, Snapshot] = {}
        self.golden: dict[int, tuple[str, ...]] = {}
        for candle in range(FIRST_RUN, scene.scripted + 1):
            self.world.play_to(scene.run_ms(candle) - 1)
            self.before[candle] = self.world.snapshot()
            first = len(self.world.firings)
            self.world.play_to(scene.run_ms(candle))
            self.golden[candle] = tuple(self.world.firings[first].names)
        play_out(self.world, scene)

    def play(self, case: Case, stage: Callable[[World], None] | None = None) -> Played:
        """Begin before the case's run, arm its faults, play to the scene's end, judge."""
        world = self.world
        world.restore(self.before[case.candle])
        world.faults_armed = list(case.faults)
        if stage is not None:
            stage(world)
        play_out(world, self.scene)
        return Played(
            case,
            *judge(world, self.scene),
            bound_ms=naked_bound_ms(world),
            struck=tuple(world.struck),
            firings=tuple(world.firings),
        )


def play_out(world: World, scene: Scene) -> None:
    """The rest of the script, and then candles that stand still until all has settled. Once it
    has, more of them would change nothing, and are left out.
    """
    for candle in range(scene.scripted, scene.candles):
        world.play_to(START_MS + (candle + 1) * INTERVAL_MS - 1)
        if world.calm:
            return


def terms_of(world: World) -> dict[str, Terms]:
    """What was agreed, from the configuration and the market."""
    terms = {}
    for contract in world.contracts:
        given = world.config.symbols[contract.symbol]
        rows = world.market.candles(contract.symbol, 0, 1 << 62)
        terms[contract.symbol] = Terms(
            interval_ms=given.interval_ms,
            stop_ppm=given.stop_loss_ppm,
            target_ppm=given.profit_target_ppm,
            offset_ppm=given.breakeven_offset_ppm,
            cooldown_bars=given.cooldown_bars,
            risk_ppm=given.risk_ppm,
            exposure_permille=given.exposure_max_permille,
            unit_e8=contract.unit_e8,
            market_max_lots=contract.market_max_lots,
            closes={row.open_time_ms: row.close for row in rows},
        )
    return terms


def _facts(world: World) -> Facts:
    return facts_of_books(world.books(), world.config.balance_e8)


def judge(
    world: World, scene: Scene, *, foreign: bool = False, clocks_ms: int = CLOCKS_MS
) -> tuple[tuple[str, ...], int, int]:
    """(what is broken, how many checks were made, longest time naked in ms)."""
    facts = _facts(world)
    journal = read_journal(world.folder / "journal")
    foreign = foreign or scene.foreign
    verdict = check(facts, journal, terms_of(world), foreign=foreign, clocks_ms=clocks_ms)
    for name in scene.keeps:
        rests = any(c.client_id == name and not c.ended_ms for c in facts.conditionals)
        rests = rests or any(o.client_id == name and o.is_open for o in facts.orders)
        verdict.demand(
            rests or name not in _placed(world), f"I7 strangers are safe: {name} is gone"
        )
    _whole_notes(verdict, world)
    texts = [*world.told, journal.text, _state_text(world)]
    verdict.broken += leaked(texts, (KEY, SECRET))
    verdict.checks += len(texts)
    _converged(verdict, world)
    verdict.broken += [f"after a completed firing: {text}" for text in world.unsettled]
    verdict.checks += len(world.firings)
    for client_id, times in world.left.items():
        own = leg_of(client_id)
        if own and own[1] == "EN":
            verdict.demand(times <= 1, f"I1 one entry a candle: {client_id} sent {times} times")
    return tuple(verdict.broken), verdict.checks, verdict.worst_ms


def _placed(world: World) -> set[str]:
    books = world.books()
    return {each.client_id for each in (*books.orders, *books.ended_orders)} | {
        each.client_id for each in (*books.algos, *books.ended_algos)
    }


def _state_text(world: World) -> str:
    if not world.state_file.exists():
        return ""
    return world.state_file.read_text(encoding="utf-8", errors="replace")


def _whole_notes(verdict: Verdict, world: World) -> None:
    """I6: what lies in the state file can be read."""
    if world.state_file.exists():
        try:
            decode(world.state_file.read_bytes(), "the notes")
        except UnreadableNotesError as error:
            verdict.demand(False, f"I6 notes are whole: {error}")
    verdict.checks += 1


def _converged(verdict: Verdict, world: World) -> None:
    """No firing crashed, and the last run and the last guard found nothing wrong."""
    for firing in world.firings:
        verdict.demand(not firing.ended.startswith("crashed"), f"a {firing.what} {firing.ended}")
    last = [f for f in world.firings if f.what == RUN][-1]
    verdict.demand(last.ended == "done", f"the last run ended {last.ended}")


def naked_bound_ms(world: World) -> int:
    """60 s x (1 + guards in a row that did not get through), and as long as a fault has held up one
    that did: while it is frozen nobody goes on for it.
    """
    row = most = held_up_ms = 0
    for firing in world.firings:
        if firing.what != GUARD:
            continue
        row = row + 1 if _excused(firing, world) else 0
        most = max(most, row)
        if firing.struck and row == 0:
            held_up_ms = max(held_up_ms, firing.end_ms - firing.at_ms)
    return MINUTE_MS * (1 + most) + held_up_ms


def _excused(guard: Firing, world: World) -> bool:
    """Was it killed or struck, did it fail, or leave because a holder was younger than the
    deadline? A guard that lost the race when it saved, or that only failed because the notes are
    unreadable, has protected before.
    """
    if guard.ended == "left":
        return guard.struck or ("lock" in guard.said and _young_holder(guard, world))
    if guard.ended == "failed" and not guard.struck:
        return not all("state.json" in failure for failure in guard.failures)
    return guard.ended != "done"


def _young_holder(guard: Firing, world: World) -> bool:
    return any(
        0 <= guard.at_ms - other.at_ms <= world.config.deadline_ms
        and guard.at_ms <= (other.end_ms or guard.at_ms)
        for other in world.firings
        if other is not guard
    )


def describe(played: Played, told: Sequence[str]) -> str:
    """A failed case for people: faults, firings, what was told."""
    lines = [played.case.text(), *played.broken, *played.struck]
    lines += [firing.text() for firing in played.firings]
    return "\n".join([*lines, *(line for line in told if not line.startswith("{"))])


def theatre_of(name: str, folder: Path) -> Theatre:
    """The theatre of a scene, in a folder of its own."""
    own = folder / name
    own.mkdir(parents=True, exist_ok=True)
    return Theatre(BY_NAME[name], own)
