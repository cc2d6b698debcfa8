"""`python -m backtest run`: a candle file and options to trades and an honest summary."""

import argparse
import sys
from pathlib import Path
from typing import Any

from backtest import telling
from backtest.history import History
from backtest.lane import Outcome, backtest
from backtest.options import UsageError, option_ms, read_settings, setting_of
from backtest.reading import read_history
from backtest.rows import trade_rows, write_rows
from backtest.setup import Setup
from backtest.summary import edge_of, summarise
from simulator.market.series_file import read_funding, read_marks
from simulator.market.text_file import Fault, FileFaultsError, UnreadableFileError
from simulator.rules import RulesError, contracts_for

_MINUTE_MS = 60_000


def run_command(options: argparse.Namespace, cache: Path) -> int:
    """Run it and print the result; the exit status. Raises UsageError."""
    history, setup, notes = prepare(options)
    cache = options.cache or cache
    outcome = backtest(history, setup, cache)
    summary = summarise(outcome, history, setup)
    if options.minutes:
        summary["ambiguous_resolved"] = _by_minutes(options, cache, outcome, history, setup)
    if options.ladder or options.html:
        from backtest.ladder import ladder

        summary["ladder"] = ladder(history, setup, cache)
    try:
        if options.trades:
            write_rows(options.trades, trade_rows(outcome, history, setup.contract))
            notes.append(f"trades in {options.trades}")
        if options.html:
            _page(options.html, outcome, history, setup, summary)
            notes.append(f"page in {options.html}")
    except OSError as error:
        raise UsageError([f"{error.filename}: cannot be written ({error.strerror})"]) from None
    if options.json:
        import json

        print(json.dumps(summary))
    for line in [*telling.lines(summary), *notes]:
        print(line, file=sys.stderr if options.json else sys.stdout)
    return 0


def _by_minutes(
    options: argparse.Namespace, cache: Path, outcome: Outcome, history: History, setup: Setup
) -> dict[str, Any]:
    """What the minutes say of the ambiguous candles. Raises UsageError."""
    from backtest import minutes

    try:
        finer, _ = read_history(options.minutes, setup.contract, allow_gaps=True)
    except (FileFaultsError, UnreadableFileError) as error:
        raise UsageError([str(error)]) from None
    if finer.interval_ms >= history.interval_ms or history.interval_ms % finer.interval_ms:
        held, whole = (ms // _MINUTE_MS for ms in (finer.interval_ms, history.interval_ms))
        wrong = f"{held} min; must be finer than the candles' {whole} min and divide them"
        raise UsageError([f"--minutes {options.minutes}: {wrong}"])
    seen, changed = minutes.resolved(outcome, history, finer, setup)
    nets = (edge_of(each, setup)["net"] for each in (outcome, backtest(changed, setup, cache)))
    return minutes.told(seen, *nets)


def prepare(options: argparse.Namespace) -> tuple[History, Setup, list[str]]:
    """Files and settings of the common options, and what has to be said of them.

    Raises UsageError with one line per fault.
    """
    parameters, costs = read_settings(options.set)
    faults: list[str] = []
    balance_e8 = setting_of("balance", options.balance, faults)
    start_ms, end_ms = option_ms(options.start, "--from"), option_ms(options.end, "--to")
    if not (options.symbols.isdecimal() and 1 <= int(options.symbols) <= 60):
        faults.append(f"--symbols {options.symbols}: must be a whole number from 1 to 60")
    if faults:
        raise UsageError(faults)
    try:
        contract = contracts_for([options.symbol], options.rules)[0]
        history, let_through = read_history(
            options.candles, contract, allow_gaps=options.allow_gaps
        )
        rates = read_funding(options.funding) if options.funding else None
        marks = read_marks(options.mark, contract.tick_e8) if options.mark else None
    except (RulesError, FileFaultsError, UnreadableFileError) as error:
        raise UsageError([str(error)]) from None
    if history.interval_ms != parameters.interval_ms:
        held, said = (ms // _MINUTE_MS for ms in (history.interval_ms, parameters.interval_ms))
        raise UsageError(
            [f"{options.candles}: candles of {held} min, the setting interval says {said} min"]
        )
    history = history.until(end_ms) if end_ms is not None else history
    setup = Setup(
        contract, parameters, costs, balance_e8, rates, marks, start_ms or 0, int(options.symbols)
    )
    if len(history) < 2 or history.times_ms[-2] < setup.start_ms:
        raise UsageError(["fewer than two candles are left between --from and --to"])
    return history, setup, [_told(let_through)] if let_through else []


def _told(faults: list[Fault]) -> str:
    """That a file with faults was used all the same."""
    first = f"line {faults[0].line}: {faults[0].what}"
    return f"--allow-gaps let faults of the file through ({len(faults):,}), the first in {first}"


def _page(
    path: Path, outcome: Outcome, history: History, setup: Setup, summary: dict[str, Any]
) -> None:
    """Loaded only when it is asked for: most runs write no page."""
    from backtest.page import write_page

    write_page(path, outcome, history, setup, summary)
