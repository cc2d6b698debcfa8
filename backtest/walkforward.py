"""Walk forward: choose the best combination on the past, trade it on what comes next, again.

The criterion is the net expectancy a trade, in bp of the notional, among combinations with at
least 30 trades in the train window; the best is taken even if it lost. The chosen ones are traded
by one account that keeps its wallet and cooldown. Must not look at a test window when choosing.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from backtest import layout, reality_check
from backtest.bounds import BoundsError
from backtest.grid import Grid
from backtest.ground import Account, Ground, Span
from backtest.layout import Terms
from backtest.reality_check import Check, Verdict, resampling
from backtest.spread import spread
from backtest.summary import TRADES_MIN
from backtest.tally import Figures, Tally
from backtest.windows import Window, blocks_of, newest_train, windows_of
from strategy.parameters import ParameterFaultsError
from strategy.units import DAY_MS

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

CRITERION = f"highest net expectancy a trade in the train window, {TRADES_MIN} trades or more"


@dataclass(frozen=True)
class Plan:
    """What every combination is played over."""

    windows: list[Window]
    newest: Span  # what would be traded next is chosen on it
    blocks: list[Span]  # all candles, for the reality check
    day_of: "NDArray[np.int64]"  # of each candle, from 0
    weights: "NDArray[np.float64]"

    @property
    def trains(self) -> list[Span]:
        """Every stretch that something is chosen on."""
        return [*(window.train for window in self.windows), self.newest]


class Choice(NamedTuple):
    """The best combination of a train window."""

    number: int
    train: Figures


class Part(NamedTuple):
    """What some of the combinations came to: the best of each train window, and the check."""

    best: list[Choice | None]
    check: Check
    tried: int
    played: int
    first_fault: str


class Step(NamedTuple):
    """One window: what was chosen (None: nothing had trades enough), and what came of it."""

    window: Window
    choice: Choice | None
    test: Figures


class Walked(NamedTuple):
    """The whole walk. `these`: the windows in which the next choice was the choice already."""

    steps: list[Step]
    total: Figures
    next: Choice | None
    these: Figures
    check: Verdict
    played: int
    first_fault: str


def plan_of(ground: Ground, train_days: int, test_days: int, seed: int) -> Plan:
    """Windows and draws. Raises WindowsError."""
    import numpy as np

    times_ms = np.frombuffer(ground.history.times_ms, np.int64)
    day_of = times_ms // DAY_MS - times_ms[ground.whole.first] // DAY_MS
    days = int(day_of[-1]) + 1
    return Plan(
        windows_of(ground, train_days, test_days),
        newest_train(ground, train_days),
        blocks_of(ground, test_days),
        day_of,
        resampling(days, reality_check.DRAWS, seed),
    )


def parts(
    ground: Ground, grid: Grid, plan: Plan, workers: int | None, dask: str | None
) -> Iterator[Part]:
    """All combinations over all windows, some at a time. Raises SpreadError."""
    candles = sum(span.end - span.first for span in [*plan.trains, *plan.blocks])
    return spread(play_numbers, (ground, grid, plan), len(grid), candles, workers, dask)


def play_numbers(ground: Ground, grid: Grid, plan: Plan, numbers: range) -> Part:
    """A few combinations; only what is best of them is kept."""
    account, check = Account(ground), Check(plan.weights)
    best: list[Choice | None] = [None] * len(plan.trains)
    played, first_fault = 0, ""
    for number in numbers:
        try:
            terms = ground.terms(grid.parameters(number), 0)
            trained = [_train(ground, account, terms, span) for span in plan.trains]
            days_bp, trades = _days(ground, account, terms, plan)
        except (ParameterFaultsError, BoundsError) as error:
            fault = error.faults[0] if isinstance(error, ParameterFaultsError) else str(error)
            first_fault = first_fault or fault
            continue
        played += 1
        best = [
            _better(held, Choice(number, figures))
            for held, figures in zip(best, trained, strict=True)
        ]
        if trades.rank_bp is not None:
            check.take(number, days_bp)
    return Part(best, check, len(numbers), played, first_fault)


def _train(ground: Ground, account: Account, terms: Terms, span: Span) -> Figures:
    """A fresh account over one train window; what is open at its end is left out."""
    account.reset()
    tally = Tally(ground.cache, terms.unit_e8, ground.setup.balance_e8)
    for rows in account.play(terms, span):
        tally.take(rows)
    return tally.figures()


def _days(
    ground: Ground, account: Account, terms: Terms, plan: Plan
) -> tuple["NDArray[np.float64]", Figures]:
    """Net bp of each day over all candles. Every block begins with a fresh account: one that was
    ruined early would say nothing of the days after.
    """
    unit_e8, balance_e8 = terms.unit_e8, ground.setup.balance_e8
    tally = Tally(ground.cache, unit_e8, balance_e8, plan.day_of, plan.weights.shape[1])
    for span in plan.blocks:
        account.reset()
        for rows in account.play(terms, span, to_the_end=True):
            tally.take(rows)
    return tally.days_bp, tally.figures()


def _better(held: Choice | None, other: Choice) -> Choice | None:
    """The higher rank; of equals the one that was first."""
    rank = other.train.rank_bp
    if rank is None:
        return held
    kept = held.train.rank_bp if held is not None else None
    return other if kept is None or rank > kept else held


class Merged:
    """The parts put together, in the order of their numbers."""

    def __init__(self, plan: Plan) -> None:
        """Nothing yet."""
        self.best: list[Choice | None] = [None] * len(plan.trains)
        self.check = Check(plan.weights)
        self.played, self.first_fault = 0, ""

    def take(self, part: Part) -> None:
        """One more part."""
        for place, choice in enumerate(part.best):
            if choice is not None:
                self.best[place] = _better(self.best[place], choice)
        self.check.merge(part.check)
        self.played += part.played
        self.first_fault = self.first_fault or part.first_fault


def traded(ground: Ground, grid: Grid, plan: Plan, merged: Merged) -> Walked:
    """What was chosen, traded by one account from the first test to the last candle."""
    *choices, newest = merged.best
    account = Account(ground)
    made = partial(Tally, ground.cache, ground.setup.contract.unit_e8)
    total, these = made(ground.setup.balance_e8), made(ground.setup.balance_e8)
    steps, free = [], 0  # the first candle at whose close a trade of the window before is over
    for window, choice in zip(plan.windows, choices, strict=True):
        tally = made(int(account.state[layout.WALLET]))
        if choice is not None:
            terms = ground.terms(grid.parameters(choice.number), 0)
            span = Span(max(window.test.first, free), window.test.end)
            for rows in account.play(terms, span, to_the_end=True):
                tally.take(rows)
                total.take(rows)
                if newest is not None and choice.number == newest.number:
                    these.take(rows)
            free = max(free, int(account.state[layout.NEXT]) - 1)
        steps.append(Step(window, choice, tally.figures()))
    return Walked(
        steps, total.figures(), newest, these.figures(), merged.check.verdict(), merged.played,
        merged.first_fault,
    )  # fmt: skip
