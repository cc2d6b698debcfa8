"""The slippage ladder: the same backtest again, with fills that are worse step by step.

Along one way every market order, stop and target fills so many basis points worse; along the other
a stop within a candle fills so far on the way to the candle's worst price. Must not judge.
"""

from dataclasses import replace
from pathlib import Path
from typing import Any

from backtest.history import History
from backtest.lane import backtest
from backtest.setup import Setup
from backtest.summary import edge_of
from strategy.units import PPM_PER_PERCENT

SLIPPAGE_BPS = (0, 1, 2, 5)
STOP_RANGES_PERC = (0, 10, 50)
_PPM_PER_BP = 100

Rung = dict[str, Any]


def ladder(history: History, setup: Setup, cache: Path | None) -> list[Rung]:
    """Every rung, the mildest first: its costs, trades, net in USDT and expectancy in bp."""
    ways = [(stops, bps) for stops in STOP_RANGES_PERC for bps in SLIPPAGE_BPS]
    rungs = []
    for stops, bps in ways:
        costs = replace(
            setup.costs, slippage_ppm=bps * _PPM_PER_BP, stop_range_ppm=stops * PPM_PER_PERCENT
        )
        changed = setup._replace(costs=costs)
        outcome = backtest(history, changed, cache, walks=len(ways))
        rungs.append(
            {"slippage_bps": bps, "stop_slippage_range_perc": stops, **edge_of(outcome, changed)}
        )
    return rungs
