"""`run` and `guard` from a configuration: what the command line and Lambda share."""

from dataclasses import replace

from job.config import Config
from job.credentials import has_credentials
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
    job = build(config, outside, advance=command == "run")
    job.connect(command)
    report = (guard if command == "guard" else run)(replace(job, ignore_window=ignore_window))
    if (
        command == "run"
        and config.venue == "embedded"
        and has_credentials(config, outside.environment)
    ):
        report.notices.insert(0, "exchange credentials are set, but venue is embedded: paper only")
    return report
