"""The seam: every I/O operation of a firing is numbered here, and any of them can go wrong.

A firing's operations are its claim, its loads and saves, its journal appends, its sleeps and its
requests to the exchange. A fault names a firing, an operation and a word; what was done to the
exchange, the notes and the journal before it struck stays done. Must not judge anything.
"""

import io
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import Any, NamedTuple, Protocol, TypeVar
from urllib.parse import parse_qsl

from exchange.client import REQUEST_TIMEOUT_MS
from simulator.wire.answer import Dropped, Hung
from simulator.wire.mount import WsgiApp
from state.journal import Event, FileJournal
from state.lock import Claim
from state.model import Notes
from state.store import FileStore, LostRaceError

T = TypeVar("T")


class Killed(BaseException):
    """The process dies here. Nothing in the job may handle it."""


class Fault(NamedTuple):
    """`kind` strikes at operation `op` of firing `firing`; with `times` 2 again at the next
    operation of the same name, in whatever firing.
    """

    firing: int
    op: int
    kind: str
    times: int = 1

    def text(self) -> str:
        """The fault as a word: `0:14:kill-after`, with `x2` when it strikes twice."""
        return f"{self.firing}:{self.op}:{self.kind}" + ("x2" if self.times == 2 else "")


def fault_from(text: str) -> Fault:
    """The inverse of `Fault.text`."""
    firing, op, kind = text.split(":")
    twice = kind.endswith("x2")
    return Fault(int(firing), int(op), kind.removesuffix("x2"), 2 if twice else 1)


#: How long a frozen machine stands still, ms; a word ending in `-after` freezes it after the
#: operation was carried out and before its answer is seen.
PAUSES_MS = {
    "pause-420": 420_000,
    "pause-420-after": 420_000,
    "pause-30": 30_000,
    "pause-30-after": 30_000,
}
COMMON = ("kill-before", "kill-after", *PAUSES_MS)


class Spoilt(NamedTuple):
    """What becomes of a request: whether it is executed, how long it takes, what comes back."""

    executed: bool
    takes_ms: int
    status: int = 0  # 0: no answer at all
    body: object = None
    headers: tuple[tuple[str, str], ...] = ()


UNKNOWN_503 = {"msg": "Unknown error, please check your request or try again later."}
BACKEND_408 = {
    "code": -1007,
    "msg": "Timeout waiting for response from backend server. Send status unknown; "
    "execution status unknown.",
}
TOO_MANY = {"code": -1003, "msg": "Too many requests."}
#: The code of an order that came outside its window, in the first bytes of the answer.
CLOCK_REFUSAL = b"-1021"
OUTSIDE = {"code": -1021, "msg": "Timestamp for this request is outside of the recvWindow."}
CUT = object()

#: Faults of reads and of orders; `-done`: the exchange has executed the request all the same.
REQUEST_FAULTS: dict[str, Spoilt] = {
    "lost": Spoilt(False, 0),
    "hang-lost": Spoilt(False, REQUEST_TIMEOUT_MS),
    "503-lost": Spoilt(False, 0, 503, UNKNOWN_503),
    "garbage-done": Spoilt(True, 0, 200, "<html>busy</html>"),
    "429": Spoilt(False, 0, 429, TOO_MANY, (("Retry-After", "20"),)),
    "418": Spoilt(False, 0, 418, TOO_MANY, (("Retry-After", "120"),)),
    "1021": Spoilt(False, 0, 400, OUTSIDE),
}
#: These differ from their lost kind only where a request changes something.
ORDER_FAULTS: dict[str, Spoilt] = {
    "reset-done": Spoilt(True, 0),
    "hang-done": Spoilt(True, REQUEST_TIMEOUT_MS),
    "503-done": Spoilt(True, 0, 503, UNKNOWN_503),
    "408-done": Spoilt(True, 0, 408, BACKEND_408),
    "cut-done": Spoilt(True, 0, 200, CUT),
    "empty-done": Spoilt(True, 0, 200, {}),
}
#: The line is down for so long, from this request on, for everybody; `-done`: only the way back.
OUTAGES: dict[str, Spoilt] = {"outage": Spoilt(False, 0), "outage-done": Spoilt(True, 0)}
OUTAGE_MS = 45_000
SPOILT = {**REQUEST_FAULTS, **ORDER_FAULTS}

