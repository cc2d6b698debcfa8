"""The job over real connections, side by side; the doors to the outside world; the demo."""

import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from exchange.errors import VenueError
from job.commands.demo import play_demo
from job.outside import Outside, SystemClock, VirtualClock, real_world
from job.trades import COLUMNS, trade_rows
from job.wiring import in_order, side_by_side
from report.demo import write_page
from simulator.wire.app import make_app
from simulator.wire.serve import serving
from simulator.wire.signing import DEFAULT_CREDENTIALS
from tests.house.sources import ROOT
from tests.job.harness import LOTS, PROTECTED, Stand, stand
from tests.job.terminal import Terminal
from tests.oracle import result
from tests.oracle.planted_base import ENTERED, PARAMS


@pytest.fixture
def served(tmp_path: Path) -> Iterator[tuple[Stand, str]]:
    """An exchange on loopback that stands where the signal's candle has just closed."""
    desk = stand(tmp_path / "exchange", ENTERED)
    desk.at(10)
    with desk.request() as engine:
        assert engine.now_ms
    app = make_app(desk.exchange, DEFAULT_CREDENTIALS, desk.faults)
    with serving(app) as server:
        yield desk, server.url


@pytest.mark.parametrize("ahead_ms", [-400_000, 0, 86_400_000])
def test_a_job_and_an_exchange_in_different_processes(
    terminal: Terminal, served: tuple[Stand, str], ahead_ms: int
) -> None:
    desk, url = served
    terminal.now_ms = desk.now_ms + ahead_ms
    sets = [f"--set={name}={value}" for name, value in PARAMS.items()]
    typed = terminal.type("run", f"--set=venue_url={url}", *sets)
    assert typed.status == 0, typed.told
    assert (desk.position(), desk.levels()) == (LOTS, PROTECTED)
    assert "synthetic" not in typed.told
    assert terminal.type("guard", f"--set=venue_url={url}", *sets).status == 0


def fail() -> int:
    raise VenueError("test", message="failed")


def break_down() -> int:
    return int("x")


def slow() -> int:
    time.sleep(0.02)
    return 1


@pytest.mark.parametrize("together", [in_order, side_by_side()], ids=["in order", "threads"])
def test_results_stand_in_the_order_of_the_tasks(together: object) -> None:
    assert callable(together)
    one, two, refused, broken, five = together([slow, lambda: 2, fail, break_down, lambda: 5])
    assert (one, two, five) == (1, 2, 5)
    assert isinstance(refused, VenueError)
    assert isinstance(broken, VenueError)
    assert together([]) == []
    assert isinstance(together([fail])[0], VenueError)


def test_the_real_world_is_the_machine_s() -> None:
    outside = real_world()
    assert isinstance(outside.clock, SystemClock)
    assert abs(outside.clock.now_ms() - time.time() * 1000) < 5_000
    before = outside.clock.spent_ms()
    outside.clock.sleep_ms(20)
    outside.clock.sleep_ms(-20)
    assert 20 <= outside.clock.spent_ms() - before < 5_000
    assert outside.new_nonce() != outside.new_nonce()
    assert "PATH" in outside.environment


def test_a_virtual_clock_moves_only_when_told() -> None:
    clock = VirtualClock(1_000)
    clock.sleep_ms(-5)
    clock.move_to(500)
    assert clock.now_ms() == 1_000
    clock.sleep_ms(5)
    clock.move_to(2_000)
    assert (clock.now_ms(), clock.spent_ms()) == (2_000, 2_000)


def test_a_process_that_hangs_is_ended_by_the_kernel() -> None:
    code = (
        "import time\nfrom job.outside import dead_after\n"
        "with dead_after(60_000): pass\n"
        "with dead_after(100): time.sleep(60)\n"
    )
    began = time.monotonic()
    ended = subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False)
    assert ended.returncode < 0
    assert time.monotonic() - began < 30


def test_rows_of_trades_in_order_of_exit_time_then_of_the_configuration() -> None:
    assert result.COLUMNS == COLUMNS
    record = dict.fromkeys(COLUMNS, "1")
    records = [
        {**record, "symbol": symbol, "entry_time": entry_ms, "exit_time": exit_ms}
        for symbol, entry_ms, exit_ms in (
            ("BTCUSDT", 600_001, 1_500_500),
            ("ETHUSDT", 1, 1_799_999),
            ("BTCUSDT", 1, 300_000),
        )
    ]
    told = trade_rows(records, {"ETHUSDT": 900_000, "BTCUSDT": 300_000})
    found = [(row["symbol"], row["entry_time"], row["exit_time"]) for row in told]
    assert found == [
        ("BTCUSDT", "0", "300000"),
        ("ETHUSDT", "0", "900000"),
        ("BTCUSDT", "600000", "1500000"),
    ]


def test_the_demo_plays_a_day_and_fires_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    noon = datetime(2026, 3, 10, 12, 0, 30, tzinfo=UTC)
    clock = VirtualClock(int(noon.timestamp() * 1000))
    outside = Outside(clock, {"REVERT_VENUE": "live", "REVERT_SEED": "x"}, lambda: "0" * 16)
    assert play_demo(tmp_path, outside, write_page) == 0
    told = capsys.readouterr().out
    assert "287 runs, " in told
    assert "synthetic" in told
    folder = tmp_path / "var/demo-run"
    names = {path.name for path in folder.iterdir()}
    assert {"trades.csv", "journal", "state.json", "paper.json", "report.html"} <= names
    assert f"Open {folder / 'report.html'} in a browser" in told
    page = (folder / "report.html").read_text("utf-8")
    assert "synthetic prices" in page
    assert page.count("enter ") > 5
    lines = (folder / "trades.csv").read_text().splitlines()
    assert len(lines) > 5
    assert Decimal(lines[1].split(",")[-1]) > 0
