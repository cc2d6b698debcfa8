"""The yardstick of a whole process: a script with numpy and nothing else, as short as it goes.

    python bench/numpy_only.py FILE

All candidate exits at once, then from trade to trade. Floats, no funding, no exchange's rules, no
statistics, no checks of the file: less than a backtest does. Must not import the project.
"""

import sys
from typing import Any

import numpy as np

LENGTH, THRESHOLD, COOLDOWN = 20, 0.002, 3
STOP, TARGET, TRIGGER, OFFSET = 0.002, 0.008, 0.004, 0.001
FEE, SLIPPAGE, RISK, EXPOSURE = 0.0005, 0.0001, 0.01, 5.0


def main(path: str) -> None:
    """Trades and the wallet at the end."""
    table = np.loadtxt(path, delimiter=",", skiprows=1, usecols=(1, 2, 3, 4))
    opens, highs, lows, closes = table.T
    sums = np.cumsum(closes)
    sums[LENGTH:] -= sums[:-LENGTH].copy()
    gap = closes * LENGTH / sums - 1
    gap[: LENGTH - 1] = 0
    signals = np.flatnonzero(np.abs(gap[:-1]) >= THRESHOLD)
    side = -np.sign(gap[signals])
    entry = opens[signals + 1] * (1 + side * SLIPPAGE)
    left, price = exits(signals, side, entry, opens, highs, lows, closes, gap)
    wallet, trades, free = 10_000.0, 0, -1
    change = side * (price - entry) / entry - FEE * (1 + price / entry)
    share = min(RISK / STOP, EXPOSURE)
    rows = zip(signals.tolist(), left.tolist(), change.tolist(), strict=True)
    for signal, end, gain in rows:  # from trade to trade
        if signal >= free and end >= 0:
            wallet += wallet * share * gain
            free = end + COOLDOWN
            trades += 1
    print(trades, wallet)


def exits(
    signals: Any, side: Any, entry: Any, opens: Any, highs: Any, lows: Any, closes: Any, gap: Any
) -> tuple[Any, Any]:
    """Where and at what price each candidate would have ended; -1 = not at all."""
    left = np.full(len(signals), -1)
    price = np.zeros(len(signals))
    stop = entry * (1 - side * STOP)
    target = entry * (1 + side * TARGET)
    alive = np.arange(len(signals))
    step = 1
    while len(alive):
        alive = alive[signals[alive] + step < len(closes)]
        at, way = signals[alive] + step, side[alive]
        opened, worst = opens[at], np.where(way > 0, lows[at], highs[at])
        best = np.where(way > 0, highs[at], lows[at])
        if step > 1:
            before = at - 1
            reverted = way * gap[before] >= 0
            gained = way * (closes[before] / entry[alive] - 1) >= TRIGGER
            stop[alive] = np.where(gained, entry[alive] * (1 + way * OFFSET), stop[alive])
        else:
            reverted = np.zeros(len(alive), bool)
        through = way * (opened - stop[alive]) <= 0
        stopped = way * (worst - stop[alive]) <= 0
        taken = way * (best - target[alive]) >= 0
        done = through | reverted | stopped | taken
        level = np.where(stopped, stop[alive], target[alive])
        fill = np.where(through | reverted, opened, level) * (1 - way * SLIPPAGE)
        left[alive[done]], price[alive[done]] = at[done], fill[done]
        alive = alive[~done]
        step += 1
    return left, price


if __name__ == "__main__":
    main(sys.argv[1])
