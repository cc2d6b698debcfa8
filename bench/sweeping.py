"""A sweep: against vectorbt with the same grid, and on two cores against one.

Must not time what a user does once: candles are read, code is compiled.
"""

import subprocess
import sys
import time
from collections.abc import Callable
from importlib import import_module
from itertools import product
from pathlib import Path
from typing import Any

from backtest.grid import Grid, read_grid
from backtest.ground import Ground, ground_of
from backtest.history import History
from backtest.setup import Setup
from backtest.sweep import Digest, sweep

ROOT = Path(__file__).resolve().parent.parent
#: 20 x 10 combinations.
AXES = ("threshold_perc=0.2:2.1:0.1", "stop_loss_perc=0.2:2.0:0.2")


def grid() -> Grid:
    """200 combinations at little risk."""
    return read_grid(list(AXES), {"risk_perc": "0.01"})


def ready(history: History, setup: Setup, cache: Path) -> Ground:
    """Compiled, once through."""
    ground = ground_of(history, setup, cache)
    swept(ground, read_grid([], {"risk_perc": "0.01"}), 1)
    return ground


def swept(ground: Ground, over: Grid, workers: int) -> int:
    """The whole sweep; combinations that were played."""
    digest = Digest()
    for result in sweep(ground, over, workers):
        digest.take(result)
    return digest.played


def scaling(ground: Ground, workers: int, rounds: int) -> tuple[float, float]:
    """Best times of a sweep by one worker and by several, in turns."""
    best = [float("inf"), float("inf")]
    for _ in range(rounds):
        for place, count in enumerate((1, workers)):
            started = time.perf_counter()
            swept(ground, grid(), count)
            best[place] = min(best[place], time.perf_counter() - started)
    return best[0], best[1]


def vectorbt_sweep(ground: Ground) -> Callable[[], int]:
    """The same grid by vectorbt. Raises ImportError where it is not installed."""
    rules: Any = import_module("bench.vectorbt_rules")
    shares = [[float(value) / 100 for value in axis.values] for axis in grid().axes]
    pairs = list(product(*shares))
    terms = ground.terms(grid().parameters(0), 0)
    play: Callable[[], int] = rules.prepare_sweep(ground.candles, terms, pairs)
    return play


def peak_mib(who: str, count: int, cache: Path) -> float:
    """The most memory that a process held which swept `count` candles; `who`: ours or vectorbt."""
    command = [sys.executable, "-m", "bench.sweeping", who, str(count), str(cache)]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return float(ended.stdout.split()[-1])


def main(who: str, count: int, cache: str) -> None:
    """In a process of its own: sweep once, print the peak in MiB."""
    from bench.market import invented, setup

    ground = ready(invented(count), setup(), Path(cache))
    if who == "ours":
        swept(ground, grid(), 2)
    else:
        vectorbt_sweep(ground)()
    # Not ru_maxrss: a new process begins with that of the one that started it.
    peak = Path("/proc/self/status").read_text("ascii").partition("VmHWM:")[2]
    print(int(peak.split()[0]) / 1024)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), sys.argv[3])
