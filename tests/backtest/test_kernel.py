"""The walk by itself: it can stop anywhere, its sums are the strategy's, its work is linear."""

from itertools import count
from typing import SupportsIndex

import pytest

from backtest import kernel, lane, layout
from backtest.history import History
from backtest.lane import interpreted
from backtest.layout import Candles, Payments, Terms, Tiers
from backtest.setup import Setup, payments_of, terms_of, tiers_of
from strategy.indicator import closes_total
from tests.backtest.staging import staged
from tests.oracle.planted import wild

Told = tuple[Candles, Payments, Tiers, Terms]


def plainly(history: History, setup: Setup) -> Told:
    """What the walk is given besides the account, as lists."""
    slots = [time_ms // history.interval_ms for time_ms in history.times_ms]
    candles = Candles(slots, *(list(column) for column in history[2:]))
    terms = terms_of(setup, history, 1 << 200)
    return candles, payments_of(setup, history), tiers_of(setup.contract), terms


@pytest.mark.parametrize("step", [1, 7, 1000])
@pytest.mark.parametrize("seed", range(6))
def test_stopping_anywhere_changes_nothing(seed: int, step: int) -> None:
    """After so many candles, and whenever the room for one trade is used up."""
    history, setup = staged(wild(seed))
    told = plainly(history, setup)
    state = lane.opening_state(setup, history)
    room_for_one = [0] * layout.WIDTH
    trades: list[int] = []
    for end in [*range(step, len(history), step), len(history)]:
        while state[layout.NEXT] < end:
            assert kernel.walk(*told, state, room_for_one, end) == state[layout.NEXT]
            trades += room_for_one[: state[layout.WRITTEN] * layout.WIDTH]
            state[layout.WRITTEN] = 0
    assert (trades, state) == interpreted(history, setup)[:2]


@pytest.mark.parametrize("seed", range(6))
def test_the_running_sum_is_the_strategys(seed: int) -> None:
    history, setup = staged(wild(seed))
    told = plainly(history, setup)
    state = lane.opening_state(setup, history)
    trades = [0] * layout.WIDTH * len(history)
    length = setup.parameters.ma_length
    times_ms = history.times_ms
    known = 0
    for end in range(1, len(history) + 1):
        kernel.walk(*told, state, trades, end)
        first = end - length
        contiguous = first >= 0 and times_ms[end - 1] - times_ms[first] == (
            (length - 1) * history.interval_ms
        )
        assert (state[layout.STREAK] >= length) == contiguous
        if contiguous:
            known += 1
            assert state[layout.TOTAL] == closes_total(history.closes, end, length)
    assert 0 < known < len(history)


class Counted(list[int]):
    """A column that counts how often it is asked."""

    asked = count()

    def __getitem__(self, place: SupportsIndex) -> int:  # type: ignore[override]
        """One value."""
        next(self.asked)
        return super().__getitem__(place)


@pytest.mark.parametrize("seed", range(3))
def test_every_candle_is_looked_at_a_few_times_however_many_there_are(seed: int) -> None:
    asked = []
    for candles in (300, 600, 1200):
        history, setup = staged(wild(seed, candles))
        columns, payments, tiers, terms = plainly(history, setup)
        Counted.asked = count()
        told = (Candles(*map(Counted, columns)), payments, tiers, terms)
        trades = [0] * layout.WIDTH * len(history)
        kernel.walk(*told, lane.opening_state(setup, history), trades, len(history))
        asked.append(next(Counted.asked) / len(history))
    assert max(asked) < 6.1
