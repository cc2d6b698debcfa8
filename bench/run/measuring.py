"""Measures whole processes, from exec to exit: time, memory, and what they asked of the exchange.

Must stay small: Linux counts the memory of the process that starts another one as the other's.
"""

import os
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from statistics import median
from typing import Any, NamedTuple

from bench.run.stage import ROOT, Stage


class Took(NamedTuple):
    """One process."""

    wall_s: float
    cpu_s: float
    peak_mib: float
    requests: int
    connections: int
    waves: int


def once(stage: Stage, what: str, command: list[str]) -> Took:
    """One process, on books and notes put back before. Raises RuntimeError when it fails."""
    stage.reset(what)
    started = time.perf_counter()
    process = subprocess.Popen(
        command, cwd=ROOT, env=stage.environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    assert process.stdout is not None
    with process.stdout as output:
        said = output.read()
    _, status, usage = os.wait4(process.pid, 0)
    wall_s = time.perf_counter() - started
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"{command} ended with {process.returncode}: {said.decode()}")
    asked = stage.asked()
    return Took(
        wall_s,
        usage.ru_utime + usage.ru_stime,
        usage.ru_maxrss / 1024,
        len(asked["requests"]),
        asked["connections"],
        waves(asked["requests"], stage.round_trip_ms / 1000),
    )


def waves(requests: Sequence[Sequence[Any]], round_trip_s: float) -> int:
    """How many requests followed one another: the longest chain in which each was sent after
    the answer to the one before had come. Times are the exchange's, so half a round trip lies
    before and behind each.
    """
    count, free_s = 0, float("-inf")
    for _, came_s, answered_s in sorted(requests, key=lambda asked: float(asked[2])):
        if came_s - round_trip_s / 2 >= free_s:
            count += 1
            free_s = answered_s + round_trip_s / 2
    return count


def interleaved(
    stage: Stage, what: str, commands: Mapping[str, list[str]], rounds: int
) -> dict[str, list[Took]]:
    """The commands in turns, so that the machine's moods hit all alike; the first round, which
    compiles and caches, is not counted.
    """
    taken: dict[str, list[Took]] = {name: [] for name in commands}
    for number in range(rounds + 1):
        for name, command in commands.items():
            took = once(stage, what, command)
            if number:
                taken[name].append(took)
    return taken


def middle(taken: Sequence[Took]) -> Took:
    """The medians."""
    return Took(
        median(took.wall_s for took in taken),
        median(took.cpu_s for took in taken),
        median(took.peak_mib for took in taken),
        *(max(column) for column in list(zip(*taken, strict=True))[3:]),
    )


def paired(ours: Sequence[Took], theirs: Sequence[Took], of: Callable[[Took], float]) -> float:
    """The median of the ratios within each round."""
    return median(of(a) / of(b) for a, b in zip(ours, theirs, strict=True))
