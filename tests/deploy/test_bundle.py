"""The bundle's lists: everything a firing loads is in them, and they fit the lock."""

import ast
import re
import subprocess
import sys
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

from deploy import bundle
from tests.house.sources import ROOT, Import, imports

#: A run and a guard with everything a Lambda uses, then a page; what was loaded, one module a line.
FIRING = """
import sys, tempfile
from pathlib import Path
import boto3
import job.aws_credentials, state.s3_store, state.s3_journal
from handler import PAGES
from job.commands.lambda_entry import handle
from job.outside import Outside, VirtualClock
for name in ("s3", "ssm", "secretsmanager", "sns", "sts"):
    boto3.client(name, region_name="eu-central-1")
with tempfile.TemporaryDirectory() as folder:
    for command in ("run", "guard", "report"):
        for name in sys.modules if command == "report" else ():
            print("FIRED", name)
        outside = Outside(VirtualClock(1_700_000_100_000), {}, lambda: "0" * 16)
        handle({"command": command}, None, Path(folder), outside, PAGES)
for name, module in list(sys.modules.items()):
    print("MODULE", name, getattr(module, "__file__", None) or "")
"""


@pytest.fixture(scope="module")
def lines() -> list[str]:
    """What that prints in a process of its own."""
    ended = subprocess.run(
        [sys.executable, "-c", FIRING], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return ended.stdout.splitlines()


@pytest.fixture(scope="module")
def loaded(lines: list[str]) -> dict[str, str]:
    """Modules of a run, a guard and a page, with their files."""
    rows = [line.split(" ") for line in lines if line.startswith("MODULE ")]
    return {name: file for _, name, file in rows}


def test_the_page_s_rooms_are_loaded_by_the_page_alone(
    lines: list[str], loaded: dict[str, str]
) -> None:
    fired = {line.partition(" ")[2] for line in lines if line.startswith("FIRED ")}
    assert {"job.run", "state.s3_journal"} <= fired
    of_the_page = {"report", "pages", "backtest"}
    assert {name.partition(".")[0] for name in fired} & of_the_page == set()
    assert {name.partition(".")[0] for name in loaded} >= of_the_page


def test_of_the_backtest_the_bundle_has_what_a_page_loads(loaded: dict[str, str]) -> None:
    names = [name for name in loaded if name.partition(".")[0] == "backtest"]
    assert sorted(name.removeprefix("backtest").lstrip(".") or "__init__" for name in names) == (
        sorted(bundle.BACKTEST)
    )


def test_every_package_that_a_firing_loads_is_in_the_bundle(loaded: dict[str, str]) -> None:
    distributions = packages_distributions()
    used = {
        re.sub(r"[-_.]+", "-", distribution).lower()
        for name, file in loaded.items()
        if "site-packages" in file
        for distribution in distributions.get(name.partition(".")[0], [])
    }
    # of the machine's own set-up, and a faster JSON that botocore's neighbours may bring
    assert used - set(bundle.PACKAGES) <= {"setuptools", "simplejson", "coverage", "pytest-cov"}


def test_every_module_of_ours_that_a_firing_loads_is_in_the_bundle(loaded: dict[str, str]) -> None:
    files = [Path(file) for file in loaded.values() if file.startswith(f"{ROOT}/")]
    ours = {file.relative_to(ROOT).parts[0] for file in files if ".venv" not in file.parts}
    assert ours <= {*bundle.ROOMS, "backtest", "handler.py"}


def test_every_module_of_ccxt_that_a_firing_loads_is_in_the_bundle(loaded: dict[str, str]) -> None:
    of_ccxt = [file.partition("/ccxt/")[2] for name, file in loaded.items()
               if name.startswith("ccxt")]  # fmt: skip
    assert len(of_ccxt) > 5
    assert [file for file in of_ccxt if file and not bundle.CCXT_KEPT.fullmatch(file)] == []


def test_what_of_the_project_is_loaded_late_is_known() -> None:
    """What is imported inside functions only is for commands that Lambda does not have."""
    paths = [path for room in bundle.ROOMS for path in (ROOT / room).rglob("*.py")]
    paths += [ROOT / "backtest" / f"{name}.py" for name in bundle.BACKTEST]
    modules = {each.module for path in paths for each in _at_the_top(path.read_text("utf-8"))}
    project = {path.name for path in ROOT.iterdir() if (path / "__init__.py").exists()}
    tops = {module.partition(".")[0] for module in modules}
    assert tops & project <= {*bundle.ROOMS, "backtest"}
    of_backtest = {name for name in modules if name.startswith("backtest.")}
    assert of_backtest <= {f"backtest.{name}" for name in bundle.BACKTEST}


def _at_the_top(source: str) -> list[Import]:
    tree = ast.parse(source)
    top = [node for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom)]
    return list(imports("\n".join(ast.unparse(node) for node in top)))


