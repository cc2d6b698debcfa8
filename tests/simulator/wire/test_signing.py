"""Who may ask: keys, signatures over the raw string, time stamps."""

import hashlib
import hmac
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.wire.answer import WireError
from simulator.wire.signing import (
    DEFAULT_CREDENTIALS,
    Credentials,
    check_signature,
    check_timestamp,
    signed_text,
)
from tests.simulator.wire.desk import START_MS, Desk

PATH = "/fapi/v1/positionSide/dual"


def sign(text: str) -> str:
    return hmac.new(b"embedded", text.encode(), hashlib.sha256).hexdigest()


def ask(desk: Desk, query: str, key: str = "embedded", body: str = "") -> tuple[int, Any]:
    answer = json.loads(desk.raw("GET", PATH, query, body, key))
    return desk.status, answer.get("code", 0)


def test_a_good_request_is_answered(desk: Desk) -> None:
    text = f"timestamp={START_MS}"
    assert ask(desk, f"{text}&signature={sign(text)}") == (200, 0)


def test_upper_case_hex_is_a_signature_too(desk: Desk) -> None:
    text = f"timestamp={START_MS}"
    assert ask(desk, f"{text}&signature={sign(text).upper()}") == (200, 0)


def test_the_signature_may_stand_first_or_in_the_middle(desk: Desk) -> None:
    text = f"recvWindow=5000&timestamp={START_MS}"
    first = f"signature={sign(text)}&{text}"
    middle = f"recvWindow=5000&signature={sign(text)}&timestamp={START_MS}"
    assert [ask(desk, q) for q in (first, middle)] == [(200, 0)] * 2


def test_query_and_body_are_signed_together(desk: Desk) -> None:
    query, body = f"timestamp={START_MS}", "recvWindow=5000"
    signature = sign(query + body)
    assert ask(desk, query, body=f"{body}&signature={signature}") == (200, 0)
    assert ask(desk, f"{query}&signature={signature}", body=body) == (200, 0)


@pytest.mark.parametrize(
    ("query", "key", "expected"),
    [
        ("timestamp=1", "", (401, -2014)),
        ("timestamp=1", "stranger", (401, -2015)),
        ("signature=ab", "embedded", (400, -1102)),
        ("timestamp=&signature=ab", "embedded", (400, -1102)),
        ("timestamp=soon&signature=ab", "embedded", (400, -1102)),
        (f"timestamp={START_MS}", "embedded", (400, -1102)),
        (f"timestamp={START_MS}&signature=ab", "embedded", (400, -1022)),
        (f"timestamp={START_MS}&signature={'0' * 64}", "embedded", (400, -1022)),
        (f"timestamp={START_MS}&xsignature={'0' * 64}", "embedded", (400, -1102)),
    ],
)
def test_refusals(desk: Desk, query: str, key: str, expected: tuple[int, int]) -> None:
    assert ask(desk, query, key) == expected


def test_checks_come_in_order_key_presence_signature_clock(desk: Desk) -> None:
    late = f"timestamp={START_MS - 60_000}"
    assert ask(desk, f"{late}&signature={'0' * 64}", "") == (401, -2014)
    assert ask(desk, late) == (400, -1102)
    assert ask(desk, f"{late}&signature={'0' * 64}") == (400, -1022)
    assert ask(desk, f"{late}&signature={sign(late)}") == (400, -1021)


def test_other_kinds_of_keys_are_refused_by_name() -> None:
    with pytest.raises(WireError, match="HMAC keys only"):
        check_signature("a=1", "rsa+base64/==", "embedded")


@given(st.text("abc=&%+-1", max_size=30), st.text("abc=&%+-1", max_size=30))
def test_every_signed_text_is_found_again(query: str, body: str) -> None:
    whole = f"{body}&signature={sign(query + body)}" if body else body
    tail = query if body else (f"{query}&" if query else "") + f"signature={sign(query)}"
    text, signature = signed_text(tail, whole)
    check_signature(text, signature, "embedded")


@pytest.mark.parametrize(
    ("stamp", "accepted"), [(-5000, True), (-5001, False), (999, True), (1000, False)]
)
def test_the_window_has_two_ends(stamp: int, accepted: bool) -> None:
    if accepted:
        check_timestamp(START_MS + stamp, 5000, START_MS)
        return
    with pytest.raises(WireError) as caught:
        check_timestamp(START_MS + stamp, 5000, START_MS)
    assert caught.value.code == -1021
    assert ("1000ms ahead" in caught.value.message) == (stamp > 0)


def test_a_shorter_window_is_held(desk: Desk) -> None:
    for window, expected in ((3000, (200, 0)), (1000, (400, -1021)), (70_000, (400, -1131))):
        text = f"timestamp={START_MS - 2000}&recvWindow={window}"
        assert ask(desk, f"{text}&signature={sign(text)}") == expected


def test_a_stopped_clock_lets_real_time_pass_for_time_stamps_only(desk: Desk) -> None:
    desk.real_ms += 7000
    text = f"timestamp={START_MS}"
    assert ask(desk, f"{text}&signature={sign(text)}") == (400, -1021)
    text = f"timestamp={START_MS + 7000}"
    assert ask(desk, f"{text}&signature={sign(text)}") == (200, 0)
    assert desk.public("/fapi/v1/time") == {"serverTime": START_MS}
    desk.clock.set(START_MS)  # set again: real time counts from here
    text = f"timestamp={START_MS}"
    assert ask(desk, f"{text}&signature={sign(text)}") == (200, 0)


def test_a_secret_is_never_shown() -> None:
    assert "hidden" not in repr(Credentials("name", "hidden"))
    assert DEFAULT_CREDENTIALS == ("embedded", "embedded")
