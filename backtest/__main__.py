"""`python -m backtest`: what a strategy would have earned, before it is trusted with money.

Arguments in, lines and an exit status out: 0 done, 2 bad usage or files, one line per fault; 130
interrupted, as shells have it.
"""

import argparse
import gc
import os
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NoReturn

from job.ending import INTERRUPTED, end

DESCRIPTION = (
    "What a strategy would have earned, before it is trusted with money.\n"
    "Exit status: 0 done, 2 bad usage or files, one line per fault; 130 interrupted."
)
EXAMPLES = {
    "run": "BTCUSDT-5m.csv.gz --symbol BTCUSDT --set threshold_perc=1 --trades out.csv",
    "sweep": "BTCUSDT-5m.csv.gz --symbol BTCUSDT --grid threshold_perc=0.2:2.0:0.1 --out out.csv",
    "walkforward": "BTCUSDT-5m.csv.gz --symbol BTCUSDT --grid threshold_perc=0.2:2.0:0.1 "
    "--train 90d --test 30d --evidence evidence.json",
    "download": "BTCUSDT --interval 5m --from 2024-01-01 --to 2025-01-01 --out BTCUSDT-5m.csv.gz",
}
COMMANDS = {
    "run": "one backtest: trades and a summary",
    "sweep": "every combination of a grid: which lost, and which did best",
    "walkforward": "choose on the past, trade what comes next",
    "download": "candles, funding and mark prices from Binance",
}


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        """One line, no usage: the fault is what people need to see."""
        self.exit(2, f"{message} (see --help)\n")


def main(arguments: list[str], environment: Mapping[str, str]) -> int:
    """Run one command; the exit status."""
    from backtest.options import ADD_OPTIONS, UsageError

    parser = _Parser(
        prog="python -m backtest",
        description=DESCRIPTION,
        epilog="\n".join(["examples:", *(_example(name) for name in EXAMPLES)]),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, text in COMMANDS.items():
        command = commands.add_parser(
            name,
            help=text,
            epilog=f"example:\n{_example(name)}",
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        if name in arguments:  # the options of the others are not asked for
            ADD_OPTIONS[name](command)
    options = parser.parse_args(arguments)
    try:
        status = play(options, cache_folder(environment))
        sys.stdout.flush()
    except BrokenPipeError:  # whoever reads has seen enough: `| head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        kept = options.command == "download"
        print("interrupted" + ("; the same command goes on where it was" if kept else ""),
              file=sys.stderr)  # fmt: skip
        return INTERRUPTED
    except UsageError as error:
        for fault in error.faults:
            print(fault, file=sys.stderr)
        return 2
    except OSError as error:
        print(f"{error.filename}: {error.strerror}" if error.filename else error, file=sys.stderr)
        return 2
    return status


def _example(command: str) -> str:
    return f"  python -m backtest {command} {EXAMPLES[command]}"


def play(options: argparse.Namespace, cache: Path) -> int:
    """The command. Raises UsageError."""
    command = loaded(options.command)
    if not gc.isenabled():  # garbage is looked for again, but not among what was loaded
        gc.freeze()
        gc.enable()
    return command(options, cache)


def loaded(name: str) -> Callable[[argparse.Namespace, Path], int]:
    """The function of a command; each loads only what it needs."""
    if name == "sweep":
        from backtest.sweep_command import sweep_command

        return sweep_command
    if name == "walkforward":
        from backtest.walkforward_command import walkforward_command

        return walkforward_command
    if name == "download":
        from backtest.download_command import download_command

        return lambda options, _: download_command(options, time.sleep)
    from backtest.run_command import run_command

    return run_command


def cache_folder(environment: Mapping[str, str]) -> Path:
    """Where compiled code is kept: the user's cache folder."""
    named = environment.get("XDG_CACHE_HOME")
    return (Path(named) if named else Path.home() / ".cache") / "revert-backtest"


if __name__ == "__main__":
    gc.disable()  # while modules load there is no garbage
    end(main(sys.argv[1:], os.environ))
