"""Where lines go: for a person on stdout, or one JSON line there and the person's on stderr."""

import json
import sys
from collections.abc import Iterable, Mapping
from typing import Any

from job.report import Report


class ReaderGoneError(Exception):
    """Whoever was to read the lines has gone, as `| head` does: no more are needed."""


def tell(lines: Iterable[str], machine: Mapping[str, Any], *, as_json: bool) -> None:
    """Print a command's result. Raises ReaderGoneError when nobody reads on."""
    try:
        if as_json:
            print(json.dumps(machine))
        for line in lines:
            print(line, file=sys.stderr if as_json else sys.stdout)
    except BrokenPipeError:
        raise ReaderGoneError from None


def tell_report(report: Report, *, as_json: bool = False) -> None:
    """Print a firing's report; a guard that found everything well says nothing to people."""
    quiet = report.command == "guard" and not report.touched
    tell([] if quiet else report.lines(), report.as_dict(), as_json=as_json)
