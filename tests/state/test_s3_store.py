"""The notes in S3 under a bad wire: what was written is known, or the run does not act on it."""

import traceback
from collections.abc import Callable, Iterator
from itertools import count
from types import SimpleNamespace
from typing import Any

import botocore.endpoint
import pytest
from botocore.awsrequest import AWSResponse

from state.model import Notes
from state.s3_errors import StorageError
from state.s3_store import S3Store
from state.store import LostRaceError
from tests.state.making import whole_notes
from tests.state.s3_wire import (
    BUCKET,
    S3,
    Fault,
    Wire,
    meanwhile,
    passed,
    s3_in_process,
    status,
    timeout_after,
    timeout_before,
)

KEY = "live/state.json"
PLACE = f"s3://{BUCKET}/{KEY}"

PUT, GET = "PutObject", "GetObject"
CONFLICT = status(409, "ConditionalRequestConflict")
NOT_MET = status(412, "PreconditionFailed")
FAULT_OF_S3 = status(500, "InternalError")
#: botocore asks once more by itself after these; 409 and 412 it gives on at once.
ASKED_AGAIN: list[Fault] = [timeout_before, FAULT_OF_S3, status(503, "SlowDown")]


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
def store(wire: Wire) -> S3Store:
    return a_store(wire, "mine")


def a_store(wire: Wire, name: str) -> S3Store:
    saves = count(1)
    return S3Store(BUCKET, KEY, lambda: f"{name} {next(saves)}", wire.client)


def other_saves(s3: S3) -> None:
    """Another run loads and saves, over a wire of its own."""
    other = a_store(s3.wire(), "other")
    other.save(other.load() or whole_notes())


@pytest.fixture(params=["first save", "later save"])
def before(request: pytest.FixtureRequest, store: S3Store, wire: Wire) -> Notes:
    """The notes to save on, loaded; both ways of writing have the same law."""
    if request.param == "later save":
        store.save(whole_notes())
        wire.seen.clear()
    return store.load() or whole_notes()


# --- the requests themselves


def test_the_first_write_is_for_no_object_and_later_ones_for_the_very_one(
    store: S3Store, wire: Wire
) -> None:
    store.save(store.save(whole_notes()))
    first, second = [seen.headers for seen in wire.seen]
    assert (first["if-none-match"], first.get("if-match")) == ("*", None)
    assert second.get("if-none-match") is None
    assert second["if-match"].strip('"').isalnum()
    assert first["content-type"] == second["content-type"] == "application/json"


def test_a_run_costs_one_read_and_one_write_each(store: S3Store, wire: Wire) -> None:
    store.save(whole_notes())
    wire.seen.clear()
    loaded = store.load()
    assert loaded is not None
    store.save(store.save(loaded))
    assert wire.operations == [GET, PUT, PUT]


def test_a_changed_object_with_the_same_revision_is_not_overwritten(s3: S3, store: S3Store) -> None:
    """A person's edit: the revision stands, the ETag does not."""
    saved = store.save(whole_notes())
    edited = (s3.get(KEY) or b"").replace(b'"main"', b'"mine"')
    s3.put(KEY, edited)
    with pytest.raises(LostRaceError):
        store.save(saved)
    assert s3.get(KEY) == edited


# --- answers that are not a plain yes


@pytest.mark.parametrize("fault", [CONFLICT, NOT_MET, *ASKED_AGAIN])
def test_a_write_that_was_not_done_is_done_again(
    store: S3Store, wire: Wire, before: Notes, fault: Fault
) -> None:
    wire.arm(PUT, fault, *([fault] if fault in ASKED_AGAIN else []))
    saved = store.save(before)
    assert store.load() == saved
    assert wire.operations.count(GET) == 3  # before, the reading back, after


@pytest.mark.parametrize("fault", [CONFLICT, NOT_MET, *ASKED_AGAIN])
def test_a_write_that_is_never_done_ends_as_an_error_after_a_few_tries(
    s3: S3, store: S3Store, wire: Wire, before: Notes, fault: Fault
) -> None:
    there = s3.get(KEY)
    tries = 4 if fault in ASKED_AGAIN else 2
    wire.arm(PUT, *[fault] * tries)
    with pytest.raises(StorageError, match="read back, nothing was saved"):
        store.save(before)
    assert wire.operations.count(PUT) == tries
    assert s3.get(KEY) == there


@pytest.mark.parametrize(
    "faults",
    [
        [timeout_after],  # botocore asks again by itself and is told 412, for its own object
        [timeout_after, timeout_before],
        [timeout_after, timeout_after],
        [timeout_after, CONFLICT],
        [timeout_after, FAULT_OF_S3],
        [timeout_before, timeout_after],
        [timeout_before, timeout_before, timeout_after, timeout_before],
    ],
)
def test_a_write_whose_answer_was_lost_is_known_as_our_own(
    store: S3Store, wire: Wire, before: Notes, faults: list[Fault]
) -> None:
    wire.arm(PUT, *faults)
    saved = store.save(before)
    assert store.load() == saved
    again = store.save(saved)  # and the ETag to go on with is the right one
    assert (again.revision, again.nonce[:4]) == (saved.revision + 1, "mine")


