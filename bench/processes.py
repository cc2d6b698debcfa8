"""Whole processes: `python -m backtest run` against a script with numpy only, and its memory.

The two run alternately in fresh processes with compiled bytecode in a folder of their own, as on a
machine where they have run before.
"""

import os
import subprocess
import sys
import time
from pathlib import Path
from statistics import median
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent


class Took(NamedTuple):
    """Medians of several processes."""

    wall_s: float
    cpu_s: float


def measured(commands: dict[str, list[str]], rounds: int, bytecode: Path) -> dict[str, Took]:
    """Run the commands in turns, the first round unmeasured."""
    environment = dict(os.environ) | {"PYTHONPYCACHEPREFIX": str(bytecode)}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    taken: dict[str, list[Took]] = {name: [] for name in commands}
    for number in range(rounds + 1):
        for name, command in commands.items():
            took = _once(command, environment)
            if number:
                taken[name].append(took)
    return {
        name: Took(
            median(took.wall_s for took in all_took),
            median(took.cpu_s for took in all_took),
        )
        for name, all_took in taken.items()
    }


def run_of(file: Path, python: str = sys.executable) -> list[str]:
    """The command of one backtest."""
    return [python, "-m", "backtest", "run", str(file), "--symbol", "BTCUSDT"]


def peak_mib(file: Path) -> float:
    """The most memory that a backtest of the file has held at a time, as Linux counts it."""
    script = (
        "import sys; from backtest.__main__ import main; main(sys.argv[1:], {}); "
        "print(open('/proc/self/status').read().partition('VmHWM:')[2].split()[0])"
    )
    command = [sys.executable, "-c", script, *run_of(file)[3:]]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return int(ended.stdout.split()[-1]) / 1024


def numpy_only(file: Path, python: str = sys.executable) -> list[str]:
    """The command of the bare script."""
    return [python, str(ROOT / "bench" / "numpy_only.py"), str(file)]


def version_of(python: str) -> str:
    """Which Python it is, e.g. "3.11.7"."""
    command = [python, "-c", "import platform; print(platform.python_version())"]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def _once(command: list[str], environment: dict[str, str]) -> Took:
    started = time.perf_counter()
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    wall_s = time.perf_counter() - started
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"{command} ended with {process.returncode}")
    return Took(wall_s, usage.ru_utime + usage.ru_stime)
