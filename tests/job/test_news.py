"""What is news: each thing once, however long it lasts and however many symbols share it."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from job.commands.switching import halt
from job.report import Report
from tests.job.harness import ALGO, BTC, ETH, INTERVAL_MS, LOTS, ORDER, Stand, stand
from tests.job.test_books import STORY
from tests.oracle.planted import Series
from tests.oracle.planted_base import CALM, ENTERED

POSITIONS = "/fapi/v3/positionRisk"
HOUR = 3_600_000 // INTERVAL_MS
MIDNIGHT = (24 - 1) * 12


def listened(folder: Path, scripts: Any, *settings: str) -> Stand:
    """A stand whose job people want to hear of."""
    desk = stand(folder, scripts, *settings)
    desk.job = replace(desk.job, tells_news=True)
    return desk


def kinds(report: Report) -> list[str]:
    return [each.kind for each in report.news]


def out(desk: Stand) -> None:
    desk.arm("GET", POSITIONS, "answer", status=503, body="", times=0)


def test_an_outage_is_told_once_and_its_end_once(tmp_path: Path) -> None:
    calm = Series().flat(100_000, 12 + 2 * HOUR)
    desk = listened(tmp_path, {BTC: calm, ETH: calm})
    assert desk.run(9).news == []
    out(desk)
    [told] = desk.run(10).news
    assert told.kind == "failed"
    assert told.text.startswith("run FAILED: BTCUSDT, ETHUSDT: read the positions")
    for minute in (1, 2, 3):
        assert desk.guard(10, minute * 60_000).news == []
    assert desk.run(11).news == []
    desk.faults.disarm_all()
    assert desk.guard(11, 60_000).news == []  # the run is what failed
    assert kinds(desk.run(12)) == ["well"]
    assert desk.run(13).news == []


def test_one_that_comes_and_goes_is_told_once_an_hour(tmp_path: Path) -> None:
    desk = listened(tmp_path, Series().flat(100_000, 12 + 2 * HOUR))
    desk.run(9)
    told = []
    for candle in range(10, 12 + HOUR):
        desk.faults.disarm_all()
        if candle % 2 == 0:
            out(desk)
        told += kinds(desk.run(candle))
    assert told == ["failed", "well", "failed", "well"]


def test_a_guard_that_finds_the_same_outage_writes_once(tmp_path: Path) -> None:
    desk = listened(tmp_path, CALM.flat(100_000, 4))
    desk.run(9)
    out(desk)
    assert kinds(desk.guard(9, 60_000)) == ["failed"]
    before = desk.state_file.read_bytes()
    assert desk.guard(9, 120_000).news == []
    assert desk.state_file.read_bytes() == before
    desk.faults.disarm_all()
    assert kinds(desk.guard(9, 180_000)) == ["well"]


def naked(desk: Stand) -> None:
    """Neither can a stop be placed nor the position be closed."""
    with desk.request() as engine:
        engine.cancel_all_algos(BTC)
    desk.refuse("POST", ALGO, -4045, times=0)
    desk.refuse("POST", ORDER, -4045, times=0)


def test_unprotected_is_told_at_once_and_once(tmp_path: Path) -> None:
    desk = listened(tmp_path, ENTERED.flat(99_000, 3))
    desk.run(10)
    naked(desk)
    report = desk.guard(10, 60_000)
    assert (report.exit_code, kinds(report)) == (1, ["unprotected"])
    assert report.news[0].text.startswith("LOOK NOW: guard FAILED: BTCUSDT: ")
    assert "UNPROTECTED: no valid stop rests on the exchange" in report.news[0].text
    assert desk.guard(10, 120_000).news == []
    assert desk.run(11).news == []
    desk.faults.disarm_all()
    report = desk.guard(11, 60_000)
    assert report.ok
    assert (desk.position(), desk.notes().alarms) == (0, {"run": desk.notes().alarms["run"]})
    assert "well" in kinds(desk.run(12))


def test_what_could_not_be_saved_is_news_for_the_next_firing(tmp_path: Path) -> None:
    """halt saves in the middle of the run that enters: its own save is lost."""
    desk = listened(tmp_path, ENTERED.flat(99_000, 3))
    desk.run(9)
    desk.meanwhile("POST", ORDER, lambda _: halt(desk.job).as_dict() and None)
    report = desk.run(10)
    assert (report.left, report.news, desk.position()) == (True, [], LOTS)
    assert kinds(desk.guard(10, 60_000)) == ["opened"]


def test_lost_notes_do_not_tell_old_trades_again(tmp_path: Path) -> None:
    desk = listened(tmp_path, STORY)
    for candle in range(9, STORY.next_index):
        desk.run(candle)
    assert len(desk.reasons()) > 2
    desk.state_file.unlink()
    assert desk.run(STORY.next_index).news == []


@pytest.mark.parametrize(
    ("fire", "after_ms", "told"),
    [
        (Stand.run, 1_000, ["failed"]),  # candle 12 is 02:00 UTC
        (Stand.guard, 2_000, []),
        (Stand.run, INTERVAL_MS + 1_000, []),
    ],
)
def test_without_notes_to_remember_by_it_is_told_once_an_hour(
    tmp_path: Path, fire: Callable[..., Report], after_ms: int, told: list[str]
) -> None:
    desk = listened(tmp_path, CALM.flat(100_000, 8))
    desk.run(9)
    desk.state_file.write_bytes(b"{")
    assert kinds(fire(desk, 12, after_ms)) == told


def test_the_day_is_summed_up_by_the_first_run_of_the_next(tmp_path: Path) -> None:
    desk = listened(tmp_path, STORY.flat(97_090, MIDNIGHT + 20 - STORY.next_index))
    for candle in range(9, STORY.next_index + 2):
        desk.run(candle)
    net = sum(float(trade["net"]) for trade in desk.events("trade"))
    [told] = desk.run(MIDNIGHT).news
    assert told.kind == "summary"
    count = len(desk.events("trade"))
    assert told.text.startswith(f"2025-01-01: {count} trades (1 won), net {net:.2f} USDT (gross ")
    assert told.text.endswith(" USDT; nothing is open")
    assert desk.run(MIDNIGHT + 1).news == []


def test_nobody_listens_and_nothing_is_remembered(tmp_path: Path) -> None:
    desk = stand(tmp_path, ENTERED)
    out(desk)
    assert desk.run(10).news == []
    assert (desk.notes().alarms, desk.notes().alarm_told_ms) == ({}, 0)
