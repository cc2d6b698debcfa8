"""What people type: arguments in, lines and an exit status out.

0 done (also when there was nothing to do, or another run had the lock), 1 failed for at least one
symbol, 2 bad configuration or usage, with one line per fault, 130 interrupted, as shells have it.
"""

import argparse
import gc
import sys
from pathlib import Path
from typing import NoReturn

from job import config as configuration
from job.commands import replay_options
from job.commands.output import ReaderGoneError, tell, tell_report
from job.commands.pages import Pages
from job.config import Config, ConfigFaultsError
from job.connecting import connect_early
from job.ending import INTERRUPTED
from job.outside import LAST_WORDS_MS, Outside, dead_after
from job.report import stamped

DESCRIPTION = """Mean reversion on Binance USD-M futures, as a scheduled job.
Without a command: run. Without any configuration: on the embedded exchange, with paper money."""
EPILOG = """examples:
  python handler.py                                   one run on the embedded exchange
  python handler.py run --now                         the same, whatever the time
  python handler.py status --json                     for a program
  python handler.py --set venue=demo check            is the demo account ready?
Settings: docs/settings.md. Exit status: 0 done, 1 someone should look, 2 bad usage,
130 interrupted."""
#: Those that send orders: half-way, something may be left to put right.
ORDERING = ("run", "guard", "flatten", "canary")
COMMANDS = {
    "run": ("one run: the job (what a timer fires)", "python handler.py run --now"),
    "guard": (
        "protect only: no candles, no entries; silent when there was nothing to do",
        "python handler.py guard",
    ),
    "replay": ("the real job over candle files, on the embedded exchange", ""),
    "status": ("position, protection, cooldown, last runs, PnL", "python handler.py status"),
    "take-over": (
        "make this deployment the account's owner, once the other one is stopped",
        "python handler.py take-over",
    ),
    "check": ("is everything ready to trade?", "python handler.py check"),
    "canary": (
        "contract checks against the exchange itself, with tiny orders (demo, embedded)",
        "python handler.py canary",
    ),
    "report": (
        "one page in a file: trades, money, health, differences from the backtest",
        "python handler.py report --days 30 --out report.html",
    ),
    "halt": ("no entries until resume; what is open stays protected", "python handler.py halt"),
    "resume": ("entries again", "python handler.py resume"),
    "flatten": ("halt, close what is ours at market, sweep", "python handler.py flatten"),
    "explain": (
        "decide a recorded run again and show the arithmetic",
        "python handler.py explain last",
    ),
}


def main(arguments: list[str], home: Path, outside: Outside, pages: Pages | None = None) -> int:
    """Run one command. `home` is handler.py's folder. Returns the exit status."""
    options = parse(arguments)
    try:
        config = configuration.load(
            outside.environment, home, options.config, _assignments(options)
        )
        return _dispatch(options, config, outside, pages)
    except ConfigFaultsError as error:
        for fault in error.faults:
            print(fault, file=sys.stderr)
        return 2
    except ReaderGoneError:
        return 1
    except KeyboardInterrupt:  # Ctrl-C is like any other death: the next run or guard repairs
        rest = ": what it had begun, the next run or guard puts right"
        print("interrupted" + (rest if options.command in ORDERING else ""), file=sys.stderr)
        return INTERRUPTED


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        """One line, no usage: the fault is what people need to see."""
        self.exit(2, f"{message} (see --help)\n")


def parse(arguments: list[str]) -> argparse.Namespace:
    """The words of a command line; ends the process with one line where they are no command."""
    common = _Parser(add_help=False, allow_abbrev=False)
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
    parser = _Parser(
        prog="handler.py",
        allow_abbrev=False,
        description=DESCRIPTION,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        parents=[common],
    )
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")
    for name, (meaning, example) in COMMANDS.items():
        sub = commands.add_parser(
            name,
            allow_abbrev=False,
            help=meaning,
            description=meaning[0].upper()
            + meaning[1:].rstrip("?")
            + ("?" if "?" in meaning else "."),
            epilog=f"example:\n  {example}" if example else None,
            formatter_class=argparse.RawDescriptionHelpFormatter,
            parents=[common],
        )
        _add_options(sub, name)
    options = _parse_in_any_place(parser, common, arguments)
    options.command = options.command or "run"
    return options


