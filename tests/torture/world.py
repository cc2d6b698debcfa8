"""The world of one case: an exchange, one clock, a folder of notes, and the firings that are due.

Time passes only through `pass_ms`; whatever falls due meanwhile happens then, in the middle of
what another process is doing. Every firing is a process of its own: nothing is shared but the
exchange, the folder and the clock. Must not judge: that is `checker`'s.
"""

import json
import logging
import traceback
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

import msgspec

from exchange.client import make_client
from exchange.gateway import Gateway
from job.budget import Budget
from job.config import Config
from job.embedded import contracts_of, costs_of
from job.firing import Job
from job.outside import VirtualClock
from job.report import Report
from job.run import guard, run
from job.wiring import in_order
from simulator.engine.ledger import opened_books
from simulator.engine.model import Books
from simulator.engine.refused import Refused
from simulator.exchange import EmbeddedExchange
from simulator.faults import Faults
from simulator.market.model import Market
from simulator.wire.app import make_app
from simulator.wire.signing import Credentials
from state.journal import FileJournal
from state.lock import claim
from state.store import FileStore
from tests.torture.history import GUARD, RUN, Due, Firing, Hand, Snapshot
from tests.torture.line import ShortLine
from tests.torture.seam import (
    OUTAGE_MS,
    OUTAGES,
    Fault,
    Killed,
    Seam,
    SeamClock,
    SeamJournal,
    SeamStore,
    seam_app,
    seam_claim,
)

KEY, SECRET = "torture-key-kQ7", "torture-secret-zX9"
#: Processes that may be under way inside one another.
PROCESSES_MAX = 24
#: Faults that keep everybody from the exchange for a while.
KEPT_OUT = ("429", "418", *OUTAGES)
#: Clients are costly to make and remember nothing between firings: one for each depth.
_clients: list[Any] = []


def _client(depth: int) -> Any:
    while len(_clients) <= depth:
        _clients.append(make_client("embedded", KEY, SECRET, lambda: 0))
    return _clients[depth]


