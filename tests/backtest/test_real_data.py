"""Thirteen real months of both symbols, row for row as the oracle; skipped without the data.

The slow part is the oracle. With the defaults the account has melted by the summer, so there it
is asked for the months up to then only.
"""

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
from tests.oracle import candles as oracle_files
from tests.oracle.oracle import replay
from tests.oracle.result import Result, write_trades
from tests.oracle.rules import RULES

pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="no market data beside the project")

SYMBOLS = ("BTCUSDT", "ETHUSDT")
YEAR = "2023-01_2024-01"
JULY_2023_MS = 1_688_169_600_000


def file_of(symbol: str, kind: str = "5m", months: str = YEAR) -> Path:
    return DATA / f"{symbol}-{kind}-{months}.csv.gz"


def judge(symbol: str, params: dict[str, str], costs: dict[str, str], end_ms: int) -> Result:
    """The oracle's own opinion, with the funding and marks of the year."""
    return replay(
        oracle_files.read_candles(file_of(symbol)),
        params,
        costs,
        RULES[symbol],
        balance="10000",
        funding=oracle_files.read_funding(file_of(symbol, "funding")),
        marks=oracle_files.read_marks(file_of(symbol, "mark-8h")),
        end_ms=end_ms,
    )


@pytest.mark.parametrize(
    ("symbol", "risk_perc", "costs", "end_ms"),
    [
        ("BTCUSDT", "0.01", {}, 1 << 60),
        ("ETHUSDT", "0.01", {"slippage_bps": "0", "funding": "false"}, 1 << 60),
        ("BTCUSDT", "1.0", {"slippage_bps": "0", "funding": "false"}, JULY_2023_MS),
        ("ETHUSDT", "1.0", {}, JULY_2023_MS),
    ],
)
def test_a_year_as_a_user_types_it(
    symbol: str, risk_perc: str, costs: dict[str, str], end_ms: int, tmp_path: Path
) -> None:
    result = judge(symbol, {"risk_perc": risk_perc}, costs, end_ms)
    write_trades(result.rows, tmp_path / "oracle.csv")
    command = ["run", str(file_of(symbol)), "--symbol", symbol, "--set", f"risk_perc={risk_perc}"]
    command += ["--funding", str(file_of(symbol, "funding"))]
    command += ["--mark", str(file_of(symbol, "mark-8h")), "--to", str(end_ms)]
    command += [word for name, value in costs.items() for word in ("--set", f"{name}={value}")]
    assert main([*command, "--trades", str(tmp_path / "trades.csv"), "--json"], {}) == 0
    trades = (tmp_path / "trades.csv").read_text("utf-8")
    assert trades == (tmp_path / "oracle.csv").read_text("utf-8")
    assert trades.startswith(",".join(COLUMNS) + "\n")
    assert len(result.rows) > 1000


@pytest.mark.parametrize("symbol", SYMBOLS)
@pytest.mark.parametrize(
    "params",
    [
        {},
        {"risk_perc": "0.01"},
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
