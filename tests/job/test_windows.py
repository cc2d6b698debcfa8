"""When a run comes: early, late, twice, beside another one, or before its candle."""

from pathlib import Path

import msgspec
import pytest

from job.deciding import entry_refusal
from job.firing import Firing, Work
from state.codec import encode
from state.lock import claim
from state.model import Intent
from tests.job.harness import (
    BTC,
    ETH,
    INTERVAL_MS,
    LOTS,
    ORDER,
    PROTECTED,
    Stand,
    entered,
    only,
    stand,
)
from tests.oracle.planted import START_MS
from tests.oracle.planted_base import CALM, ENTERED, REVERTED, SIGNAL

KLINES = "/fapi/v1/klines"


def test_a_second_run_at_the_same_close_has_nothing_to_do(tmp_path: Path) -> None:
    desk = entered(tmp_path, ENTERED)
    report = desk.run(10, 30_000)
    assert (report.exit_code, desk.sent, desk.entries()) == (0, [], 1)
    assert only(report).reason == "hold: the candle closed before the entry"
    assert desk.levels() == PROTECTED


def test_a_second_run_after_a_stop_does_not_enter_again(tmp_path: Path) -> None:
    desk = stand(tmp_path, SIGNAL.flat(99_000).flat(98_000), "cooldown_bars=0")
    assert desk.run(10).ok
    assert desk.run(11).ok  # stopped at the open of candle 11
    assert desk.reasons() == ["stop"]
    assert desk.run(11, 40_000).ok
    assert desk.entries() == 1


def test_a_late_run_does_not_enter_and_says_when_the_next_window_is(tmp_path: Path) -> None:
    desk = stand(tmp_path, ENTERED)
    report = desk.run(10, 161_000)
    assert (report.exit_code, desk.sent[2:], desk.position()) == (0, [], 0)
    assert only(report).reason == (
        "no entry: 2 min 41 s after the close (limit 90 s); next window 01:55:00 to 01:56:30"
    )


@pytest.mark.parametrize(("after_ms", "entries"), [(90_000, 1), (90_001, 0)])
def test_the_window_ends_where_it_is_said_to(tmp_path: Path, after_ms: int, entries: int) -> None:
    desk = stand(tmp_path, ENTERED)
    desk.run(10, after_ms)
    assert desk.entries() == entries


def test_the_window_can_be_set(tmp_path: Path) -> None:
    desk = stand(tmp_path, ENTERED, "entry_window_s=5")
    assert "(limit 5 s)" in only(desk.run(10, 6_000)).reason
    assert desk.entries() == 0


def test_a_late_run_still_closes_what_has_reverted(tmp_path: Path) -> None:
    desk = entered(tmp_path, REVERTED.flat(99_900))
    assert desk.run(12, 250_000).exit_code == 0
    assert (desk.position(), desk.reasons()) == (0, ["reverted"])


def test_an_early_run_waits_for_the_close(tmp_path: Path) -> None:
    desk = stand(tmp_path, ENTERED)
    assert desk.run(9, INTERVAL_MS - 15_000).exit_code == 0
    assert desk.entries() == 1
    assert desk.trade().signal_ms == START_MS + 9 * INTERVAL_MS
    assert desk.trade().first_fill_ms >= START_MS + 10 * INTERVAL_MS


def test_a_run_too_early_to_wait_decides_on_the_candle_before(tmp_path: Path) -> None:
    desk = stand(tmp_path, ENTERED)
    report = desk.run(9, INTERVAL_MS - 16_000)
    assert (desk.now_ms, desk.entries()) == (START_MS + 10 * INTERVAL_MS - 16_000, 0)
    assert only(report).candle_ms == START_MS + 8 * INTERVAL_MS


def without_newest(desk: Stand, rows: int, times: int) -> None:
    """So many answers about candles lack the newest rows."""
    desk.at(10)
    full = desk.job.gateway.klines(BTC, "5m", 12)
    desk.arm("GET", KLINES, "answer", status=200, body=full[:-rows], times=times)


def test_a_late_row_of_the_next_candle_is_waited_for(tmp_path: Path) -> None:
    desk = stand(tmp_path, ENTERED)
    without_newest(desk, 1, 2)
    assert desk.run(10).exit_code == 0
    assert desk.entries() == 1
    assert sum(request.path == KLINES for request in desk.requests) == 3


