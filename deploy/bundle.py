"""Builds what AWS Lambda gets: the job, the packages its live path needs, and their bytecode.

    python3.13 -m deploy.bundle FOLDER [--machine aarch64 | x86_64]

`sam build` calls it through the Makefile. It takes wheels of the locked versions for Lambda's
machine, leaves out what no run, guard or page loads (tests/deploy/test_bundle.py holds the lists
against what they do load), and compiles with the very Python that Lambda runs: its disk is
read-only, so bytecode that is not shipped is made again at every cold start. Must not be imported
by the job.
"""

import argparse
import compileall
import io
import py_compile
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
RUNTIME = (3, 13)  # as in template.yaml
#: What Lambda takes, bytes: unpacked, and as one zip sent directly.
UNPACKED_MAX, ZIPPED_MAX = 250 * 2**20, 50 * 2**20
#: Where Lambda unpacks it: what tracebacks show instead of the folder it was built in.
TASK_ROOT = "/var/task"

ROOMS = ("strategy", "exchange", "state", "simulator", "job", "report", "pages")
#: Of the backtest: what the page compares with. Its sweeps and downloads are for other machines.
BACKTEST = ("__init__", "bounds", "figures", "history", "kernel", "lane", "layout", "page_data",
            "position", "rows", "setup", "summary", "uncharged")  # fmt: skip
#: What lies in every page: the chart library with its licence, styles, script.
ASSETS = "pages/assets"
FILES = ("handler.py", "config.toml")  # config.toml: the user's own, where there is one
#: Of requirements.txt: what run and guard load. numpy is for the backtest, and the rest of ccxt's
#: needs (aiohttp, uvloop, coincurve, ...) are for its asynchronous side and for other exchanges.
PACKAGES = (
    "boto3", "botocore", "ccxt", "certifi", "cffi", "charset-normalizer", "cryptography", "idna",
    "jmespath", "msgspec", "orjson", "pycparser", "python-dateutil", "requests", "s3transfer",
    "six", "typing-extensions", "urllib3",
)  # fmt: skip
#: Of ccxt: the one exchange. Of botocore: the services whose descriptions the job reads.
CCXT_KEPT = re.compile(r"(__init__|binance|binanceusdm|abstract/(__init__|binance|binanceusdm))\.py"
                       r"|(base|static_dependencies)/.*")  # fmt: skip
SERVICES = ("s3", "secretsmanager", "sns", "ssm", "sts")


def main(arguments: list[str]) -> int:
    """Build into a folder, which is emptied before. Exit status 1 and one line when it cannot."""
    parser = argparse.ArgumentParser(prog="deploy.bundle", description="The bundle for Lambda.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--machine", choices=("aarch64", "x86_64"), default="aarch64")
    options = parser.parse_args(arguments)
    if sys.version_info[:2] != RUNTIME:
        print(f"the bundle needs Python {RUNTIME[0]}.{RUNTIME[1]}, which Lambda runs, not "
              f"{sys.version.split()[0]}: make bundle PYTHON313=/path/to/python3.13",
              file=sys.stderr)  # fmt: skip
        return 1
    folder = options.folder.resolve()
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    install_packages(folder, options.machine)
    drop(folder, left_out(folder))
    copy_project(folder)
    compile_all(folder)
    lines, fits = sizes(folder)
    print("\n".join(lines))
    return 0 if fits else 1


def locked(lock: str) -> str:
    """The part of a lock file that names the packages of the live path, hashes included."""
    blocks = re.split(r"\n(?=[a-z])", lock)
    kept = [block for block in blocks if re.split(r"[=\[ ]", block, maxsplit=1)[0] in PACKAGES]
    return "\n".join(kept) + "\n"


def install_packages(folder: Path, machine: str) -> None:
    """Wheels for Lambda's machine, checked against the lock's hashes; nothing of them is run."""
    requirements = folder / "requirements.txt"
    requirements.write_text(locked((ROOT / "requirements.txt").read_text("utf-8")), "utf-8")
    platforms = [f"--platform={name}_{machine}"
                 for name in ("manylinux_2_34", "manylinux_2_28", "manylinux2014")]  # fmt: skip
    subprocess.run(
        [sys.executable, "-m", "pip", "install", "-qq", "--disable-pip-version-check", "--no-input",
         "--require-hashes", "--only-binary=:all:", "--no-deps", "--no-compile",
         *platforms, "--python-version=3.13", "--implementation=cp",
         "--target", str(folder), "-r", str(requirements)],
        check=True,
    )  # fmt: skip
    requirements.unlink()


def left_out(folder: Path) -> list[Path]:
    """What of the packages no firing loads."""
    ccxt = folder / "ccxt"
    others = [path for path in ccxt.rglob("*") if path.is_file()
              and not CCXT_KEPT.fullmatch(path.relative_to(ccxt).as_posix())]  # fmt: skip
    descriptions = [path for path in (folder / "botocore" / "data").iterdir()
                    if path.is_dir() and path.name not in SERVICES]  # fmt: skip
    return [*others, *descriptions, folder / "boto3" / "examples", folder / "bin"]


def drop(folder: Path, paths: Iterable[Path]) -> None:
    """Delete files and folders, and then folders that hold nothing any more."""
    for path in paths:
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
    for path in sorted(folder.rglob("*"), reverse=True):
        if path.is_dir() and not any(path.iterdir()):
            path.rmdir()


def copy_project(folder: Path) -> None:
    """The rooms that are used: their modules, and of what lies beside them the page's assets."""
    paths = [ROOT / name for name in FILES if (ROOT / name).is_file()]
    paths += [path for room in ROOMS for path in (ROOT / room).rglob("*.py")]
    paths += [ROOT / "backtest" / f"{name}.py" for name in BACKTEST]
    paths += (ROOT / ASSETS).iterdir()
    for path in paths:
        target = folder / path.relative_to(ROOT)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, target)


def compile_all(folder: Path) -> None:
    """Bytecode beside every module, valid whatever the zip does to the times of files."""
    done = compileall.compile_dir(
        folder,
        quiet=1,
        stripdir=str(folder),
        prependdir=TASK_ROOT,
        invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH,
    )
    if not done:
        raise SystemExit("the bundle has modules that Python cannot compile")


def sizes(folder: Path) -> tuple[list[str], bool]:
    """Lines on how large it is, the largest parts first, and whether Lambda takes it."""
    parts: dict[str, int] = {}
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(path for path in folder.rglob("*") if path.is_file()):
            relative = path.relative_to(folder)
            parts[relative.parts[0]] = parts.get(relative.parts[0], 0) + path.stat().st_size
            archive.write(path, relative)
    unpacked, zipped = sum(parts.values()), packed.tell()
    lines = [
        "bundle: "
        + ", ".join(
            f"{size / 1e6:.1f} MB {how} (Lambda takes {limit / 1e6:.0f})"
            for size, how, limit in (
                (unpacked, "unpacked", UNPACKED_MAX),
                (zipped, "zipped", ZIPPED_MAX),
            )
        )
    ]
    largest = sorted(parts.items(), key=lambda part: -part[1])[:8]
    lines += [f"  {size / 1e6:5.1f} MB  {name}" for name, size in largest]
    return lines, unpacked <= UNPACKED_MAX and zipped <= ZIPPED_MAX


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
