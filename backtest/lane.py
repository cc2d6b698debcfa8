"""One backtest of one symbol: candles and a setup in, trades and a wallet out.

Two lanes walk the same kernel: interpreted, where loading numba would cost more than it saves, and
compiled. Both give the same numbers. Must not read candle files or judge a result.
"""

from array import array
from collections.abc import Callable
from itertools import repeat
from operator import floordiv
from pathlib import Path
from typing import Any, NamedTuple, cast

from backtest import kernel, layout
from backtest.bounds import BoundsError, check_bounds, wallet_e8_max
from backtest.history import History
from backtest.layout import Candles, Payments, Terms, Tiers
from backtest.setup import Setup, payments_of, terms_of, tiers_of
from strategy.decide import NEVER_TRADED
from strategy.instrument import money_text

Walk = Callable[..., int]

#: Candles from which on compiling, or loading what was compiled, pays.
COMPILED_FROM = 2_000_000
#: Trades that the kernel may write before they are taken from it.
TRADES_AT_ONCE = 4096
#: For the interpreted lane, whose integers have no end.
_NO_CAP = 1 << 200


class _QuickTerms:
    """The same terms; Python reads them several times faster from slots than from a tuple."""

    __slots__ = Terms._fields

    def __init__(self, terms: Terms) -> None:
        for name, value in zip(terms._fields, terms, strict=True):
            setattr(self, name, value)


class Outcome(NamedTuple):
    """What a backtest left. `trades`: layout.WIDTH numbers a trade; `state`: the account."""

    trades: list[int]
    state: list[int]
    lane: str  # "interpreted" or "compiled", and why it is not the one expected

    def column(self, place: int) -> list[int]:
        """One column of the trades, e.g. layout.T_GROSS."""
        return self.trades[place :: layout.WIDTH]


def backtest(history: History, setup: Setup, cache: Path | None, walks: int = 1) -> Outcome:
    """The setup over the history, in the lane that fits its length and the number of `walks`.

    `cache`: folder for compiled code. What the compiled lane cannot take goes the other way.
    """
    if len(history) * walks < COMPILED_FROM:
        return interpreted(history, setup)
    try:
        return compiled(history, setup, cache)
    except (BoundsError, ImportError) as error:
        return interpreted(history, setup)._replace(lane=f"interpreted ({error})")


def interpreted(history: History, setup: Setup) -> Outcome:
    """The setup over the history, by Python itself: no bounds, its integers have no end."""
    candles = Candles(_slots(history), *history[2:])
    given = (
        candles,
        payments_of(setup, history),
        tiers_of(setup.contract),
        cast("Terms", _QuickTerms(terms_of(setup, history, _NO_CAP))),
    )
    state = opening_state(setup, history)
    trades = _drive(kernel.walk, given, state, [0] * (TRADES_AT_ONCE * layout.WIDTH), list)
    return Outcome(trades, state, "interpreted")


def _slots(history: History) -> "array[int]":
    """Every candle's open time, counted in candles."""
    first, last = (history.times_ms[place] // history.interval_ms for place in (0, -1))
    if last - first == len(history) - 1:  # no gap
        return array("q", range(first, last + 1))
    return array("q", map(floordiv, history.times_ms, repeat(history.interval_ms)))


def compiled(history: History, setup: Setup, cache: Path | None) -> Outcome:
    """The setup over the history, compiled. Raises BoundsError; ImportError without numba."""
    import numpy as np

    from backtest.compiled import compiled_walk

    given = as_arrays(history, setup)
    state = np.array(opening_state(setup, history), np.int64)
    buffer = np.zeros(TRADES_AT_ONCE * layout.WIDTH, np.int64)
    trades = _drive(compiled_walk(cache), given, state, buffer, np.ndarray.tolist)
    if state[layout.OVER_CAP]:
        grown, most = (
            money_text(e8, 0) for e8 in (int(state[layout.WALLET]), given[3].wallet_e8_max)
        )
        raise BoundsError(
            f"risk_perc, max_exposure: the wallet grew to {grown} USDT; the compiled walk then "
            f"counts to {most}"
        )
    return Outcome(trades, state.tolist(), "compiled")


def as_arrays(history: History, setup: Setup) -> tuple[Candles, Payments, Tiers, Terms]:
    """What the compiled walk is given, bounds checked. Raises BoundsError."""
    import numpy as np

    cap = wallet_e8_max(setup.parameters.risk_ppm, setup.parameters.exposure_max_permille)
    terms = terms_of(setup, history, cap)
    payments = payments_of(setup, history)
    check_bounds(terms, history, payments, setup.balance_e8)
    slots = np.frombuffer(history.times_ms, np.int64) // history.interval_ms
    columns: list[Any] = [np.frombuffer(column, np.int64) for column in history[2:]]
    due: list[Any] = [np.array(column, np.int64) for column in payments]
    tiers: list[Any] = [np.array(column, np.int64) for column in tiers_of(setup.contract)]
    return Candles(cast("Any", slots), *columns), Payments(*due), Tiers(*tiers), terms


def _drive(
    walk: Walk,
    given: tuple[Candles, Payments, Tiers, Terms],
    state: Any,
    buffer: Any,
    taken: Callable[[Any], list[int]],
) -> list[int]:
    """Walk to the end, taking the trades whenever the buffer is full."""
    end = len(given[0].slots)
    trades: list[int] = []
    while state[layout.NEXT] < end and not state[layout.OVER_CAP]:
        walk(*given, state, buffer, end)
        trades += taken(buffer[: state[layout.WRITTEN] * layout.WIDTH])
        state[layout.WRITTEN] = 0
    return trades


def opening_state(setup: Setup, history: History) -> list[int]:
    """The account before the first candle."""
    state = [0] * layout.STATE_SIZE
    state[layout.WALLET] = setup.balance_e8
    state[layout.ENDED] = history.times_ms[0] // history.interval_ms - NEVER_TRADED
    return state
