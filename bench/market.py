"""What is measured on: a seeded random walk, the same everywhere and as a file, and its costs.

Only shape and number of trades matter here. Must not be mistaken for a market.
"""

import gzip
from array import array
from pathlib import Path

import numpy as np

from backtest.history import History
from backtest.setup import Setup
from simulator.engine.model import Costs
from simulator.rules import contracts_for
from strategy.parameters import parse

INTERVAL_MS = 300_000
START_MS = 1_672_531_200_000  # 2023-01-01
HOME_TICKS = 600_000  # 60,000.0 USDT
SUB_STEPS = 10
BLOCK = 4096  # candles
SIGMA = 0.0012  # of a candle, as a share of the price


def invented(count: int, seed: int = 42) -> History:
    """`count` candles around the home price; 10 steps inside each."""
    dice = np.random.default_rng(seed)
    steps = dice.standard_normal((count, SUB_STEPS)) * SIGMA / SUB_STEPS**0.5
    walk = np.cumsum(steps)
    # Back home at the end of every block, so that a million candles stay near real prices.
    size = BLOCK * SUB_STEPS
    for start in range(0, len(walk), size):
        block = walk[start : start + size]
        block -= np.linspace(walk[start - 1] if start else 0, block[-1], len(block))
    walk = walk.reshape(count, SUB_STEPS)
    paths = np.rint(HOME_TICKS * np.exp(walk)).astype(np.int64)
    opens = np.concatenate(([HOME_TICKS], paths[:-1, -1]))
    highs = np.maximum(paths.max(axis=1), opens)
    lows = np.minimum(paths.min(axis=1), opens)
    times_ms = START_MS + INTERVAL_MS * np.arange(count, dtype=np.int64)
    columns = (times_ms, opens, highs, lows, paths[:, -1])
    return History(INTERVAL_MS, *(array("q", column.tobytes()) for column in columns))


def setup() -> Setup:
    """Costs of 0 and little risk, so that a random walk does not ruin the account early."""
    contract = contracts_for(["BTCUSDT"])[0]
    return Setup(contract, parse({"risk_perc": "0.01"}), Costs(0, 0, False), 10_000 * 10**8)


def written(history: History, path: Path) -> Path:
    """The candles as a file that `python -m backtest run` reads; prices with one decimal."""
    header = "open_time,open,high,low,close,volume\n"
    rows = (
        f"{time},{o / 10},{h / 10},{low / 10},{c / 10},1.0\n"
        for time, o, h, low, c in zip(*history[1:], strict=True)
    )
    path.write_bytes(gzip.compress((header + "".join(rows)).encode(), compresslevel=6))
    return path
