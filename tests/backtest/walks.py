"""Invented candles: a random walk without an edge, and one that is drawn back to its average."""

from pathlib import Path

import numpy as np

from backtest.ground import Ground, ground_of
from backtest.history import History, history_of
from backtest.options import read_settings
from backtest.setup import Setup
from simulator.market.model import Candle
from simulator.rules import contracts_for

INTERVAL_MS = 300_000
START_MS = 1_672_531_200_000  # 2023-01-01
DAY_CANDLES = 288
HOME_TICKS = 300_000


def walk(days: int, seed: int, pull: float = 0.0) -> History:
    """`days` of 5-minute candles; `pull`: share of the way back home (a slow mean) per candle."""
    dice = np.random.default_rng(seed)
    count = days * DAY_CANDLES
    steps = dice.standard_normal(count) * 0.0015
    levels = np.empty(count)
    level = 0.0
    for index, step in enumerate(steps):
        level += step - pull * level
        levels[index] = level
    closes = np.rint(HOME_TICKS * np.exp(levels)).astype(int).tolist()
    opens = [HOME_TICKS, *closes[:-1]]
    reach = np.rint(np.abs(dice.standard_normal((2, count))) * 60).astype(int).tolist()
    return history_of(
        INTERVAL_MS,
        (
            Candle(START_MS + index * INTERVAL_MS, o, max(o, c) + up, min(o, c) - down, c, 0)
            for index, (o, c, up, down) in enumerate(
                zip(opens, closes, reach[0], reach[1], strict=True)
            )
        ),
    )


def ground(history: History, cache: Path, *settings: str) -> Ground:
    """The candles as BTCUSDT's, compiled code in `cache`."""
    return ground_of(history, setup(*settings), cache)


def setup(*settings: str) -> Setup:
    """BTCUSDT with 10,000 USDT."""
    parameters, costs = read_settings(list(settings))
    return Setup(contracts_for(["BTCUSDT"])[0], parameters, costs, 10_000 * 10**8)