#: Faults of what is not the exchange; `-done`: written, though the writer is told it was not.
NOTES_FAULTS = {
    "claim": ("taken",),
    "load": ("error",),
    "save": ("race", "race-done", "error", "error-done"),
    "append": ("error", "torn"),
    "events": ("error",),
}


def kinds_for(name: str) -> tuple[str, ...]:
    """Every fault that can strike an operation of this name."""
    if name.startswith("GET"):
        return (*COMMON, *REQUEST_FAULTS, "outage")
    if name.startswith(("POST", "DELETE")):
        return (*COMMON, *SPOILT, *OUTAGES)
    return (*COMMON, *NOTES_FAULTS.get(name, ()))


class Stage(Protocol):
    """What the seam needs of the world around it."""

    def pass_ms(self, duration_ms: int) -> None:
        """Let time go by; whatever is due meanwhile happens."""
        ...

    def strike(self, firing: int, op: int, name: str) -> str:
        """The fault that strikes this operation, empty for none. May hand the baton on."""
        ...

    def outage(self, kind: str = "") -> str:
        """The outage that goes on now, empty for none; `kind` begins one."""
        ...

    def leaves(self, client_id: str) -> None:
        """An order with this id leaves the job, whatever becomes of it."""
        ...

    def comes_back(self, client_id: str) -> None:
        """The job is told that the order was refused for its time stamp: it never was."""
        ...


class Seam:
    """The operations of one firing, counted."""

    def __init__(self, stage: Stage, firing: int) -> None:
        """`firing` is the firing's number in the world."""
        self.stage = stage
        self.firing = firing
        self.names: list[str] = []

    def strike(self, name: str) -> str:
        """Count one operation; the fault that strikes it."""
        self.names.append(name)
        return self.stage.strike(self.firing, len(self.names) - 1, name)

    def through(
        self, name: str, act: Callable[[], T], spoil: Callable[[str], T] | None = None
    ) -> T:
        """One operation: `act`, or what the fault makes of it (`spoil` for the special ones)."""
        kind = self.strike(name)
        if not kind:
            return act()
        if kind == "kill-before":
            raise Killed(name)
        if kind in PAUSES_MS and not kind.endswith("-after"):
            self.stage.pass_ms(PAUSES_MS[kind])
            return act()
        if spoil is not None and kind not in COMMON:
            return spoil(kind)
        done = act()
        if kind == "kill-after":
            raise Killed(name)
        if kind in PAUSES_MS:
            self.stage.pass_ms(PAUSES_MS[kind])
        return done


class SeamStore:
    """The production store behind the seam."""

    def __init__(self, seam: Seam, store: FileStore) -> None:
        self._seam, self._store = seam, store

    def load(self) -> Notes | None:
        notes: Notes | None = self._seam.through("load", self._store.load, _broken_disk)
        return notes

    def save(self, notes: Notes) -> Notes:
        def spoil(kind: str) -> Notes:
            if kind.endswith("-done"):
                self._store.save(notes)
            if kind.startswith("race"):
                raise LostRaceError("the notes have been saved by another run (a fault)")
            raise _disk_error(kind)

        return self._seam.through("save", lambda: self._store.save(notes), spoil)


def _broken_disk(kind: str) -> Any:
    raise _disk_error(kind)


def _disk_error(kind: str) -> OSError:
    return OSError(5, f"Input/output error (a fault: {kind})", "notes")


class SeamJournal:
    """The production journal behind the seam."""

    def __init__(self, seam: Seam, journal: FileJournal) -> None:
        self._seam, self._journal = seam, journal

    def append(self, events: Sequence[Event]) -> None:
        def spoil(kind: str) -> None:
            if kind == "torn":
                self._journal.append(events)
                _tear(self._journal)
                raise Killed("append")
            raise OSError(28, "No space left on device (a fault)", "journal")

        self._seam.through("append", lambda: self._journal.append(events), spoil)

    def events(self, *wanted: Any) -> Iterator[Event]:
        def read() -> Iterator[Event]:
            return iter(list(self._journal.events(*wanted)))

        return self._seam.through("events", read, _broken_disk)


