"""Compiling changes nothing, and machine code never outlives the source it was made from."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from backtest import compiled as lane
from backtest import kernel
from strategy.decide import decide_flat
from strategy.signals import reverted
from tests.house.sources import ROOT

ROOMS = ("strategy", "simulator", "backtest")
#: Asks the compiled rules of the tree it runs in: the deviation equals the threshold exactly.
ASK = """
import sys
from pathlib import Path
from backtest.compiled import compiled
from strategy.decide import decide_flat
for _ in range(2):
    rule = compiled(decide_flat, Path(sys.argv[1]))
    print(rule(9, 3, 90, 200, 2, 100_000), rule.stats.cache_hits.total())
"""


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A copy of the sources that machine code is made from."""
    for room in ROOMS:
        shutil.copytree(
            ROOT / room, tmp_path / "tree" / room, ignore=shutil.ignore_patterns("__pycache__")
        )
    return tmp_path / "tree"


def ask(tree: Path, cache: Path) -> list[int]:
    ended = subprocess.run(
        [sys.executable, "-c", ASK, str(cache)],
        cwd=tree,
        capture_output=True,
        text=True,
        check=True,
    )
    return [int(word) for word in ended.stdout.split()]


@pytest.mark.usefixtures("machine_code")
def test_an_edited_rule_is_compiled_anew(tree: Path, tmp_path: Path) -> None:
    enter_long, wait = 8, 7
    assert ask(tree, tmp_path / "cache") == [enter_long, 0, enter_long, 1]  # then from the disk
    rule = tree / "strategy" / "signals.py"  # two calls below the function that is asked
    times = rule.stat()
    text = rule.read_text("utf-8")
    assert text.count("<= -threshold") == 1
    rule.write_text(text.replace("<= -threshold", "<  -threshold"), "utf-8")
    os.utime(rule, ns=(times.st_atime_ns, times.st_mtime_ns))  # as long and as old as before
    assert ask(tree, tmp_path / "cache") == [wait, 0, wait, 1]


def test_every_source_of_the_walk_names_the_cache(tree: Path) -> None:
    functions = lane._reached(lane._plain(kernel.walk))
    files = {Path(function.__code__.co_filename).relative_to(ROOT) for function in functions}
    assert {file.parts[0] for file in files} == set(ROOMS)
    # constants are frozen into machine code: the folders hold the files they come from as well
    assert {Path("strategy"), Path("backtest"), Path("simulator/engine")} == {
        file.parent for file in files
    }
    assert (tree / "strategy" / "units.py").is_file()
    assert (tree / "backtest" / "layout.py").is_file()


def test_the_rules_do_not_know_that_they_were_compiled(machine_code: Path) -> None:
    before = dict(kernel.walk.__globals__)
    lane.compiled(decide_flat, machine_code)
    assert kernel.walk.__globals__ == before


@pytest.mark.usefixtures("machine_code")
def test_a_folder_that_cannot_be_written_is_no_hindrance(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    rule = lane.compiled(reverted, tmp_path / "file")
    assert [rule(1, distance) for distance in (-1, 0, 1)] == [False, True, True]
