"""What can go wrong between this machine and S3, each with its own plain text.

"Cannot read" is never "missing", and "no answer" is never "not written". Texts are made here from
error codes only: what AWS or a library writes can hold key ids, signatures and tokens.
"""

from http import HTTPStatus
from typing import Literal

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectTimeoutError,
    CredentialRetrievalError,
    EndpointConnectionError,
    NoCredentialsError,
    ParamValidationError,
    PartialCredentialsError,
    ReadTimeoutError,
    TokenRetrievalError,
    UnauthorizedSSOTokenError,
)

Action = Literal["read", "write", "list"]


class StorageError(OSError):
    """An object in S3 could not be read or written. Never means that it is missing."""

    def __init__(self, place: str, text: str) -> None:
        """`place` is the address, `text` what is wrong and what to do."""
        super().__init__(f"{place}: {text}")
        self.filename = place
        self.strerror = text

    def __str__(self) -> str:
        """One line for people: where and what."""
        return f"{self.filename}: {self.strerror}"


class DoubtError(StorageError):
    """A conditional write that did not end with a yes: read back before believing anything.

    Also behind a plain "condition not met" (412) can stand our own write: the library sends again
    when an answer is lost, and the second attempt then meets the first one's object.
    """

    def __init__(self, place: str, text: str, *, refused: bool = False) -> None:
        """`refused`: S3 says that the condition was not met."""
        super().__init__(place, text)
        self.refused = refused


_GRANTS: dict[Action, str] = {
    "read": (
        "access denied (403). Without s3:ListBucket a missing object looks the same, so it is not "
        "taken as missing: grant s3:GetObject on the object and s3:ListBucket on the bucket"
    ),
    "write": "access denied (403): grant s3:PutObject on the object",
    "list": "access denied (403): grant s3:ListBucket on the bucket",
}
_KEYS_REFUSED = "AWS does not accept the credentials: give the machine its role or a valid key"
_OTHER_REGION = "the bucket is in another region: set AWS_REGION to the bucket's"
_NO_CONDITIONS = "this storage does not know conditional writes: two runs could both win, use S3"
_BUSY = "S3 asks for fewer requests: the next run tries again"
_BY_CODE = {
    "NoSuchBucket": "there is no such bucket: create it, or mend its name in the settings",
    "InvalidBucketName": "this is no bucket name: mend it in the settings",
    "InvalidObjectState": "the object is archived: restore it from Glacier",
    "RequestTimeTooSkewed": "this machine's clock is too far off for AWS: set it (with NTP)",
    "InvalidAccessKeyId": _KEYS_REFUSED,
    "SignatureDoesNotMatch": _KEYS_REFUSED,
    "InvalidToken": _KEYS_REFUSED,
    "ExpiredToken": _KEYS_REFUSED,
    "TokenRefreshRequired": _KEYS_REFUSED,
    "PermanentRedirect": _OTHER_REGION,
    "AuthorizationHeaderMalformed": _OTHER_REGION,
    "IllegalLocationConstraintException": _OTHER_REGION,
    "NotImplemented": _NO_CONDITIONS,
    "SlowDown": _BUSY,
    "ServiceUnavailable": _BUSY,
    "TooManyRequests": _BUSY,
    "ConditionalRequestConflict": "another write was under way at the same moment (409)",
    "PreconditionFailed": "the object is not the one that was loaded (412)",
    "NoSuchKey": "the object has been deleted meanwhile (404)",
}
#: The request never leaves this machine, or is never looked at: nothing can have been written.
_NEVER_SENT = (
    NoCredentialsError,
    PartialCredentialsError,
    CredentialRetrievalError,
    TokenRetrievalError,
    UnauthorizedSSOTokenError,
    ParamValidationError,
)
_MAYBE = {
    HTTPStatus.NOT_FOUND,
    HTTPStatus.REQUEST_TIMEOUT,
    HTTPStatus.CONFLICT,
    HTTPStatus.PRECONDITION_FAILED,
    HTTPStatus.TOO_MANY_REQUESTS,
}
_CERTAIN_CODES = {"NoSuchBucket", "NotImplemented"}


def code_of(error: Exception) -> str:
    """S3's own code, such as NoSuchKey; "" when S3 has not answered."""
    return str(error.response["Error"].get("Code", "")) if isinstance(error, ClientError) else ""


def failure(error: Exception, place: str, action: Action) -> StorageError:
    """The failure of a request: a DoubtError for writes that may have been done all the same."""
    if not isinstance(error, ClientError):
        if action == "write" and not isinstance(error, _NEVER_SENT):
            return DoubtError(place, _without_answer(error))
        return StorageError(place, _without_answer(error))
    status, code = _status(error), code_of(error)
    text = _told(status, code, action)
    unclear = status in _MAYBE or status >= HTTPStatus.INTERNAL_SERVER_ERROR
    if action == "write" and unclear and code not in _CERTAIN_CODES:
        return DoubtError(place, text, refused=status == HTTPStatus.PRECONDITION_FAILED)
    return StorageError(place, text)


def _status(error: ClientError) -> int:
    return int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))


def _told(status: int, code: str, action: Action) -> str:
    if code in _BY_CODE:
        return _BY_CODE[code]
    if code.startswith("KMS."):
        return f"the object's encryption key cannot be used ({code}): grant the use of the KMS key"
    if status == HTTPStatus.FORBIDDEN:
        return _GRANTS[action]
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return f"S3 has a fault of its own ({status}): the next run tries again"
    return f"S3 refuses to {action} it ({status} {code or 'without a code'})"


def _without_answer(error: Exception) -> str:
    if isinstance(error, ParamValidationError):
        return "this is no bucket and key that S3 could have: mend the setting"
    if isinstance(error, _NEVER_SENT):
        return "there are no usable AWS credentials: give the machine a role, or set its keys"
    if isinstance(error, ConnectTimeoutError | EndpointConnectionError):
        return "S3 cannot be reached: check network and region"
    if isinstance(error, ReadTimeoutError):
        return "S3 did not answer in time"
    kind = "AWS's library says" if isinstance(error, BotoCoreError) else "the connection broke with"
    return f"S3 gave no usable answer ({kind} {type(error).__name__})"
