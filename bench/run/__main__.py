"""`make bench-run`: whole firings against peers and the floor, as a table in docs/performance.md.

python -m bench.run [--quick] [--write] [--only idle|entry|guard] [--round-trip MS]
"""

import argparse
import os
import platform
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path

from bench.run import page
from bench.run.measuring import Took, interleaved, middle, once
from bench.run.stage import ENTRY, GUARD, IDLE, Stage, staged

ROUND_TRIPS_MS = (0.0, 10.0, 100.0)
COUNTS = (1, 10, 100, 400)
SYMBOLS_ROUND_TRIP_MS = 100.0
WHATS = (IDLE, ENTRY, GUARD)


@contextmanager
def at(round_trip_ms: float, count: int = 1) -> Iterator[Stage]:
    """A stage in a folder of its own."""
    with (
        tempfile.TemporaryDirectory(prefix="bench-run-") as folder,
        staged(Path(folder), round_trip_ms, count) as stage,
    ):
        yield stage


def compare(whats: list[str], round_trips_ms: list[float], rounds: int) -> page.Measured:
    """Every program at every round trip."""
    measured = {}
    for round_trip_ms in round_trips_ms:
        with at(round_trip_ms) as stage:
            for what in whats:
                commands = {
                    name: stage.job(what) if name == page.JOB else stage.program(name, what)
                    for name in page.PROGRAMS
                }
                taken = interleaved(stage, what, commands, rounds)
                measured[round_trip_ms, what] = taken
                say(["", title(what, round_trip_ms, rounds), "", *page.table(taken, round_trip_ms)])
    return measured


def many_symbols(rounds: int) -> dict[int, dict[str, Took]]:
    """The job for more and more symbols."""
    taken: dict[int, dict[str, Took]] = {}
    for count in COUNTS:
        with at(SYMBOLS_ROUND_TRIP_MS, count) as stage:
            for what in (IDLE, ENTRY):
                all_took = [once(stage, what, stage.job(what)) for _ in range(rounds)]
                taken.setdefault(count, {})[what] = middle(all_took)
    return taken


def title(what: str, round_trip_ms: float, rounds: int) -> str:
    """What a table shows."""
    return f"**{page.WORDS[what]}**, round trip {round_trip_ms:g} ms, median of {rounds}:"


def machine() -> str:
    """The machine in general terms, and the versions."""
    memory_gib = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 2**30
    names = ("ccxt", "requests", "urllib3", "python-binance")
    versions = ", ".join(f"{name} {version(name)}" for name in names)
    return (
        f"{os.cpu_count()} processors ({platform.machine()}), {memory_gib:.0f} GiB, "
        f"{platform.system()}, Python {platform.python_version()}, {versions}."
    )


def say(lines: list[str]) -> None:
    """Print lines as they come."""
    print("\n".join(lines), flush=True)


def main(arguments: list[str]) -> int:
    """Everything, in about ten minutes; --quick in about two."""
    parser = argparse.ArgumentParser(prog="python -m bench.run", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer rounds, one round trip time")
    parser.add_argument("--write", action="store_true", help="write docs/performance.md")
    parser.add_argument("--only", choices=WHATS, help="one kind of firing, at one round trip")
    parser.add_argument("--round-trip", type=float, default=100.0, help="of --only, in ms [100]")
    given = parser.parse_args(arguments)
    rounds = 3 if given.quick else 9
    say([machine()])
    if given.only:
        compare([given.only], [given.round_trip], rounds)
        return 0
    measured = compare(list(WHATS), [100.0] if given.quick else list(ROUND_TRIPS_MS), rounds)
    reached = page.reached(measured)
    symbols = page.symbols_table(many_symbols(1 if given.quick else 3))
    say(["", *reached, "", *symbols])
    if given.write:
        lines = [machine(), "", *reached]
        for (round_trip_ms, what), taken in measured.items():
            lines += ["", title(what, round_trip_ms, rounds), "", *page.table(taken, round_trip_ms)]
        page.write([*lines, "", "Many symbols, round trip 100 ms:", "", *symbols])
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
