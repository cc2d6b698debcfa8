"""The journal in S3: keyed events exactly once, whoever died or whatever was lost on the way."""

import contextlib
import json
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Protocol

import botocore.endpoint
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from state.journal import Event, FileJournal
from state.s3_errors import StorageError
from state.s3_journal import S3Journal
from tests.state.s3_wire import (
    BUCKET,
    S3,
    Fault,
    Wire,
    s3_in_process,
    status,
    timeout_after,
    timeout_before,
)

STAMP = {"venue": "live", "account": "main"}
DAY_MS = 86_400_000
NOON_MS = int(datetime(2025, 6, 15, 12, tzinfo=UTC).timestamp() * 1000)
PREFIX = "books/live"
PUT, GET, LIST = "PutObject", "GetObject", "ListObjectsV2"


class Journal(Protocol):
    def append(self, events: Iterable[Event]) -> None: ...

    def events(self, kind: str | None = None) -> Iterator[Event]: ...


@pytest.fixture(scope="module")
def whole_s3() -> Iterator[S3]:
    with s3_in_process() as s3:
        yield s3


@pytest.fixture
def s3(whole_s3: S3, monkeypatch: pytest.MonkeyPatch) -> Iterator[S3]:
    monkeypatch.setattr(botocore.endpoint, "time", SimpleNamespace(sleep=lambda _: None))
    with whole_s3.one_test():
        yield whole_s3


@pytest.fixture
def wire(s3: S3) -> Wire:
    return s3.wire()


@pytest.fixture
def opened(wire: Wire) -> Callable[[], S3Journal]:
    """Opens the journal as one more run."""
    return lambda: S3Journal(BUCKET, PREFIX, STAMP, wire.client)


@pytest.fixture(params=["file", "s3"])
def either(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[], Journal]:
    """Opens one of both kinds of journal: what they share is asked of both."""
    if request.param == "file":
        return lambda: FileJournal(tmp_path / "journal", STAMP, durable=False)
    opener: Callable[[], Journal] = request.getfixturevalue("opened")
    return opener


def event(kind: str = "fill", key: str | None = None, at_ms: int = NOON_MS, **more: Any) -> Event:
    keyed = {} if key is None else {"key": key}
    return {"at_ms": at_ms, "event": kind, **keyed, **more}


# --- what both journals do


def test_an_event_comes_back_with_the_stamp(either: Callable[[], Journal]) -> None:
    sent = [event("fill", "f1", price="1.5"), event("run", at_ms=NOON_MS + 1, report={"a": [1]})]
    either().append(sent)
    assert list(either().events()) == [{**one, **STAMP} for one in sent]


def test_a_key_is_written_once_by_any_number_of_runs(either: Callable[[], Journal]) -> None:
    for _ in range(3):
        either().append([event(key="f1"), event(key="f2"), event(key="f1", price="2")])
    assert [(found["key"], found.get("price")) for found in either().events()] == [
        ("f1", None),
        ("f2", None),
    ]


def test_events_without_a_key_are_written_each_time(either: Callable[[], Journal]) -> None:
    for run in ("a", "b"):
        journal = either()
        for _ in range(2):
            journal.append([event("run", run=run), event("run", run=run), event(key="f1")])
    assert len(list(either().events("run"))) == 8
    assert len(list(either().events("fill"))) == 1


def test_events_are_read_oldest_day_first_and_by_kind(either: Callable[[], Journal]) -> None:
    midnight = NOON_MS + DAY_MS // 2
    for at_ms in (midnight, midnight - 1, midnight + DAY_MS - 1, NOON_MS - DAY_MS):
        either().append([event("trade", f"t{at_ms}", at_ms), event("order", None, at_ms)])
    days = [NOON_MS - DAY_MS, midnight - 1, midnight, midnight + DAY_MS - 1]
    assert [found["at_ms"] for found in either().events("trade")] == days
    assert {found["event"] for found in either().events("trade")} == {"trade"}
    assert [found["at_ms"] for found in either().events()] == [ms for ms in days for _ in range(2)]
    assert list(either().events("never")) == []


def test_nothing_to_write_writes_nothing(either: Callable[[], Journal]) -> None:
    either().append([])
    assert list(either().events()) == []


