"""A job that has traded a while, and the page about it."""

import shutil
from pathlib import Path

import pytest

from job.commands.fire import fire
from job.config import load
from job.outside import Outside, VirtualClock
from tests.job.terminal import Terminal
from tests.job.test_books import STORY
from tests.oracle.planted import START_MS

#: Runs in which the story's trades begin and end.
RUNS = STORY.next_index + 3 - 10
SCRIPT = STORY.flat(97_090, 30)


@pytest.fixture
def terminal(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Terminal:
    """A command line in an empty home folder, its candle files telling the story."""
    made = Terminal(tmp_path, capsys)
    made.on_candles(SCRIPT, "slippage_bps = 1")
    return made


@pytest.fixture(scope="session")
def _played(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home folder after all runs of the story; played once, copied for every test."""
    home = tmp_path_factory.mktemp("played")
    Terminal(home, None).on_candles(SCRIPT, "slippage_bps = 1")  # type: ignore[arg-type] # types nothing
    outside = Outside(VirtualClock(START_MS), {}, lambda: "0123456789ab")
    for _ in range(RUNS):
        assert fire("run", load({}, home), outside).ok
    return home


@pytest.fixture
def traded(terminal: Terminal, _played: Path) -> Terminal:
    """After all runs of the story."""
    shutil.copytree(_played, terminal.home, dirs_exist_ok=True)
    return terminal
