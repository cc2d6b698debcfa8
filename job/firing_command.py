"""Firings and switches from a configuration: what the command line and Lambda share."""

from collections.abc import Callable
from dataclasses import replace

from job.config import Config
from job.connecting import ON_NOTES_ALONE
from job.credentials import has_credentials
from job.firing import Job
from job.outside import Outside
from job.report import Report
from job.run import guard, run
from job.wiring import build


def fire(
    command: str,
    config: Config,
    outside: Outside,
    *,
    ignore_window: bool = False,
) -> Report:
    """One firing. Raises ConfigFaultsError for what only a person can mend."""
    on_notes = command in ON_NOTES_ALONE
    job = build(config, outside, advance=command == "run", keep=not on_notes, keys=not on_notes)
    if not on_notes:
        job.connect(command)
    report = _firing(command)(replace(job, ignore_window=ignore_window))
    if (
        command == "run"
        and config.venue == "embedded"
        and has_credentials(config, outside.environment)
    ):
        report.notices.insert(0, "exchange credentials are set, but venue is embedded: paper only")
    return report


def _firing(command: str) -> Callable[[Job], Report]:
    if command in ("run", "guard"):
        return run if command == "run" else guard
    from job.switching import SWITCHES  # loaded when a person asks for it

    return SWITCHES[command]