def test_the_lock_is_cut_to_the_packages_of_the_bundle() -> None:
    lock = bundle.locked((ROOT / "requirements.txt").read_text("utf-8"))
    names = re.findall(r"^([a-z0-9-]+)==", lock, re.MULTILINE)
    assert sorted(names) == sorted(bundle.PACKAGES)
    assert lock.count("--hash=sha256:") >= len(names)
    assert "numpy" not in lock


@pytest.mark.parametrize(
    ("file", "kept"),
    [
        ("binanceusdm.py", True),
        ("abstract/binance.py", True),
        ("base/exchange.py", True),
        ("kraken.py", False),
        ("async_support/binance.py", False),
        ("pro/binance.py", False),
        ("abstract/kraken.py", False),
    ],
)
def test_of_ccxt_one_exchange_is_kept(file: str, kept: bool) -> None:
    assert bool(bundle.CCXT_KEPT.fullmatch(file)) is kept


def test_bytecode_holds_whatever_the_zip_does_to_times(tmp_path: Path) -> None:
    (tmp_path / "module.py").write_text("VALUE = 1\n")
    bundle.compile_all(tmp_path)
    (compiled,) = (tmp_path / "__pycache__").iterdir()
    flags = int.from_bytes(compiled.read_bytes()[4:8], "little")
    assert flags == 0b01  # by the source's hash, which is not looked at again
    assert b"/var/task/module.py" in compiled.read_bytes()
    assert str(tmp_path).encode() not in compiled.read_bytes()


def test_the_size_is_told_and_held_against_what_lambda_takes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "large").mkdir()
    (tmp_path / "large" / "file").write_bytes(b"0" * 3_000_000)
    lines, fits = bundle.sizes(tmp_path)
    assert lines[0].startswith("bundle: 3.0 MB unpacked (Lambda takes 262), 0.0 MB zipped")
    assert fits
    monkeypatch.setattr(bundle, "UNPACKED_MAX", 1_000_000)
    assert not bundle.sizes(tmp_path)[1]


def pip_that_unpacks(asked: list[str], **_: object) -> None:
    """Stands in for pip: a few files of what the wheels hold."""
    folder = Path(asked[asked.index("--target") + 1])
    for name in (
        *("ccxt/__init__.py", "ccxt/binanceusdm.py", "ccxt/kraken.py", "ccxt/pro/binance.py"),
        *("botocore/data/s3/service.json", "botocore/data/ec2/service.json"),
        *("boto3/__init__.py", "boto3/examples/s3.rst", "bin/normalizer", "six.py"),
    ):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()
    assert {"--require-hashes", "--only-binary=:all:", "--platform=manylinux2014_x86_64"} < {*asked}
    assert Path(asked[-1]).read_text("utf-8").count("--hash=") > len(bundle.PACKAGES)


def test_a_bundle_holds_what_is_loaded_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(bundle, "RUNTIME", sys.version_info[:2])
    monkeypatch.setattr(bundle, "ROOMS", ("strategy",))
    monkeypatch.setattr(subprocess, "run", pip_that_unpacks)
    folder = tmp_path / "bundle"
    (folder / "left over").mkdir(parents=True)
    assert bundle.main([str(folder), "--machine", "x86_64"]) == 0
    assert capsys.readouterr().out.startswith("bundle: ")
    held = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    modules = {name for name in held if name.endswith(".py")}
    ours = {f"strategy/{path.name}" for path in (ROOT / "strategy").glob("*.py")}
    theirs = {"ccxt/__init__.py", "ccxt/binanceusdm.py", "boto3/__init__.py", "six.py"}
    ours |= {f"backtest/{name}.py" for name in bundle.BACKTEST}
    assert modules == {"handler.py"} | ours | theirs
    assert sum(name.endswith(".pyc") for name in held) == len(modules)
    assert {name for name in held if not name.endswith((".py", ".pyc"))} - {"config.toml"} == {
        "botocore/data/s3/service.json",
        "pages/assets/lightweight-charts.LICENSE",
        "pages/assets/lightweight-charts.js",
        "pages/assets/page.css",
        "pages/assets/page.js",
    }
    assert not {"bin", "left over"} & {path.name for path in folder.iterdir()}


def test_a_module_that_cannot_be_compiled_is_no_bundle(tmp_path: Path) -> None:
    (tmp_path / "broken.py").write_text("def")
    with pytest.raises(SystemExit, match="cannot compile"):
        bundle.compile_all(tmp_path)


@pytest.mark.skipif(sys.version_info[:2] == bundle.RUNTIME, reason="this is the Python it needs")
def test_another_python_is_refused_in_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert bundle.main([str(tmp_path / "b")]) == 1
    assert capsys.readouterr().err.count("\n") == 1
    assert not (tmp_path / "b").exists()
