"""Writes what a walk forward found as evidence, in the form that the job judges it by.

Whatever it found is written, a loss too. Evidence of other symbols in the same file is kept. Must
not overwrite a file that it cannot read.
"""

import hashlib
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from backtest.grid import Grid
from backtest.ground import Ground
from backtest.reality_check import SOURCE
from backtest.tally import Figures
from backtest.uncharged import without_rates
from backtest.walkforward import Walked
from job import evidence
from job.evidence import EvidenceFile, NoEvidenceError, SymbolEvidence
from strategy import RULES_VERSION
from strategy.instrument import money_text


def write_evidence(path: Path, found: SymbolEvidence, symbol: str) -> None:
    """Put a symbol's evidence into the file. Raises NoEvidenceError where it cannot be read."""
    symbols = dict(evidence.load(path).symbols) if path.exists() else {}
    symbols[symbol] = found
    path.parent.mkdir(parents=True, exist_ok=True)
    data = msgspec.json.encode(EvidenceFile(evidence.FORMAT, dict(sorted(symbols.items()))))
    fresh = path.with_name(path.name + ".new")  # a job that reads meanwhile finds a whole file
    fresh.write_bytes(msgspec.json.format(data, indent=2) + b"\n")
    fresh.replace(path)


def check_place(path: Path) -> None:
    """Before the work: can evidence be added to this file? Raises NoEvidenceError."""
    if path.is_dir():
        raise NoEvidenceError(f"{path}: is a folder")
    if path.exists():
        evidence.load(path)


def evidence_of(
    walked: Walked, ground: Ground, grid: Grid, train_days: int, test_days: int
) -> SymbolEvidence:
    """For the parameters that are chosen next; there must be some."""
    assert walked.next is not None
    number, setup, history = walked.next.number, ground.setup, ground.history
    traded = [step for step in walked.steps if step.choice is not None]
    same = [step for step in traded if step.choice and step.choice.number == number]
    return SymbolEvidence(
        parameters=evidence.texts_of(grid.parameters(number)),
        candles=evidence.Candles(
            begin=_text(history.times_ms[ground.whole.first]),
            end=_text(history.times_ms[-1] + history.interval_ms),
            count=len(history),
            sha256=_hash_of_data(ground),
        ),
        costs=evidence.Costs(
            fee_ppm=setup.costs.fee_ppm,
            slippage_ppm=setup.costs.slippage_ppm,
            stop_range_ppm=setup.costs.stop_range_ppm,
            funding=setup.costs.funding and not without_rates(setup, history),
        ),
        train_days=train_days,
        test_days=test_days,
        grid={axis.name: list(axis.values) for axis in grid.axes},
        total=_result(walked.total, len(traded)),
        these=_result(walked.these, len(same)),
        luck=evidence.Luck(SOURCE, walked.check.p_value, walked.check.combinations),
        rules_version=RULES_VERSION,
    )


def _result(figures: Figures, windows: int) -> evidence.Result:
    return evidence.Result(
        windows=windows,
        trades=figures.trades,
        net_usdt=money_text(figures.net_e8),
        expectancy_bp=figures.expectancy_bp,
        error_bp=figures.error_bp,
    )


def _hash_of_data(ground: Ground) -> str:
    """Of every time, price and payment that was played."""
    digest = hashlib.sha256()
    for column in (ground.history.times_ms, *ground.candles[1:], *ground.payments):
        digest.update(bytes(memoryview(column)))  # type: ignore[arg-type]
    return digest.hexdigest()


def _text(time_ms: int) -> str:
    return datetime.fromtimestamp(time_ms // 1000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
