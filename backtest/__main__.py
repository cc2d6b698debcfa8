"""`python -m backtest`: what a strategy would have earned, before it is trusted with money.

Arguments in, lines and an exit status out: 0 done, 2 bad usage or files, one line per fault.
"""

import argparse
import os
import sys
from collections.abc import Mapping
from pathlib import Path

from backtest.options import UsageError, add_run_options

EXAMPLE = """example:
  python -m backtest run BTCUSDT-5m.csv.gz --symbol BTCUSDT --set threshold_perc=1 --trades out.csv
"""


def main(arguments: list[str], environment: Mapping[str, str]) -> int:
    """Run one command; the exit status."""
    parser = argparse.ArgumentParser(prog="python -m backtest", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    run = commands.add_parser(
        "run",
        help="one backtest: trades and a summary",
        epilog=EXAMPLE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add_run_options(run)
    options = parser.parse_args(arguments)
    from backtest.run_command import run_command

    try:
        return run_command(options, cache_folder(environment))
    except UsageError as error:
        for fault in error.faults:
            print(fault, file=sys.stderr)
        return 2


def cache_folder(environment: Mapping[str, str]) -> Path:
    """Where compiled code is kept: the user's cache folder."""
    named = environment.get("XDG_CACHE_HOME")
    return (Path(named) if named else Path.home() / ".cache") / "revert-backtest"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], os.environ))
