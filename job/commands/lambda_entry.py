"""AWS Lambda: from an event to a firing. A warm start keeps imports, never any state."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from job import config as configuration
from job.commands.output import tell_report
from job.config import Config
from job.connecting import connect_early
from job.metrics import metrics_line
from job.outside import LAST_WORDS_MS, Outside
from job.report import stamped

if TYPE_CHECKING:
    from job.commands.pages import Pages

COMMANDS = ("run", "guard", "halt", "resume", "flatten", "report")
#: Set on functions that do one thing whatever they are asked for: the Guard's, and the page's.
FUNCTION_COMMAND = "FUNCTION_COMMAND"


class FiringFailedError(Exception):
    """The firing ended with status 1: Lambda counts an error and calls its failure destination."""


class NoPageError(Exception):
    """There is no new page; the older one stays."""


def handle(
    event: object, context: object, home: Path, outside: Outside, pages: "Pages | None" = None
) -> dict[str, Any]:
    """Do what the event asks for; returns the report. Raises when someone should look."""
    config = configuration.load(outside.environment, home)
    command = command_of(event, outside.environment.get(FUNCTION_COMMAND))
    if command == "report":
        return _page(config, context, outside, pages)
    config = within(config, context)
    connect_early(config, outside.environment, command)  # while the rest is loaded
    from job.commands.fire import fire

    report = fire(command, config, outside)
    tell_report(report)
    print(metrics_line(report))
    if not report.ok:
        raise FiringFailedError(f"{report.command} {report.run} failed; its lines say why")
    return report.as_dict()


def _page(
    config: Config, context: object, outside: Outside, pages: "Pages | None"
) -> dict[str, Any]:
    """The page of the last days, as the first run of a day leaves it elsewhere. No firing waits for
    it here, so it may take all the time that the function has.
    """
    if pages is None:
        raise NoPageError("nobody here makes pages")
    config = replace(config, deadline_ms=_left_ms(config, context))
    done = pages.after_day(config, outside)
    for line in stamped([done.told], outside.clock.now_ms(), config.venue):
        print(line)
    if not done.written:
        raise NoPageError(done.told)
    return {"command": "report", "venue": config.venue, "account": config.account,
            "ok": True, "page": str(config.report)}  # fmt: skip


def within(config: Config, context: object) -> Config:
    """The configuration with a deadline that the function's own time-out leaves room for."""
    return replace(config, deadline_ms=min(config.deadline_ms, _left_ms(config, context)))


def _left_ms(config: Config, context: object) -> int:
    """What the function's time-out leaves, last words aside."""
    remaining = getattr(context, "get_remaining_time_in_millis", None)
    return config.deadline_ms if remaining is None else max(0, remaining() - LAST_WORDS_MS)


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
