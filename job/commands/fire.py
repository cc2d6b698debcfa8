"""Firings and switches from a configuration: what the command line and Lambda share."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from job.config import Config
from job.connecting import ON_NOTES_ALONE
from job.credentials import has_credentials
from job.firing import Job
from job.notify.configured import somebody_listens
from job.outside import Outside
from job.report import Report
from job.run import guard, run
from job.wiring import build

if TYPE_CHECKING:
    from job.notify.desk import Desk


def fire(
    command: str,
    config: Config,
    outside: Outside,
    *,
    ignore_window: bool = False,
) -> Report:
    """One firing. Raises ConfigFaultsError for what only a person can mend."""
    desk = _desk(config, outside)
    try:
        report = _fire(command, config, outside, desk, ignore_window=ignore_window)
    except Exception:
        if desk is not None:
            desk.broke_off(command)
        raise
    if (
        command == "run"
        and config.venue == "embedded"
        and has_credentials(config, outside.environment)
    ):
        report.notices.insert(0, "exchange credentials are set, but venue is embedded: paper only")
    if desk is not None:
        report.notices += desk.close(report)
    return report


def _fire(
    command: str, config: Config, outside: Outside, desk: "Desk | None", *, ignore_window: bool
) -> Report:
    on_notes = command in ON_NOTES_ALONE
    job = build(config, outside, advance=command == "run", keep=not on_notes, keys=not on_notes)
    if not on_notes:
        job.connect(command)
    if desk is not None:
        job = replace(job, tells_news=True, started=partial(desk.started, command))
    return _firing(command)(replace(job, ignore_window=ignore_window))


def _desk(config: Config, outside: Outside) -> "Desk | None":
    """Channels and pings, where any are configured: only there they are loaded."""
    if not somebody_listens(config, outside.environment):
        return None
    from job.notify.desk import Desk

    return Desk(config, outside.environment)


def _firing(command: str) -> Callable[[Job], Report]:
    if command in ("run", "guard"):
        return run if command == "run" else guard
    from job.commands.switching import SWITCHES  # loaded when a person asks for it

    return SWITCHES[command]
