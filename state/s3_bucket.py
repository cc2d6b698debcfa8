"""One bucket: read an object, write it on a condition, list keys. Nothing about notes or events.

Needs s3:GetObject, s3:PutObject and s3:ListBucket, and never more: nothing is ever deleted.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple, Protocol

from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError

from state.s3_errors import Action, DoubtError, StorageError, code_of, failure

#: Seconds and attempts of one request: a dead S3 must leave a run the time to protect.
CONNECT_TIMEOUT_S, READ_TIMEOUT_S, ATTEMPTS_MAX = 2, 5, 2
#: What a request can end with. OSError: sockets and TLS, where the library lets them through.
_FAILURES = (ClientError, BotoCoreError, ResponseParserError, OSError)


class Client(Protocol):
    """What is used of an S3 client of boto3."""

    def get_object(self, **request: Any) -> dict[str, Any]:
        """Read one object."""
        ...

    def put_object(self, **request: Any) -> dict[str, Any]:
        """Write one object."""
        ...

    def list_objects_v2(self, **request: Any) -> dict[str, Any]:
        """List up to 1000 keys."""
        ...


class Stored(NamedTuple):
    """An object as it was read: its bytes and the ETag to write on top of."""

    data: bytes
    etag: str


def make_client(region: str | None = None) -> Client:
    """A client with short time-outs; region and credentials as AWS finds them by itself.

    Raises StorageError when the machine's AWS settings cannot be used.
    """
    import boto3  # 0.3 s: only those pay who keep something in S3
    from botocore.config import Config

    config = Config(
        connect_timeout=CONNECT_TIMEOUT_S,
        read_timeout=READ_TIMEOUT_S,
        retries={"mode": "standard", "total_max_attempts": ATTEMPTS_MAX},
    )
    try:
        client: Client = boto3.client("s3", region_name=region, config=config)
    except (BotoCoreError, ValueError) as error:
        text = f"the AWS settings of this machine cannot be used ({type(error).__name__})"
        raise StorageError("s3", text) from None
    return client


class Bucket:
    """A bucket behind a client. Every failure is a StorageError; writes can end in DoubtError."""

    def __init__(self, name: str, client: Client) -> None:
        """Asks nothing yet."""
        self.name = name
        self._client = client

    def place(self, key: str) -> str:
        """The address of a key, for people."""
        return f"s3://{self.name}/{key}"

    def read(self, key: str) -> Stored | None:
        """The object; None only when S3 itself says that there is no such key."""
        try:
            answer = self._client.get_object(Bucket=self.name, Key=key)
            return Stored(answer["Body"].read(), answer["ETag"])
        except _FAILURES as error:
            if code_of(error) == "NoSuchKey":
                return None
            raise self._failure(error, key, "read") from None

    def write(self, key: str, data: bytes, content_type: str, *, on: str | None) -> str:
        """Write if the object still has the ETag `on` (None: does not exist); its new ETag.

        DoubtError when it was not, or may or may not have been written; StorageError when S3
        has refused for certain.
        """
        condition = {"IfNoneMatch": "*"} if on is None else {"IfMatch": on}
        try:
            answer = self._client.put_object(
                Bucket=self.name, Key=key, Body=data, ContentType=content_type, **condition
            )
        except _FAILURES as error:
            raise self._failure(error, key, "write") from None
        if not answer.get("ETag"):
            raise DoubtError(self.place(key), "S3 gave no usable answer (no ETag in it)")
        return str(answer["ETag"])

    def keys(self, prefix: str) -> Iterator[str]:
        """Every key that begins with `prefix`, in the order of their bytes."""
        request: dict[str, str] = {"Bucket": self.name, "Prefix": prefix}
        while True:
            try:
                answer = self._client.list_objects_v2(**request)
            except _FAILURES as error:
                raise self._failure(error, prefix, "list") from None
            yield from (str(row["Key"]) for row in answer.get("Contents", ()))
            if not answer.get("IsTruncated"):
                return
            request["ContinuationToken"] = answer["NextContinuationToken"]

    def _failure(self, error: Exception, key: str, action: Action) -> StorageError:
        return failure(error, self.place(key), action)
