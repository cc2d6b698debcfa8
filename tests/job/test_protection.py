"""I2: a position has its stop and its target, or it is closed, and the run says so."""

from pathlib import Path

import pytest

from tests.job.harness import (
    ALGO,
    BTC,
    LOTS,
    NOTHING,
    ORDER,
    PROTECTED,
    STOP,
    entered,
    only,
    stand,
)
from tests.oracle.planted_base import ENTERED, GAINED, REVERTED, SIGNAL

OPEN_ALGOS = "/fapi/v1/openAlgoOrders"
STOPS = {"type": "STOP_MARKET"}
TARGETS = {"type": "TAKE_PROFIT_MARKET"}


def test_an_entry_is_protected_and_read_back_in_the_same_run(tmp_path: Path) -> None:
    desk = entered(tmp_path, ENTERED)
    assert desk.sent[-3:] == [
        "POST order MARKET",
        "POST algoOrder STOP_MARKET",
        "POST algoOrder TAKE_PROFIT_MARKET",
    ]
    assert [r.path for r in desk.requests][-1] == "/fapi/v1/openAlgoOrders"
    assert desk.broken() == []


def test_a_refused_stop_closes_the_position(tmp_path: Path) -> None:
    desk = stand(tmp_path, ENTERED)
    desk.refuse("POST", ALGO, -4045, params=STOPS)
    report = desk.run(10)
    assert (report.exit_code, desk.position(), desk.levels()) == (1, 0, NOTHING)
    assert "-4045" in only(report).error
    assert only(report).error.endswith("; the position is closed")
    assert desk.reasons() == ["emergency"]
    assert desk.broken() == []
    assert desk.kept().trade is None


def test_a_refused_target_leaves_position_and_stop(tmp_path: Path) -> None:
    desk = stand(tmp_path, ENTERED.flat(99_000))
    desk.refuse("POST", ALGO, -4045, params=TARGETS)
    report = desk.run(10)
    assert (report.exit_code, desk.position()) == (1, LOTS)
    assert desk.levels() == {"STOP_MARKET": [STOP], "TAKE_PROFIT_MARKET": []}
    assert "-4045" in only(report).error
    assert desk.run(11).exit_code == 0  # the next run places it
    assert desk.levels() == PROTECTED


def test_a_stop_that_becomes_visible_late_is_no_reason_to_flatten(tmp_path: Path) -> None:
    desk = stand(tmp_path, ENTERED.flat(99_000))
    desk.arm("POST", ALGO, "lag", lag_ms=2_000, lists=True, params=STOPS)
    assert desk.run(10).exit_code == 0
    assert (desk.position(), desk.levels()) == (LOTS, PROTECTED)
    assert desk.sent.count("POST algoOrder STOP_MARKET") == 1
    assert desk.run(11).exit_code == 0
    assert desk.sent == []
    assert desk.levels() == PROTECTED


def test_a_stop_whose_answer_is_lost_is_found_not_sent_again(tmp_path: Path) -> None:
    desk = stand(tmp_path, ENTERED)
    desk.arm("POST", ALGO, "drop", params=STOPS)
    assert desk.run(10).exit_code == 0
    assert (desk.position(), desk.levels()) == (LOTS, PROTECTED)


def test_a_stop_that_never_shows_up_closes_the_position(tmp_path: Path) -> None:
    desk = stand(tmp_path, ENTERED)
    desk.arm("POST", ALGO, "hang", when="before", params=STOPS)
    report = desk.run(10)
    assert (report.exit_code, desk.position(), desk.levels()) == (1, 0, NOTHING)
    assert "no answer in time" in only(report).error


def test_a_stop_of_an_entry_that_cannot_be_read_back_closes_the_position(tmp_path: Path) -> None:
    desk = stand(tmp_path, ENTERED)
    desk.meanwhile("POST", ALGO, lambda _: desk.arm("GET", OPEN_ALGOS, "drop", times=5))
    report = desk.run(10)
    assert (report.exit_code, desk.position(), desk.levels()) == (1, 0, NOTHING)
    assert desk.reasons() == ["emergency"]


@pytest.mark.parametrize("fire", ["guard", "run"])
def test_a_failed_read_is_never_no_stop(tmp_path: Path, fire: str) -> None:
    desk = entered(tmp_path, ENTERED.flat(99_000, 3))
    with desk.request() as engine:
        engine.cancel_all_algos(BTC)
    desk.meanwhile("POST", ALGO, lambda _: desk.arm("GET", OPEN_ALGOS, "drop", times=5))
    report = desk.guard(11) if fire == "guard" else desk.run(11)
    assert (report.exit_code, desk.position(), desk.levels()) == (1, LOTS, PROTECTED)
    assert "could not be read back" in only(report).error
    assert desk.guard(11, 60_000).exit_code == 0
    assert (desk.sent, desk.levels(), desk.broken()) == ([], PROTECTED, [])


