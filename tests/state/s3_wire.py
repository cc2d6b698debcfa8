"""An S3 in the process, with wires to it that can be cut on the way there or on the way back."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import BytesIO
from typing import Any, NamedTuple

import boto3
from botocore.awsrequest import AWSResponse
from botocore.exceptions import ReadTimeoutError
from moto import mock_aws
from moto.core.models import botocore_stubber

from state.s3_bucket import make_client

BUCKET = "notes-of-a-test"
REGION = "eu-central-1"

#: What becomes of a request: it gets the way to S3, and gives the answer or raises.
Fault = Callable[[Any, Callable[[], AWSResponse]], AWSResponse]


class Seen(NamedTuple):
    """One request as it left."""

    operation: str
    url: str
    headers: dict[str, str]


class _Raw(BytesIO):
    def stream(self, **_: object) -> Iterator[bytes]:
        yield self.read()


def answer(url: str, status: int, code: str = "", body: bytes | None = None) -> AWSResponse:
    """An answer as S3 gives it, by default its XML for an error code."""
    if body is None:
        body = f"<Error><Code>{code}</Code><Message>no</Message></Error>".encode()
    headers = {"content-type": "application/xml", "content-length": str(len(body))}
    return AWSResponse(url, status, headers, _Raw(body))


def status(number: int, code: str = "", body: bytes | None = None) -> Fault:
    """S3 never looks at the request and answers this."""
    return lambda request, _: answer(request.url, number, code, body)


def timeout_before(request: Any, _: Callable[[], AWSResponse]) -> AWSResponse:
    """The request is lost."""
    raise ReadTimeoutError(endpoint_url=request.url)


def timeout_after(request: Any, to_s3: Callable[[], AWSResponse]) -> AWSResponse:
    """The request is carried out, the answer is lost."""
    to_s3()
    raise ReadTimeoutError(endpoint_url=request.url)


def meanwhile(action: Callable[[], object], then: Fault) -> Fault:
    """Something happens while the request is on its way."""

    def fault(request: Any, to_s3: Callable[[], AWSResponse]) -> AWSResponse:
        action()
        return then(request, to_s3)

    return fault


def passed(_: Any, to_s3: Callable[[], AWSResponse]) -> AWSResponse:
    """No fault."""
    return to_s3()


class Wire:
    """Between one client and the S3: `faults` are used up one a request of the operation."""

    def __init__(self, client: Any) -> None:
        self.client = client
        self.seen: list[Seen] = []
        self.faults: dict[str, list[Fault]] = {}
        client.meta.events.unregister("before-send", botocore_stubber)
        client.meta.events.register("before-send.s3", self._send)

    def arm(self, operation: str, *faults: Fault) -> None:
        """For the next requests of an operation such as PutObject."""
        self.faults.setdefault(operation, []).extend(faults)

    @property
    def operations(self) -> list[str]:
        return [seen.operation for seen in self.seen]

    def _send(self, event_name: str, request: Any, **_: object) -> AWSResponse:
        operation = event_name.rpartition(".")[2]
        self.seen.append(Seen(operation, request.url, _texts(request.headers)))
        fault = self.faults[operation].pop(0) if self.faults.get(operation) else passed

        def to_s3() -> AWSResponse:
            found = botocore_stubber(event_name, request)
            assert found is not None
            return found

        return fault(request, to_s3)


def _texts(headers: Any) -> dict[str, str]:
    return {
        name.lower(): value.decode() if isinstance(value, bytes) else str(value)
        for name, value in headers.items()
    }


class S3:
    """An S3 with one bucket. Wires are kept from test to test: a client takes 0.2 s to make."""

    def __init__(self) -> None:
        self.outside: Any = boto3.client("s3", REGION)
        self.outside.create_bucket(
            Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION}
        )
        self._wires: list[Wire] = []
        self._used = 0

    def wire(self) -> Wire:
        """One more wire, with the project's own client behind it."""
        if self._used == len(self._wires):
            self._wires.append(Wire(make_client(REGION)))
        self._used += 1
        return self._wires[self._used - 1]

    def keys(self) -> list[str]:
        """Everything in the bucket."""
        rows = self.outside.list_objects_v2(Bucket=BUCKET).get("Contents", ())
        return [row["Key"] for row in rows]

    def get(self, key: str) -> bytes | None:
        """What lies under a key."""
        if key not in self.keys():
            return None
        data: bytes = self.outside.get_object(Bucket=BUCKET, Key=key)["Body"].read()
        return data

    def put(self, key: str, data: bytes) -> None:
        """Lay something there, as a person or another program would."""
        self.outside.put_object(Bucket=BUCKET, Key=key, Body=data)

    def delete(self, key: str) -> None:
        """Take it away, as a person would."""
        self.outside.delete_object(Bucket=BUCKET, Key=key)

    @contextmanager
    def one_test(self) -> Iterator[None]:
        """Empty before the test; after it nothing was asked for beyond the rights that are told."""
        for key in self.keys():
            self.delete(key)
        wires, self._used = self._wires, 0
        for wire in wires:
            wire.seen, wire.faults = [], {}
        yield
        asked = {operation for wire in wires for operation in wire.operations}
        assert asked <= {"GetObject", "PutObject", "ListObjectsV2"}
        assert [fault for wire in wires for left in wire.faults.values() for fault in left] == []


@contextmanager
def s3_in_process() -> Iterator[S3]:
    """An S3 for as long as the block lasts."""
    with mock_aws():
        yield S3()
