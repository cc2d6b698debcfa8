"""The oracle over real months; skipped where the market data is not beside the project."""

from pathlib import Path

import pytest

from tests.oracle.__main__ import main
from tests.oracle.candles import read_candles, read_funding
from tests.oracle.oracle import replay
from tests.oracle.result import HEADER
from tests.oracle.rules import RULES
from tests.oracle.test_planted import assert_books_balance

DATA = Path(__file__).parents[3] / "shared" / "data"
MONTHS = ("2025-03", "2025-10-crash")
pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="no market data beside the project")


@pytest.mark.parametrize("month", MONTHS)
@pytest.mark.parametrize("threshold_perc", ["0.2", "1.0"])
def test_a_real_month(month: str, threshold_perc: str) -> None:
    result = replay(
        read_candles(DATA / f"BTCUSDT-5m-{month}.csv.gz"),
        {"threshold_perc": threshold_perc, "max_exposure": "3.5"},
        {},
        RULES["BTCUSDT"],
        balance="10000",
        funding=read_funding(DATA / f"BTCUSDT-funding-{month}.csv.gz"),
    )
    assert len(result.rows) > 20
    assert_books_balance("10000", result)
    assert {row["reason"] for row in result.rows} >= {"stop", "target", "breakeven"}


def test_the_command_writes_the_trades_file(tmp_path: Path) -> None:
    trades = tmp_path / "trades.csv"
    data = str(DATA / "BTCUSDT-5m-2025-10-crash.csv.gz")
    command = [data, "--set", "threshold_perc=1.0", "fee_perc=0.04", "--trades", str(trades)]
    assert main([*command, "--from", "2025-10-10T20:00Z", "--to", "2025-10-11"]) == 0
    header, *rows = trades.read_text().splitlines()
    assert header == HEADER
    assert rows
    assert all(row.startswith("BTCUSDT,") for row in rows)