def _tear(journal: FileJournal) -> None:
    """Cut the newest day's last line in half, as a power cut would."""
    path = max(journal.folder.glob("*.jsonl"))
    data = path.read_bytes()
    start = data.rstrip(b"\n").rfind(b"\n") + 1
    path.write_bytes(data[: start + (len(data) - start) // 2])


class SeamClock:
    """The machine's clock: the world's time, maybe off by a skew; its sleeps are operations."""

    def __init__(self, seam: Seam, now_ms: Callable[[], int], skew_ms: int = 0) -> None:
        self._seam, self._now_ms, self._skew_ms = seam, now_ms, skew_ms

    def now_ms(self) -> int:
        return self._now_ms() + self._skew_ms

    def sleep_ms(self, duration_ms: int) -> None:
        self._seam.through("sleep", lambda: self._seam.stage.pass_ms(max(0, duration_ms)))

    def spent_ms(self) -> int:
        return self._now_ms()


def seam_claim(
    seam: Seam, claim: Callable[[int], AbstractContextManager[Claim]], now_ms: Callable[[], int]
) -> Callable[[int], AbstractContextManager[Claim]]:
    """The lock behind the seam. `taken`: another process has just got it."""

    @contextmanager
    def claimed(at_ms: int) -> Iterator[Claim]:
        kind = seam.strike("claim")
        if kind == "kill-before":
            raise Killed("claim")
        if kind == "taken":
            yield Claim(ours=False, held_since_ms=now_ms())
            return
        if kind in PAUSES_MS and not kind.endswith("-after"):
            seam.stage.pass_ms(PAUSES_MS[kind])
        with claim(at_ms) as found:
            if kind == "kill-after":
                raise Killed("claim")
            if kind in PAUSES_MS and kind.endswith("-after"):
                seam.stage.pass_ms(PAUSES_MS[kind])
            yield found

    return claimed


#: How long a request travels, one way, ms.
TRAVEL_MS = 20


def seam_app(seam: Seam, app: WsgiApp) -> WsgiApp:
    """The exchange behind the seam: requests travel, and may get lost on either way."""

    def spoilt(what: Spoilt, environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        true_body = b""
        if what.executed:
            true_body = b"".join(app(environ, lambda *_: None))
        seam.stage.pass_ms(what.takes_ms)
        if not what.status:
            raise Hung("a fault") if what.takes_ms else Dropped("a fault")
        body = true_body[:20] if what.body is CUT else _body(what.body)
        start(f"{what.status} Fault", [("Content-Type", "application/json"), *what.headers])
        return [body]

    def carried(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        path = environ["PATH_INFO"].rsplit("/", 1)[1]
        name = f"{environ['REQUEST_METHOD']} {path}"
        client_id = _order_id(environ) if name == "POST order" else ""
        if client_id:
            seam.stage.leaves(client_id)
        seam.stage.pass_ms(TRAVEL_MS)

        def act() -> Iterable[bytes]:
            down = seam.stage.outage()
            if down:
                return spoilt(OUTAGES[down], environ, start)
            found: Iterable[bytes] = app(environ, start)
            return found

        def spoil(kind: str) -> Iterable[bytes]:
            if kind in OUTAGES:
                seam.stage.outage(kind)
                return act()
            return spoilt(SPOILT[kind], environ, start)

        body = b"".join(seam.through(name, act, spoil))
        seam.stage.pass_ms(TRAVEL_MS)
        if client_id and CLOCK_REFUSAL in body[:20]:
            seam.stage.comes_back(client_id)
        return [body]

    return carried


def _order_id(environ: dict[str, Any]) -> str:
    """The client id in a request's body, which is put back as it was."""
    body = environ["wsgi.input"].read()
    environ["wsgi.input"] = io.BytesIO(body)
    fields: dict[str, str] = dict(parse_qsl(body.decode()))
    return fields.get("newClientOrderId", "")


def _body(value: object) -> bytes:
    return value.encode() if isinstance(value, str) else json.dumps(value).encode()
