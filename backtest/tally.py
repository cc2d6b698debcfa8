"""Sums over trades as they come, so that no trade has to be kept: the figures of one combination.

Money in whole 1e-8 USDT, expectancy in basis points of the entry notional. The same figures as
backtest.summary gives for one run, which keeps its trades; a test holds them together.
"""

from math import sqrt
from typing import TYPE_CHECKING, NamedTuple

from backtest import layout
from backtest.summary import TRADES_MIN

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class Figures(NamedTuple):
    """What a combination came to."""

    trades: int
    wins: int
    gross_e8: int
    fees_e8: int
    funding_e8: int
    expectancy_bp: float | None  # net, of the notional, a trade
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

    def __init__(self, unit_e8: int, wallet_e8: int) -> None:
        """`unit_e8`: worth of one tick on one lot. `wallet_e8`: before the first trade."""
        self._unit_e8 = unit_e8
        self._trades = self._wins = self._gross = self._fees = self._funding = 0
        self._bp = self._bp_squared = 0.0
        self._peak = wallet_e8
        self._left = 1.0  # of the peak, at the deepest

    def take(self, rows: "NDArray[np.int64]") -> "NDArray[np.float64]":
        """Add a block of (n, layout.WIDTH) and return the net of each trade in bp."""
        import numpy as np

        gross, fees, funding = (
            rows[:, place] for place in (layout.T_GROSS, layout.T_FEES, layout.T_FUNDING)
        )
        net = gross - fees - funding
        notional = rows[:, layout.T_LOTS] * rows[:, layout.T_ENTRY] * self._unit_e8
        basis_points: NDArray[np.float64] = 1e4 * net / notional
        if not len(rows):
            return basis_points
        self._trades += len(rows)
        self._wins += int(np.count_nonzero(net > 0))
        self._gross += int(gross.sum())
        self._fees += int(fees.sum())
        self._funding += int(funding.sum())
        self._bp += float(basis_points.sum())
        self._bp_squared += float(basis_points @ basis_points)
        wallets = rows[:, layout.T_WALLET]
        peaks = np.maximum(np.maximum.accumulate(wallets), self._peak)
        if self._peak > 0:
            self._left = min(self._left, float((wallets / peaks).min()))
        self._peak = int(peaks[-1])
        return basis_points

    def figures(self) -> Figures:
        """The sums so far."""
        mean = error = None
        if self._trades > 1:
            mean = self._bp / self._trades
            variance = (self._bp_squared - self._trades * mean * mean) / (self._trades - 1)
            error = sqrt(max(variance, 0.0) / self._trades)
        return Figures(
            self._trades, self._wins, self._gross, self._fees, self._funding,
            mean, error, 1 - self._left,
        )  # fmt: skip
