"""The trigger: command line and AWS Lambda entry. Reads arguments, wires, runs, reports, exits.

    python handler.py            one run: the job
    python handler.py --help     everything else

No decisions are made here.
"""

import gc
import os
import sys
from pathlib import Path
from typing import Any, NoReturn

from job.outside import real_world

HOME = Path(__file__).resolve().parent


def lambda_handler(event: object, context: object) -> dict[str, Any]:
    """One firing on AWS Lambda: {"command": "run" | "guard" | ...}, by default run."""
    from job.lambda_entry import handle  # only what the run needs is loaded

    return handle(event, context, HOME, real_world())


def end(status: int) -> NoReturn:
    """End the process as it stands: everything is written, and to unload hundreds of modules one
    by one would take a fifth of a run.
    """
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except OSError:  # whoever was to read it has gone
        status = status or 1
    os._exit(status)


if __name__ == "__main__":
    gc.disable()  # while modules load there is no garbage to look for
    try:
        from job.command_line import main

        end(main(sys.argv[1:], HOME, real_world()))
    except ModuleNotFoundError as error:
        print(f"{error}: run `make run` once, then use .venv/bin/python", file=sys.stderr)
        sys.exit(2)
