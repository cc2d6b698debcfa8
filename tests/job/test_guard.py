"""The guard protects between runs, and is silent when there is nothing to do."""

from pathlib import Path

import msgspec
import pytest

from job.budget import SILENCE_MS_MAX
from state.codec import encode
from tests.job.harness import BTC, LOTS, PROTECTED, entered, only, stand
from tests.oracle.planted_base import CALM, ENTERED, REVERTED


def files(folder: Path) -> dict[str, bytes]:
    """Every file of a folder but the lock, with its content."""
    found = [path for path in folder.rglob("*") if path.is_file() and path.suffix != ".lock"]
    return {str(path.relative_to(folder)): path.read_bytes() for path in found}


@pytest.mark.parametrize("kind", ["STOP_MARKET", "TAKE_PROFIT_MARKET"])
def test_what_is_missing_is_put_back(tmp_path: Path, kind: str) -> None:
    desk = entered(tmp_path, ENTERED.flat(99_000))
    with desk.request() as engine:
        engine.cancel_algo(next(algo.algo_id for algo in desk.algos() if algo.type == kind))
    report = desk.guard(10, 60_000)
    assert (report.exit_code, report.touched, desk.levels()) == (0, True, PROTECTED)
    assert desk.sent == [f"POST algoOrder {kind}"]
    assert len(desk.events("order")) == 4


def test_all_well_is_no_word_and_no_byte(tmp_path: Path) -> None:
    desk = entered(tmp_path, ENTERED.flat(99_000))
    before = files(tmp_path)
    report = desk.guard(10, 60_000)
    assert (report.exit_code, report.touched, desk.sent) == (0, False, [])
    assert files(tmp_path) == before


def test_flat_and_nothing_resting_is_no_word_and_no_byte(tmp_path: Path) -> None:
    desk = stand(tmp_path, CALM.flat(100_000, 3))
    desk.run(9)
    before = files(tmp_path)
    assert desk.guard(9, 60_000).touched is False
    assert files(tmp_path) == before


def test_a_guard_reads_no_candles_and_never_enters_or_reverts(tmp_path: Path) -> None:
    desk = stand(tmp_path / "flat", ENTERED)
    assert desk.guard(10).exit_code == 0
    assert desk.entries() == 0
    assert not any(request.path == "/fapi/v1/klines" for request in desk.requests)
    reverting = entered(tmp_path / "long", REVERTED.flat(99_900))
    assert reverting.guard(12).exit_code == 0
    assert reverting.position() == LOTS


def test_a_stop_that_filled_is_told_journalled_and_cleared_away(tmp_path: Path) -> None:
    desk = entered(tmp_path, ENTERED.flat(98_000))
    report = desk.guard(11)
    assert (report.exit_code, report.touched, desk.reasons()) == (0, True, ["stop"])
    assert "ended" in only(report).ended[0]
    assert desk.algos() == []
    assert desk.guard(11, 60_000).touched is False


def test_a_guard_goes_on_with_a_close_that_was_decided(tmp_path: Path) -> None:
    desk = entered(tmp_path, REVERTED.flat(99_900))
    desk.refuse("POST", "/fapi/v1/order", -1008)
    assert desk.run(12).exit_code == 1
    assert desk.guard(12, 60_000).exit_code == 0
    assert (desk.position(), desk.reasons()) == (0, ["reverted"])


def test_a_failed_read_is_said(tmp_path: Path) -> None:
    desk = entered(tmp_path, ENTERED.flat(99_000))
    desk.arm("GET", "/fapi/v1/openAlgoOrders", "answer", status=503, body="")
    report = desk.guard(10, 60_000)
    assert (report.exit_code, report.touched, desk.sent) == (1, True, [])
    assert desk.levels() == PROTECTED


def test_a_guard_that_lost_the_race_says_so(tmp_path: Path) -> None:
    desk = entered(tmp_path, ENTERED.flat(99_000))
    with desk.request() as engine:
        engine.cancel_all_algos(BTC)
    saved = encode(msgspec.structs.replace(desk.notes(), revision=77))

    def another(_: object) -> None:
        desk.state_file.write_bytes(saved)

    desk.meanwhile("POST", "/fapi/v1/algoOrder", another)
    report = desk.guard(10, 60_000)
    assert report.exit_code == 0
    assert "has been saved by another run" in report.notices[0]
    assert desk.levels() == PROTECTED  # reduce-only orders may be placed all the same
    assert desk.state_file.read_bytes() == saved


def test_a_ban_that_a_guard_meets_is_remembered(tmp_path: Path) -> None:
    """Asking on would make it longer, and the minutes without protection with it."""
    desk = entered(tmp_path, ENTERED.flat(99_000))
    desk.arm("*", "*", "answer", status=418, headers={"Retry-After": "120"}, times=0)
    assert not desk.guard(10, 60_000).ok
    assert desk.requests
    assert not desk.guard(10, 120_000).ok
    assert desk.requests == []
    desk.faults.disarm_all()
    assert desk.guard(10, 181_000).ok


def test_no_answer_can_silence_the_job_for_ever(tmp_path: Path) -> None:
    desk = entered(tmp_path, ENTERED.flat(99_000))
    headers = {"Retry-After": "1735700000"}  # a time where seconds were promised
    desk.arm("*", "*", "answer", status=429, headers=headers, times=0)
    assert not desk.guard(10, 60_000).ok
    assert desk.notes().quiet_until_ms == desk.now_ms + SILENCE_MS_MAX
