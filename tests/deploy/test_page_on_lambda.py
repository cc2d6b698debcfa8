"""The page of the last days on Lambda: made by a function of its own, in S3, felt by no run."""

import re
from collections.abc import Iterator
from decimal import Decimal
from html import unescape
from pathlib import Path
from typing import Any

import pytest

from state.s3_bucket import make_client
from state.s3_journal import S3Journal
from strategy.units import DAY_MS
from tests.deploy.place import EVENT, REPORT, Place, a_place
from tests.deploy.runtime_api import Ended, Function
from tests.pages.browser import rendered
from tests.state.s3_wire import BUCKET, REGION

pytest.importorskip("awslambdaric", reason="awslambdaric exists for Linux only")

PAGE = "demo/main/report.html"
MINUTE_MS = 60_000


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    """Functions go by the exchange's clock, so that days end for both."""
    with a_place(tmp_path) as found:
        found.environment["CLOCK_AHEAD_FILE"] = str(found.clock.ahead)
        yield found


def page_function(place: Place) -> Function:
    """As the template makes it; where the page goes is left to the notes' place."""
    return place.function("report", FUNCTION_COMMAND="report")


def first_run_of_a_day(place: Place, run: Function) -> dict[str, Any]:
    """A trade, then the next as a day begins: that run's answer. Now is 00:03 UTC."""
    place.dip()
    assert run.invoke(EVENT).body["ok"], run.lines
    midnight_ms = (place.clock() // DAY_MS + 1) * DAY_MS
    place.dip(midnight_ms)
    ended = run.invoke(EVENT)
    assert (ended.how, ended.body["ok"]) == ("response", True), run.lines
    place.clock.set(midnight_ms + 3 * MINUTE_MS)
    answer: dict[str, Any] = ended.body
    return answer


def objects(place: Place) -> dict[str, str]:
    """Every object but the page, and which version of it lies there."""
    rows = place.s3.outside.list_objects_v2(Bucket=BUCKET)["Contents"]
    return {row["Key"]: row["ETag"] for row in rows if row["Key"] != PAGE}


def books(place: Place) -> tuple[list[str], int]:
    return place.stops_and_targets(), place.entries()


def text_of(html: str) -> str:
    """What a person reads."""
    body = re.sub(r"(?s)<(script|style).*?</\1>", " ", html)
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]*>", " ", body)))


def test_the_page_lies_beside_the_notes_after_the_first_run_of_a_day(
    place: Place, tmp_path: Path
) -> None:
    answer = first_run_of_a_day(place, place.function("run"))
    stamp = {"venue": "demo", "account": "main"}
    journal = S3Journal(BUCKET, "demo/main/journal", stamp, make_client(REGION))
    assert list(journal.events("books")), "the run has done the work of the night"
    assert place.s3.get(PAGE) is None  # and left the page to another function

    before = objects(place), books(place)
    page = page_function(place)
    ended = page.invoke(REPORT)
    assert (ended.how, ended.body) == (
        "response",
        {"command": "report", "venue": "demo", "account": "main", "ok": True,
         "page": f"s3://{BUCKET}/{PAGE}"},
    ), page.lines  # fmt: skip
    assert f"DEMO page of 7 days in s3://{BUCKET}/{PAGE}" in page.lines

    html = (place.s3.get(PAGE) or b"").decode()
    trades = list(journal.events("trade"))
    assert len(trades) >= 1
    net = sum(Decimal(trade["net"]) for trade in trades)
    position = answer["symbols"][0]["position"]
    assert position.startswith("long ")
    for told in (
        "DEMO, account main, BTCUSDT: ",
        "Is the job well? Yes.",
        f"All trades, after costs {net:+,.2f} USDT",
        f"Wallet {Decimal(answer['balance']):,.2f} USDT",
        f"{position.capitalize()}, since ",
        "entries that differ 0",
        f"trades of both {len(trades)}",
        "runs 2 in these days",
    ):
        assert told in text_of(html), told
    place.clock.set(place.clock() + MINUTE_MS)
    assert page.invoke(EVENT).body["command"] == "report"  # whatever it is asked for
    assert place.s3.get(PAGE) != html.encode()  # a new one has replaced it
    assert (objects(place), books(place)) == before

    file = tmp_path / "report.html"
    file.write_text(html)
    shown = rendered(file, tmp_path / "profile")
    assert shown.console == []
    assert shown.dom.count("<canvas") >= 6  # candles and wallet are drawn


def test_a_page_that_is_too_slow_is_killed_and_no_run_feels_it(place: Place) -> None:
    run, page = place.function("run"), page_function(place)
    first_run_of_a_day(place, run)
    place.faults.arm_json(  # only the page asks for so many candles
        b'{"path": "*klines", "params": {"limit": "999"}, "do": "hang", "when": "before"}'
    )
    entries = place.entries()
    meanwhile: list[Ended] = []

    def time_is_up() -> bool:
        if place.faults.report()[0]["acted"]:  # the page hangs: now a run
            place.dip()
            meanwhile.append(run.invoke(EVENT))
        return bool(meanwhile)

    assert page.invoke(REPORT, time_is_up).how == "timeout", page.lines
    (ended,) = meanwhile
    assert (ended.how, ended.body["ok"], place.entries()) == ("response", True, entries + 1)
    assert place.s3.get(PAGE) is None


def test_a_page_that_fails_leaves_the_older_one_and_no_run_feels_it(place: Place) -> None:
    run, page = place.function("run"), page_function(place)
    first_run_of_a_day(place, run)
    assert page.invoke(REPORT).how == "response", page.lines
    older = place.s3.get(PAGE)
    spoilt = next(key for key in objects(place) if "/journal/run/" in key)
    place.s3.put(spoilt, b"edited")
    before = objects(place)

    failed = page.invoke(REPORT)
    assert (failed.how, failed.body["errorType"]) == ("error", "NoPageError")  # AWS tries again
    assert f"{spoilt}: is not what the journal wrote" in failed.body["errorMessage"]
    assert (place.s3.get(PAGE), objects(place)) == (older, before)

    entries = place.entries()
    place.dip()
    ended = run.invoke(EVENT)
    assert (ended.how, ended.body["ok"], place.entries()) == ("response", True, entries + 1)