@pytest.mark.parametrize("key", ["a/b", "../../x", "a b", "ä", "%2F", "k\n", "x" * 200])
def test_any_text_can_be_a_key(either: Callable[[], Journal], key: str) -> None:
    for _ in range(2):
        either().append([event(key=key), event(key=key + "!")])
    assert sorted(found["key"] for found in either().events("fill")) == [key, key + "!"]


# --- how it lies in S3


def test_the_names_of_the_objects(s3: S3, opened: Callable[[], S3Journal]) -> None:
    opened().append(
        [event("run"), event("fill", "fill-BTCUSDT-7"), event("run"), event("late", at_ms=DAY_MS)]
    )
    fill, late, run = sorted(s3.keys())
    assert fill == f"{PREFIX}/fill/2025-06-15/k-fill-BTCUSDT-7.json"
    assert late.startswith(f"{PREFIX}/late/1970-01-02/0000086400000-0001-")
    assert run.startswith(f"{PREFIX}/run/2025-06-15/{NOON_MS}-0001-")
    lines = (s3.get(run) or b"").decode().split("\n")
    assert [json.loads(line) for line in lines[:-1]] == [{**event("run"), **STAMP}] * 2
    assert lines[-1] == ""


@pytest.mark.parametrize("prefix", ["", "/", "a", "/a/", "a/b"])
def test_any_prefix(s3: S3, wire: Wire, prefix: str) -> None:
    journal = S3Journal(BUCKET, prefix, STAMP, wire.client)
    journal.append([event(key="f1")])
    folder = prefix.strip("/") + "/" if prefix.strip("/") else ""
    assert s3.keys() == [f"{folder}fill/2025-06-15/k-f1.json"]
    assert len(list(journal.events())) == len(list(journal.events("fill"))) == 1


def test_what_is_not_the_journal_s_is_passed_over(s3: S3, opened: Callable[[], S3Journal]) -> None:
    opened().append([event(key="f1")])
    for name in ("README.md", "fill/notes.json", "fill/2025-06/x.json", "fill/2025-06-15/x.txt"):
        s3.put(f"{PREFIX}/{name}", b"no event")
    s3.put(f"{PREFIX}-2/fill/2025-06-15/k-f2.json", b"another journal")
    assert [found["key"] for found in opened().events()] == ["f1"]
    assert [found["key"] for found in opened().events("fill")] == ["f1"]


def test_reading_one_kind_does_not_read_the_others(
    wire: Wire, opened: Callable[[], S3Journal]
) -> None:
    opened().append([event("trade", "t1"), event("trade", "t2"), event("run")])
    wire.seen.clear()
    assert len(list(opened().events("trade"))) == 2
    assert sorted(wire.operations) == [GET, GET, LIST]


