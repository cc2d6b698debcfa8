"""The exchange's key and secret from AWS: an SSM SecureString or a Secrets Manager secret.

One value holds both, as JSON: {"key": "...", "secret": "..."}. Asked for at the cold start and at
most every five minutes after it; a warm process that AWS does not answer goes on with what it has,
because protection must not wait for AWS. Nothing of a value is ever told.
"""

from functools import cache
from typing import Any, NamedTuple

import msgspec
from botocore.config import Config as BotoConfig
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    NoCredentialsError,
    NoRegionError,
    PartialCredentialsError,
)
from botocore.parsers import ResponseParserError

from exchange.signing_key import Credentials
from job.config import ConfigFaultsError

#: Rotated keys are taken up after this long at the latest.
KEPT_MS_MAX = 300_000
CONNECT_TIMEOUT_S, READ_TIMEOUT_S, ATTEMPTS_MAX = 2, 3, 2
_FORM = '{"key": "...", "secret": "..."}'
_BY_CODE = {
    "ParameterNotFound": "there is no such parameter in this region",
    "ResourceNotFoundException": "there is no such secret in this region",
    "AccessDeniedException": "access denied: grant the job's role to read (and decrypt) this name",
    "ValidationException": "this is no name that AWS could have",
    "InvalidRequestException": "the secret cannot be read now (is it marked for deletion?)",
    "DecryptionFailure": "its encryption key cannot be used: grant the use of the KMS key",
    "InvalidKeyId": "its encryption key cannot be used: grant the use of the KMS key",
    "UnrecognizedClientException": "AWS does not accept this machine's credentials",
    "InvalidSignatureException": "AWS does not accept this machine's credentials",
    "ExpiredTokenException": "AWS does not accept this machine's credentials",
}


class _Pair(msgspec.Struct, frozen=True):
    key: str
    secret: str


class _Kept(NamedTuple):
    pair: Credentials
    read_ms: int


class UnreadableValueError(Exception):
    """The value cannot be had; the text says why, and nothing of what it is."""


class _NoAnswerError(UnreadableValueError):
    """AWS cannot be asked now; what is kept may be used."""


_kept: dict[str, _Kept] = {}


def credentials_in_aws(place: str, now_ms: int) -> Credentials:
    """Key and secret under `ssm:NAME` or `secretsmanager:NAME`. Raises ConfigFaultsError."""
    kept = _kept.get(place)
    if kept is not None and 0 <= now_ms - kept.read_ms < KEPT_MS_MAX:
        return kept.pair
    try:
        pair = _parsed(value_in_aws(place))
    except UnreadableValueError as error:
        if kept is not None and isinstance(error, _NoAnswerError):
            return kept.pair
        raise ConfigFaultsError([f"credentials = {place}: {error}"]) from None
    _kept[place] = _Kept(pair, now_ms)
    return pair


def value_in_aws(place: str) -> str:
    """The text under `ssm:NAME` or `secretsmanager:NAME`. Raises UnreadableValueError."""
    service, _, name = place.partition(":")
    try:
        client = client_of(service)
        return _ssm(client, name) if service == "ssm" else _secret(client, name)
    except ClientError as error:
        raise _refusal(error) from None
    except NoRegionError:
        raise UnreadableValueError("AWS needs a region: set AWS_REGION") from None
    except (NoCredentialsError, PartialCredentialsError):
        text = "there are no usable AWS credentials: give the machine a role, or set its keys"
        raise UnreadableValueError(text) from None
    except (BotoCoreError, ResponseParserError, OSError, ValueError) as error:
        raise _NoAnswerError(f"AWS gave no usable answer ({type(error).__name__})") from None


@cache
def client_of(service: str) -> Any:
    """One client a service, with short time-outs; a warm Lambda keeps it."""
    import boto3

    config = BotoConfig(
        connect_timeout=CONNECT_TIMEOUT_S,
        read_timeout=READ_TIMEOUT_S,
        retries={"mode": "standard", "total_max_attempts": ATTEMPTS_MAX},
    )
    return boto3.client(service, config=config)


def _ssm(client: Any, name: str) -> str:
    parameter = client.get_parameter(Name=name, WithDecryption=True)["Parameter"]
    if parameter["Type"] != "SecureString":
        text = f"is a {parameter['Type']}, open to everyone who may list parameters"
        raise UnreadableValueError(f"{text}: make it a SecureString")
    return str(parameter["Value"])


def _secret(client: Any, name: str) -> str:
    return str(client.get_secret_value(SecretId=name).get("SecretString", ""))


def _parsed(value: str) -> Credentials:
    try:
        pair = msgspec.json.decode(value, type=_Pair)
    except (msgspec.DecodeError, UnicodeError):
        pair = _Pair("", "")
    if not pair.key.strip() or not pair.secret.strip():
        raise UnreadableValueError(f"must hold the JSON {_FORM}")
    return Credentials(pair.key.strip(), pair.secret.strip())


def _refusal(error: ClientError) -> UnreadableValueError:
    """AWS has answered: what a person can mend ends the firing, a fault of AWS's own does not."""
    code = str(error.response.get("Error", {}).get("Code", ""))
    status = int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
    if code in _BY_CODE:
        return UnreadableValueError(_BY_CODE[code])
    if status >= 500 or "Throttl" in code:
        return _NoAnswerError(f"AWS cannot answer now ({status} {code})")
    return UnreadableValueError(f"AWS refuses to read it ({status} {code or 'without a code'})")
