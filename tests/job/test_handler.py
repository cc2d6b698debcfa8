"""handler.py itself: how a process ends, and what a newcomer reads who has not set up yet."""

import io
import os
import runpy
import subprocess
import sys
from pathlib import Path

import pytest

from job.ending import end
from tests.house.sources import ROOT
from tests.job.terminal import Terminal
from tests.oracle.planted_base import CALM


class EndedError(Exception):
    """In place of the end of the process."""


class Gone(io.StringIO):
    """A pipe whose reader has ended."""

    def flush(self) -> None:
        raise BrokenPipeError


@pytest.mark.parametrize(
    ("status", "stream", "want"),
    [(0, io.StringIO(), 0), (1, io.StringIO(), 1), (0, Gone(), 1), (2, Gone(), 2)],
)
def test_what_nobody_can_read_any_more_is_not_well(
    monkeypatch: pytest.MonkeyPatch, status: int, stream: io.StringIO, want: int
) -> None:
    def ended(told: int) -> None:
        raise EndedError(told)

    monkeypatch.setattr(os, "_exit", ended)
    monkeypatch.setattr(sys, "stdout", stream)
    monkeypatch.setattr(sys, "stderr", None)
    with pytest.raises(EndedError, match=str(want)):
        end(status)


def test_a_reader_that_has_gone_ends_a_command_without_a_word(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Full(Gone):
        def write(self, _: str) -> int:
            raise BrokenPipeError

    monkeypatch.setattr(sys, "stdout", Full())
    typed = terminal.type("status")
    assert (typed.status, typed.told) == (1, "")


@pytest.mark.parametrize(
    ("module", "error", "status", "told"),
    [
        (
            "msgspec",
            'ModuleNotFoundError("No module named msgspec")',
            2,
            "No module named msgspec: run `make run` once, then use .venv/bin/python\n",
        ),
        ("argparse", "KeyboardInterrupt", 130, "interrupted\n"),  # Ctrl-C while modules load
    ],
)
def test_what_stops_it_from_beginning_is_one_line(
    tmp_path: Path, module: str, error: str, status: int, told: str
) -> None:
    (tmp_path / f"{module}.py").write_text(f"raise {error}")
    done = subprocess.run(
        [sys.executable, str(ROOT / "handler.py"), "status"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (status, "", told)


def interrupted(*_: object, **__: object) -> None:
    raise KeyboardInterrupt


@pytest.mark.parametrize(
    ("where", "command", "told"),
    [
        ("job.commands.fire.fire", "run", "interrupted: what it had begun, the next run or guard "),
        ("job.commands.fire.fire", "guard", "interrupted: what it had begun, the next run or "),
        ("job.commands.status.status", "status", "interrupted"),
    ],
)
def test_ctrl_c_is_one_line(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch, where: str, command: str, told: str
) -> None:
    monkeypatch.setattr(where, interrupted)
    typed = terminal.type(command)
    assert (typed.status, typed.out) == (130, [])
    [line] = typed.err
    assert line.startswith(told)


def test_ctrl_c_in_a_replay_leaves_nothing_behind(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("job.commands.replay.play", interrupted)
    typed = terminal.replay(CALM.flat(100_000, 3), f"--trades={terminal.home / 'trades.csv'}")
    assert (typed.status, typed.out, typed.err) == (130, [], ["interrupted"])
    assert set(terminal.files()) == {"candles.csv"}


def test_ctrl_c_in_the_demonstration_is_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("job.commands.demo.play_demo", interrupted)
    monkeypatch.delitem(sys.modules, "report.demo", raising=False)
    with pytest.raises(SystemExit, match="130"):
        runpy.run_module("report.demo", run_name="__main__")
    assert capsys.readouterr().err == "interrupted: `make run` begins it anew\n"
