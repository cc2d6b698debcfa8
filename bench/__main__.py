"""`make bench`: one run, ratios side by side. Nothing here decides whether a test passes.

python -m bench [--quick]
"""

import argparse
import os
import platform
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path
from typing import Any, TextIO

import numpy as np

from backtest import lane, layout
from backtest.compiled import compiled_walk
from backtest.history import History
from backtest.layout import WIDTH
from bench import processes, sweeping, yardsticks
from bench.market import invented, setup, written

#: What stands above the figures in the document of --out.
DOCUMENT = """# How fast the backtest is

Made by `make bench`, on invented candles: the kernel against the same rules as a loop in C and
against other engines, the whole process against a script that uses numpy and nothing else, a sweep
against vectorbt and on two cores. `bench/` says what each yardstick leaves out. Times of a single
pass are those of its thread.

"""
REAL = Path(__file__).resolve().parents[2] / "shared" / "data"
YEAR = REAL / "BTCUSDT-5m-2023-01_2024-01.csv.gz"
YEAR_CANDLES = 114_048


def best_s(plays: Mapping[str, Callable[[], object]], rounds: int) -> dict[str, float]:
    """The shortest time of each; they take turns, so that the machine's moods hit all alike.

    Time of this thread on a core: waiting for one, on a machine that others use too, is not in it.
    """
    best = dict.fromkeys(plays, float("inf"))
    for _ in range(rounds):
        for name, play in plays.items():
            started = time.thread_time()
            play()
            best[name] = min(best[name], time.thread_time() - started)
    return best


def compiled_play(history: History, cache: Path) -> tuple[Callable[[], int], yardsticks.Given]:
    """The compiled kernel over the history, trades included, and what it is given."""
    given = lane.as_arrays(history, setup())
    walk: Any = compiled_walk(cache)
    opened = np.array(lane.opening_state(setup(), history), np.int64)
    trades = np.zeros(WIDTH * len(history), np.int64)

    def play() -> int:
        state = opened.copy()
        walk(*given, state, trades, len(history))
        return int(state[layout.WRITTEN])

    play()
    return play, given


def single_pass(count: int, folder: Path, rounds: int) -> None:
    """Kernel against C, vectorbt and backtesting.py on the same candles."""
    history = invented(count)
    play, given = compiled_play(history, folder / "cache")
    plays: dict[str, Callable[[], int]] = {"kernel, compiled": play}
    print(f"\nOne pass over {count:,} candles, {play():,} trades (best of {rounds}):")
    makers: dict[str, Callable[[], Callable[[], int]]] = {
        "C loop, gcc -O3": lambda: yardsticks.c_loop(given, setup().balance_e8, folder)[0],
        "vectorbt, callbacks": lambda: yardsticks.vectorbt_run(given[0], given[3]),
    }
    for name, make in makers.items():
        try:
            plays[name] = make()
        except yardsticks.AbsentError as absent:
            print(f"  {name}: skipped, {absent}")
    tell(best_s(plays, rounds), count, "kernel, compiled")


def slow_peer(count: int, folder: Path) -> None:
    """backtesting.py takes longer than linear: few candles, one round."""
    history = invented(count)
    play, given = compiled_play(history, folder / "cache")
    print(f"\nOne pass over {count:,} candles (backtesting.py):")
    try:
        plays = {
            "kernel, compiled": play,
            "backtesting.py": yardsticks.backtesting_run(given[0], given[3]),
        }
    except yardsticks.AbsentError as absent:
        print(f"  skipped, {absent}")
        return
    tell(best_s(plays, 1), count, "kernel, compiled")


def tell(best: dict[str, float], count: int, base: str) -> None:
    """One line each: time, time a candle, ratio."""
    for name, taken_s in best.items():
        ratio = taken_s / best[base]
        times = f"{ratio:8.2f} x" if name != base else ""
        line = f"  {name:<22}{taken_s * 1e3:10.2f} ms {taken_s * 1e9 / count:9.1f} ns a candle"
        print(line + times)
    if "C loop, gcc -O3" in best:
        print(f"  kernel / C: {best[base] / best['C loop, gcc -O3']:.2f} (reach: at most 1.5)")


def linearity(counts: list[int], folder: Path) -> None:
    """Time a candle must not grow with the number of candles."""
    print("\nTime grows with the number of candles and no faster:")
    for count in counts:
        history = invented(count)
        play, _ = compiled_play(history, folder / "cache")
        plays = {"compiled": play, "interpreted": lambda: lane.interpreted(history, setup())}  # noqa: B023
        best = best_s(plays, 3 if count < 1_000_000 else 2)
        times = ", ".join(f"{name} {s * 1e9 / count:7.1f} ns" for name, s in best.items())
        print(f"  {count:>9,} candles, each: {times}")