class World:
    """One job on one exchange."""

    def __init__(
        self, config: Config, market: Market, folder: Path, schedule: Sequence[Due], start_ms: int
    ) -> None:
        """`schedule` ascends in time; nothing before `start_ms`."""
        self.config, self.market, self.folder, self.schedule = config, market, folder, schedule
        self.contracts = [c for c in contracts_of(config) if c.symbol in config.symbols]
        self.faults_armed: list[Fault] = []
        self.skew_ms = 0
        self.gate: Callable[[], None] | None = None
        self.after: Callable[[World], list[str]] | None = None
        self._begin(Snapshot(start_ms, 0, b"", {}, 0))

    # Beginning and going back.

    def _begin(self, snapshot: Snapshot) -> None:
        self.clock = VirtualClock(snapshot.now_ms)
        books = (
            msgspec.json.decode(snapshot.books, type=Books)
            if snapshot.books
            else opened_books(self.config.balance_e8, snapshot.now_ms)
        )
        self.exchange = EmbeddedExchange(
            self.market, self.contracts, costs_of(self.config), self.clock.now_ms, books
        )
        self.lock_off = False
        self.faults = Faults()
        self.app = make_app(self.exchange, Credentials(KEY, SECRET), self.faults)
        self.due, self.nonces, self.depth = snapshot.due, snapshot.nonces, 0
        self.firings: list[Firing] = []
        self.told: list[str] = []
        self.struck: list[str] = []
        self.left: Counter[str] = Counter()
        self.unsettled: list[str] = []
        self.thorough = False
        self._again: list[tuple[str, str]] = []
        self._down = ("", 0)
        self.hand: Hand | None = None

    def snapshot(self) -> Snapshot:
        """What persists, now; only between firings."""
        assert self.depth == 0
        files = {
            str(path.relative_to(self.folder)): path.read_bytes()
            for path in self.folder.rglob("*")
            if path.is_file()
        }
        with self.exchange.request() as engine:
            books = msgspec.json.encode(engine.books)
        return Snapshot(self.clock.now_ms(), self.due, books, files, self.nonces)

    def restore(self, snapshot: Snapshot) -> None:
        """Go back to a snapshot; nothing of what came after it is left."""
        for path in self.folder.rglob("*"):
            if path.is_file():
                path.unlink()
        for name, data in snapshot.files.items():
            path = self.folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        self._begin(snapshot)

    # Time.

    def pass_ms(self, duration_ms: int) -> None:
        """Time goes by, and what is due happens."""
        if duration_ms:
            self.play_to(self.clock.now_ms() + duration_ms)

    def play_to(self, end_ms: int) -> None:
        """Everything that is due up to and with `end_ms`."""
        while self.due < len(self.schedule) and self.schedule[self.due].at_ms <= end_ms:
            due = self.schedule[self.due]
            self.due += 1
            self.clock.move_to(due.at_ms)
            if due.act is not None:
                with suppress(Refused):  # what a person tries may be refused
                    due.act(self)
                self._acted()
            elif due.what == RUN or not self._idle(due):
                self.fire(due.what)
        self.clock.move_to(end_ms)

    def _acted(self) -> None:
        """A person has acted: the next guard has something new to see, and whoever is at work may
        have read what was so before.
        """
        for firing in self.firings[-1:]:
            firing.touched = True
        for firing in self.firings:
            firing.acted |= not firing.end_ms

    def _idle(self, due: Due) -> bool:
        """A guard right after a guard that found nothing to do, in the same candle, nothing having
        happened since, would do the same again: it is left out, for speed.
        """
        if self.thorough or self.depth or self.faults_armed or not self.firings:
            return False
        last = self.firings[-1]
        interval_ms = self.market.interval_ms
        same = last.end_ms // interval_ms == due.at_ms // interval_ms
        return same and last.what == GUARD and last.ended == "done" and not last.touched

    # Firing.

    def fire(self, what: str) -> Firing:
        """One process: the run or the guard, through to its end."""
        firing = Firing(len(self.firings), what, self.clock.now_ms())
        self.firings.append(firing)
        if self.depth >= PROCESSES_MAX:
            raise AssertionError("too many processes inside one another")
        depth, self.depth = self.depth, self.depth + 1
        try:
            self.carry_out(firing, depth)
        finally:
            self.depth -= 1
        if self.after is not None and self._undisturbed(firing):
            wrong = self.after(self)
            if firing.ended == "failed":  # it may have been kept from everything but this
                wrong = [text for text in wrong if "its stops are" in text and firing.entered]
            self.unsettled += wrong
        return firing

    def _undisturbed(self, firing: Firing) -> bool:
        """Did it end by itself, alone, within one candle and its time, and did nobody act while
        it was at work? Then all must be right now, but for what a ban or an outage kept it from.
        """
        interval_ms = self.market.interval_ms
        within = firing.at_ms // interval_ms == firing.end_ms // interval_ms
        in_time = firing.end_ms - firing.at_ms < self.config.deadline_ms
        alone = firing is self.firings[-1] and not self.depth
        by_itself = firing.ended in ("done", "failed") and not firing.kept_out
        return within and in_time and alone and by_itself and not firing.acted

    def carry_out(self, firing: Firing, depth: int) -> None:
        """The firing's job, wired and run; how it ended is written into `firing`."""
        seam = Seam(self, firing.number)
        firing.names = seam.names
        try:
            report = (run if firing.what == RUN else guard)(self.job(seam, depth))
        except Killed:
            firing.ended = "killed"
        except Exception as error:  # noqa: BLE001 - a crash of the job is a finding, not an end
            firing.ended = f"crashed: {type(error).__name__}: {error}"
            self.told.append(traceback.format_exc())
        else:
            self._tell(firing, report)
        firing.end_ms = self.clock.now_ms()

    def _tell(self, firing: Firing, report: Report) -> None:
        firing.touched, firing.said = report.touched or firing.acted, "; ".join(report.notices)
        left = not report.symbols and not report.failures
        firing.ended = "left" if left else "done" if report.ok else "failed"
        firing.failures = (*report.failures, *(s.error for s in report.symbols if s.error))
        self.told += [*report.lines(), *(news.text for news in report.news)]
        self.told.append(json.dumps(report.as_dict()))

    def job(self, seam: Seam, depth: int) -> Job:
        """The production job, with the seam between it and the world."""
        clock = SeamClock(seam, self.clock.now_ms, self.skew_ms)
        budget = Budget(clock, self.config.deadline_ms)
        client = _client(depth)
        client.watch, client.exchange_now_ms = budget, budget.exchange_now_ms
        client.session = ShortLine(seam_app(seam, self.app))
        stamp = {"venue": self.config.venue, "account": self.config.account}
        locked = partial(claim, self.folder / "state.json.lock")
        if self.lock_off:
            locked = partial(claim, self.folder / f"lock-{seam.firing}")
        return Job(
            config=self.config,
            gateway=Gateway(client),
            store=SeamStore(
                seam, FileStore(self.folder / "state.json", self._nonce, durable=False)
            ),
            journal=SeamJournal(seam, FileJournal(self.folder / "journal", stamp, durable=False)),
            clock=clock,
            claim=seam_claim(seam, locked, self.clock.now_ms),
            together=in_order,
            new_nonce=self._nonce,
            budget=budget,
            tells_news=True,
        )

    def _nonce(self) -> str:
        self.nonces += 1
        return f"{self.nonces:012x}"

    # Faults.

    def strike(self, firing: int, op: int, name: str) -> str:
        """The fault that strikes this operation, empty for none."""
        if self.gate is not None:
            self.gate()
        if self.hand is not None and self.hand[:2] == (firing, op):
            hand, self.hand = self.hand, None
            if hand.act(self):
                self.struck.append(f"firing {firing} op {op} {name}: {hand.name}")
                self._acted()
        for fault in self.faults_armed:
            if (fault.firing, fault.op) == (firing, op):
                self.faults_armed.remove(fault)
                if fault.times == 2:
                    self._again.append((name, fault.kind))
                return self._struck(firing, op, name, fault.kind)
        for again in self._again:
            if again[0] == name:
                self._again.remove(again)
                return self._struck(firing, op, name, again[1])
        return ""

    def outage(self, kind: str = "") -> str:
        """The outage that goes on now; `kind` begins one."""
        if kind:
            self._down = (kind, self.clock.now_ms() + OUTAGE_MS)
        return self._down[0] if self.clock.now_ms() < self._down[1] else ""

    def leaves(self, client_id: str) -> None:
        """An order leaves the job, whatever becomes of it."""
        self.left[client_id] += 1
        self.firings[-1].entered |= "-EN" in client_id

    def comes_back(self, client_id: str) -> None:
        """It was refused for its time stamp, with proof: the same id may be planned once more."""
        self.left[client_id] -= 1

    def _struck(self, firing: int, op: int, name: str, kind: str) -> str:
        self.struck.append(f"firing {firing} op {op} {name}: {kind}")
        self.firings[firing].struck = True
        self.firings[firing].kept_out |= kind in KEPT_OUT
        return kind

    @property
    def calm(self) -> bool:
        """Has everything settled? The last run and the last guard found nothing left to do."""
        if self.faults_armed or self._again or len(self.firings) < 2:
            return False
        if all(due.what != GUARD for due in self.schedule):
            return all((f.what, f.ended) == (RUN, "done") for f in self.firings[-2:])
        run_, guard_ = self.firings[-2:]
        return (
            (run_.what, run_.ended) == (RUN, "done")
            and (guard_.what, guard_.ended) == (GUARD, "done")
            and not guard_.touched
        )

    @property
    def state_file(self) -> Path:
        """Where the notes lie."""
        return self.folder / "state.json"

    def books(self) -> Books:
        """The exchange's own books, played up to now."""
        with self.exchange.request() as engine:
            return engine.books


def quiet_logs() -> None:
    """Nothing of the libraries' own logging: what they say is checked elsewhere."""
    logging.disable(logging.CRITICAL)
