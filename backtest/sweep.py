"""Every combination of a grid over the same candles: one result each, in order, as they come.

Must not keep results: what is remembered is the best, the worst and the counts.
"""

from collections.abc import Iterator
from math import e
from statistics import NormalDist
from typing import NamedTuple

from backtest.bounds import BoundsError
from backtest.grid import Grid
from backtest.ground import Account, Ground
from backtest.spread import spread
from backtest.tally import Figures, Tally
from strategy.parameters import ParameterFaultsError

_EULER_MASCHERONI = 0.5772156649015329
#: Combinations that are told from each end.
SHOWN = 3


class Result(NamedTuple):
    """One combination: its figures, or why it has none."""

    number: int
    figures: Figures | None
    fault: str


def sweep(
    ground: Ground, grid: Grid, workers: int | None = None, dask: str | None = None
) -> Iterator[Result]:
    """All combinations in order of their numbers. Raises SpreadError."""
    candles = len(ground.history)
    for results in spread(play_numbers, (ground, grid), len(grid), candles, workers, dask):
        yield from results


def play_numbers(ground: Ground, grid: Grid, numbers: range) -> list[Result]:
    """A few combinations, one after the other."""
    account = Account(ground)
    return [play_one(ground, account, grid, number) for number in numbers]


def play_one(ground: Ground, account: Account, grid: Grid, number: int) -> Result:
    """One combination from a fresh account over all candles."""
    try:
        terms = ground.terms(grid.parameters(number), ground.whole.first)
        account.reset()
        tally = Tally(ground.cache, terms.unit_e8, ground.setup.balance_e8)
        for rows in account.play(terms, ground.whole):
            tally.take(rows)
    except ParameterFaultsError as error:
        return Result(number, None, error.faults[0])
    except BoundsError as error:
        return Result(number, None, str(error))
    return Result(number, tally.figures(), "")


class Digest:
    """What is remembered of a sweep while its results go by."""

    def __init__(self) -> None:
        """Nothing yet."""
        self.played = self.lost = self.too_few = self.refused = 0
        self.first_fault = ""
        self.best: list[Result] = []
        self.worst: list[Result] = []

    def take(self, result: Result) -> None:
        """One more result."""
        if result.figures is None:
            self.refused += 1
            self.first_fault = self.first_fault or result.fault
            return
        self.played += 1
        self.lost += result.figures.net_e8 < 0
        if result.figures.rank_bp is None:
            self.too_few += 1
            return
        self.best = sorted([*self.best, result], key=_rank, reverse=True)[:SHOWN]
        self.worst = sorted([*self.worst, result], key=_rank)[:SHOWN]

    @property
    def ranked(self) -> int:
        """Combinations with trades enough to say something."""
        return self.played - self.too_few

    def luck_bp(self) -> float | None:
        """What the best of so many would show about, had none of them any edge at all.

        The expected largest of N independent draws (Bailey and López de Prado 2014, The Deflated
        Sharpe Ratio, eq. 1) times the best one's standard error. Neighbours in a grid are alike,
        so it is an upper bound.
        """
        figures = self.best[0].figures if self.best else None
        if figures is None or figures.error_bp is None or self.ranked < 2:
            return None
        return expected_maximum(self.ranked) * figures.error_bp


def expected_maximum(count: int) -> float:
    """Of `count` (2 at least) independent standard normal draws, about."""
    normal = NormalDist()
    return (1 - _EULER_MASCHERONI) * normal.inv_cdf(1 - 1 / count) + (
        _EULER_MASCHERONI * normal.inv_cdf(1 - 1 / (count * e))
    )


def _rank(result: Result) -> float:
    assert result.figures is not None
    rank_bp = result.figures.rank_bp
    assert rank_bp is not None
    return rank_bp