def test_long_lists_are_read_to_their_end(
    wire: Wire, opened: Callable[[], S3Journal], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MOTO_S3_DEFAULT_MAX_KEYS", "2")
    opened().append([event(key=f"f{number}") for number in range(5)])
    wire.seen.clear()
    assert [found["key"] for found in opened().events()] == ["f0", "f1", "f2", "f3", "f4"]
    assert wire.operations.count(LIST) == 3


# --- a bad wire


@pytest.mark.parametrize("key", ["f1", None])
@pytest.mark.parametrize(
    "faults",
    [
        [timeout_after],
        [timeout_after, timeout_after],
        [timeout_after, timeout_before],
        [timeout_before, timeout_before],
        [timeout_before, timeout_before, timeout_after, timeout_before],
        [status(409, "ConditionalRequestConflict")],
        [status(500, "InternalError")] * 2,
        [timeout_after, status(409, "ConditionalRequestConflict")],
    ],
)
def test_whatever_is_lost_an_event_is_there_once(
    wire: Wire, opened: Callable[[], S3Journal], faults: list[Fault], key: str | None
) -> None:
    wire.arm(PUT, *faults)
    opened().append([event(key=key)])
    assert len(list(opened().events())) == 1


@pytest.mark.parametrize(
    ("faults", "text"),
    [
        ([status(409, "ConditionalRequestConflict")] * 2, "read back, it is not there"),
        ([timeout_before] * 4, "read back, it is not there"),
        ([status(403, "AccessDenied")], "grant s3:PutObject"),
    ],
)
def test_what_cannot_be_written_is_an_error(
    wire: Wire, opened: Callable[[], S3Journal], faults: list[Fault], text: str
) -> None:
    wire.arm(PUT, *faults)
    with pytest.raises(StorageError, match=r"k-f1\.json: .*" + text):
        opened().append([event(key="f1")])
    assert list(opened().events()) == []


def test_a_lost_answer_that_cannot_be_read_back_is_an_error(
    wire: Wire, opened: Callable[[], S3Journal]
) -> None:
    wire.arm(PUT, timeout_after, timeout_before)
    wire.arm(GET, status(403, "AccessDenied"))
    with pytest.raises(StorageError, match="s3:GetObject"):
        opened().append([event(key="f1")])


def test_a_key_that_is_there_costs_one_request(wire: Wire, opened: Callable[[], S3Journal]) -> None:
    opened().append([event(key="f1")])
    wire.seen.clear()
    opened().append([event(key="f1")])
    assert wire.operations == [PUT]


@pytest.mark.parametrize("operation", [LIST, GET])
def test_what_cannot_be_read_is_an_error_and_not_nothing(
    wire: Wire, opened: Callable[[], S3Journal], operation: str
) -> None:
    opened().append([event(key="f1")])
    wire.arm(operation, status(403, "AccessDenied"))
    with pytest.raises(StorageError, match="access denied"):
        list(opened().events())


@pytest.mark.parametrize(
    "data",
    [b"?", b"7", b"[1]", b'"at_ms"', b"{}", b"\xff", b'{"at_ms": 1}\n{"at', b'{"at_ms": null}'],
)
def test_an_object_that_is_no_event_is_named(
    s3: S3, opened: Callable[[], S3Journal], data: bytes
) -> None:
    s3.put(f"{PREFIX}/fill/2025-06-15/k-f1.json", data)
    with pytest.raises(StorageError, match=r"k-f1\.json: is not what the journal wrote"):
        list(opened().events())


class DiedError(BaseException):
    """The process is gone."""


def _dies(_: Any, to_s3: Callable[[], Any]) -> Any:
    to_s3()
    raise DiedError


@settings(max_examples=15)
@given(
    st.lists(
        st.tuples(st.lists(st.integers(0, 9), max_size=5), st.integers(0, 5)),
        min_size=1,
        max_size=4,
    )
)
def test_keys_are_there_exactly_once_wherever_runs_died(
    whole_s3: S3, runs: list[tuple[list[int], int]]
) -> None:
    with whole_s3.one_test():
        wire = whole_s3.wire()
        for numbers, dies_after in runs:
            events = [event(key=f"f{n}", at_ms=NOON_MS + n % 2 * DAY_MS) for n in numbers]
            wire.faults[PUT] = [lambda _, to_s3: to_s3()] * dies_after + [_dies]
            with contextlib.suppress(DiedError):
                S3Journal(BUCKET, PREFIX, STAMP, wire.client).append(events)
            wire.faults.clear()
            S3Journal(BUCKET, PREFIX, STAMP, wire.client).append(events)
        found = [one["key"] for one in S3Journal(BUCKET, PREFIX, STAMP, wire.client).events()]
    assert sorted(found) == sorted({f"f{n}" for numbers, _ in runs for n in numbers})


def test_one_day_of_one_kind(opened: Callable[[], S3Journal]) -> None:
    journal = opened()
    journal.append([{"at_ms": NOON_MS + day * DAY_MS, "event": "run", "n": day} for day in (0, 1)])
    assert [event["n"] for event in opened().events("run", "2025-06-16")] == [1]
    assert [event["n"] for event in opened().events(day="2025-06-15")] == [0]
    assert list(opened().events("run", "2025-06-17")) == []


def test_an_object_that_somebody_takes_away_meanwhile_is_not_there(
    opened: Callable[[], S3Journal], monkeypatch: pytest.MonkeyPatch
) -> None:
    opened().append([{"at_ms": NOON_MS, "event": "run"}])
    monkeypatch.setattr("state.s3_journal.Bucket.read", lambda *_: None)
    assert list(opened().events("run")) == []
