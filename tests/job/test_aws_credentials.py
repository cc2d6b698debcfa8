"""Key and secret from AWS: an SSM SecureString or a Secrets Manager secret, told by name only."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError, ConnectTimeoutError
from moto import mock_aws

from job import aws_credentials
from job.config import Config, ConfigFaultsError, load
from job.credentials import credentials
from job.notify.secret import Secret, UnusableSecretError
from tests.house.sources import ROOT
from tests.job.terminal import Terminal
from tests.state.aws_served import served

KEY, SECRET = "KEYkeyKEYkey0123456789", "SECRETsecret9876543210"
BOTH = json.dumps({"key": KEY, "secret": SECRET})
REGION = "eu-central-1"
MINUTE_MS = 60_000


@pytest.fixture(autouse=True)
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """An empty AWS, and a process that has just started."""
    for name, value in aws_environment().items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(aws_credentials, "_kept", {})
    with mock_aws():
        yield


def aws_environment() -> dict[str, str]:
    made_up = {"AWS_ACCESS_KEY_ID": "made", "AWS_SECRET_ACCESS_KEY": "up"}
    return {"AWS_DEFAULT_REGION": REGION, **made_up}


def put(place: str, value: str, kind: str = "SecureString") -> None:
    service, _, name = place.partition(":")
    client = aws_credentials.client_of(service)
    if service == "ssm":
        client.put_parameter(Name=name, Value=value, Type=kind, Overwrite=True)
    else:
        client.create_secret(Name=name, SecretString=value)


def demo(place: str) -> Config:
    return load({}, Path(), None, ["venue=demo", f"credentials={place}"])


def fault(place: str, environment: dict[str, str] | None = None, now_ms: int = 0) -> str:
    with pytest.raises(ConfigFaultsError) as caught:
        credentials(demo(place), environment or {}, now_ms)
    [line] = caught.value.faults
    assert SECRET not in line
    assert KEY not in line
    return line


SSM, MANAGER = "ssm:/revert/binance", "secretsmanager:revert/binance"


@pytest.mark.parametrize("place", [SSM, MANAGER])
def test_both_are_read_from_one_value(place: str) -> None:
    put(place, BOTH)
    assert credentials(demo(place), {}) == (KEY, SECRET)
    assert KEY not in repr(credentials(demo(place), {}))


@pytest.mark.parametrize(
    ("value", "place"),
    [(SECRET, SSM), ("{}", SSM), ("[]", MANAGER), (json.dumps({"key": KEY}), SSM),
     (json.dumps({"key": KEY, "secret": " "}), SSM), (json.dumps({"key": KEY, "secret": 1}), SSM),
     (f'{{"key": "{KEY}", "secret": "{SECRET}"', MANAGER)],
)  # fmt: skip
def test_another_value_is_told_with_the_right_form(value: str, place: str) -> None:
    put(place, value)
    assert fault(place) == (
        f'credentials = {place}: must hold the JSON {{"key": "...", "secret": "..."}}'
    )


def test_a_secret_that_cannot_sign_is_told() -> None:
    put(SSM, json.dumps({"key": KEY, "secret": f"{SECRET} PRIVATE KEY"}))
    assert fault(SSM).startswith(f"credentials = {SSM}: secret: cannot be read as an RSA or Ed")


def test_what_is_not_there_is_told() -> None:
    assert fault(SSM).endswith("there is no such parameter in this region")
    assert fault(MANAGER).endswith("there is no such secret in this region")


def test_a_parameter_that_is_not_encrypted_is_refused() -> None:
    put(SSM, BOTH, "String")
    assert fault(SSM).endswith("make it a SecureString")


def test_a_channel_s_secret_is_refused_by_its_own_name() -> None:
    with pytest.raises(UnusableSecretError) as caught:
        Secret({"WEBHOOK_URL": SSM}, "WEBHOOK_URL").text()
    assert str(caught.value) == f"WEBHOOK_URL = {SSM}: there is no such parameter in this region"


def test_only_one_place_may_be_named() -> None:
    put(SSM, BOTH)
    line = fault(SSM, {"BINANCE_API_SECRET_FILE": "x"})
    assert line == f"BINANCE_API_SECRET_FILE: credentials = {SSM} is set too; give one of them"


def test_the_machine_needs_a_region(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_DEFAULT_REGION")
    aws_credentials.client_of.cache_clear()
    assert fault(SSM).endswith("AWS needs a region: set AWS_REGION")


class Refusing:
    """A client of AWS that answers everything with one error."""

    def __init__(self, error: Exception) -> None:
        self.error = error

    def get_parameter(self, **_: object) -> None:
        raise self.error


def refuse(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    monkeypatch.setattr(aws_credentials, "client_of", lambda _: Refusing(error))


def client_error(code: str, status: int) -> ClientError:
    told: Any = {"Error": {"Code": code, "Message": SECRET},
                 "ResponseMetadata": {"HTTPStatusCode": status}}  # fmt: skip
    return ClientError(told, "GetParameter")


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (client_error("AccessDeniedException", 400), "access denied: grant the job's role"),
        (client_error("Strange", 400), "AWS refuses to read it (400 Strange)"),
        (client_error("InternalServerError", 500), "AWS cannot answer now (500"),
        (client_error("ThrottlingException", 400), "AWS cannot answer now (400 Throttling"),
        (ConnectTimeoutError(endpoint_url="https://x"), "no usable answer (ConnectTimeoutError)"),
    ],
)
def test_a_refusal_is_one_line_without_aws_s_own_words(
    monkeypatch: pytest.MonkeyPatch, error: Exception, words: str
) -> None:
    refuse(monkeypatch, error)
    assert words in fault(SSM)


def test_a_warm_process_asks_again_after_five_minutes(monkeypatch: pytest.MonkeyPatch) -> None:
    put(SSM, BOTH)
    assert credentials(demo(SSM), {}, 0).key == KEY
    put(SSM, json.dumps({"key": "new", "secret": "new"}))
    assert credentials(demo(SSM), {}, 5 * MINUTE_MS - 1).key == KEY
    assert credentials(demo(SSM), {}, 5 * MINUTE_MS).key == "new"
    assert credentials(demo(SSM), {}, 4 * MINUTE_MS).key == "new"  # a clock that was set back
    refuse(monkeypatch, ConnectTimeoutError(endpoint_url="https://x"))
    assert credentials(demo(SSM), {}, 60 * MINUTE_MS).key == "new"  # protection does not wait
    refuse(monkeypatch, client_error("AccessDeniedException", 400))
    assert "access denied" in fault(SSM, now_ms=61 * MINUTE_MS)


def test_a_wrong_name_is_refused_before_aws_is_asked(terminal: Terminal) -> None:
    typed = terminal.type("check", "--set", "venue=demo", "--set", f"credentials={SECRET}")
    assert (typed.status, typed.err) == (
        2, ["credentials: must be ssm:/name or secretsmanager:name, the name of what AWS holds"],
    )  # fmt: skip


def test_on_the_embedded_exchange_aws_is_not_asked(terminal: Terminal) -> None:
    typed = terminal.type("run", "--set", f"credentials={SSM}")
    assert typed.status == 0
    assert "exchange credentials are set, but venue is embedded" in typed.out[0]


COMMAND = """
import sys
from pathlib import Path
from job.config import load
from job.credentials import credentials
from job.outside import real_world
found = credentials(load({}, Path(), None, sys.argv[1:]), real_world().environment)
print(len(found.key), len(found.secret), "boto3" in sys.modules)
"""


@pytest.mark.parametrize("place", [SSM, MANAGER, ""])
def test_a_process_of_its_own_asks_over_the_wire(place: str) -> None:
    environment = {"PATH": os.environ["PATH"], "AWS_EC2_METADATA_DISABLED": "true"}
    if place:
        put(place, BOTH)
        environment |= aws_environment()
        sets = ["venue=demo", f"credentials={place}"]
    else:
        environment |= {"BINANCE_API_KEY": KEY, "BINANCE_API_SECRET": SECRET}
        sets = ["venue=demo"]
    with served() as url:
        ended = subprocess.run(
            [sys.executable, "-c", COMMAND, *sets],
            cwd=ROOT, env={**environment, "AWS_ENDPOINT_URL": url},
            capture_output=True, text=True, check=False,
        )  # fmt: skip
    assert ended.stdout.split() == [str(len(KEY)), str(len(SECRET)), str(bool(place))], ended
    assert SECRET not in ended.stderr
