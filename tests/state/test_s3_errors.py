"""Every way S3 can fail has its own plain text, and none of them is taken as "missing"."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest
from botocore.exceptions import (
    BotoCoreError,
    ConnectionClosedError,
    ConnectTimeoutError,
    EndpointConnectionError,
    NoCredentialsError,
    ReadTimeoutError,
    SSLError,
)
from botocore.parsers import ResponseParserError

from state.s3_bucket import Bucket, make_client
from state.s3_errors import Action, DoubtError, StorageError
from tests.state.s3_wire import BUCKET, REGION, S3, Wire, answer, s3_in_process

OPERATIONS: dict[Action, str] = {"read": "get_object", "write": "put_object",
                                 "list": "list_objects_v2"}  # fmt: skip
ALL: list[Action] = ["read", "write", "list"]


@pytest.fixture(scope="module")
def whole_s3() -> Iterator[S3]:
    with s3_in_process() as s3:
        yield s3


@pytest.fixture
def wire(whole_s3: S3) -> Iterator[Wire]:
    with whole_s3.one_test():
        yield whole_s3.wire()


@pytest.fixture
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("botocore.endpoint.time.sleep", lambda _: None)


def ask(bucket: Bucket, action: Action) -> object:
    asked: dict[Action, Callable[[], object]] = {
        "read": partial(bucket.read, "a/key"),
        "write": partial(bucket.write, "a/key", b"", "text/plain", on=None),
        "list": lambda: list(bucket.keys("a/")),
    }
    return asked[action]()


#: action, status, code, is a write in doubt?, what the text must say
CODES: list[tuple[Action, int, str, bool, str]] = [
    ("read", 403, "AccessDenied", False, "a missing object looks the same, so it is not taken as"),
    ("read", 403, "AccessDenied", False, "grant s3:GetObject on the object and s3:ListBucket on"),
    ("read", 403, "", False, "grant s3:GetObject"),
    ("write", 403, "AccessDenied", False, "grant s3:PutObject"),
    ("list", 403, "AccessDenied", False, "grant s3:ListBucket on the bucket"),
    *((action, 404, "NoSuchBucket", False, "there is no such bucket") for action in ALL),
    ("read", 404, "", False, r"S3 refuses to read it \(404"),
    ("read", 404, "404", False, r"S3 refuses to read it \(404"),
    ("list", 404, "NoSuchKey", False, "deleted"),
    ("write", 404, "NoSuchKey", True, "has been deleted meanwhile"),
    ("write", 408, "RequestTimeout", True, "408"),
    ("write", 409, "ConditionalRequestConflict", True, "another write was under way"),
    ("write", 409, "OperationAborted", True, "409 OperationAborted"),
    ("write", 412, "PreconditionFailed", True, "is not the one that was loaded"),
    ("write", 429, "TooManyRequests", True, "fewer requests"),
    *((action, 503, "SlowDown", action == "write", "fewer requests") for action in ALL),
    *((action, 500, "InternalError", action == "write", "fault of its own") for action in ALL),
    ("write", 504, "", True, r"fault of its own \(504\)"),
    ("write", 501, "NotImplemented", False, "does not know conditional writes"),
    *((action, 403, "RequestTimeTooSkewed", False, "clock is too far off") for action in ALL),
    *((action, 403, "InvalidAccessKeyId", False, "not accept the credentials") for action in ALL),
    *((action, 400, "ExpiredToken", False, "not accept the credentials") for action in ALL),
    ("read", 400, "AuthorizationHeaderMalformed", False, "another region: set AWS_REGION"),
    ("read", 400, "KMS.DisabledException", False, r"\(KMS.DisabledException\): grant the use of"),
    ("read", 403, "InvalidObjectState", False, "restore it from Glacier"),
    ("write", 400, "EntityTooLarge", False, "S3 refuses to write it .400 EntityTooLarge"),
]


@pytest.mark.usefixtures("no_waiting")
@pytest.mark.parametrize(("action", "status", "code", "doubtful", "text"), CODES)
def test_an_answer_of_s3_has_its_own_text(
    wire: Wire, action: Action, status: int, code: str, doubtful: bool, text: str
) -> None:
    def refuse(request: Any, _: object) -> Any:
        return answer(request.url, status, code, None if code else b"")

    event = "".join(word.title() for word in OPERATIONS[action].split("_"))
    wire.arm(event, *[refuse] * (2 if status in {429, 500, 503, 504} or code == "RequestTimeout"
                                 else 1))  # fmt: skip
    with pytest.raises(StorageError, match=text) as caught:
        ask(Bucket(BUCKET, wire.client), action)
    assert isinstance(caught.value, DoubtError) is doubtful
    assert str(caught.value).startswith(f"s3://{BUCKET}/a/")


#: what the library raises, is a write in doubt?, what the text must say
RAISED: list[tuple[Exception, bool, str]] = [
    (ConnectTimeoutError(endpoint_url="u"), True, "cannot be reached: check network and region"),
    (EndpointConnectionError(endpoint_url="u", error="e"), True, "cannot be reached"),
    (ReadTimeoutError(endpoint_url="u"), True, "did not answer in time"),
    (ConnectionClosedError(endpoint_url="u"), True, "library says ConnectionClosedError"),
    (SSLError(endpoint_url="u", error="e"), True, "library says SSLError"),
    (BotoCoreError(), True, "no usable answer"),
    (ResponseParserError("not XML"), True, "no usable answer"),
    (ConnectionResetError(104, "reset"), True, "broke with ConnectionResetError"),
    (NoCredentialsError(), False, "no usable AWS credentials"),
]


class Raising:
    """A client of which every request ends with one error."""

    def __init__(self, error: Exception) -> None:
        self.error = error

    def get_object(self, **_: Any) -> dict[str, Any]:
        raise self.error

    put_object = list_objects_v2 = get_object


@pytest.mark.parametrize("action", ALL)
@pytest.mark.parametrize(("error", "doubtful", "text"), RAISED)
def test_no_answer_has_its_own_text(
    action: Action, error: Exception, doubtful: bool, text: str
) -> None:
    with pytest.raises(StorageError, match=text) as caught:
        ask(Bucket(BUCKET, Raising(error)), action)
    assert isinstance(caught.value, DoubtError) is (doubtful and action == "write")
    assert caught.value.__suppress_context__


def test_a_fault_of_our_own_is_not_dressed_up_as_one_of_s3() -> None:
    with pytest.raises(ZeroDivisionError):
        ask(Bucket(BUCKET, Raising(ZeroDivisionError())), "read")


def test_a_name_that_no_bucket_can_have(wire: Wire) -> None:
    for action in ALL:
        with pytest.raises(StorageError, match="no bucket and key that S3 could have"):
            ask(Bucket("no bucket", wire.client), action)


def test_a_missing_object_is_none_and_a_missing_bucket_is_not(wire: Wire) -> None:
    assert Bucket(BUCKET, wire.client).read("nothing") is None
    with pytest.raises(StorageError, match="there is no such bucket"):
        Bucket("another-bucket", wire.client).read("nothing")


def test_it_is_an_os_error_that_says_where_and_what() -> None:
    error = StorageError("s3://b/k", "what to do")
    assert isinstance(error, OSError)
    assert (str(error), error.filename, error.strerror) == (
        "s3://b/k: what to do",
        "s3://b/k",
        "what to do",
    )


@pytest.mark.usefixtures("no_waiting")
def test_a_dead_s3_costs_two_short_attempts(wire: Wire) -> None:
    def dead(request: Any, _: object) -> Any:
        raise ReadTimeoutError(endpoint_url=request.url)

    wire.arm("GetObject", dead, dead)
    with pytest.raises(StorageError):
        Bucket(BUCKET, wire.client).read("a/key")
    config = wire.client.meta.config
    assert (config.connect_timeout, config.read_timeout) == (2, 5)


def test_aws_settings_that_cannot_be_used_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(StorageError, match=r"AWS settings .* cannot be used"):
        make_client("no region")
    monkeypatch.setenv("AWS_PROFILE", "nobody")
    monkeypatch.setattr("boto3.DEFAULT_SESSION", None)
    with pytest.raises(StorageError, match="ProfileNotFound"):
        make_client(REGION)
