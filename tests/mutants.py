"""`make mutants`: small faults planted into the rules, one at a time; do the tests notice?

mutmut plants them, in a copy of the project and in an environment of its own (var/mutants), because
no test needs what it needs. A survivor that docs/mutants.md does not explain ends it with status 1.
"""

import json
import re
import shutil
import subprocess
import sys
import sysconfig
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
HOME = ROOT / "var" / "mutants"
PAGE = ROOT / "docs" / "mutants.md"
#: Planted into.
SOURCES = ("strategy", "state/reconcile.py")
#: Asked. What looks at the sources themselves would only notice that they are copies.
TESTS = (
    "tests/strategy",
    *(f"tests/state/test_{name}.py" for name in (
        "adopting", "entry_in_doubt", "exit_in_doubt", "looking_again", "lost_notes", "owning",
        "reconcile",
    )),
)  # fmt: skip
COPIED = ("exchange", "state", "strategy", "tests", "pyproject.toml")
SETTINGS = f"""
[tool.mutmut]
source_paths = {json.dumps(SOURCES)}
pytest_add_cli_args_test_selection = {json.dumps(TESTS)}
pytest_add_cli_args = ["--ignore=tests/strategy/test_compilable.py", "-p", "no:cacheprovider"]
also_copy = {json.dumps(COPIED[:-1])}
"""


def main() -> int:
    """Plant all, print what came of it; 1 when somebody should look."""
    python = environment()
    work = copied(HOME / "work")
    subprocess.run([python, "-m", "mutmut", "run", *sys.argv[1:]], cwd=work, check=False)
    told = subprocess.run(
        [python, "-m", "mutmut", "results", "--all", "true"],
        cwd=work, capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    found = dict(re.findall(r"^\s*(\S+__mutmut_\d+): (.+)$", told, re.MULTILINE))
    print(dict(Counter(found.values())))
    explained = PAGE.read_text("utf-8")
    bare = [name for name, fate in found.items() if fate in UNNOTICED and name not in explained]
    for name in bare:
        print(f"not noticed, not explained: {name}  (cd {work}; {python} -m mutmut show {name})")
    return 1 if bare or not found else 0


#: Fates of a fault that nothing has noticed.
UNNOTICED = ("survived", "no tests")


def environment() -> Path:
    """The Python of var/mutants, which sees what .venv holds, and mutmut."""
    python = HOME / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", HOME], check=True)
        site = next(HOME.glob("lib/python3*/site-packages"))
        (site / "project.pth").write_text(sysconfig.get_path("purelib") + "\n", "utf-8")
    locked = ROOT / "requirements-mutants.txt"
    subprocess.run([python, "-m", "pip", "install", "-q", "-r", locked], check=True)
    return python


def copied(work: Path) -> Path:
    """The parts of the project that are needed, and nothing of an earlier time."""
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    for name in COPIED:
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        copy(ROOT / name, work / name)
    with (work / "pyproject.toml").open("a", encoding="utf-8") as file:
        file.write(SETTINGS)
    return work


if __name__ == "__main__":
    sys.exit(main())
