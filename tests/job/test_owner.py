"""Two deployments on one account: a droplet with a file, a Lambda with notes of its own."""

import json
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from exchange.ids import owner_tag
from job.commands.taking_over import _take_over
from job.config import load
from job.opening import WrongNotesError
from job.report import Report
from job.run import guard, run
from state.codec import decode
from state.journal import FileJournal
from state.lock import claim
from state.model import Notes
from state.store import FileStore
from tests.job.harness import BTC, LOTS, PROTECTED, Stand, entered, only, stand
from tests.job.terminal import Terminal
from tests.oracle.planted_base import CALM, ENTERED, SIGNAL

FALLEN = ENTERED.flat(99_000)


class Other:
    """A second deployment on the same exchange."""

    def __init__(self, desk: Stand, owner: str = "lambda", folder: str = "other") -> None:
        self.desk, self.folder = desk, desk.folder / folder
        config = replace(
            desk.job.config,
            owner=owner,
            state=self.folder / "state.json",
            journal=self.folder / "journal",
        )
        self.job = replace(
            desk.job,
            config=config,
            store=FileStore(self.folder / "state.json", lambda: "nonce", durable=False),
            journal=FileJournal(self.folder / "journal", {}, durable=False),
            claim=partial(claim, self.folder / "lock"),
        )

    def run(self, candle: int, after_ms: int = 2_000) -> Report:
        self.desk.at(candle, after_ms)
        return run(self.job)

    def guard(self, candle: int, after_ms: int = 60_000) -> Report:
        self.desk.at(candle, after_ms)
        return guard(self.job)

    def notes(self) -> Notes:
        return decode((self.folder / "state.json").read_bytes(), "the notes")


def test_a_second_deployment_leaves_the_first_one_s_trade_alone(tmp_path: Path) -> None:
    desk = entered(tmp_path, FALLEN.flat(99_000, 5))
    other = Other(desk)
    before = desk.algos()
    report = other.run(11)
    assert not report.ok
    [failure] = report.failures
    assert failure.startswith("another deployment trades this account: an entry in BTCUSDT")
    assert "FOREIGN" in only(report).position
    with desk.request() as engine:
        engine.cancel_all_algos(BTC)
    desk.requests.clear()
    assert other.guard(11).ok  # the owner's own guard protects
    assert desk.sent == []
    desk.guard(11, 61_000)
    assert (desk.levels(), desk.position()) == (PROTECTED, LOTS)
    assert [algo.trigger_ticks for algo in before] == [algo.trigger_ticks for algo in desk.algos()]


def test_an_entry_carries_the_number_of_its_owner(tmp_path: Path) -> None:
    desk = entered(tmp_path, FALLEN.flat(99_000, 2), "owner=droplet")
    assert desk.trade().entry_tag == owner_tag("droplet")
    report = Other(desk, "local").run(11)
    assert "FOREIGN" in only(report).position
    assert desk.run(11, 3_000).ok


def test_a_second_deployment_opens_nothing_after_the_first_one_s_trade(tmp_path: Path) -> None:
    script = FALLEN.flat(97_000).flat(95_000, 3).flat(93_000, 5)
    desk = entered(tmp_path, script, "cooldown_bars=0")
    other = Other(desk)
    assert not other.run(12).ok  # the stop has filled at the open: flat, and a signal
    assert desk.position() == 0
    report = other.run(15)
    assert only(report).reason == "no entry: another deployment trades this account"
    assert desk.entries() == 1
    assert not list((tmp_path / "other/journal").glob("*trade*"))


def both_enter(folder: Path, owner: str) -> tuple[Stand, Other]:
    """Two deployments that were both flat fire on one candle."""
    desk = stand(folder, FALLEN.flat(99_000, 5))
    other = Other(desk, owner)
    desk.run(9)
    other.run(9)
    real, reports = desk.job, []
    desk.meanwhile("POST", "/fapi/v1/order", lambda _: reports.append(run(other.job)))
    desk.at(10)
    run(real)
    assert reports
    assert (desk.entries(), desk.position()) == (2, 2 * LOTS)
    return desk, other


@pytest.mark.parametrize("owner", ["lambda", "local"])
def test_a_double_entry_is_protected_in_full_and_is_the_last(tmp_path: Path, owner: str) -> None:
    desk, other = both_enter(tmp_path, owner)
    for _ in range(2):
        other.guard(10, 60_000)
        desk.guard(10, 61_000)
    stops = [algo for algo in desk.algos() if algo.type == "STOP_MARKET"]
    assert [stop.lots for stop in stops] == [2 * LOTS]
    assert not desk.run(11).ok
    assert not other.run(11).ok
    assert desk.kept().rival_ms
    assert other.notes().symbols[BTC].rival_ms


def test_notes_of_another_owner_end_the_firing(tmp_path: Path) -> None:
    desk = entered(tmp_path, FALLEN)
    before = desk.state_file.read_bytes()
    desk.job = replace(desk.job, config=replace(desk.job.config, owner="lambda"))
    for fire in (desk.run, desk.guard):
        with pytest.raises(WrongNotesError, match="belong to owner local; this is lambda: stop lo"):
            fire(11)
        assert desk.requests == []
    assert desk.state_file.read_bytes() == before


