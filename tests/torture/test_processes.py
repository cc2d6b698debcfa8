"""For real: the exchange is one process, every run and guard another, and SIGKILL ends them.

Nothing is simulated but the exchange's prices and its clock. The moments of death are drawn from
a seed, as parts of what a firing takes on this machine; which operation they strike is its own
business. In the end the exchange's own books are judged as everywhere else.
"""

import json
import os
import random
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any

from job.config import load
from simulator.rules import contracts_for
from tests.torture.checker import check, leaked
from tests.torture.facts import Grid, facts_of_state, read_journal
from tests.torture.owned import Terms
from tests.torture.scenes import BTC, INTERVAL_MS, START_MS

ROOT = Path(__file__).resolve().parents[2]
CANDLES = 20
FIRST = 4
SEED = 6
E8 = 10**8
KEY = SECRET = "embedded"
SETTINGS = {
    "ma_length": 3,
    "threshold_perc": 0.5,
    "stop_loss_perc": 1,
    "profit_target_perc": 2,
    "cooldown_bars": 0,
}


def _walk(chance: random.Random) -> list[tuple[int, int, int, int]]:
    """Prices that go up and down by 1 % or so, in ticks."""
    rows, price = [], 100_000
    for _ in range(CANDLES + 1):
        close = price * (1000 + chance.choice((-16, -9, -3, 3, 9, 16))) // 1000
        spread = chance.randrange(1, 400)
        rows.append((price, max(price, close) + spread, min(price, close) - spread, close))
        price = close
    return rows


def _write(folder: Path, rows: list[tuple[int, int, int, int]]) -> tuple[Path, Path]:
    candles = folder / "candles.csv"
    lines = ["open_time,open,high,low,close,volume"]
    for place, row in enumerate(rows):
        prices = ",".join(str(Decimal(ticks) / 10) for ticks in row)
        lines.append(f"{START_MS + place * INTERVAL_MS},{prices},1")
    candles.write_text("\n".join(lines) + "\n")
    return candles, folder / "config.toml"


