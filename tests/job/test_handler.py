"""handler.py itself: how a process ends, and what a newcomer reads who has not set up yet."""

import io
import os
import subprocess
import sys
from pathlib import Path

import pytest

from job.ending import end
from tests.house.sources import ROOT
from tests.job.terminal import Terminal


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


def test_a_missing_package_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "msgspec.py").write_text('raise ModuleNotFoundError("No module named msgspec")')
    done = subprocess.run(
        [sys.executable, str(ROOT / "handler.py"), "status"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert (
        done.stderr == "No module named msgspec: run `make run` once, then use .venv/bin/python\n"
    )