def test_notes_of_the_first_schema_are_taken_up(tmp_path: Path) -> None:
    desk = entered(tmp_path, FALLEN)
    of_the_first_schema(desk)
    assert desk.run(11).ok
    assert (desk.notes().owner, desk.notes().schema, desk.levels()) == ("local", 2, PROTECTED)


def of_the_first_schema(desk: Stand) -> None:
    """The notes as the first version wrote them."""
    tree = json.loads(desk.state_file.read_text())
    for name in ("owner", "owned_since_ms"):
        del tree[name]
    tree["schema"] = 1
    del tree["symbols"][BTC]["rival_ms"], tree["symbols"][BTC]["trade"]["entry_tag"]
    desk.state_file.write_text(json.dumps(tree))


@pytest.mark.parametrize("then", ["kept", "lost", "broken"])
def test_a_trade_without_a_name_stays_ours_under_a_name(tmp_path: Path, then: str) -> None:
    """The first version, an update, and a name for the deployment: its trade is protected on."""
    desk = entered(tmp_path, FALLEN.flat(99_000, 9))
    of_the_first_schema(desk)
    desk.job = replace(desk.job, config=replace(desk.job.config, owner="droplet"))
    assert desk.guard(10, 60_000).ok
    if then != "kept":
        desk.state_file.write_bytes(b"{")
    if then == "lost":
        desk.state_file.unlink()
    with desk.request() as engine:
        engine.cancel_all_algos(BTC)
    assert desk.guard(10, 120_000).ok is (then != "broken")
    assert desk.levels() == PROTECTED
    report = desk.run(11)
    assert "long 1.010" in only(report).position
    assert not any("another deployment" in failure for failure in report.failures)


def test_what_was_taken_over_stays_ours_with_lost_notes(tmp_path: Path) -> None:
    desk = entered(tmp_path, FALLEN.flat(99_000, 9))
    desk.job = replace(desk.job, config=replace(desk.job.config, owner="droplet"))
    assert _take_over(desk.job)
    assert desk.run(11).ok
    desk.state_file.unlink()
    assert desk.run(12).ok
    assert (desk.levels(), desk.kept().rival_ms) == (PROTECTED, 0)


def test_what_another_took_over_is_not_ours_with_lost_notes(tmp_path: Path) -> None:
    desk = entered(tmp_path, FALLEN.flat(99_000, 9))
    ours = desk.job
    desk.job = replace(desk.job, config=replace(desk.job.config, owner="droplet"))
    assert _take_over(desk.job)
    desk.run(11)
    desk.state_file.unlink()
    desk.job = replace(ours, config=replace(ours.config, owner="lambda"))
    assert "FOREIGN" in only(desk.run(12)).position


def test_the_default_owner_is_told_by_where_the_job_runs(tmp_path: Path) -> None:
    assert load({}, tmp_path).owner == "local"
    assert load({"AWS_LAMBDA_FUNCTION_NAME": "run-1"}, tmp_path).owner == "lambda"
    assert load({"AWS_LAMBDA_FUNCTION_NAME": "x", "REVERT_OWNER": "me"}, tmp_path).owner == "me"


def test_moving_house_with_the_notes(terminal: Terminal) -> None:
    terminal.on_candles(SIGNAL.flat(99_000).flat(99_000, 5))
    terminal.type("run")
    elsewhere = ("--set", "owner=lambda")
    refused = terminal.type("guard", *elsewhere)
    assert (refused.status, refused.out) == (2, [])
    assert "`handler.py take-over`" in refused.err[0]
    assert "the notes belong to owner local" in terminal.type("check", *elsewhere).told
    taken = terminal.type("take-over", *elsewhere)
    assert taken.status == 0
    assert "owner lambda: entries of others up to " in taken.out[0]
    assert "owner local's last run was " in taken.out[0]
    assert terminal.type("run", *elsewhere).status == 0
    assert terminal.type("guard").status == 2
    assert "owner lambda" in terminal.type("status", *elsewhere).out[0]


def test_moving_house_without_the_notes(terminal: Terminal) -> None:
    terminal.on_candles(CALM.flat(100_000, 2).bar(100_000, 100_000, 99_000, 99_000).flat(99_000, 9))
    for _ in range(3):
        terminal.type("run")
    elsewhere = ("--set", "owner=lambda", "--set", "state=new.json", "--set", "journal=new")
    foreign = terminal.type("run", *elsewhere)
    assert foreign.status == 1
    assert "FOREIGN" in foreign.told
    assert terminal.type("status", *elsewhere).status == 1
    assert terminal.type("take-over", *elsewhere).status == 0
    told = terminal.type("guard", *elsewhere).told + terminal.type("run", *elsewhere).told
    assert "stop 9802.0, target 10099.0" in told
    assert "another deployment" not in told
    taken = terminal.type("take-over", *elsewhere, "--json").json
    assert (taken["ok"], taken["owner"]) == (True, "lambda")


def test_taking_over_waits_for_a_run_and_leaves_bad_notes(terminal: Terminal) -> None:
    terminal.type("run")
    state = terminal.home / "var/embedded/state.json"
    with claim(state.with_name("state.json.lock"), 0):
        typed = terminal.type("take-over")
    assert (typed.status, "a run holds the lock" in typed.out[0]) == (1, True)
    wrong = terminal.type("take-over", "--set", "account=other", "--set", "paper=p.json")
    assert wrong.status == 2
    state.write_text("{")
    typed = terminal.type("take-over")
    assert (typed.status, state.read_text()) == (1, "{")