@contextmanager
def _exchange(candles: Path) -> Iterator[str]:
    """`python -m simulator` on a free port; its address."""
    arguments = ["-m", "simulator", "--candles", f"{BTC}={candles}", "--port", "0", "--no-limits"]
    with subprocess.Popen(
        [sys.executable, *arguments], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        words = process.stdout.readline().split()
        try:
            yield next(word for word in words if word.startswith("http"))
        finally:
            process.kill()


@contextmanager
def _launcher(config: Path, printed: Path) -> Iterator[subprocess.Popen[str]]:
    with (
        printed.open("w") as errors,
        subprocess.Popen(
            [sys.executable, "-m", "tests.torture.launcher", str(config)],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        ) as process,
    ):
        try:
            yield process
        finally:
            assert process.stdin is not None
            process.stdin.close()


class Desk:
    """The test's hands: fire, kill, move the clock, look."""

    def __init__(self, url: str, launcher: "subprocess.Popen[str]") -> None:
        self.url, self.launcher = url, launcher
        self.printed: list[str] = []
        self.killed = self.lost = self.spoilt = 0
        self.firing_ms: dict[str, float] = {}  # the least that one takes which is left alone

    def fire(self, command: str, kill_at: float = 0) -> int:
        """One firing, killed at this part of its time (0: not at all); its exit status."""
        kill_after_ms = max(1, round(kill_at * self.firing_ms[command])) if kill_at else 0
        began = time.monotonic()
        assert self.launcher.stdin is not None
        assert self.launcher.stdout is not None
        self.launcher.stdin.write(f"{command} {kill_after_ms}\n")
        self.launcher.stdin.flush()
        while True:
            line = self.launcher.stdout.readline()
            assert line, "the launcher has died"
            self.printed.append(line)
            if line.startswith("STATUS "):
                status = int(line.split()[1])
                self.killed += status < 0
                if not kill_at:
                    took_ms = (time.monotonic() - began) * 1000
                    self.firing_ms[command] = min(self.firing_ms.get(command, took_ms), took_ms)
                return status

    def ask(self, path: str, body: object = None) -> Any:
        """The simulator's own paths."""
        data = json.dumps(body).encode() if body is not None else None
        with urllib.request.urlopen(self.url + path, data=data) as answer:
            return json.loads(answer.read())

    def clock(self, candle: int, after_ms: int) -> None:
        """Move the exchange's clock; every candle in between is played."""
        self.ask("/sim/clock", {"now": START_MS + candle * INTERVAL_MS + after_ms})


def _terms(config: Path, rows: list[tuple[int, int, int, int]]) -> dict[str, Terms]:
    given = load({}, config.parent, str(config)).symbols[BTC]
    [contract] = contracts_for([BTC], None)
    closes = {START_MS + place * INTERVAL_MS: row[3] for place, row in enumerate(rows)}
    return {
        BTC: Terms(
            given.interval_ms,
            given.stop_loss_ppm,
            given.profit_target_ppm,
            given.breakeven_offset_ppm,
            given.cooldown_bars,
            given.risk_ppm,
            given.exposure_max_permille,
            contract.unit_e8,
            contract.market_max_lots,
            closes,
        )
    }


def _trouble(chance: random.Random, desk: Desk, state: Path) -> None:
    """One close: a run and guards, most of them killed somewhere; the notes lost at times."""
    desk.fire("run", chance.uniform(0.05, 0.95) if chance.random() < 0.6 else 0)
    fate = chance.random()  # drawn whether or not there are notes, so that all draws are the same
    if fate < 0.15 and state.exists():
        state.unlink()
        desk.lost += 1
    elif 0.15 <= fate < 0.3 and state.exists():
        state.write_bytes(state.read_bytes()[:-40])
        desk.spoilt += 1
    desk.fire("guard", chance.uniform(0.05, 0.95) if chance.random() < 0.5 else 0)


def test_processes_that_are_killed_leave_everything_whole(tmp_path: Path) -> None:
    chance = random.Random(SEED)
    rows = _walk(chance)
    candles, config = _write(tmp_path, rows)
    state = tmp_path / "state.json"
    with _exchange(candles) as url:
        table = "\n".join(f"{name} = {value}" for name, value in SETTINGS.items())
        config.write_text(
            f'venue_url = "{url}"\nstate = "state.json"\njournal = "journal"\n'
            f"entry_window_s = 90\n[symbols.{BTC}]\n{table}\n"
        )
        with _launcher(config, tmp_path / "errors.txt") as launcher:
            desk = Desk(url, launcher)
            desk.clock(FIRST - 1, 1_000)
            for command in ("run", "guard"):
                assert desk.fire(command) == 0, desk.printed
            for candle in range(FIRST, CANDLES - 2):
                desk.clock(candle, 1_000)
                _trouble(chance, desk, state)
                if state.exists() and not state.read_bytes().endswith(b"}\n"):
                    state.unlink()  # a person moves unreadable notes away
                desk.fire("guard")
            desk.clock(CANDLES - 2, 1_000)
            assert desk.fire("run") == 0, desk.printed[-8:]
            assert desk.fire("guard") == 0, desk.printed[-8:]
        desk.clock(CANDLES - 1, 1_000)
        for command in ("run", "guard"):
            handler = [sys.executable, "handler.py", command, "--config", str(config)]
            ended = subprocess.run(handler, cwd=ROOT, capture_output=True, text=True, check=False)
            desk.printed += [ended.stdout, ended.stderr]
            assert ended.returncode == 0, ended
        shown = desk.ask("/sim/state")
    grids = {BTC: Grid(Decimal("0.1"), Decimal("0.001"))}
    facts = facts_of_state(shown, grids, 10_000 * E8)
    journal = read_journal(tmp_path / "journal")
    verdict = check(facts, journal, _terms(config, rows), clocks_ms=5_000)
    assert verdict.broken == []
    assert desk.killed > 3
    assert min(desk.lost, desk.spoilt) > 0
    assert len(journal.of("trade")) > 2
    texts = [*desk.printed, journal.text, (tmp_path / "errors.txt").read_text()]
    assert leaked(texts, ("signature",)) == []
