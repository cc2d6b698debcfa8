"""AWS Lambda: from an event to a firing. A warm start keeps imports, never any state."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from job import config as configuration
from job.connecting import connect_early
from job.output import tell_report
from job.outside import Outside

COMMANDS = ("run", "guard", "halt", "resume", "flatten")


class FiringFailedError(Exception):
    """The firing ended with status 1: Lambda counts an error and calls its failure destination."""


def handle(event: object, context: object, home: Path, outside: Outside) -> dict[str, Any]:
    """Fire what the event asks for; returns the report. Raises when someone should look."""
    del context  # its remaining time is not used yet: the run has a deadline of its own
    config = configuration.load(outside.environment, home)
    command = command_of(event)
    connect_early(config, outside.environment, command)  # while the rest is loaded
    from job.firing_command import fire

    report = fire(command, config, outside)
    tell_report(report)
    if not report.ok:
        raise FiringFailedError(f"{report.command} {report.run} failed; its lines say why")
    return report.as_dict()


def command_of(event: object) -> str:
    """The command in the event; the envelope of a failure destination asks for the guard."""
    if not isinstance(event, Mapping):
        return "run"
    if "requestPayload" in event and "responseContext" in event:
        return "guard"
    command = event.get("command", "run")
    if command not in COMMANDS:
        raise ValueError(f"command {command!r}: must be one of {', '.join(COMMANDS)}")
    return str(command)
