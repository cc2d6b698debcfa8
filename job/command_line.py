"""What people type: arguments in, lines and an exit status out.

0 done (also when there was nothing to do, or another run had the lock), 1 failed for at least one
symbol, 2 bad configuration or usage, with one line per fault.
"""

import argparse
import json
import sys
from pathlib import Path

from job import config as configuration
from job import replay_options
from job.config import Config, ConfigFaultsError
from job.outside import Outside, dead_after
from job.report import Report

DESCRIPTION = """Mean reversion on Binance USD-M futures, as a scheduled job.
Without a command: run. Without any configuration: on the embedded exchange, with paper money."""
EPILOG = """examples:
  python handler.py                                   one run on the embedded exchange
  python handler.py run --now                         the same, whatever the time
  python handler.py status --json                     for a program
  python handler.py --set venue=demo check            is the demo account ready?
Settings are documented in README.md. Exit status: 0 done, 1 someone should look, 2 bad usage."""
#: What a run that meets its deadline has left to say so, before the kernel ends it.
LAST_WORDS_MS = 5_000
COMMANDS = {
    "run": ("one run: the job (what a timer fires)", "python handler.py run --now"),
    "guard": ("protect only: no candles, no entries", "python handler.py guard"),
    "replay": ("the real job over candle files, on the embedded exchange", ""),
    "status": ("position, protection, cooldown, last runs, PnL", "python handler.py status"),
    "check": ("is everything ready to trade?", "python handler.py check"),
}


def main(arguments: list[str], home: Path, outside: Outside) -> int:
    """Run one command. `home` is handler.py's folder. Returns the exit status."""
    options = _parse(arguments)
    try:
        config = configuration.load(
            outside.environment, home, options.config, _assignments(options)
        )
        return _dispatch(options, config, outside)
    except ConfigFaultsError as error:
        for fault in error.faults:
            print(fault, file=sys.stderr)
        return 2


def _parse(arguments: list[str]) -> argparse.Namespace:
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument(
        "--config",
        metavar="FILE",
        default=argparse.SUPPRESS,
        help="settings file (else REVERT_CONFIG, else config.toml here)",
    )
    common.add_argument(
        "--set",
        metavar="KEY=VALUE",
        action="append",
        default=argparse.SUPPRESS,
        help="a setting; wins over environment and file; repeatable",
    )
    common.add_argument("--json", action="store_true", default=argparse.SUPPRESS,
                        help="the report as one JSON line on stdout")  # fmt: skip
    parser = argparse.ArgumentParser(
        prog="handler.py",
        description=DESCRIPTION,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        parents=[common],
    )
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")
    for name, (meaning, example) in COMMANDS.items():
        sub = commands.add_parser(
            name,
            help=meaning,
            description=meaning[0].upper() + meaning[1:] + ".",
            epilog=f"example:\n  {example}" if example else None,
            formatter_class=argparse.RawDescriptionHelpFormatter,
            parents=[common],
        )
        if name == "run":
            sub.add_argument("--now", action="store_true",
                             help="embedded: enter whatever the time since the close")  # fmt: skip
        if name == "replay":
            replay_options.add_options(sub)
            sub.epilog = replay_options.EXAMPLE
    options = _parse_in_any_place(parser, common, arguments)
    options.command = options.command or "run"
    return options


def _parse_in_any_place(
    parser: argparse.ArgumentParser, common: argparse.ArgumentParser, arguments: list[str]
) -> argparse.Namespace:
    """--config, --set and --json may stand before and after the command; --set adds up."""
    shared, _ = common.parse_known_args(arguments)
    options = parser.parse_args(arguments)
    options.config = getattr(shared, "config", None)
    options.set = getattr(shared, "set", [])
    options.json = getattr(shared, "json", False)
    options.now = getattr(options, "now", False)
    return options


def _assignments(options: argparse.Namespace) -> list[str]:
    """--set, and the options of `replay` that are settings by another name."""
    named = ((name, getattr(options, name, None)) for name in ("balance", "rules"))
    return [*options.set, *(f"{name}={value}" for name, value in named if value is not None)]


def _dispatch(options: argparse.Namespace, config: Config, outside: Outside) -> int:
    if options.command == "replay":
        return _replay(options, config)
    if options.command == "status":
        from job.status import status

        return status(config, outside, as_json=options.json)
    if options.command == "check":
        from job.check import check

        return check(config, outside, as_json=options.json)
    return _fire(options, config, outside)


def _fire(options: argparse.Namespace, config: Config, outside: Outside) -> int:
    """run and guard."""
    from job.firing_command import fire

    if options.now and config.venue != "embedded":
        raise ConfigFaultsError([f"--now: is for venue embedded only, not {config.venue}"])
    with dead_after(config.deadline_ms + LAST_WORDS_MS):
        report = fire(options.command, config, outside, ignore_window=options.now)
    tell(report, outside.clock.now_ms(), as_json=options.json)
    return report.exit_code


def tell(report: Report, at_ms: int, *, as_json: bool) -> None:
    """One JSON line on stdout and the human lines on stderr, or the human lines on stdout."""
    if as_json:
        print(json.dumps(report.as_dict()))
    quiet = report.command == "guard" and not report.touched and not report.notices
    for line in [] if quiet else report.lines(at_ms):
        print(line, file=sys.stderr if as_json else sys.stdout)


def _replay(options: argparse.Namespace, config: Config) -> int:
    from job.replay_command import machine_line, replay_command

    result, lines = replay_command(config, options)
    if options.json:
        print(machine_line(result))
    for line in lines:
        print(line, file=sys.stderr if options.json else sys.stdout)
    return 1 if result.broken else 0