@pytest.mark.parametrize("then", [passed, timeout_after, CONFLICT, NOT_MET, FAULT_OF_S3])
def test_a_write_that_another_was_before_is_lost(
    s3: S3, store: S3Store, wire: Wire, before: Notes, then: Fault
) -> None:
    wire.arm(PUT, meanwhile(lambda: other_saves(s3), then))
    with pytest.raises(LostRaceError, match="saved by another run"):
        store.save(before)
    assert b'"other 1"' in (s3.get(KEY) or b"")


def test_a_write_that_another_went_on_from_is_lost_though_it_was_done(
    s3: S3, store: S3Store, wire: Wire, before: Notes
) -> None:
    """Our write stood, its answer was lost, another run loaded and saved on top: it has the say."""
    wire.arm(
        PUT, timeout_after, meanwhile(lambda: other_saves(s3), timeout_before)
    )  # fmt: skip
    with pytest.raises(LostRaceError):
        store.save(before)


def test_an_object_deleted_meanwhile_has_its_own_words(s3: S3, store: S3Store) -> None:
    saved = store.save(whole_notes())
    s3.delete(KEY)
    with pytest.raises(LostRaceError, match="has been deleted since this run loaded it"):
        store.save(saved)
    assert s3.get(KEY) is None


def test_an_object_deleted_under_way_is_not_made_again(s3: S3, store: S3Store, wire: Wire) -> None:
    saved = store.save(whole_notes())
    wire.arm(PUT, meanwhile(lambda: s3.delete(KEY), CONFLICT))
    with pytest.raises(LostRaceError, match="deleted"):
        store.save(saved)
    assert s3.get(KEY) is None


@pytest.mark.parametrize("lost", [timeout_after, timeout_before])
def test_without_reading_back_nothing_is_claimed(
    store: S3Store, wire: Wire, before: Notes, lost: Fault
) -> None:
    wire.arm(PUT, lost, timeout_before)
    wire.arm(GET, timeout_before, timeout_before)
    with pytest.raises(StorageError, match="whether it was saved is not known") as caught:
        store.save(before)
    assert str(caught.value).count("did not answer in time") == 2


def test_a_yes_without_an_etag_is_read_back(store: S3Store, wire: Wire) -> None:
    wire.arm(PUT, status(200, body=b"<html>welcome</html>"))
    saved = store.save(whole_notes())  # a proxy's page: nothing had been written
    assert store.load() == saved
    assert wire.operations == [PUT, GET, PUT, GET]


# --- reading


def test_a_lost_answer_of_a_read_is_asked_for_once_more(store: S3Store, wire: Wire) -> None:
    saved = store.save(whole_notes())
    wire.arm(GET, timeout_before)
    assert store.load() == saved


@pytest.mark.parametrize("body", [b"", b"{}", b"<html>"])
def test_an_answer_cut_short_is_an_error(store: S3Store, wire: Wire, body: bytes) -> None:
    store.save(whole_notes())

    def cut(request: Any, to_s3: Callable[[], AWSResponse]) -> AWSResponse:
        found = status(200, body=body)(request, to_s3)
        found.headers["content-length"] = "1000"
        return found

    wire.arm(GET, cut)
    with pytest.raises(StorageError, match="no usable answer"):
        store.load()


def test_a_store_that_failed_to_read_forgets_what_it_had_seen(
    s3: S3, store: S3Store, wire: Wire
) -> None:
    saved = store.save(whole_notes())
    other_saves(s3)
    wire.arm(GET, timeout_before, timeout_before)
    with pytest.raises(StorageError):
        store.load()
    with pytest.raises(LostRaceError):
        store.save(saved)


# --- secrets


def test_no_error_tells_what_aws_writes_of_keys_and_signatures(store: S3Store, wire: Wire) -> None:
    body = (
        b"<Error><Code>SignatureDoesNotMatch</Code><Message>AKIAMESSAGE</Message>"
        b"<AWSAccessKeyId>AKIASECRET</AWSAccessKeyId><StringToSign>AWS4-SECRET</StringToSign>"
        b"<SignatureProvided>SECRETSIGNATURE</SignatureProvided></Error>"
    )
    for operation in (GET, PUT):
        wire.arm(operation, status(403, body=body))
    for ask in (store.load, lambda: store.save(whole_notes())):
        with pytest.raises(StorageError, match="does not accept the credentials") as caught:
            ask()
        told = "".join(traceback.format_exception(caught.value)) + repr(caught.value)
        assert PLACE in told
        assert "SECRET" not in told
        assert "AKIA" not in told
