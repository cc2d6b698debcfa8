"""AWS Lambda: from an event to a firing, and from a failure to an error."""

from pathlib import Path
from typing import Any

import pytest

import handler
from job import config as configuration
from job.commands.lambda_entry import (
    FiringFailedError,
    NoPageError,
    command_of,
    handle,
    within,
)
from job.commands.pages import AfterDay, Pages
from job.config import Config, ConfigFaultsError
from job.outside import Outside, VirtualClock
from strategy.units import DAY_MS
from tests.oracle.planted import START_MS

ENVELOPE = {
    "version": "1.0",
    "timestamp": "2026-01-01T00:00:00Z",
    "requestContext": {"condition": "RetriesExhausted"},
    "requestPayload": {"command": "run"},
    "responseContext": {"statusCode": 200, "functionError": "Unhandled"},
    "responsePayload": {"errorMessage": "run failed"},
}


def outside(**environment: str) -> Outside:
    return Outside(VirtualClock(START_MS), environment, lambda: "0123456789ab")


@pytest.mark.parametrize(
    ("event", "command"),
    [
        ({}, "run"),
        (None, "run"),
        ({"command": "run"}, "run"),
        ({"command": "guard"}, "guard"),
        ({"command": "report"}, "report"),
        ({"scheduled_time": "2026-11-22T12:05:00Z", "attempt": "1"}, "run"),
        (ENVELOPE, "guard"),
        ({**ENVELOPE, "requestPayload": None}, "guard"),
    ],
)
def test_what_an_event_asks_for(event: object, command: str) -> None:
    assert command_of(event) == command


@pytest.mark.parametrize("command", ["replay", "", None, 3, "RUN"])
def test_an_unknown_command_is_refused(command: object) -> None:
    with pytest.raises(ValueError, match="one of run, guard, halt, resume, flatten, report"):
        command_of({"command": command})


def test_a_run_returns_its_report_and_prints_its_lines(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    report = handle({}, object(), tmp_path, outside())
    assert (report["ok"], report["command"], report["venue"]) == (True, "run", "embedded")
    assert " EMBEDDED (synthetic prices) BTCUSDT " in capsys.readouterr().out
    assert (tmp_path / "var/embedded/state.json").exists()


def test_the_envelope_of_a_failure_fires_the_guard(tmp_path: Path) -> None:
    handle({}, object(), tmp_path, outside())
    assert handle(ENVELOPE, object(), tmp_path, outside())["command"] == "guard"


def test_settings_come_from_the_environment(tmp_path: Path) -> None:
    report = handle({}, object(), tmp_path, outside(REVERT_SYMBOL="ETHUSDT"))
    assert report["symbols"][0]["symbol"] == "ETHUSDT"


def test_a_failed_firing_is_an_error_so_that_lambda_counts_it(tmp_path: Path) -> None:
    state = tmp_path / "var/embedded/state.json"
    state.parent.mkdir(parents=True)
    state.write_text("{")
    with pytest.raises(FiringFailedError, match="its lines say why"):
        handle({}, object(), tmp_path, outside())


def test_a_bad_configuration_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigFaultsError, match="balance"):
        handle({}, object(), tmp_path, outside(REVERT_BALANCE="x"))


def test_the_entry_in_handler_py(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert Path(handler.__file__).parent == handler.HOME
    monkeypatch.setattr(handler, "HOME", tmp_path)
    monkeypatch.setattr(handler, "real_world", outside)
    first: dict[str, Any] = handler.lambda_handler({"command": "run"}, None)
    second = handler.lambda_handler({"command": "run"}, None)
    assert (first["ok"], second["ok"]) == (True, True)


def test_the_function_of_the_guard_guards_whatever_it_is_asked_for(tmp_path: Path) -> None:
    assert command_of({"command": "run"}, "guard") == "guard"
    for command in ("run", "report"):
        report = handle({"command": command}, object(), tmp_path, outside(FUNCTION_COMMAND="guard"))
        assert report["command"] == "guard"


def test_an_event_that_was_given_up_unseen_asks_for_the_guard() -> None:
    too_old = {name: ENVELOPE[name] for name in ("version", "requestContext", "requestPayload")}
    assert command_of(too_old) == "guard"


class Context:
    """What is used of Lambda's context."""

    def __init__(self, remaining_ms: int) -> None:
        self.remaining_ms = remaining_ms

    def get_remaining_time_in_millis(self) -> int:
        return self.remaining_ms


@pytest.mark.parametrize(("remaining_ms", "deadline_ms"), [(60_000, 40_000), (30_000, 25_000)])
def test_a_firing_ends_itself_before_lambda_does(
    remaining_ms: int, deadline_ms: int, tmp_path: Path
) -> None:
    config = configuration.load({}, tmp_path)
    assert within(config, Context(remaining_ms)).deadline_ms == deadline_ms


def test_without_time_nothing_is_opened(tmp_path: Path) -> None:
    report = handle({}, Context(4_000), tmp_path, outside(REVERT_THRESHOLD_PERC="0.01"))
    assert report["symbols"][0]["reason"].startswith("no entry: too little time is left")


class Maker:
    """Stands in for the room above the job."""

    def __init__(self, done: AfterDay) -> None:
        self.done = done
        self.asked: list[Config] = []
        self.pages = Pages(self.by_hand, self.after_day)

    def by_hand(self, *_: object) -> int:
        raise AssertionError("nobody has typed anything")

    def after_day(self, config: Config, _: Outside) -> AfterDay:
        self.asked.append(config)
        return self.done


def test_the_page_may_take_the_function_s_whole_time(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    maker = Maker(AfterDay(True, "page of 7 days"))
    environment = {"FUNCTION_COMMAND": "report", "REVERT_REPORT": "s3://a-bucket/report.html"}
    asked = {"command": "run"}  # whatever it is asked for
    report = handle(asked, Context(180_000), tmp_path, outside(**environment), maker.pages)
    assert (report["command"], report["ok"]) == ("report", True)
    assert report["page"] == "s3://a-bucket/report.html"
    assert [config.deadline_ms for config in maker.asked] == [175_000]
    assert capsys.readouterr().out.endswith("Z EMBEDDED page of 7 days\n")
    assert list(tmp_path.iterdir()) == []  # no run, no guard


def test_a_page_that_was_not_written_is_an_error_so_that_lambda_tries_again(tmp_path: Path) -> None:
    maker = Maker(AfterDay(False, "notice: the page could not be written: no room"))
    with pytest.raises(NoPageError, match="could not be written: no room"):
        handle({"command": "report"}, object(), tmp_path, outside(), maker.pages)


def test_where_nobody_makes_pages_that_is_said(tmp_path: Path) -> None:
    with pytest.raises(NoPageError, match="nobody here makes pages"):
        handle({"command": "report"}, object(), tmp_path, outside())


def test_the_first_run_of_a_day_leaves_the_page_to_its_own_function(tmp_path: Path) -> None:
    maker = Maker(AfterDay(True, "page"))
    for now_ms in (START_MS, START_MS + DAY_MS):
        world = Outside(VirtualClock(now_ms), {}, lambda: "0123456789ab")
        handle({"command": "run"}, object(), tmp_path, world, maker.pages)
    (_, today) = sorted((tmp_path / "var/embedded/journal").iterdir())
    assert '"event":"books"' in today.read_text("utf-8")  # the work of the night was done
    assert maker.asked == []
