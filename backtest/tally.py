"""Sums over trades as they come, so that no trace of a trade has to be kept: one combination.

The same figures as backtest.summary gives for one run, which keeps its trades; a test holds them
together. `add_trades` is compiled as the kernel is, so that threads do not wait for each other;
floats in it are statistics, nothing is decided by them.
"""

from collections.abc import MutableSequence
from functools import cache
from math import sqrt
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from backtest.layout import (
    T_ENTRY,
    T_FEES,
    T_FUNDING,
    T_GROSS,
    T_LEFT,
    T_LOTS,
    T_WALLET,
    WIDTH,
    Column,
    Store,
)
from backtest.summary import TRADES_MIN

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

# Places in the whole sums and in the float ones.
TRADES, WINS, GROSS, FEES, FUNDING, PEAK, WHOLE_SIZE = 0, 1, 2, 3, 4, 5, 6
BP, BP_SQUARED, LEFT, FLOAT_SIZE = 0, 1, 2, 3


def add_trades(
    trades: Column, unit_e8: int, whole: Store, floats: MutableSequence[float], day_of: Column,
    days_bp: MutableSequence[float],
) -> None:  # fmt: skip
    """Add a block of trades. `days_bp`: net of each day, by `day_of` each candle; may be empty."""
    for row in range(0, len(trades), WIDTH):
        gross, fees, funding = trades[row + T_GROSS], trades[row + T_FEES], trades[row + T_FUNDING]
        net = gross - fees - funding
        basis_points = 1e4 * net / (trades[row + T_LOTS] * trades[row + T_ENTRY] * unit_e8)
        whole[TRADES] += 1
        whole[GROSS] += gross
        whole[FEES] += fees
        whole[FUNDING] += funding
        floats[BP] += basis_points
        floats[BP_SQUARED] += basis_points * basis_points
        if net > 0:
            whole[WINS] += 1
        if len(days_bp) > 0:
            days_bp[day_of[trades[row + T_LEFT]]] += basis_points
        wallet, peak = trades[row + T_WALLET], whole[PEAK]
        if wallet > peak:
            whole[PEAK] = wallet
        elif peak > 0:
            floats[LEFT] = min(floats[LEFT], wallet / peak)


@cache
def compiled_adder(folder: Path | None) -> Any:
    """`add_trades` as machine code, kept in a folder."""
    from backtest.compiled import compiled

    return compiled(add_trades, folder, _nrt=False)


class Figures(NamedTuple):
    """What a combination came to."""

    trades: int
    wins: int
    gross_e8: int
    fees_e8: int
    funding_e8: int
    expectancy_bp: float | None  # net, of the entry notional, a trade
    error_bp: float | None  # its standard error
    drawdown: float  # deepest fall of the wallet from a peak: 0 to 1 (above 1: below zero)

    @property
    def net_e8(self) -> int:
        """After fees and funding."""
        return self.gross_e8 - self.fees_e8 - self.funding_e8

    @property
    def rank_bp(self) -> float | None:
        """What combinations are ordered by: net expectancy a trade; None below 30 trades."""
        return self.expectancy_bp if self.trades >= TRADES_MIN else None


class Tally:
    """Takes blocks of trades, gives Figures."""

    def __init__(
        self, folder: Path | None, unit_e8: int, wallet_e8: int, day_of: Any = None, days: int = 0
    ) -> None:
        """`unit_e8`: worth of one tick on one lot. `wallet_e8`: before the first trade. `folder`
        keeps compiled code. `day_of` each candle, of so many days: to sum up every day as well.
        """
        import numpy as np

        self._add, self._unit_e8 = compiled_adder(folder), unit_e8
        self._whole = np.zeros(WHOLE_SIZE, np.int64)
        self._floats = np.zeros(FLOAT_SIZE)
        self._whole[PEAK], self._floats[LEFT] = wallet_e8, 1
        self._day_of = np.zeros(0, np.int64) if day_of is None else day_of
        self.days_bp = np.zeros(days)

    def take(self, rows: "NDArray[np.int64]") -> None:
        """Add a block of (n, layout.WIDTH)."""
        flat = rows.reshape(-1)
        self._add(flat, self._unit_e8, self._whole, self._floats, self._day_of, self.days_bp)

    def figures(self) -> Figures:
        """The sums so far."""
        trades, wins, gross, fees, funding, _ = self._whole.tolist()
        total, squares, left = self._floats.tolist()
        mean = error = None
        if trades > 1:
            mean = total / trades
            error = sqrt(max((squares - trades * mean * mean) / (trades - 1), 0.0) / trades)
        return Figures(trades, wins, gross, fees, funding, mean, error, 1 - left)