def test_a_row_without_a_successor_is_final_three_seconds_after_the_close(tmp_path: Path) -> None:
    desk = stand(tmp_path, ENTERED)
    without_newest(desk, 1, 0)
    assert desk.run(10, 500).exit_code == 0
    assert desk.entries() == 1
    assert desk.trade().first_fill_ms >= START_MS + 10 * INTERVAL_MS + 3_000


def test_a_late_candle_is_polled(tmp_path: Path) -> None:
    desk = stand(tmp_path, ENTERED)
    without_newest(desk, 2, 8)
    assert desk.run(10).exit_code == 0
    assert desk.trade().signal_ms == START_MS + 9 * INTERVAL_MS


def test_a_candle_that_does_not_come_is_no_decision(tmp_path: Path) -> None:
    desk = stand(tmp_path, ENTERED)
    without_newest(desk, 2, 0)
    report = desk.run(10)
    assert (report.exit_code, desk.position()) == (1, 0)
    assert "no closed candle could be read" in only(report).error


def test_a_position_is_protected_though_no_candle_can_be_read(tmp_path: Path) -> None:
    desk = entered(tmp_path, ENTERED.flat(99_000))
    with desk.request() as engine:
        engine.cancel_all_algos(BTC)
    desk.arm("GET", KLINES, "answer", status=503, body="", times=0)
    assert desk.run(11).exit_code == 1
    assert desk.levels() == PROTECTED


def test_a_missing_candle_leaves_no_average(tmp_path: Path) -> None:
    series = CALM.hole().bar(100_000, 100_000, 99_000, 99_000).flat(99_000)
    desk = stand(tmp_path, series)
    report = desk.run(11)
    assert (report.exit_code, desk.entries()) == (0, 0)
    assert "are not contiguous" in only(report).reason


def test_two_runs_at_once_the_second_leaves_and_touches_nothing(tmp_path: Path) -> None:
    desk = stand(tmp_path, ENTERED)
    desk.at(10)
    with claim(tmp_path / "state.json.lock", desk.now_ms):
        report = desk.run()
        assert (report.exit_code, report.touched, desk.requests) == (0, False, [])
        assert "another run holds the lock" in report.notices[0]
        assert not desk.state_file.exists()
        assert desk.guard().exit_code == 0
        assert desk.requests == []
    assert desk.run().ok
    assert desk.entries() == 1


def test_a_guard_goes_on_without_a_holder_that_is_past_its_deadline(tmp_path: Path) -> None:
    desk = entered(tmp_path, ENTERED)
    with desk.request() as engine:
        engine.cancel_all_algos(BTC)
    desk.at(10, 10_000)
    with claim(tmp_path / "state.json.lock", desk.now_ms):
        desk.guard(10, 50_000)
        assert desk.algos() == []
        desk.guard(10, 50_001)
        assert desk.levels() == PROTECTED
        assert desk.run(10, 60_000).touched is False


def test_a_guard_waits_for_no_holder_from_a_time_that_lies_ahead(tmp_path: Path) -> None:
    """The clock was set back since: that one may be frozen for longer than any deadline."""
    desk = entered(tmp_path, ENTERED)
    with desk.request() as engine:
        engine.cancel_all_algos(BTC)
    desk.at(10, 50_000)
    with claim(tmp_path / "state.json.lock", desk.now_ms + 1_000):
        desk.guard()
        assert desk.algos() == []
    with claim(tmp_path / "state.json.lock", desk.now_ms + 1_001):
        desk.guard()
        assert desk.levels() == PROTECTED


def test_a_run_that_lost_the_race_sends_no_order(tmp_path: Path) -> None:
    desk = stand(tmp_path, ENTERED)
    desk.run(9)
    saved_by_another = msgspec.structs.replace(desk.notes(), revision=99, nonce="other")

    def another(_: object) -> None:
        desk.state_file.write_bytes(encode(saved_by_another))

    desk.meanwhile("GET", KLINES, another)
    report = desk.run(10)
    assert (report.exit_code, desk.sent, desk.entries()) == (0, [], 0)
    assert "has been saved by another run" in report.notices[0]
    assert desk.notes() == saved_by_another


def test_an_entry_that_became_late_within_the_run_does_not_leave(tmp_path: Path) -> None:
    scripts = {BTC: REVERTED.flat(99_900), ETH: CALM.flat(100_000, 2).flat(99_000, 2)}
    desk = stand(tmp_path, scripts)
    desk.run(10)
    desk.refuse("POST", ORDER, -1008, params={"reduceOnly": "true"})  # read for three seconds
    report = desk.run(12, 88_000)
    told = {symbol.symbol: symbol.reason for symbol in report.symbols}
    assert "1 min 31 s after the close (limit 90 s)" in told[ETH]
    assert desk.position(ETH) == 0


