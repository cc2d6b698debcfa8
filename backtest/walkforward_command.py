"""`python -m backtest walkforward`: choose on the past, trade what comes next, say what lasts."""

import argparse
import csv
import json
import sys
from pathlib import Path

from backtest import evidence_writing
from backtest.grid import Grid
from backtest.ground import Ground
from backtest.options import UsageError
from backtest.sweep_command import prepare_grid, spreading
from backtest.walkforward import Merged, Walked, parts, plan_of, traded
from backtest.walkforward_telling import lines, summary_of
from backtest.windows import WindowsError, days_of
from job.commands.progress import Progress
from job.evidence import NoEvidenceError, gain, no_gain


def walkforward_command(options: argparse.Namespace, cache: Path) -> int:
    """Run it and print what came out; the exit status. Raises UsageError."""
    try:
        train_days, test_days = days_of(options.train, "--train"), days_of(options.test, "--test")
        if options.evidence:
            evidence_writing.check_place(options.evidence)
    except (WindowsError, NoEvidenceError) as error:
        raise UsageError([str(error)]) from None
    ground, grid, notes = prepare_grid(options, cache)
    walked = _walked(ground, grid, options, train_days, test_days)
    if options.out:
        _write(options.out, walked, grid, ground)
        notes.append(f"windows in {options.out}")
    if options.evidence:
        notes.append(_evidence(options.evidence, walked, ground, grid, (train_days, test_days)))
    if options.json:
        print(json.dumps(summary_of(walked, grid, ground)))
    for line in [*lines(walked, grid, ground, train_days), *notes]:
        print(line, file=sys.stderr if options.json else sys.stdout)
    return 0


def _walked(
    ground: Ground, grid: Grid, options: argparse.Namespace, train_days: int, test_days: int
) -> Walked:
    """All combinations over all windows, then the chosen ones. Raises UsageError."""
    try:
        plan = plan_of(ground, train_days, test_days, options.seed)
    except WindowsError as error:
        raise UsageError([str(error)]) from None
    merged, progress, done = Merged(plan), Progress("walkforward"), 0
    with spreading():
        progress(0, len(grid))  # what comes first may be compiling
        for part in parts(ground, grid, plan, options.workers, options.dask):
            merged.take(part)
            done += part.tried
            progress(done, len(grid))
    if not merged.played:
        raise UsageError([f"no combination can be traded; the first: {merged.first_fault}"])
    return traded(ground, grid, plan, merged)


def _evidence(path: Path, walked: Walked, ground: Ground, grid: Grid, days: tuple[int, int]) -> str:
    if walked.next is None:
        return f"no evidence written to {path}: there is no next choice"
    symbol = ground.setup.contract.symbol
    found = evidence_writing.evidence_of(walked, ground, grid, *days)
    evidence_writing.write_evidence(path, found, symbol)
    why = no_gain(found)
    verdict = (
        f"opens nothing on it: {why}"
        if why
        else f"may open positions with exactly these: {gain(found)}"
    )
    return (
        f"evidence for {symbol} with the parameters of `next` in {path}; on live the job {verdict}"
    )


def _write(path: Path, walked: Walked, grid: Grid, ground: Ground) -> None:
    """One row a window."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        names = [axis.name for axis in grid.axes]
        figures = ("trades", "net", "expectancy_bp")
        heads = [f"{part}_{figure}" for part in ("train", "test") for figure in figures]
        writer.writerow(["test_from", "test_to", *names, *heads])
        for window in summary_of(walked, grid, ground)["windows"]:
            train, chosen = window["train"] or {}, window["parameters"] or {}
            cells = [part.get(name) for part in (train, window["test"]) for name in figures]
            dates = [window["test_from"], window["test_to"]]
            writer.writerow([*dates, *(chosen.get(name) for name in names), *cells])
