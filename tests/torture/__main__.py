"""`python -m tests.torture`: the full enumeration and the mutation table, or one case by its text.

`--write FILE` writes the page of the figures (docs/reliability.md); without it they are printed
only. Nothing is drawn by chance: the same cases in the same order of each part, whoever plays them.
"""

import argparse
import os
import platform
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from tests.torture import reliability
from tests.torture.campaign import FULL, Strides, Tally, parts, run_parts, theatre
from tests.torture.cases import case_from, describe
from tests.torture.mutations import MUTATIONS, hunt_down
from tests.torture.scenes import BY_NAME, SCENES


def main(arguments: Sequence[str]) -> int:
    """Exit status 1 when anything was violated, or a mutation was not found out."""
    given = _parser().parse_args(arguments)
    if given.case:
        return _one(given.case)
    began = time.monotonic()
    scenes = [BY_NAME[name] for name in given.scene] if given.scene else SCENES
    number, of = given.part
    pieces = parts(scenes, Strides(*given.strides))[number - 1 :: of]
    tallies = run_parts(pieces, given.workers, _progress)
    caught = [hunt_down(mutation, theatre) for mutation in MUTATIONS] if given.mutations else []
    seconds = time.monotonic() - began
    machine = f"{os.cpu_count()} cores, Python {platform.python_version()}"
    print(reliability.summary(tallies, seconds, machine), file=sys.stderr)
    if given.write:
        command = " ".join(["python -m tests.torture", *arguments])
        whole = not given.scene and set(given.strides) == {1} and given.part == (1, 1)
        page = reliability.page(tallies, caught, seconds, machine, command, whole=whole)
        given.write.write_text(page, encoding="utf-8")
    missed = [found.safeguard for found in caught if not found.case]
    for safeguard in missed:
        print(f"NOT FOUND OUT: {safeguard}", file=sys.stderr)
    return 1 if missed or any(tally.bad for tally in tallies.values()) else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.torture", description=__doc__)
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--scene", action="append", choices=sorted(BY_NAME))
    parser.add_argument(
        "--strides",
        type=int,
        nargs=len(FULL),
        default=FULL,
        metavar="N",
        help="play every Nth case: faults at one place, in two firings, menu, interleaved, hands",
    )
    parser.add_argument(
        "--part",
        type=_part,
        default=(1, 1),
        metavar="I/N",
        help="play every Nth piece, from the Ith",
    )
    parser.add_argument("--write", type=Path, metavar="FILE", help="write the page of the figures")
    parser.add_argument("--no-mutations", dest="mutations", action="store_false")
    parser.add_argument("--case", help='play one case, e.g. "long-reverted@4 0:10:hang-done"')
    return parser


def _part(text: str) -> tuple[int, int]:
    number, _, of = text.partition("/")
    if not (number.isdecimal() and of.isdecimal() and 1 <= int(number) <= int(of)):
        raise argparse.ArgumentTypeError(f"{text} is no part: 3/10 is the third of ten")
    return int(number), int(of)


def _progress(line: str) -> None:
    if sys.stderr.isatty():
        print(f"\r{line}   ", end="", file=sys.stderr, flush=True)


def _one(text: str) -> int:
    case = case_from(text)
    stage = theatre(case.scene)
    played = stage.play(case)
    print(describe(played, stage.world.told))
    tally = Tally()
    tally.add(played, guarded=stage.scene.guards)
    return 1 if tally.bad else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
