"""Armed faults: what the embedded exchange does wrong on purpose, and when.

A fault waits for requests that match its method, path and parameters, lets `skip` of them
through, and acts on the next `times`. What it does is one word, `do`; another kind of fault is
one more word here and one more branch in `wire/app.py`. Must not touch the exchange's books: a
fault spoils the answer or the connection; what changes the truth is in `happenings.py`, and a
fault may say when (`meanwhile`). Described for users in README.md.
"""

from fnmatch import fnmatchcase
from threading import Lock
from typing import Literal, NamedTuple

import msgspec

from simulator.happenings import WORDS, Happening

Do = Literal["answer", "drop", "hang", "cut", "lag", "stale", "meanwhile"]
Book = Literal["plain", "algo"]


class FaultError(ValueError):
    """A fault that cannot be armed; the text says why."""


class Fault(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One armed fault. What matches: `method`, `path` (both with * and ?), `params` (all equal;
    "" is a parameter that is not sent).

    `when` "before" acts instead of executing the request, "after" executes it first.
    `do`:
      answer  send `status`, `headers` and `body` (text as it is, anything else as JSON)
      drop    break the connection without an answer
      hang    give no answer until the client's patience ends
      cut     send the true answer's first `keep_bytes` bytes
      lag     hide the order that the request names or made from the reads of its book for
              `lag_ms` of the exchange's time (`lists`: from the lists of open orders too)
      stale   for `lag_ms` of the exchange's time, GETs whose path matches `reads` are answered
              from what was true before this request
      meanwhile  `happen` comes about just before the request is executed, or just after
    """

    method: str = "*"
    path: str = "*"
    params: dict[str, str] = {}
    when: Literal["before", "after"] = "after"
    do: Do
    skip: int = 0
    times: int = 1
    status: int = 503
    headers: dict[str, str] = {}
    body: msgspec.Raw = msgspec.Raw(b'""')
    keep_bytes: int = 20
    lag_ms: int = 3000
    lists: bool = False
    reads: str = "*"
    happen: list[Happening] = []

    def body_bytes(self) -> bytes:
        """The body as it goes on the wire."""
        value = msgspec.json.decode(self.body)
        return value.encode() if isinstance(value, str) else bytes(self.body)


def happening_from(text: bytes) -> Happening | None:
    """A happening written as JSON; None when it is a fault. Raises FaultError."""
    try:
        head = msgspec.json.decode(text)
        if not isinstance(head, dict) or head.get("do") not in WORDS:
            return None
        found: Happening = msgspec.json.decode(text, type=Happening)
        return found
    except msgspec.MsgspecError as error:
        raise FaultError(str(error)) from error


class ArmedFault:
    """A fault and its counts."""

    def __init__(self, number: int, fault: Fault) -> None:
        """`number` names it in reports."""
        self.number = number
        self.fault = fault
        self.seen = 0
        self.acted = 0

    @property
    def spent(self) -> bool:
        """Whether it has acted as often as it should; `times` 0 never ends."""
        return bool(self.fault.times) and self.acted >= self.fault.times


class _Hidden(NamedTuple):
    book: Book
    order_id: int
    until_ms: int
    lists: bool


class Faults:
    """The registry of one exchange. Safe to use from several threads."""

    def __init__(self) -> None:
        """Nothing armed."""
        self._lock = Lock()
        self._armed: list[ArmedFault] = []
        self._hidden: list[_Hidden] = []
        self._count = 0
        #: How far the exchange's clock, as clients see it, is off.
        self.skew_ms = 0

    def arm(self, fault: Fault) -> int:
        """Arms a fault and returns its number. Raises FaultError for impossible numbers."""
        if fault.skip < 0 or fault.times < 0 or fault.keep_bytes < 0 or fault.lag_ms < 0:
            raise FaultError("skip, times, keep_bytes and lag_ms are at least 0")
        if not 100 <= fault.status <= 599:
            raise FaultError("status is an HTTP status, 100 to 599")
        if fault.when == "before" and fault.do in ("cut", "lag"):
            raise FaultError(f'do "{fault.do}" needs an answer: it has when "after" only')
        with self._lock:
            self._count += 1
            self._armed.append(ArmedFault(self._count, fault))
            return self._count

    def arm_json(self, text: bytes) -> int:
        """Arms a fault written as JSON. Raises FaultError with the reason it cannot be read."""
        try:
            return self.arm(msgspec.json.decode(text, type=Fault))
        except msgspec.MsgspecError as error:
            raise FaultError(str(error)) from error

    def disarm_all(self) -> None:
        """Forgets every fault, every hidden order and the skew."""
        self.skew_ms = 0
        with self._lock:
            self._armed.clear()
            self._hidden.clear()

    def take(self, method: str, path: str, params: dict[str, str]) -> Fault | None:
        """The fault that acts on this request, the oldest first; None almost always."""
        if not self._armed:
            return None
        with self._lock:
            for armed in self._armed:
                if armed.spent or not _matches(armed.fault, method, path, params):
                    continue
                armed.seen += 1
                if armed.seen > armed.fault.skip:
                    armed.acted += 1
                    return armed.fault
        return None

    def hide(self, book: Book, order_id: int, until_ms: int, lists: bool) -> None:
        """Hides an order from the reads of its book until the exchange's time `until_ms`."""
        with self._lock:
            self._hidden.append(_Hidden(book, order_id, until_ms, lists))

    def hides(self, book: Book, order_id: int, now_ms: int, in_list: bool) -> bool:
        """Whether a read at `now_ms` must not see this order."""
        return any(
            hidden.order_id == order_id
            and hidden.book == book
            and now_ms < hidden.until_ms
            and (hidden.lists or not in_list)
            for hidden in self._hidden
        )

    def report(self) -> list[dict[str, object]]:
        """Every fault with its number and counts, for `GET /sim/fault`."""
        with self._lock:
            return [
                {
                    "number": armed.number,
                    "seen": armed.seen,
                    "acted": armed.acted,
                    "fault": armed.fault,
                }
                for armed in self._armed
            ]


def _matches(fault: Fault, method: str, path: str, params: dict[str, str]) -> bool:
    return (
        fnmatchcase(method, fault.method)
        and fnmatchcase(path, fault.path)
        and all(params.get(name, "") == value for name, value in fault.params.items())
    )
