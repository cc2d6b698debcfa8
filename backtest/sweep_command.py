"""`python -m backtest sweep`: a grid in; a CSV, heat maps and sober words out."""

import argparse
import csv
import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from backtest.grid import Grid, GridError, read_grid
from backtest.ground import Ground, ground_of
from backtest.heat import heats_of, lines_of
from backtest.options import UsageError
from backtest.run_command import prepare
from backtest.setup import Setup
from backtest.spread import SpreadError
from backtest.sweep import Digest, Result, sweep
from backtest.sweep_page import write_page
from backtest.sweep_telling import lines, summary_of
from backtest.tally import Figures
from backtest.telling import row
from backtest.uncharged import without_rates
from job.commands.progress import Progress
from strategy import parameters
from strategy.units import E8

INSTALL = ".venv/bin/pip install -r requirements-backtest.txt"
COLUMNS = (
    "trades", "win_rate_perc", "gross", "fees", "funding", "net", "return_perc", "expectancy_bp",
    "expectancy_error_bp", "max_drawdown_perc", "fault",
)  # fmt: skip


def sweep_command(options: argparse.Namespace, cache: Path) -> int:
    """Run it and print what came out; the exit status. Raises UsageError."""
    ground, grid, notes = prepare_grid(options, cache)
    digest, progress = Digest(), Progress("sweep")
    heats = heats_of(grid)
    with results_file(options.out, grid, ground.setup) as write, spreading():
        progress(0, len(grid))  # what comes first may be compiling
        for result in sweep(ground, grid, options.workers, options.dask):
            digest.take(result)
            write(result)
            for heat in heats:
                heat.take(result)
            progress(result.number + 1, len(grid))
    if not digest.played:
        raise UsageError([f"no combination can be traded; the first: {digest.first_fault}"])
    notes += [f"results in {options.out}"] if options.out else []
    if options.html:
        write_page(options.html, digest, grid, ground, heats)
        notes.append(f"page in {options.html}")
    if options.json:
        print(json.dumps(summary_of(digest, grid, ground)))
    told = lines_of(heats, drawn=options.html is not None)
    for line in [*lines(digest, grid, ground), *told, *notes]:
        print(line, file=sys.stderr if options.json else sys.stdout)
    return 0


def prepare_grid(options: argparse.Namespace, cache: Path) -> tuple[Ground, Grid, list[str]]:
    """Files, settings and grid of a command, and what has to be said of them. Raises UsageError."""
    if options.workers is not None and options.workers < 1:
        raise UsageError([f"--workers {options.workers}: must be 1 or more"])
    pairs = (text.partition("=") for text in options.set)
    named = {key.strip().removeprefix("strategy."): value.strip() for key, _, value in pairs}
    fixed = {name: value for name, value in named.items() if name in parameters.NAMES}
    try:
        grid = read_grid(options.grid, fixed)
    except GridError as error:
        raise UsageError(error.faults) from None
    history, setup, notes = prepare(options)
    left_out = without_rates(setup, history)
    notes += [row("FUNDING", left_out)] if left_out else []
    try:
        return ground_of(history, setup, options.cache or cache), grid, notes
    except ImportError as error:
        raise UsageError([f"this needs compiled code: {INSTALL} ({error})"]) from None


@contextmanager
def spreading() -> Iterator[None]:
    """What cannot be spread is bad usage; joblib or Dask may be absent."""
    try:
        yield
    except SpreadError as error:
        raise UsageError([str(error)]) from None
    except ModuleNotFoundError as error:
        raise UsageError([f"this needs more packages: {INSTALL} ({error})"]) from None


@contextmanager
def results_file(path: Path | None, grid: Grid, setup: Setup) -> Iterator[Callable[[Result], None]]:
    """A function that writes one result; it writes nothing where no file is wanted."""
    if path is None:
        yield _nothing
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow([*(axis.name for axis in grid.axes), *COLUMNS])

        def write(result: Result) -> None:
            figures = result.figures
            cells = cells_of(figures, setup) if figures else [""] * (len(COLUMNS) - 1)
            writer.writerow([*grid.values(result.number), *cells, result.fault])

        yield write


def cells_of(figures: Figures, setup: Setup) -> list[object]:
    """The columns of one combination, all but the last."""
    wins_perc = f"{100 * figures.wins / figures.trades:.2f}" if figures.trades else ""
    money = (figures.gross_e8, figures.fees_e8, figures.funding_e8, figures.net_e8)
    returned = f"{100 * figures.net_e8 / setup.balance_e8:.4f}" if setup.balance_e8 else ""
    expected = (
        "" if bp is None else f"{bp:.4f}" for bp in (figures.expectancy_bp, figures.error_bp)
    )
    return [
        figures.trades, wins_perc, *(f"{e8 / E8:.8f}" for e8 in money), returned, *expected,
        f"{100 * figures.drawdown:.4f}",
    ]  # fmt: skip


def _nothing(result: Result) -> None:
    del result