def test_a_refused_stop_closes_the_position_however_blind_the_guard(tmp_path: Path) -> None:
    desk = entered(tmp_path, ENTERED.flat(99_000, 3))
    with desk.request() as engine:
        engine.cancel_all_algos(BTC)
    desk.refuse("POST", ALGO, -4045, params=STOPS)
    desk.meanwhile("POST", ALGO, lambda _: desk.arm("GET", OPEN_ALGOS, "drop", times=5))
    report = desk.guard(11)
    assert (report.exit_code, desk.position(), desk.reasons()) == (1, 0, ["emergency"])


def test_a_stop_that_shows_up_after_all_is_swept_by_the_next_run(tmp_path: Path) -> None:
    desk = stand(tmp_path, ENTERED.flat(99_000))
    desk.arm("POST", ALGO, "lag", lag_ms=10_000, lists=True, params=STOPS)
    assert desk.run(10).exit_code == 1
    assert (desk.position(), desk.levels()["STOP_MARKET"]) == (0, [STOP])
    assert desk.run(11).exit_code == 0
    assert desk.levels() == NOTHING


@pytest.mark.parametrize(
    ("kind", "reason"), [(STOPS, "stop"), (TARGETS, "target")], ids=["stop", "target"]
)
def test_a_level_already_through_closes_with_its_own_reason(
    tmp_path: Path, kind: dict[str, str], reason: str
) -> None:
    desk = stand(tmp_path, ENTERED)
    desk.refuse("POST", ALGO, -2021, params=kind)
    report = desk.run(10)
    assert (report.exit_code, desk.position(), desk.levels()) == (0, 0, NOTHING)
    assert desk.reasons() == [reason]


def test_a_price_through_the_stop_as_it_is_placed(tmp_path: Path) -> None:
    desk = stand(tmp_path, SIGNAL.flat(99_000), "slippage_bps=200", "strategy.threshold_perc=0.5")
    report = desk.run(10)
    assert (report.exit_code, desk.position(), desk.reasons()) == (0, 0, ["stop"])


def test_a_moved_stop_already_through_closes_as_breakeven(tmp_path: Path) -> None:
    desk = entered(tmp_path, GAINED.flat(99_050))
    report = desk.run(11 + 1)
    assert (report.exit_code, desk.position(), desk.levels()) == (0, 0, NOTHING)
    assert desk.reasons() == ["breakeven"]


def test_a_close_that_is_refused_is_tried_until_the_position_reads_zero(tmp_path: Path) -> None:
    desk = stand(tmp_path, ENTERED.flat(99_000, 3))
    desk.refuse("POST", ALGO, -4045, times=0, params=STOPS)
    desk.refuse("POST", ORDER, -1008, times=2, params={"reduceOnly": "true"})
    first = desk.run(10)
    assert (first.exit_code, desk.position()) == (1, LOTS)
    assert "the position is closed" not in only(first).error
    assert desk.trade().exit_leg == "XE"
    second = desk.run(11)
    assert (second.exit_code, desk.position()) == (1, LOTS)
    desk.faults.disarm_all()
    third = desk.run(12)
    assert (third.exit_code, desk.position(), desk.levels()) == (0, 0, NOTHING)
    assert desk.reasons() == ["emergency"]


def test_protection_stays_until_the_close_is_done(tmp_path: Path) -> None:
    desk = entered(tmp_path, REVERTED.flat(99_900, 3))
    desk.refuse("POST", ORDER, -1008, params={"reduceOnly": "true"})
    report = desk.run(12)
    assert (report.exit_code, desk.position(), desk.levels()) == (1, LOTS, PROTECTED)
    assert desk.run(12, 20_000).exit_code == 0
    assert (desk.position(), desk.levels(), desk.reasons()) == (0, NOTHING, ["reverted"])


@pytest.mark.parametrize("times", [1, 2])
def test_a_clock_that_is_off_closes_no_position(tmp_path: Path, times: int) -> None:
    """The exchange refuses stop and target for their time stamp: they are sent once more."""
    desk = entered(tmp_path, ENTERED.flat(99_000))
    with desk.request() as engine:
        engine.cancel_all_algos(BTC)
    desk.refuse("POST", ALGO, -1021, times=times)
    assert desk.guard(10, 60_000).ok
    assert (desk.levels(), desk.trade().exit_leg) == (PROTECTED, "")


def test_a_clock_that_is_off_costs_no_exit(tmp_path: Path) -> None:
    desk = entered(tmp_path, REVERTED.flat(99_900))
    desk.refuse("POST", ORDER, -1021)
    assert desk.run(12).ok
    assert (desk.position(), desk.reasons()) == (0, ["reverted"])
