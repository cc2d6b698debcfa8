"""Thirteen real months of both symbols, row for row as the oracle; skipped without the data."""

from pathlib import Path

import pytest

from backtest import layout
from backtest.__main__ import main
from backtest.lane import compiled, interpreted
from backtest.reading import read_history
from backtest.setup import Setup
from job.trades import COLUMNS
from simulator.engine.model import Costs
from simulator.market.candle_file import read_candles as strictly_read
from simulator.rules import contracts_for
from strategy.parameters import parse
from tests.backtest.staging import DATA
from tests.backtest.years import YEAR, YEARS, Year, file_of, hashed, judged, written
from tests.house.sources import ROOT

pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="no market data beside the project")

SYMBOLS = ("BTCUSDT", "ETHUSDT")
MARCH_2023_MS = 1_677_628_800_000


def as_typed(year: Year, trades: Path, end_ms: int = 1 << 60) -> None:
    """The backtest as a user types it."""
    symbol = year.symbol
    command = ["run", str(file_of(symbol)), "--symbol", symbol, "--funding"]
    command += [str(file_of(symbol, "funding")), "--mark", str(file_of(symbol, "mark-8h"))]
    command += ["--set", f"risk_perc={year.risk_perc}", "--to", str(end_ms)]
    command += [word for name, value in year.costs.items() for word in ("--set", f"{name}={value}")]
    assert main([*command, "--trades", str(trades), "--json"], {}) == 0


@pytest.mark.parametrize("year", YEARS)
def test_thirteen_months_are_the_oracles_to_the_last_digit(year: Year, tmp_path: Path) -> None:
    as_typed(year, tmp_path / "trades.csv")
    text = (tmp_path / "trades.csv").read_text("utf-8")
    assert text.startswith(",".join(COLUMNS) + "\n")
    assert text.count("\n") - 1 == year.trades > 1000
    assert hashed(tmp_path / "trades.csv") == year.sha256


def test_the_document_shows_what_the_command_says(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    as_typed(YEARS[0], tmp_path / "trades.csv")
    told = capsys.readouterr().err.splitlines()
    shown = [
        line for line in told if line.startswith(("Does", "wallet", "buy", "trades'", "break"))
    ]
    text = (ROOT / "docs" / "know-before-you-pay.md").read_text("utf-8")
    assert [line for line in shown if line not in text] == []
    assert len(shown) == 5


def test_two_months_are_the_oracles_row_for_row(tmp_path: Path) -> None:
    year = YEARS[0]
    as_typed(year, tmp_path / "trades.csv", MARCH_2023_MS)
    oracle = written(judged(year, MARCH_2023_MS), tmp_path / "oracle.csv")
    assert (tmp_path / "trades.csv").read_text("utf-8") == oracle.read_text("utf-8")


@pytest.mark.parametrize("symbol", SYMBOLS)
@pytest.mark.parametrize(
    "params",
    [
        {"risk_perc": "0.05", "threshold_perc": "1", "cooldown_bars": "0", "ma_length": "50"},
        {"stop_loss_perc": "1", "profit_target_perc": "0.4", "leverage": "50", "ma_length": "2"},
    ],
)
def test_both_lanes_agree_on_the_year(
    symbol: str, params: dict[str, str], machine_code: Path
) -> None:
    contract = contracts_for([symbol])[0]
    history, _ = read_history(file_of(symbol), contract)
    setup = Setup(contract, parse(params), Costs(), 10_000 * 10**8)
    one, other = interpreted(history, setup), compiled(history, setup, machine_code)
    assert one[:2] == other[:2]
    assert len(one.trades) // layout.WIDTH > 500


MONTHS = sorted(path for path in DATA.glob("*USDT-[15]m-*.csv.gz") if YEAR not in path.name)


@pytest.mark.parametrize("path", MONTHS, ids=lambda path: path.name)
def test_the_quick_reader_reads_what_the_strict_one_reads(path: Path) -> None:
    contract = contracts_for([path.name.partition("-")[0]])[0]
    history, faults = read_history(path, contract)
    strict = strictly_read(path, contract.tick_e8, contract.step_e8)
    assert faults == strict.faults == []
    assert history.interval_ms == strict.interval_ms
    assert [*zip(*history[1:], strict=True)] == [candle[:5] for candle in strict.candles]