def whole(folder: Path, rounds: int, python: str) -> None:
    """Import, read, walk and tell: a whole process, against a script with numpy only."""
    real = YEAR.is_file()
    file = YEAR if real else written(invented(YEAR_CANDLES), folder / "year.csv.gz")
    commands = {
        "numpy only": processes.numpy_only(file, python),
        "backtest run": processes.run_of(file, python),
    }
    print(
        f"\nWhole process over {YEAR_CANDLES:,} {'real' if real else 'invented'} candles, "
        f"Python {processes.version_of(python)} "
        f"(median of {rounds}):"
    )
    took = processes.measured(commands, rounds, folder / "bytecode")
    for name, one in took.items():
        print(f"  {name:<14}{one.wall_s:7.3f} s, cpu {one.cpu_s:.3f} s")
    run, bare = took["backtest run"], took["numpy only"]
    print(
        f"  backtest run / numpy only: {run.wall_s / bare.wall_s:.2f} wall, "
        f"{run.cpu_s / bare.cpu_s:.2f} cpu (reach: at most 1.5)"
    )


def memory(counts: list[int], folder: Path) -> None:
    """Peak of a whole run, as Linux counts it; the candles themselves are 48 bytes each."""
    if not Path("/proc/self/status").is_file():
        return
    print("\nMemory of a whole run:")
    for count in counts:
        file = written(invented(count), folder / f"{count}.csv.gz")
        print(f"  {count:>9,} candles: peak {processes.peak_mib(file):6.0f} MiB")


def sweeps(count: int, folder: Path, rounds: int) -> None:
    """200 combinations: against vectorbt, and on two cores against one."""
    cache = folder / "cache"
    ground = sweeping.ready(invented(count), setup(), cache)
    combinations = len(sweeping.grid())
    total = count * combinations
    print(f"\nSweep of {combinations} combinations x {count:,} candles = {total:,}:")
    alone_s, both_s = sweeping.scaling(ground, 2, rounds)
    print(f"  1 worker {alone_s:.3f} s, 2 workers {both_s:.3f} s: {alone_s / both_s:.2f} x", end="")
    print(" (reach: at least 1.8 at 100 million)")
    if count > 100_000:
        return  # vectorbt would need more memory than most machines have
    try:
        play = sweeping.vectorbt_sweep(ground)
    except ImportError as error:
        print(f"  vectorbt: skipped, not installed ({error})")
        return
    theirs_s = best_s({"vectorbt": play}, 1)["vectorbt"]
    print(f"  vectorbt {theirs_s:.2f} s: {theirs_s / both_s:.0f} x (reach: at least 50)")
    ours, theirs = (sweeping.peak_mib(who, count, cache) for who in ("ours", "vectorbt"))
    print(f"  memory {ours:.0f} MiB, vectorbt {theirs:.0f} MiB: {ours / theirs:.3f} (reach: 0.1)")


def main(arguments: list[str]) -> int:
    """Everything, in about two minutes; --quick in about half of one."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer candles and rounds")
    parser.add_argument("--out", type=Path, metavar="FILE", help="write it as a document, too")
    parser.add_argument("--python", action="append", default=[], metavar="PROGRAM",
                        help="another Python to time whole processes with; repeatable")  # fmt: skip
    options = parser.parse_args(arguments)
    kept = Kept(sys.stdout)
    with redirect_stdout(kept):
        measure(options.quick, [sys.executable, *options.python])
    if options.out:
        options.out.write_text(DOCUMENT + f"```\n{kept.getvalue()}```\n", "utf-8")
    return 0


class Kept(StringIO):
    """Text that is shown and kept."""

    def __init__(self, shown: TextIO) -> None:
        """Show it on `shown`."""
        super().__init__()
        self._shown = shown

    def write(self, text: str) -> int:
        """Show and keep."""
        self._shown.write(text)
        self._shown.flush()
        return super().write(text)


def machine() -> str:
    """What it was measured on, in general terms, and how busy that was."""
    parts = [f"{os.cpu_count()} cores, {platform.system()} {platform.machine()}"]
    parts += [f"Python {platform.python_version()}, numpy {np.__version__}"]
    parts += [f"{os.getloadavg()[0]:.1f} processes busy before it began"]
    return "; ".join(parts)


def measure(quick: bool, pythons: list[str]) -> None:
    """All of it, said line by line."""
    counts = [10_000, 100_000] if quick else [10_000, 100_000, 1_000_000]
    with tempfile.TemporaryDirectory(prefix="bench-") as temporary:
        folder = Path(temporary)
        print(f"{machine()}.\nTimes are of that machine and moment; the ratios are what counts.")
        single_pass(100_000, folder, 20 if quick else 60)
        if not quick:
            single_pass(1_000_000, folder, 9)
        slow_peer(10_000, folder)
        linearity(counts, folder)
        sweeps(100_000, folder, 3 if quick else 9)
        if not quick:
            sweeps(500_000, folder, 5)
        for python in pythons:
            whole(folder, 3 if quick else 9, python)
        memory(counts, folder)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
