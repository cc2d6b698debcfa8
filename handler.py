"""The trigger: command line and AWS Lambda entry. Reads arguments, wires, runs, reports, exits.

    python handler.py            one run: the job
    python handler.py --help     everything else

No decisions are made here.
"""

import gc
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from job.commands.pages import AfterDay, Pages
from job.ending import INTERRUPTED, end
from job.outside import real_world

if TYPE_CHECKING:
    import argparse

    from job.config import Config
    from job.outside import Outside

HOME = Path(__file__).resolve().parent


def lambda_handler(event: object, context: object) -> dict[str, Any]:
    """AWS Lambda: {"command": "run" | "guard" | "report" | ...}, by default run."""
    from job.commands.lambda_entry import handle  # only what the run needs is loaded

    return handle(event, context, HOME, real_world(), PAGES)


def _report(config: "Config", outside: "Outside", options: "argparse.Namespace") -> int:
    from report.command import report

    return report(config, outside, options)


def _after_day(config: "Config", outside: "Outside") -> AfterDay:
    from report.command import after_day

    return after_day(config, outside)


#: What may be asked of the room above the job; loaded when it is asked for.
PAGES = Pages(_report, _after_day)

if __name__ == "__main__":
    gc.disable()  # while modules load there is no garbage; the command line switches it on again
    try:
        from job.commands.command_line import main

        end(main(sys.argv[1:], HOME, real_world(), PAGES))
    except ModuleNotFoundError as error:
        print(f"{error}: run `make run` once, then use .venv/bin/python", file=sys.stderr)
        sys.exit(2)
    except KeyboardInterrupt:  # nothing has begun yet: the command line has words of its own
        print("interrupted", file=sys.stderr)
        end(INTERRUPTED)
