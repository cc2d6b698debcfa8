"""AWS Lambda: from an event to a firing, and from a failure to an error."""

from pathlib import Path
from typing import Any

import pytest

import handler
from job import config as configuration
from job.commands.lambda_entry import FiringFailedError, command_of, handle, within
from job.config import ConfigFaultsError
from job.outside import Outside, VirtualClock
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
        ({"scheduled_time": "2026-11-22T12:05:00Z", "attempt": "1"}, "run"),
        (ENVELOPE, "guard"),
        ({**ENVELOPE, "requestPayload": None}, "guard"),
    ],
)
def test_what_an_event_asks_for(event: object, command: str) -> None:
    assert command_of(event) == command


@pytest.mark.parametrize("command", ["replay", "", None, 3, "RUN"])
def test_an_unknown_command_is_refused(command: object) -> None:
    with pytest.raises(ValueError, match="must be one of run, guard, halt, resume, flatten"):
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
    report = handle({"command": "run"}, object(), tmp_path, outside(FUNCTION_COMMAND="guard"))
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