def test_an_entry_needs_time_left_to_be_protected(tmp_path: Path) -> None:
    desk = stand(tmp_path, ENTERED)
    desk.meanwhile("GET", KLINES, lambda _: desk.at(10, 27_000))
    report = desk.run(10)
    assert (report.exit_code, desk.entries()) == (0, 0)
    assert only(report).reason == "no entry: too little time is left to see it protected"


def test_a_process_frozen_before_its_entry_cannot_enter_late(tmp_path: Path) -> None:
    desk = stand(tmp_path, ENTERED, "entry_window_s=10")
    desk.meanwhile("POST", ORDER, lambda _: desk.at(10, 12_000))
    report = desk.run(10)
    assert (report.exit_code, desk.position(), desk.entries()) == (0, 0, 0)
    assert "12 s after the close (limit 10 s)" in only(report).reason
    assert desk.kept().intent is None


def test_a_process_frozen_as_it_plans_signs_the_moment_that_was_tested(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = stand(tmp_path, ENTERED, "entry_window_s=3")

    def freeze(firing: Firing, work: Work) -> str:
        desk.at(10, 4_000)
        return entry_refusal(firing, work)

    monkeypatch.setattr("job.acting.entry_refusal", freeze)
    desk.run(10)
    [order] = [request for request in desk.requests if request.told == "POST order MARKET"]
    assert int(order.params["timestamp"]) == START_MS + 10 * INTERVAL_MS + 1_000


def test_an_entry_refused_for_its_time_stamp_is_planned_anew(tmp_path: Path) -> None:
    desk = stand(tmp_path, ENTERED.flat(99_000))
    desk.meanwhile("POST", ORDER, lambda _: desk.at(10, 8_000))
    planned: list[object] = []
    desk.meanwhile("POST", ORDER, lambda _: planned.append(desk.kept().intent))
    report = desk.run(10)
    assert (report.exit_code, desk.position(), desk.levels()) == (0, LOTS, PROTECTED)
    assert "refused" not in only(report).reason
    [intent] = planned  # on disk before it left
    assert isinstance(intent, Intent)
    assert intent.timestamp_ms == desk.now_ms
    assert desk.run(10, 20_000).exit_code == 0
    assert (desk.entries(), desk.broken()) == (1, [])


def test_an_entry_is_planned_anew_only_once(tmp_path: Path) -> None:
    desk = stand(tmp_path, ENTERED)
    desk.refuse("POST", ORDER, -1021, times=0)
    report = desk.run(10)
    assert (report.exit_code, desk.position()) == (0, 0)
    assert desk.sent.count("POST order MARKET") == 2
    assert "-1021" in only(report).reason
    assert desk.kept().intent is None
    desk.faults.disarm_all()
    assert desk.run(10, 20_000).exit_code == 0
    assert (desk.sent, desk.entries()) == ([], 0)  # the candle was decided


def test_an_entry_is_not_planned_anew_by_a_clock_that_cannot_be_read(tmp_path: Path) -> None:
    desk = stand(tmp_path, ENTERED)
    desk.refuse("POST", ORDER, -1021)
    desk.arm("GET", "/fapi/v1/time", "drop", skip=1)
    report = desk.run(10)
    assert (report.exit_code, desk.entries(), desk.sent.count("POST order MARKET")) == (0, 0, 1)
    assert "-1021" in only(report).reason


def test_a_frozen_process_wakes_up_past_its_deadline_and_ends(tmp_path: Path) -> None:
    desk = stand(tmp_path, ENTERED)
    desk.meanwhile("GET", KLINES, lambda _: desk.at(10, 60_000))
    report = desk.run(10)
    assert (report.exit_code, desk.entries(), desk.sent) == (1, 0, [])
    assert any("deadline" in failure for failure in report.failures)


def test_a_wrong_clock_is_corrected_by_the_exchange_s(tmp_path: Path) -> None:
    desk = stand(tmp_path, ENTERED)
    desk.run(9)
    desk.job.budget.clock_offset_ms = 7_000
    notes = msgspec.structs.replace(desk.notes(), clock_offset_ms=7_000)
    desk.state_file.write_bytes(encode(notes))
    assert desk.run(10).exit_code == 0
    assert (desk.entries(), desk.notes().clock_offset_ms) == (1, 0)
    assert desk.position() == LOTS
