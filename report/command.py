"""`python handler.py report`: look, read, draw, write one file, say where it is."""

import argparse
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from exchange.errors import VenueError
from job.budget import OutOfTimeError
from job.commands.looking import look
from job.commands.output import tell
from job.commands.pages import AfterDay
from job.config import Config, ConfigFaultsError
from job.firing import Job
from job.outside import Outside
from job.places import write_page
from job.report import Report, stamped
from job.wiring import build
from report.facts import read_facts
from report.page import page_of
from report.subject import Subject, subject_of
from state.s3_address import S3Address
from strategy.units import DAY_MS

DAYS_MAX = 366
#: Days of the page that a day leaves behind.
DAYS_AFTER_DAY = 7
#: How long a page may take that somebody waits for.
BY_HAND_MS = 3_600_000


def report(config: Config, outside: Outside, options: argparse.Namespace) -> int:
    """Write the page. Exit status 1 when it says that something is not well."""
    days = _days(options.days)
    place = Path(options.out).absolute() if options.out else config.report
    patient = replace(config, deadline_ms=BY_HAND_MS)
    subject, told = make(build(patient, outside, keep=False), days, place)
    found = subject.firing.report
    lines = stamped([told, *_wrong(found)], subject.now_ms, config.venue, found.prices)
    tell(lines, _machine(subject, place), as_json=options.json)
    return found.exit_code


def _wrong(found: Report) -> Iterator[str]:
    """Why the exit status is 1."""
    for symbol in found.symbols:
        if symbol.error:
            yield f"FAILED: {symbol.symbol} {symbol.error}"
    for failure in found.failures:
        yield f"FAILED: {failure}"


def after_day(config: Config, outside: Outside) -> AfterDay:
    """The page that a UTC day leaves. It has the configuration's deadline: beside a run a firing's,
    for the guard is due soon. Never raises: the run has done its work, whatever becomes of a page.
    """
    try:
        job = build(config, outside, keep=False)
        return AfterDay(True, make(job, DAYS_AFTER_DAY, config.report)[1])
    except (ConfigFaultsError, OSError, VenueError) as error:
        return AfterDay(False, f"notice: the page could not be written: {error}")
    except Exception as error:  # noqa: BLE001 - such as a journal that somebody has edited
        told = f"notice: the page could not be made: {type(error).__name__} {error}"
        return AfterDay(False, told)


def make(job: Job, days: int, place: Path | S3Address) -> tuple[Subject, str]:
    """Write the page of so many days to a place; what it is about, and a sentence that says so.

    Raises ConfigFaultsError when it cannot be written there, or not in the job's time.
    """
    firing = look(job, "report")
    now = firing.exchange_now_ms()
    first_day_ms = now // DAY_MS * DAY_MS - (days - 1) * DAY_MS
    try:
        facts = read_facts(job.journal, first_day_ms, now + 1, job.budget)
        subject = subject_of(firing, facts)
    except OutOfTimeError:
        limit_s = job.config.deadline_ms // 1000
        raise ConfigFaultsError([f"a page of {days} days takes more than {limit_s} s"]) from None
    try:
        write_page(place, page_of(subject))
    except OSError as error:
        raise ConfigFaultsError(
            [f"report = {place}: cannot be written: {error.strerror}"]
        ) from None
    return subject, f"page of {days} days in {place}: open it in any browser"


def _machine(subject: Subject, place: Path | S3Address) -> dict[str, Any]:
    report, health = subject.firing.report, subject.health
    return {
        "command": "report",
        "venue": report.venue,
        "account": report.account,
        "page": str(place),
        "ok": report.ok,
        "results": subject.results.as_dict(),
        "runs": health.runs,
        "runs_failed": len({at for at, _ in health.failed}),
        "unprotected_ms": health.bare_total_ms,
        "differences": {
            symbol.name: None if symbol.divergence.why_not else symbol.divergence.decisions
            for symbol in subject.symbols
        },
    }


def _days(given: str) -> int:
    if given.isdecimal() and 1 <= int(given) <= DAYS_MAX:
        return int(given)
    raise ConfigFaultsError([f"--days {given}: must be a whole number from 1 to {DAYS_MAX}"])
