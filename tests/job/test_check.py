"""`check` names what is wrong with a set-up: one question fails, with what to do."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto import mock_aws

from job.commands.check import ask_everything
from job.readiness import places_side
from job.readiness.answer import NotReadyError
from state.s3_address import S3Address
from state.s3_errors import StorageError
from tests.job.harness import Stand, stand
from tests.oracle.planted_base import CALM, HOME

RESTRICTIONS = "/sapi/v1/account/apiRestrictions"
PERMITTED = {
    "enableFutures": True,
    "enableWithdrawals": False,
    "enableInternalTransfer": False,
    "permitsUniversalTransfer": False,
    "ipRestrict": True,
}
Break = Callable[[Stand], Any]


@pytest.fixture
def here(tmp_path: Path) -> Stand:
    made = stand(tmp_path, CALM.flat(HOME, 4))
    made.at(10)
    return made


def failed(here: Stand) -> dict[str, str]:
    return {name: answer.text for name, answer in ask_everything(here.job).items() if not answer.ok}


def test_a_good_set_up(here: Stand) -> None:
    answers = ask_everything(here.job)
    assert failed(here) == {}
    assert answers["key"].text == "futures on, withdrawals and transfers off, bound to an address"
    assert here.sent == []


def test_the_rules_of_all_symbols_are_asked_for_once(here: Stand) -> None:
    here.arm("GET", "/fapi/v1/exchangeInfo", "answer", when="before", skip=1, status=503)
    assert failed(here) == {}


def test_a_ban_that_the_notes_remember_is_kept(here: Stand) -> None:
    here.arm("*", "*", "answer", status=418, headers={"Retry-After": "120"}, times=0)
    assert not here.run().ok
    here.faults.disarm_all()
    here.requests.clear()
    here.job.budget.begin()  # as in a process of its own
    told = failed(here)
    assert "the exchange asked for silence until" in told["venue"]
    assert here.requests == []


def key(**changed: object) -> Break:
    body = {**PERMITTED, **changed}
    return lambda here: here.arm(
        "GET", RESTRICTIONS, "answer", when="before", status=200, body=body
    )


def wrong_key(here: Stand) -> None:
    here.job.gateway.client.apiKey = "unknown"


def wrong_secret(here: Stand) -> None:
    here.job.gateway.client.secret = "wrong"


def hedge_mode(here: Stand) -> None:
    with here.request() as engine:
        engine.set_dual_side(True)


def skewed_clock(here: Stand) -> None:
    here.faults.skew_ms = 60_000


def poor(here: Stand) -> None:
    with here.request() as engine:
        engine.books.wallet_e8 = 3 * 10**8


def read_only_state(here: Stand) -> None:
    state = here.folder / "state"
    state.write_text("a file where a folder should be")
    here.job = replace(here.job, config=replace(here.job.config, state=state / "state.json"))


def other_account(here: Stand) -> None:
    here.run(10)
    here.job = replace(here.job, config=replace(here.job.config, account="other"))


def other_venue(here: Stand) -> None:
    here.run(10)
    here.job = replace(here.job, config=replace(here.job.config, venue="demo"))


def half_an_answer(here: Stand) -> None:
    here.arm("GET", "/fapi/v1/klines", "answer", when="before", status=200, body=[[1]])


def closed(here: Stand) -> None:
    here.faults.arm_json(
        json.dumps(
            {
                "path": "/fapi/v1/exchangeInfo",
                "do": "answer",
                "status": 200,
                "when": "before",
                "times": 0,
                "body": {"symbols": []},
            }
        ).encode()
    )


@pytest.mark.parametrize(
    ("spoil", "questions", "words"),
    [
        (wrong_key, {"account", "key", "mode", "BTCUSDT size"}, "is the key of venue embedded"),
        (wrong_secret, {"account", "key", "mode", "BTCUSDT size"}, "-1022"),
        (key(enableFutures=False), {"key"}, "switch futures trading on for the key"),
        (key(enableWithdrawals=True), {"key"}, "switch withdrawals off for the key"),
        (key(enableInternalTransfer=True), {"key"}, "switch internal transfers off for the key"),
        (key(permitsUniversalTransfer=True), {"key"}, "switch universal transfers off"),
        (key(ipRestrict=False), {"key"}, "bind the key to this machine's address"),
        (key(ipRestrict=None), {"key"}, "bind the key to this machine's address"),
        (hedge_mode, {"mode"}, "set the position mode to one-way on Binance"),
        (skewed_clock, {"venue"}, "this clock is 60000 ms off the exchange's: set it"),
        (poor, {"BTCUSDT size"}, "below the minimum"),
        (read_only_state, {"state"}, "state"),
        (other_account, {"state"}, "the notes belong to venue embedded, account main"),
        (other_venue, {"state"}, "this run is for venue demo"),
        (half_an_answer, {"BTCUSDT size"}, "an answer could not be used"),
        (closed, {"BTCUSDT rules", "BTCUSDT size"}, "the exchange has no symbol BTCUSDT"),
    ],
    ids=lambda value: getattr(value, "__name__", None),
)
def test_a_broken_set_up(here: Stand, spoil: Break, questions: set[str], words: str) -> None:
    spoil(here)
    answers = failed(here)
    assert answers.keys() == questions, answers
    assert any(words in text for text in answers.values()), answers
    assert all("\n" not in text for text in answers.values())


def test_an_exchange_that_cannot_be_reached_is_named(here: Stand) -> None:
    here.job = replace(here.job, config=replace(here.job.config, venue="demo"))
    here.arm("GET", "/fapi/v1/time", "drop", when="before")
    assert failed(here)["venue"].endswith(
        "the connection failed: can https://demo-fapi.binance.com be reached from here?"
    )
    here.arm("GET", "/fapi/v1/time", "answer", when="before", status=503)  # it has been reached
    assert "be reached from here" not in failed(here)["venue"]


def test_the_demo_is_not_asked_for_permissions(here: Stand) -> None:
    here.job = replace(here.job, config=replace(here.job.config, venue="demo"))
    assert "not asked" in ask_everything(here.job)["key"].text
    assert all(request.path != RESTRICTIONS for request in here.requests)


# A place in S3.


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> Any:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    with mock_aws():
        client = boto3.client("s3", region_name="us-east-1")
        client.create_bucket(Bucket="books")
        monkeypatch.setattr(places_side, "s3_client", lambda: client)
        yield client


def test_a_storage_that_knows_conditions(bucket: Any) -> None:
    place = S3Address("books", "state.json")
    for _ in range(2):  # the second time the object of the first is there
        assert places_side.writable(place) == "writable, on conditions (s3://books/state.json)"
    [made] = bucket.list_objects_v2(Bucket="books")["Contents"]
    assert (made["Key"], made["Size"]) == ("state.json.check", 0)


def test_a_storage_that_knows_none(bucket: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    plain = bucket.put_object

    def unconditional(**request: Any) -> Any:
        del request["IfNoneMatch"]
        return plain(**request)

    monkeypatch.setattr(bucket, "put_object", unconditional)
    with pytest.raises(NotReadyError, match="two runs could both win"):
        places_side.writable(S3Address("books", "state.json"))


def test_a_bucket_that_is_not_there(bucket: Any) -> None:
    del bucket
    with pytest.raises(StorageError, match="there is no such bucket"):
        places_side.writable(S3Address("elsewhere", "state.json"))
