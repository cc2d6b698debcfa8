"""I6 and I9: notes that are lost, broken, from the future or somebody else's."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from job.opening import WrongNotesError
from strategy.instrument import money_text
from tests.job.harness import BTC, ETH, LOTS, MOVED, PROTECTED, Stand, entered, only, stand
from tests.oracle.planted_base import CALM, ENTERED, GAINED, REVERTED, SIGNAL


def lose(desk: Stand) -> None:
    desk.state_file.unlink()


def test_a_position_is_adopted_with_its_stop(tmp_path: Path) -> None:
    desk = entered(tmp_path, ENTERED.flat(99_000, 2))
    before = desk.trade()
    lose(desk)
    report = desk.run(11)
    assert (report.exit_code, desk.sent, desk.levels()) == (0, [], PROTECTED)
    after = desk.trade()
    assert (after.entry_quote, after.entry_lots, after.signal_ms) == (
        before.entry_quote,
        before.entry_lots,
        before.signal_ms,
    )
    assert desk.broken() == []


def test_an_adopted_position_without_protection_gets_the_same_levels(tmp_path: Path) -> None:
    desk = entered(tmp_path, ENTERED.flat(99_000, 2))
    lose(desk)
    with desk.request() as engine:
        engine.cancel_all_algos(BTC)
    assert desk.guard(11).exit_code == 0
    assert desk.levels() == PROTECTED


def test_a_moved_stop_is_adopted_as_moved(tmp_path: Path) -> None:
    desk = entered(tmp_path, GAINED.flat(99_500).flat(99_400, 2))
    desk.run(12)
    lose(desk)
    assert desk.run(13).exit_code == 0
    assert (desk.levels()["STOP_MARKET"], desk.trade().stop_moved) == ([MOVED], True)
    assert desk.sent == []


def test_an_adopted_position_is_closed_when_it_reverts(tmp_path: Path) -> None:
    desk = entered(tmp_path, REVERTED.flat(99_900))
    lose(desk)
    assert desk.run(12).exit_code == 0
    assert (desk.position(), desk.reasons()) == (0, ["reverted"])


def test_the_cooldown_survives_lost_notes(tmp_path: Path) -> None:
    # stopped out at the open of candle 11; every close from there on calls for a long
    falling = SIGNAL.flat(99_000).flat(97_000).flat(95_000).flat(93_000).flat(91_000)
    desk = stand(tmp_path, falling, "cooldown_bars=2")
    desk.run(10)
    desk.run(11)
    assert (desk.reasons(), desk.position()) == (["stop"], 0)
    for candle, waited in ((12, 0), (13, 1)):
        lose(desk)
        assert f"cooldown, {waited} of 2" in only(desk.run(candle)).reason
    lose(desk)
    desk.run(14)
    assert desk.entries() == 2


def test_with_lost_notes_a_stop_in_the_outage_still_counts(tmp_path: Path) -> None:
    falling = ENTERED.flat(97_000).flat(95_000).flat(93_000)
    desk = entered(tmp_path, falling, "cooldown_bars=2")
    lose(desk)  # and nobody fires at candle 11, in which the stop fills
    report = desk.run(12)
    assert (report.exit_code, desk.position(), desk.reasons()) == (0, 0, ["stop"])
    assert "cooldown, 0 of 2" in only(report).reason


@pytest.mark.parametrize("days", [1, 9])
@pytest.mark.parametrize("kept", [True, False])
def test_after_days_without_a_run_the_stop_is_booked_as_it_filled(
    tmp_path: Path, days: int, kept: bool
) -> None:
    """Signals meanwhile are past; the stop is found, also further back than one answer reaches."""
    quiet = ENTERED.flat(98_000).flat(99_000, days * 288)
    desk = entered(tmp_path, quiet, "cooldown_bars=500")
    if not kept:
        lose(desk)
    report = desk.run(quiet.next_index - 1)
    assert (report.exit_code, desk.position(), desk.entries()) == (0, 0, 1)
    [trade] = desk.events("trade")
    with desk.request() as engine:
        fill = engine.fills()[-1]
    assert (trade["reason"], trade["exit_time"], trade["exit_price"]) == (
        *("stop", fill.time_ms, f"{fill.ticks // 10}.{fill.ticks % 10}"),
    )
    assert [event["fee"] for event in desk.events("fill")][1] == money_text(fill.fee_e8)
    assert ("cooldown" in only(report).reason) is (days == 1)


def spoiled(text: str) -> list[str]:
    """Ways in which the notes cannot be used."""
    future = json.dumps({**json.loads(text), "schema": 99})
    other = json.dumps({**json.loads(text), "extra": 1})
    return ["", "{", "[]", "null", '"text"', text[: len(text) // 2], future, other, "\udcff"]


@pytest.mark.parametrize("way", range(9))
def test_unusable_notes_stop_entries_but_not_protection(tmp_path: Path, way: int) -> None:
    desk = entered(tmp_path, ENTERED.flat(99_000, 2))
    content = spoiled(desk.state_file.read_text())[way].encode(errors="surrogateescape")
    desk.state_file.write_bytes(content)
    with desk.request() as engine:
        engine.cancel_all_algos(BTC)
    report = desk.run(11)
    assert (report.exit_code, desk.levels()) == (1, PROTECTED)
    assert len(report.failures) == 1
    assert desk.state_file.read_bytes() == content


@pytest.mark.parametrize("way", range(9))
def test_no_entry_with_unusable_notes(tmp_path: Path, way: int) -> None:
    desk = stand(tmp_path, ENTERED)
    desk.run(9)
    content = spoiled(desk.state_file.read_text())[way].encode(errors="surrogateescape")
    desk.state_file.write_bytes(content)
    report = desk.run(10)
    assert (report.exit_code, desk.entries(), desk.position()) == (1, 0, 0)
    assert only(report).reason == "no entry: the notes cannot be used, so nothing may be opened"
    assert desk.state_file.read_bytes() == content
    assert desk.guard(10, 60_000).exit_code == 1


def test_notes_that_cannot_be_read_at_all_stop_entries(tmp_path: Path) -> None:
    desk = stand(tmp_path, ENTERED)
    desk.state_file.mkdir()
    report = desk.run(10)
    assert (report.exit_code, desk.entries()) == (1, 0)


@pytest.mark.parametrize(("field", "value"), [("venue", "live"), ("account", "other")])
def test_notes_of_another_venue_or_account_end_the_run(
    tmp_path: Path, field: str, value: str
) -> None:
    desk = entered(tmp_path, ENTERED.flat(99_000))
    theirs = {**json.loads(desk.state_file.read_text()), field: value}
    desk.state_file.write_text(json.dumps(theirs))
    for fire in (desk.run, desk.guard):
        with pytest.raises(WrongNotesError, match=f"{value}"):
            fire(11)
        assert desk.requests == []
    assert json.loads(desk.state_file.read_text()) == theirs


def test_without_notes_and_without_a_past_the_first_signal_is_taken(tmp_path: Path) -> None:
    desk = stand(tmp_path, ENTERED)
    assert desk.run(10).exit_code == 0
    assert (desk.entries(), desk.position()) == (1, LOTS)


@pytest.mark.parametrize("fire", ["run", "guard"])
def test_a_symbol_that_was_taken_out_is_seen_to_its_end(tmp_path: Path, fire: str) -> None:
    scripts = {BTC: ENTERED.flat(99_000).flat(98_000, 4), ETH: CALM.flat(100_000, 7)}
    desk = stand(tmp_path, scripts)
    desk.run(10)
    with desk.request() as engine:
        engine.cancel_all_algos(BTC)
    without = {ETH: desk.job.config.symbols[ETH]}
    desk.job = replace(desk.job, config=replace(desk.job.config, symbols=without))
    report = desk.run(11) if fire == "run" else desk.guard(11)
    assert (report.exit_code, desk.levels()) == (0, PROTECTED)
    assert any(f"{BTC} is no longer configured" in notice for notice in report.notices)
    desk.run(12)
    assert (desk.position(), desk.algos(), desk.reasons()) == (0, [], ["stop"])
    for candle in (13, 14, 15):
        assert desk.run(candle).notices == []
    assert desk.entries() == 1


def test_a_symbol_that_was_taken_out_is_not_entered_again(tmp_path: Path) -> None:
    stopped = ENTERED.bar(99_000, 99_000, 97_900, 98_000).flat(98_000, 2)  # still far below
    desk = stand(tmp_path, {BTC: stopped, ETH: CALM.flat(100_000, 5)}, "cooldown_bars=0")
    desk.run(10)
    without = {ETH: desk.job.config.symbols[ETH]}
    desk.job = replace(desk.job, config=replace(desk.job.config, symbols=without))
    report = desk.run(12)
    assert (desk.reasons(), desk.entries()) == (["stop"], 1)
    assert report.symbols[1].reason == "no entry: the symbol is no longer configured"


def test_what_was_noted_of_a_run_is_there_for_status(tmp_path: Path) -> None:
    desk = stand(tmp_path, CALM.flat(100_000, 20))
    for candle in range(1, 20):
        desk.run(candle)
    assert len(desk.notes().last_runs) == 12
    assert desk.notes().last_runs[-1].ok
