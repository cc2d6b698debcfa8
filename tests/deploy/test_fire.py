"""deploy/fire: a run that fails fires the guard at once, whatever ends it."""

import shutil
import stat
from pathlib import Path

import pytest

from tests.deploy.staging import BARE, set_python, started
from tests.house.sources import ROOT


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """All that deploy/fire needs: itself, and a Python that the test will write."""
    folder = tmp_path / "home/deploy"
    folder.mkdir(parents=True)
    shutil.copy2(ROOT / "deploy/fire", folder)
    return folder.parent


OPTIONS = ["--config", "/c.toml", "--set", "venue=demo"]


def recording(home: Path, script: str = "") -> Path:
    """A Python that writes down what it was asked, and then does as the test says."""
    calls = home / "calls"
    set_python(home, f'shift; echo "$*" >>"{calls}"; command=$1; {script}')
    return calls


def fired(calls: Path) -> list[str]:
    return [line.split()[0] for line in calls.read_text().splitlines()]


@pytest.mark.parametrize(
    ("command", "script", "status", "calls"),
    [
        ("run", "exit 0", 0, ["run"]),
        ("run", "[ $command = guard ] || exit 1", 1, ["run", "guard"]),
        ("run", "exit 2", 2, ["run", "guard"]),
        ("run", "[ $command = guard ] || kill -9 $$", 137, ["run", "guard"]),
        ("guard", "exit 0", 0, ["guard"]),
        ("guard", "exit 1", 1, ["guard"]),
    ],
)
def test_a_failed_run_fires_the_guard(
    home: Path, command: str, script: str, status: int, calls: list[str]
) -> None:
    record = recording(home, script)
    ended = started([home / "deploy/fire", command, *OPTIONS])
    assert (ended.returncode, fired(record)) == (status, calls)
    assert {line.split(maxsplit=1)[1] for line in record.read_text().splitlines()} == {
        " ".join(OPTIONS)
    }


@pytest.mark.parametrize("arguments", [[], ["status"], ["--config", "x"]])
def test_it_fires_nothing_else(home: Path, arguments: list[str]) -> None:
    record = recording(home)
    ended = started([home / "deploy/fire", *arguments])
    assert (ended.returncode, record.exists()) == (2, False)
    assert ended.stderr.startswith("usage: fire run|guard")


def test_the_environment_file_is_read(home: Path, tmp_path: Path) -> None:
    set_python(home, 'echo "$BINANCE_API_KEY_FILE|${OTHER-}"')
    file = tmp_path / "environment"
    file.write_text("# where\nBINANCE_API_KEY_FILE=/etc/revert/key\n")
    environment = {**BARE, "ENVIRONMENT_FILE": str(file)}
    for mode in (0o600, 0o400):
        file.chmod(mode)
        ended = started([home / "deploy/fire", "guard"], environment)
        assert (ended.stdout, ended.stderr) == ("/etc/revert/key|\n", "")
    for mode in (0o640, 0o604, 0o644):
        file.chmod(mode)
        ended = started([home / "deploy/fire", "guard"], environment)
        assert ended.stdout == "/etc/revert/key|\n"  # it protects all the same
        assert ended.stderr == f"ENVIRONMENT_FILE = {file}: others can read it: chmod 600\n"


def test_an_environment_file_that_is_not_there_is_told(home: Path) -> None:
    record = recording(home)
    environment = {**BARE, "ENVIRONMENT_FILE": "/nowhere"}
    ended = started([home / "deploy/fire", "run", *OPTIONS], environment)
    assert (ended.returncode, record.exists()) == (2, False)
    assert ended.stderr == "ENVIRONMENT_FILE = /nowhere: cannot be read\n"


def test_what_it_makes_is_for_its_user_only(home: Path) -> None:
    set_python(home, f': >"{home}/made"')
    assert started([home / "deploy/fire", "guard"]).returncode == 0
    assert stat.S_IMODE((home / "made").stat().st_mode) == 0o600
