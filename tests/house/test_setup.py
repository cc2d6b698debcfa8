"""The set-up script finds a Python that really runs, in the promised order, or says what to do."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.house.sources import ROOT

SHIM = "#!/bin/sh\necho 'command not found' >&2\nexit 127\n"
#: Runs, but is no Python that fits: as one too old or without ensurepip would answer.
UNFIT = "#!/bin/sh\nexit 1\n"
FIT = f'#!/bin/sh\nexec "{sys.executable}" "$@"\n'


def find(folder: Path, programs: dict[str, str], python: str = "") -> tuple[int, str, str]:
    """Exit status, stdout and stderr of `.ci/setup find` where only these programs exist."""
    for name, text in programs.items():
        (folder / name).write_text(text, "utf-8")
        (folder / name).chmod(0o755)
    ended = subprocess.run(
        ["/bin/sh", str(ROOT / ".ci" / "setup"), "find"],
        env={"PATH": str(folder), "PYTHON": python},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    return ended.returncode, ended.stdout.strip(), ended.stderr.strip()


@pytest.mark.parametrize(
    ("programs", "taken"),
    [
        ({"python3.13": FIT, "python3.12": FIT, "python3.11": FIT, "python3": FIT}, "python3.13"),
        ({"python3.13": SHIM, "python3.12": FIT, "python3.11": FIT, "python3": FIT}, "python3.12"),
        ({"python3.13": SHIM, "python3.12": UNFIT, "python3.11": FIT}, "python3.11"),
        ({"python3.11": UNFIT, "python3": FIT}, "python3"),
    ],
)
def test_the_first_that_fits_is_taken(tmp_path: Path, programs: dict[str, str], taken: str) -> None:
    assert find(tmp_path, programs) == (0, taken, "")


def test_none_that_fits_is_one_line_on_what_to_install(tmp_path: Path) -> None:
    status, out, err = find(tmp_path, {"python3.13": SHIM, "python3": UNFIT})
    assert (status, out) == (1, "")
    assert err.count("\n") == 0
    assert "apt-get install python3 python3-venv" in err


def test_the_one_asked_for_is_taken_before_any_other(tmp_path: Path) -> None:
    programs = {"python3.13": FIT, "mine": FIT}
    assert find(tmp_path, programs, python="mine") == (0, "mine", "")


def test_the_one_asked_for_is_not_replaced_by_another(tmp_path: Path) -> None:
    status, out, err = find(tmp_path, {"python3.13": FIT, "mine": SHIM}, python="mine")
    assert (status, out) == (1, "")
    assert err.startswith("PYTHON=mine does not run")
