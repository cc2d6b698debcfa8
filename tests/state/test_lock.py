"""One run at a time, across processes, and never held by the dead."""

import fcntl
import os
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from state.lock import Claim, claim
from state.store import replace_file
from tests.house.sources import ROOT

NOW_MS = 1_750_000_000_000

HOLD = """
import sys
from pathlib import Path
from state.lock import claim
with claim(Path(sys.argv[1]), int(sys.argv[2])) as claimed:
    print(claimed.ours, flush=True)
    sys.stdin.readline()
"""


@contextmanager
def another_process(
    path: Path, now_ms: int = NOW_MS
) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A process that asks for the lock, keeps it until it is told to end, and what it got."""
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(path), str(now_ms)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        try:
            yield process, process.stdout.readline().strip()
        finally:
            process.kill()


def can_claim(path: Path) -> bool:
    with claim(path, NOW_MS + 1) as claimed:
        return claimed.ours


def test_of_two_processes_one_has_it_until_it_ends(tmp_path: Path) -> None:
    path = tmp_path / "state.lock"
    with another_process(path) as (process, got):
        assert got == "True"
        assert not can_claim(path)
        with another_process(path) as (_, second):
            assert second == "False"
        assert not can_claim(path)
        process.communicate("end\n")
        assert process.returncode == 0
        assert can_claim(path)


def test_a_killed_holder_holds_nothing(tmp_path: Path) -> None:
    path = tmp_path / "state.lock"
    with another_process(path) as (process, got):
        assert got == "True"
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        assert can_claim(path)


def test_within_one_process_it_is_one_at_a_time_too(tmp_path: Path) -> None:
    path = tmp_path / "state.lock"
    with claim(path, NOW_MS) as claimed:
        assert claimed == Claim(ours=True, held_since_ms=0, fault="")
        assert not can_claim(path)
        assert not can_claim(path)
    assert can_claim(path)


def test_it_is_told_since_when_another_holds_it(tmp_path: Path) -> None:
    path = tmp_path / "state.lock"
    for since_ms in (NOW_MS, 5):  # a shorter text over a longer one
        with another_process(path, since_ms), claim(path, NOW_MS + 60_000) as claimed:
            assert claimed == Claim(ours=False, held_since_ms=since_ms)


@pytest.mark.parametrize("text", ["", "soon", "-5", "½"])
def test_a_file_that_says_no_time_is_held_since_nobody_knows(tmp_path: Path, text: str) -> None:
    path = tmp_path / "state.lock"
    with claim(path, NOW_MS):
        path.write_text(text)
        with claim(path, NOW_MS) as claimed:
            assert claimed == Claim(ours=False, held_since_ms=0)


def test_a_lock_that_cannot_be_made_is_a_courtesy_the_run_goes_without(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with claim(tmp_path / "file" / "state.lock", NOW_MS) as claimed:
        assert claimed.ours
        assert str(tmp_path / "file") in claimed.fault
    with claim(tmp_path, NOW_MS) as claimed:
        assert claimed == Claim(ours=True, fault=f"Is a directory: {tmp_path}")


def test_an_error_inside_a_block_without_a_lock_comes_out(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="inside"), claim(tmp_path, NOW_MS):
        raise OSError("inside")


def test_a_full_disk_costs_the_time_in_the_file_not_the_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def disk_full(*_: object) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "pwrite", disk_full)
    path = tmp_path / "state.lock"
    path.write_text(f"{NOW_MS - 5_000:<20}")  # the holder before
    with claim(path, NOW_MS) as claimed:
        assert claimed == Claim(ours=True)
        with claim(path, NOW_MS + 1) as second:  # no guard waits for a time that is not known
            assert second == Claim(ours=False, held_since_ms=0)


def test_a_disk_without_locks_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_locks(*_: object) -> None:
        raise OSError(37, "No locks available")

    monkeypatch.setattr(fcntl, "flock", no_locks)
    with claim(tmp_path / "state.lock", NOW_MS) as claimed:
        told = f"No locks available: {tmp_path / 'state.lock'}"
        assert claimed == Claim(ours=True, fault=told)


def test_an_error_inside_the_block_frees_it(tmp_path: Path) -> None:
    path = tmp_path / "state.lock"
    try:
        with claim(path, NOW_MS):
            raise RuntimeError
    except RuntimeError:
        pass
    assert can_claim(path)


def test_replacing_the_notes_beside_it_frees_nobody(tmp_path: Path) -> None:
    path = tmp_path / "state.lock"
    with claim(path, NOW_MS):
        replace_file(tmp_path / "state.json", b"new", durable=False)
        assert not can_claim(path)


def test_a_missing_folder_is_made_and_a_left_over_file_is_no_lock(tmp_path: Path) -> None:
    path = tmp_path / "var" / "embedded" / "state.lock"
    assert can_claim(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert can_claim(path)
