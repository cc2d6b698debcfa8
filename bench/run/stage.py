"""Sets the benchmark's stage: exchange, network, certificate, rules, and the job's own notes.

Everything lies in one temporary folder and ends with the `with`.
"""

import json
import os
import shutil
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

ROOT = Path(__file__).resolve().parents[2]
#: As many symbols as Binance has: whoever loads the markets loads so many.
SYMBOLS = 650
#: So many new symbols the job looks into in one run.
NEWCOMERS_A_RUN = 50
IDLE, ENTRY, GUARD = "idle", "entry", "guard"
#: What is measured → which kept books and notes it begins with.
BEGINS_WITH = {IDLE: "flat", ENTRY: "flat", GUARD: "held"}


@dataclass
class Stage:
    """Processes that are running, and where to reach them."""

    folder: Path
    url: str
    control: str
    environment: dict[str, str]
    round_trip_ms: float
    count: int

    @property
    def symbols(self) -> list[str]:
        """The symbols that are traded."""
        return names(self.count)

    def reset(self, what: str) -> None:
        """Books and notes as they were before a firing of this kind."""
        kept = BEGINS_WITH[what]
        self._post("reset", kept=kept, swinging=int(what == ENTRY))
        shutil.rmtree(self.folder / "var", ignore_errors=True)
        shutil.copytree(self.folder / kept, self.folder / "var")

    def asked(self) -> dict[str, Any]:
        """Requests and connections since the last reset."""
        with urllib.request.urlopen(f"{self.control}/log") as answer:  # noqa: S310 (loopback)
            found: dict[str, Any] = json.load(answer)
        return found

    def prepare(self) -> None:
        """The notes of a job that has run before, flat and with a trade."""
        self._post("reset", kept="", swinging=0)
        for _ in range(1 + self.count // NEWCOMERS_A_RUN):
            self._fire()
            self._keep("flat")
            self._post("reset", kept="flat", swinging=0)  # and the minute's weight begins anew
        self._post("reset", kept="flat", swinging=1)
        self._fire()
        self._keep("held")

    def job(self, what: str) -> list[str]:
        """The command of the job."""
        command = "guard" if what == GUARD else "run"
        now = [] if what == GUARD else ["--now"]
        return [
            sys.executable,
            "handler.py",
            "--config",
            f"{self.folder}/config.toml",
            command,
            *now,
        ]

    def program(self, name: str, what: str) -> list[str]:
        """The command of a program beside it."""
        module = f"bench.run.programs.{name}"
        return [sys.executable, "-m", module, what, ",".join(self.symbols), str(self.folder)]

    def _fire(self) -> None:
        done = subprocess.run(
            self.job(IDLE),
            check=False,
            cwd=ROOT,
            env=self.environment,
            capture_output=True,
            text=True,
        )
        if done.returncode:
            raise RuntimeError(f"the job failed: {done.stdout}{done.stderr}")

    def _keep(self, name: str) -> None:
        self._post("keep", name=name)
        shutil.rmtree(self.folder / name, ignore_errors=True)
        shutil.copytree(self.folder / "var", self.folder / name)

    def _post(self, path: str, **fields: object) -> None:
        with urllib.request.urlopen(  # noqa: S310 (loopback)
            f"{self.control}/{path}", urlencode(fields).encode()
        ):
            pass


def names(count: int) -> list[str]:
    """BTCUSDT, then invented ones."""
    return ["BTCUSDT", *(f"S{number:03}USDT" for number in range(1, count))]


@contextmanager
def staged(folder: Path, round_trip_ms: float, count: int = 1) -> Iterator[Stage]:
    """Exchange and network, running, the job's notes prepared, for `count` symbols."""
    environment = _environment(folder)
    properties = [sys.executable, "-m", "bench.run.properties", str(folder), *names(SYMBOLS)]
    subprocess.run(properties, cwd=ROOT, env=environment, check=True)
    exchange = _started(
        ["bench.run.far_exchange", f"{folder}/server.pem", f"{folder}/rules.json"], environment
    )
    try:
        port, control = _words(exchange)
        network = _started(["bench.run.delay", port, str(round_trip_ms)], environment)
        try:
            [outer] = _words(network)
            url = f"https://127.0.0.1:{outer}"
            (folder / "config.toml").write_text(_config(url, count), encoding="utf-8")
            environment["BENCH_URL"] = url
            stage = Stage(
                folder, url, f"http://127.0.0.1:{control}", environment, round_trip_ms, count
            )
            stage.prepare()
            yield stage
        finally:
            _end(network)
    finally:
        _end(exchange)


def _environment(folder: Path) -> dict[str, str]:
    """The benchmark's authority among the usual ones, so that all read a list of the usual
    length. Bytecode is kept where Python keeps it.
    """
    environment = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return environment | {
        "SSL_CERT_FILE": str(folder / "authorities.pem"),
        "REQUESTS_CA_BUNDLE": str(folder / "authorities.pem"),
    }


def _config(url: str, count: int) -> str:
    tables = "".join(f"[symbols.{name}]\n" for name in names(count))
    return (
        f'venue = "embedded"\nvenue_url = "{url}"\nearly_wait_s = 0\nstate = "var/state.json"\n'
        f'journal = "var/journal"\nmax_open_positions = 10\n{tables}'
    )


def _started(arguments: list[str], environment: dict[str, str]) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", *arguments],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
    )


def _words(process: subprocess.Popen[str]) -> list[str]:
    assert process.stdout is not None
    words = process.stdout.readline().split()
    if not words:
        raise RuntimeError(f"{process.args!r} has not started")
    return words


def _end(process: subprocess.Popen[str]) -> None:
    process.kill()
    process.communicate()
