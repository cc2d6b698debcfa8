"""The switches count at once, whoever else is at work, and last."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

import handler
from job.commands.lambda_entry import handle
from job.commands.switching import SAVES_MAX, flatten, halt, resume
from job.opening import WrongNotesError
from job.outside import Outside, VirtualClock
from job.places import _no_lock
from job.report import Report
from state.model import Notes, replace_symbol
from state.s3_journal import S3Journal
from state.s3_store import S3Store
from state.store import Store
from tests.job.harness import (
    BTC,
    LOTS,
    ORDER,
    PROTECTED,
    Stand,
    entered,
    only,
    stand,
)
from tests.job.terminal import Terminal
from tests.oracle.planted import START_MS
from tests.oracle.planted_base import ENTERED, REVERTED, SIGNAL
from tests.state.s3_wire import BUCKET, s3_in_process

KLINES = "/fapi/v1/klines"
STAYS = ENTERED.flat(99_000, 3)
AGAIN = SIGNAL.flat(99_000, 4)
BY_HAND = "until `resume`: halted by hand; what is open keeps its stop and target, exits go on"


def die(_: object) -> None:
    raise KeyboardInterrupt


def held(desk: Stand) -> list[str]:
    return [brake.limit for brake in desk.notes().brakes]


# halt and resume.


def test_no_entries_from_halt_to_resume(tmp_path: Path) -> None:
    desk = stand(tmp_path, AGAIN)
    desk.run(9)
    desk.requests.clear()
    report = halt(desk.job)
    assert (report.exit_code, report.symbols, desk.requests) == (0, [], [])
    assert BY_HAND in report.lines()[-1]
    told = desk.run(10)
    assert (told.exit_code, desk.position()) == (0, 0)
    assert only(told).reason == "no entry: halted by hand"
    assert BY_HAND in told.brakes[0]
    assert halt(desk.job).exit_code == 0  # once more is no harm
    assert resume(desk.job).notices == ["entries are allowed again"]
    assert held(desk) == []
    desk.run(11)
    assert desk.position() > 0


def test_what_is_open_stays_protected_and_ends_as_ever(tmp_path: Path) -> None:
    desk = entered(tmp_path, REVERTED.flat(99_900, 2))
    assert halt(desk.job).notices == ["BTCUSDT is open; `flatten` would close it"]
    assert (desk.position(), desk.levels()) == (LOTS, PROTECTED)
    desk.run(12)
    assert (desk.position(), desk.reasons()) == (0, ["reverted"])


def test_before_the_first_run_ever(tmp_path: Path) -> None:
    desk = stand(tmp_path, STAYS)
    assert halt(desk.job).exit_code == 0
    assert only(desk.run(10)).reason == "no entry: halted by hand"


def test_lost_notes_do_not_switch_the_job_on_again(tmp_path: Path) -> None:
    desk = stand(tmp_path, AGAIN)
    halt(desk.job)
    for _ in range(2):
        desk.state_file.unlink()
        assert only(desk.run(10)).reason == "no entry: halted by hand"
    resume(desk.job)
    desk.state_file.unlink()
    desk.run(11)
    assert desk.position() > 0
    assert desk.notes().resumed_ms > 0


def test_without_notes_and_journal_nothing_is_entered(tmp_path: Path) -> None:
    desk = stand(tmp_path, STAYS)

    def unreadable(*_: object) -> Iterator[dict[str, object]]:
        raise OSError(13, "Permission denied", "journal")

    desk.job.journal.events = unreadable  # type: ignore[method-assign,assignment]
    report = desk.run(10)
    assert (report.exit_code, desk.position()) == (1, 0)
    [failure] = report.failures
    assert failure.startswith("there are no notes, and the journal cannot be read (Permission")
    assert failure.endswith("was the job halted?")


def test_with_unreadable_notes_the_journal_remembers(tmp_path: Path) -> None:
    desk = stand(tmp_path, AGAIN)
    desk.run(9)
    desk.state_file.write_bytes(b"{")
    for switch in (halt, resume):
        report = switch(desk.job)
        assert report.exit_code == 1
        assert report.failures[0].startswith("the switch could NOT be saved: ")
        assert desk.state_file.read_bytes() == b"{"
    desk.state_file.unlink()
    desk.run(10)
    assert (desk.position(), held(desk)) == (0, ["halt"])  # what failed was the resume


# Beside a run that is under way.


def test_before_an_entry_is_written_down_it_is_stopped(tmp_path: Path) -> None:
    desk = stand(tmp_path, AGAIN)
    desk.meanwhile("GET", KLINES, lambda _: halt(desk.job).as_dict() and None)
    report = desk.run(10)
    assert "has been saved by another run" in report.notices[0]
    assert (desk.entries(), held(desk)) == (0, ["halt"])
    assert only(desk.run(11)).reason == "no entry: halted by hand"


def test_an_entry_that_is_under_way_is_protected(tmp_path: Path) -> None:
    desk = stand(tmp_path, STAYS)
    desk.meanwhile("POST", ORDER, lambda _: halt(desk.job).as_dict() and None)
    desk.run(10)
    assert (desk.position(), desk.levels()) == (LOTS, PROTECTED)
    assert desk.run(11).ok
    assert (desk.broken(), held(desk)) == ([], ["halt"])
    assert desk.trade().lots == LOTS


def test_the_switch_costs_no_exit(tmp_path: Path) -> None:
    """Turned while a run decides: with long candles its next chance may be hours away."""
    desk = entered(tmp_path, REVERTED.bar(99_900, 99_900, 95_000, 95_000).flat(95_000, 5))
    desk.meanwhile("GET", KLINES, lambda _: halt(desk.job).as_dict() and None)
    assert desk.run(12).ok
    assert (desk.position(), desk.reasons(), held(desk)) == (0, ["reverted"], ["halt"])
    assert desk.run(15).ok
    assert desk.entries() == 1


def test_what_another_run_has_saved_does(tmp_path: Path) -> None:
    desk = entered(tmp_path, REVERTED.flat(99_900, 5))

    def save(_: object) -> None:
        desk.job.store.save(other(desk.notes()))

    desk.meanwhile("GET", KLINES, save)
    assert "has been saved by another run" in desk.run(12).notices[0]
    assert desk.position() == LOTS


def other(notes: Notes) -> Notes:
    """What a guard may have found out: its trade was made smaller."""
    kept = notes.symbols[BTC]
    assert kept.trade is not None
    trade = msgspec.structs.replace(kept.trade, lots=kept.trade.lots - 1)
    return replace_symbol(notes, BTC, msgspec.structs.replace(kept, trade=trade))


class Busy:
    """A store in which another run saves after each of our loads, some times over."""

    def __init__(self, store: Store, times: int) -> None:
        self.store, self.times, self.save = store, times, store.save

    def load(self) -> Notes | None:
        notes = self.store.load()
        if self.times and notes:
            self.times -= 1
            self.store.save(notes)
        return notes


@pytest.mark.parametrize(("times", "status"), [(SAVES_MAX - 1, 0), (SAVES_MAX, 1)])
def test_others_that_save_meanwhile_are_overtaken(tmp_path: Path, times: int, status: int) -> None:
    desk = entered(tmp_path, STAYS)
    report = halt(replace(desk.job, store=Busy(desk.job.store, times)))
    assert report.exit_code == status
    assert held(desk) == ([] if status else ["halt"])
    assert desk.trade().lots == LOTS


# From everywhere.


def test_with_notes_and_journal_in_s3(tmp_path: Path) -> None:
    desk = entered(tmp_path, REVERTED.flat(99_900, 2))
    with s3_in_process() as s3:
        client, key = s3.wire().client, "state.json"
        s3.put(key, desk.state_file.read_bytes())
        desk.job = replace(
            desk.job,
            store=S3Store(BUCKET, key, desk.job.new_nonce, client),
            journal=S3Journal(BUCKET, "journal", {}, client),
            claim=_no_lock,
        )
        assert halt(desk.job).exit_code == 0
        assert "halted by hand" in desk.run(11).brakes[0]
        assert flatten(desk.job).exit_code == 0
        assert desk.position() == 0
        s3.delete(key)
        assert "flattened by hand" in desk.run(12).brakes[0]
        assert resume(desk.job).brakes == []
        [off] = [event for event in desk.job.journal.events("switch") if not event["on"]]
        assert off["by"] == "resume"


@pytest.mark.parametrize("switch", [halt, resume, flatten])
def test_notes_of_another_account_are_not_touched(
    tmp_path: Path, switch: Callable[[object], Report]
) -> None:
    desk = entered(tmp_path, STAYS)
    theirs = {**json.loads(desk.state_file.read_text()), "account": "other"}
    desk.state_file.write_text(json.dumps(theirs))
    with pytest.raises(WrongNotesError, match="other"):
        switch(desk.job)
    assert json.loads(desk.state_file.read_text()) == theirs
    assert (desk.position(), desk.events("switch")) == (LOTS, [])


def test_anybody_may_halt_but_only_the_owner_goes_on(tmp_path: Path) -> None:
    desk = entered(tmp_path, STAYS)
    other = replace(desk.job, config=replace(desk.job.config, owner="laptop"))
    assert halt(other).exit_code == 0
    assert (held(desk), desk.notes().owner) == (["halt"], desk.job.config.owner)
    for switch in (resume, flatten):
        with pytest.raises(WrongNotesError, match="the notes belong to owner local"):
            switch(other)
    assert (desk.position(), held(desk)) == (LOTS, ["halt"])


def test_the_command_line(terminal: Terminal) -> None:
    terminal.on_candles(AGAIN)
    for _ in range(10):
        terminal.type("run")
    assert "long" in terminal.type("status").told
    typed = terminal.type("flatten")
    assert typed.status == 0
    assert "close flattened: accepted | cancelled stop | cancelled target | flat" in typed.told
    assert "NO ENTRIES since" in terminal.type("status").told
    assert terminal.type("resume").told.endswith("entries are allowed again")
    assert terminal.type("halt", "--json").json["brakes"][0].endswith("exits go on")


@pytest.mark.parametrize("command", ["halt", "resume"])
def test_without_keys_the_switch_still_turns(terminal: Terminal, command: str) -> None:
    typed = terminal.type(command, "--set", "venue=live")
    assert typed.status == 0
    assert " LIVE " in typed.told
    assert terminal.type("flatten", "--set", "venue=live").status == 2


def test_lambda(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    outside = Outside(VirtualClock(START_MS), {}, lambda: "0123456789ab")
    told = handle({"command": "halt"}, object(), tmp_path, outside)
    assert BY_HAND in told["brakes"][0]
    assert told["ok"]
    assert handle({"command": "run"}, object(), tmp_path, outside)["brakes"] == told["brakes"]
    assert handle({"command": "flatten"}, object(), tmp_path, outside)["ok"]
    assert handle({"command": "resume"}, object(), tmp_path, outside)["brakes"] == []
    assert capsys.readouterr().out
    assert callable(handler.lambda_handler)
