"""AWS Lambda: from an event to a firing. A warm start keeps imports, never any state."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from job import config as configuration
from job.commands.output import tell_report
from job.config import Config
from job.connecting import connect_early
from job.metrics import metrics_line
from job.outside import LAST_WORDS_MS, Outside

COMMANDS = ("run", "guard", "halt", "resume", "flatten")
#: Set on a function that does one thing whatever it is asked for: the Guard.
FUNCTION_COMMAND = "FUNCTION_COMMAND"


class FiringFailedError(Exception):
    """The firing ended with status 1: Lambda counts an error and calls its failure destination."""


def handle(event: object, context: object, home: Path, outside: Outside) -> dict[str, Any]:
    """Fire what the event asks for; returns the report. Raises when someone should look."""
    config = within(configuration.load(outside.environment, home), context)
    command = command_of(event, outside.environment.get(FUNCTION_COMMAND))
    connect_early(config, outside.environment, command)  # while the rest is loaded
    from job.commands.fire import fire

    report = fire(command, config, outside)
    tell_report(report)
    print(metrics_line(report))
    if not report.ok:
        raise FiringFailedError(f"{report.command} {report.run} failed; its lines say why")
    return report.as_dict()


def within(config: Config, context: object) -> Config:
    """The configuration with a deadline that the function's own time-out leaves room for."""
    remaining = getattr(context, "get_remaining_time_in_millis", None)
    if remaining is None:
        return config
    left_ms = max(0, remaining() - LAST_WORDS_MS)
    return replace(config, deadline_ms=min(config.deadline_ms, left_ms))


def command_of(event: object, only: str | None = None) -> str:
    """The command in the event; the envelope of a failure destination asks for the guard.

    `only` is the one command of a function that has no other, whatever it is asked for.
    """
    if only is not None:
        return _known(only)
    if not isinstance(event, Mapping):
        return "run"
    if "requestContext" in event and "requestPayload" in event:  # an envelope
        return "guard"
    return _known(event.get("command", "run"))


def _known(command: object) -> str:
    if command not in COMMANDS:
        raise ValueError(f"command {command!r}: must be one of {', '.join(COMMANDS)}")
    return str(command)