def _add_options(sub: argparse.ArgumentParser, name: str) -> None:
    """What a command takes beside the options of all."""
    if name == "run":
        sub.add_argument("--now", action="store_true",
                         help="embedded: enter whatever the time since the close")  # fmt: skip
    if name == "replay":
        replay_options.add_options(sub)
        sub.epilog = replay_options.EXAMPLE
    if name == "report":
        sub.add_argument("--days", default="7", help="UTC days that it shows, today included")
        sub.add_argument("--out", metavar="FILE", help="where to, instead of the setting report")
    if name == "explain":
        sub.add_argument(
            "RUN",
            help="last, a run's name, a candle's time: 2025-03-10T12:05, or a line's: 12:10:03",
        )


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
    assignments = list(options.set)
    if getattr(options, "balance", None) is not None:
        assignments.append(f"balance={options.balance}")
    if getattr(options, "rules", None) is not None:
        assignments.append(f"rules={Path(options.rules).absolute()}")
    return assignments


def _dispatch(
    options: argparse.Namespace, config: Config, outside: Outside, pages: Pages | None
) -> int:
    if options.command not in ("run", "guard"):
        gc.enable()  # off in handler.py, while a firing's modules load
    if options.command == "report" and pages is not None:
        return pages.report(config, outside, options)
    if options.command == "replay":
        return _replay(options, config)
    if options.command == "explain":
        from job.commands.explain import explain

        return explain(config, outside, options.RUN, as_json=options.json)
    if options.command in PLAIN:
        return PLAIN[options.command](config, outside, as_json=options.json)
    return _fire(options, config, outside, pages)


# Only what was typed is loaded: a run must not pay for the other commands.


def _status(config: Config, outside: Outside, *, as_json: bool) -> int:
    from job.commands.status import status

    return status(config, outside, as_json=as_json)


def _check(config: Config, outside: Outside, *, as_json: bool) -> int:
    from job.commands.check import check

    return check(config, outside, as_json=as_json)


def _take_over(config: Config, outside: Outside, *, as_json: bool) -> int:
    from job.commands.taking_over import take_over

    return take_over(config, outside, as_json=as_json)


def _canary(config: Config, outside: Outside, *, as_json: bool) -> int:
    from job.commands.canary import canary

    return canary(config, outside, as_json=as_json)


#: Commands without options of their own.
PLAIN = {"status": _status, "check": _check, "take-over": _take_over, "canary": _canary}


def _fire(
    options: argparse.Namespace, config: Config, outside: Outside, pages: Pages | None
) -> int:
    """run, guard and the switches."""
    if options.now and config.venue != "embedded":
        raise ConfigFaultsError([f"--now: is for venue embedded only, not {config.venue}"])
    connect_early(config, outside.environment, options.command)  # while the rest is loaded
    from job.commands.fire import fire

    if not gc.isenabled():  # garbage is looked for again, but not among what was loaded
        gc.freeze()
        gc.enable()
    with dead_after(config.deadline_ms + LAST_WORDS_MS):
        report = fire(options.command, config, outside, ignore_window=options.now)
    tell_report(report, as_json=options.json)
    if report.day_over and pages is not None:  # the page may take its time: the run is done
        told = pages.after_day(config, outside).told
        for line in stamped([told], report.at_ms, report.venue):
            print(line, file=sys.stderr if options.json else sys.stdout)
    return report.exit_code


def _replay(options: argparse.Namespace, config: Config) -> int:
    from job.commands.replay import machine_report, replay_command

    result, lines = replay_command(config, options)
    tell(lines, machine_report(result), as_json=options.json)
    return 1 if result.broken else 0
