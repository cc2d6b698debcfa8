"""The real job over real months, against the oracle and against itself.

Skipped where the market data does not lie beside the project.
"""

import csv
from datetime import UTC, datetime
from pathlib import Path

import pytest

from job.commands.command_line import main
from job.outside import Outside, VirtualClock
from strategy.instrument import money_text
from tests.job.staging import replay_case
from tests.oracle.candles import read_candles, read_funding
from tests.oracle.planted import Planted
from tests.oracle.play import play

DATA = Path(__file__).parents[3] / "shared" / "data"
pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="no market data beside the project")

SYMBOLS = ("BTCUSDT", "ETHUSDT", "SOLUSDT", "XRPUSDT")


def around(month: str, moment: str, before: int, after: int, **more: object) -> Planted:
    """So many candles before and after a moment of a BTCUSDT file."""
    candles = read_candles(DATA / f"BTCUSDT-5m-{month}.csv.gz")
    at_ms = int(datetime.fromisoformat(moment).replace(tzinfo=UTC).timestamp() * 1000)
    place = next(number for number, row in enumerate(candles) if row.open_ms >= at_ms)
    kept = tuple(candles[place - before : place + after])
    return Planted(month, kept, **more)  # type: ignore[arg-type]


def assert_same(case: Planted, folder: Path, trades_min: int) -> set[str]:
    """Oracle and job agree to the last digit. Returns the reasons that occurred."""
    expected = play(case)
    replayed = replay_case(case, folder)
    assert replayed.broken == []
    assert replayed.rows == expected.rows
    assert money_text(replayed.wallet_e8) == expected.wallet
    assert bool(replayed.still_open) == (expected.open_trade is not None)
    assert len(expected.rows) >= trades_min
    return {row["reason"] for row in expected.rows}


def test_a_volatile_week(tmp_path: Path) -> None:
    costs = {"slippage_bps": "0", "funding": "false"}
    case = around("2025-03", "2025-03-10", 20, 1_200, params={}, costs=costs)
    assert assert_same(case, tmp_path, 60) == {"stop", "breakeven", "target", "reverted"}


def test_the_crash(tmp_path: Path) -> None:
    params = {
        "threshold_perc": "1",
        "breakeven_trigger_perc": "0.2",
        "breakeven_offset_perc": "0.05",
    }
    funding = tuple(read_funding(DATA / "BTCUSDT-funding-2025-10-crash.csv.gz"))
    case = around(
        "2025-10-crash",
        "2025-10-10T21:15",
        500,
        700,
        params=params,
        costs={"slippage_bps": "1"},
        funding=funding,
    )
    assert assert_same(case, tmp_path, 15) == {"stop", "breakeven", "target"}


def replayed_trades(symbols: tuple[str, ...], folder: Path) -> list[dict[str, str]]:
    """A day of March by the command line; the rows of its CSV."""
    folder.mkdir()
    files = [f"--candles={symbol}={DATA}/{symbol}-5m-2025-03.csv.gz" for symbol in symbols]
    span = ["--from", "2025-03-10T00:00Z", "--to", "2025-03-10T20:00Z"]
    arguments = ["replay", *files, *span, "--set", "risk_perc=0.01", "--trades"]
    arguments.append(str(folder / "trades.csv"))
    outside = Outside(VirtualClock(0), {}, lambda: "0")
    assert main(arguments, folder, outside) == 0
    with (folder / "trades.csv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_symbols_side_by_side_trade_as_each_alone(tmp_path: Path) -> None:
    columns = ("signal_time", "side", "entry_time", "entry_price", "exit_time", "exit_price")
    together = replayed_trades(SYMBOLS, tmp_path / "together")
    for symbol in SYMBOLS:
        alone = replayed_trades((symbol,), tmp_path / symbol)
        found = [row for row in together if row["symbol"] == symbol]
        assert len(alone) > 5
        for column in (*columns, "reason"):
            assert [row[column] for row in found] == [row[column] for row in alone]
