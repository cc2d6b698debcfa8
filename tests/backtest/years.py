"""What the oracle made of thirteen real months: the hash of each trades file it wrote.

The oracle takes a quarter of a minute for a year, so its answers are kept and the backtest is held
to them. It is asked again by

    python -m tests.backtest.years

which ends with 1 where an answer has changed. The market data lie beside the project, not in it.
"""

import hashlib
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

from tests.backtest.staging import DATA
from tests.oracle import candles as oracle_files
from tests.oracle.oracle import replay
from tests.oracle.result import Result, write_trades
from tests.oracle.rules import RULES

YEAR = "2023-01_2024-01"
FREE = {"slippage_bps": "0", "funding": "false"}


class Year(NamedTuple):
    """One run over the thirteen months of a symbol, funding and marks from their files."""

    symbol: str
    risk_perc: str
    costs: dict[str, str]
    trades: int
    sha256: str


YEARS = (
    Year("BTCUSDT", "1.0", {}, 1109,
         "fa74820c0913f3fff8e69f87531e9d8d63be984d029da43a02f66597d3a86ea9"),
    Year("BTCUSDT", "1.0", FREE, 1344,
         "0a0ee8966adad8708bb45de69fae78b8df7824da2e5b452efdaf88f13e51764f"),
    Year("BTCUSDT", "0.01", {}, 7647,
         "aab469b944757b0dfc6027aa57c4e4fd2e62cf5457d797cfba7d9c3d6cb7494a"),
    Year("BTCUSDT", "0.01", FREE, 7545,
         "6c31c1b8c937b0ca68acca0cd4a9c45592c79c7ec05bac3130ea370f0e64d8ff"),
    Year("ETHUSDT", "1.0", {}, 1324,
         "c4bac0c8d9dee72178aa0025234a2883354f445894b5dde1dcff5d159c7c224e"),
    Year("ETHUSDT", "1.0", FREE, 1540,
         "83c304e2ead5f3e0166341ab8933e79771230ded98e4855fb2702c0e54941a5c"),
    Year("ETHUSDT", "0.01", {}, 8709,
         "1b025f0444b871c13fd5fd112fa0a5fa878cef2fb3e3d8f771b277cf2ddbc897"),
    Year("ETHUSDT", "0.01", FREE, 8591,
         "d065856cd0136e965b6630f7010d4479a5d0964317a12225e13e3f7b30ea765c"),
)  # fmt: skip


def file_of(symbol: str, kind: str = "5m", months: str = YEAR) -> Path:
    """A file of the market data."""
    return DATA / f"{symbol}-{kind}-{months}.csv.gz"


def judged(year: Year, end_ms: int = 1 << 60) -> Result:
    """The oracle's own opinion, up to `end_ms`."""
    symbol = year.symbol
    return replay(
        oracle_files.read_candles(file_of(symbol)),
        {"risk_perc": year.risk_perc},
        year.costs,
        RULES[symbol],
        balance="10000",
        funding=oracle_files.read_funding(file_of(symbol, "funding")),
        marks=oracle_files.read_marks(file_of(symbol, "mark-8h")),
        end_ms=end_ms,
    )


def hashed(path: Path) -> str:
    """Of the whole file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def written(result: Result, path: Path) -> Path:
    """The oracle's trades file."""
    write_trades(result.rows, path)
    return path


def main() -> int:
    """Ask the oracle again; 1 where it says something else."""
    same = True
    with tempfile.TemporaryDirectory() as folder:
        for year in YEARS:
            result = judged(year)
            found = (len(result.rows), hashed(written(result, Path(folder) / "trades.csv")))
            print(*year[:3], *found, "" if found == year[3:] else "HAS CHANGED", flush=True)
            same &= found == year[3:]
    return 0 if same else 1


if __name__ == "__main__":
    sys.exit(main())
