"""What every combination of a grid is played on: candles, payments and costs, laid out once.

A combination is played over a span of the candles, compiled, and its trades leave in blocks of a
buffer that is used again: memory does not grow with trades or combinations. Must not judge.
"""

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from backtest import layout
from backtest.bounds import BoundsError, check_bounds, wallet_e8_max
from backtest.history import History
from backtest.lane import TRADES_AT_ONCE, Walk, opening_state
from backtest.layout import Candles, Payments, Terms, Tiers
from backtest.setup import Setup, payments_of, terms_of, tiers_of
from strategy.instrument import money_text
from strategy.parameters import Parameters

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Integers = NDArray[np.int64]

#: A cooldown that no history outlasts: nothing more is entered.
_FOR_EVER = 1 << 60


class Span(NamedTuple):
    """Indices of candles: the first that may decide, and the first that is not played."""

    first: int
    end: int


@dataclass(frozen=True)
class Ground:
    """Made by `ground_of`; `setup` carries what no combination changes."""

    history: History
    setup: Setup
    candles: Candles
    payments: Payments
    tiers: Tiers
    cache: Path | None

    @property
    def whole(self) -> Span:
        """All candles that may decide."""
        return Span(self.index(self.setup.start_ms), len(self.history))

    def index(self, time_ms: int) -> int:
        """The first candle that opens at or after a time."""
        return bisect_left(self.history.times_ms, time_ms)

    def walk(self) -> Walk:
        """The compiled kernel; the first call in a process loads or compiles it."""
        from backtest.compiled import compiled_walk

        return compiled_walk(self.cache)

    def terms(self, parameters: Parameters, first: int) -> Terms:
        """The plain numbers of a combination, bounds checked. Raises BoundsError."""
        cap = wallet_e8_max(parameters.risk_ppm, parameters.exposure_max_permille)
        terms = terms_of(self.setup._replace(parameters=parameters), self.history, cap)
        check_bounds(terms, *self._extremes(), self.setup.balance_e8)
        return terms._replace(first=first)

    def _extremes(self) -> tuple[History, Payments]:
        """One candle and one payment with the bounds of all: looking for them once is enough."""
        known = self.__dict__.get("_known")
        if known is None:
            highest, lowest = max(self.history.highs), min(self.history.lows)
            candle = History(1, *([value] for value in (0, lowest, highest, lowest, lowest)))  # type: ignore[arg-type]
            rates = sum(abs(int(rate)) for rate in self.payments.rates_e8)
            known = candle, Payments([0], [rates], [int(max(self.payments.marks))])
            self.__dict__["_known"] = known
        return known


class Account:
    """One account that is played over spans; it keeps its wallet and cooldown between them."""

    def __init__(self, ground: Ground) -> None:
        """The balance of the setup, flat."""
        import numpy as np

        self._ground = ground
        self._walk = ground.walk()
        self._buffer: Integers = np.zeros(TRADES_AT_ONCE * layout.WIDTH, np.int64)
        self._fresh = np.array(opening_state(ground.setup, ground.history), np.int64)
        self.state: Integers = self._fresh.copy()

    def reset(self) -> None:
        """The balance of the setup again, flat, never traded."""
        self.state = self._fresh.copy()

    def play(self, terms: Terms, span: Span, *, to_the_end: bool = False) -> Iterator["Integers"]:
        """Trades entered in the span, blocks of (n, layout.WIDTH); the next overwrites the last.

        `to_the_end`: a trade that is open when the span is over is played on until it has ended,
        with no other entry. Else it is left out. Raises BoundsError where the wallet outgrows the
        compiled walk.
        """
        carried = self.state[[layout.WALLET, layout.ENDED]]
        self.state = self._fresh.copy()
        self.state[[layout.WALLET, layout.ENDED]] = carried
        # Candles before the first that decides feed the average.
        self.state[layout.NEXT] = max(0, span.first - terms.ma_length)
        terms = terms._replace(first=span.first)
        while self.state[layout.NEXT] < span.end:
            yield self._played(terms, self._buffer, span.end)
        if self.state[layout.SIDE] and to_the_end:
            # room for one trade: the walk stops where it ends
            terms = terms._replace(cooldown_bars=_FOR_EVER)
            yield self._played(terms, self._buffer[: layout.WIDTH], len(self._ground.history))

    def _played(self, terms: Terms, buffer: "Integers", end: int) -> "Integers":
        ground = self._ground
        given: tuple[Any, ...] = (ground.candles, ground.payments, ground.tiers, terms)
        self._walk(*given, self.state, buffer, end)
        if self.state[layout.OVER_CAP]:
            most = money_text(terms.wallet_e8_max, 0)
            raise BoundsError(
                f"risk_perc, max_exposure: the wallet grew beyond {most} USDT, as far as the "
                "compiled walk counts"
            )
        written = int(self.state[layout.WRITTEN]) * layout.WIDTH
        self.state[layout.WRITTEN] = 0
        return buffer[:written].reshape(-1, layout.WIDTH)


def ground_of(history: History, setup: Setup, cache: Path | None) -> Ground:
    """The arrays that the compiled kernel walks over. Raises ImportError without numba."""
    import numba  # noqa: F401 - said here, before a thousand combinations fail one by one
    import numpy as np

    slots = np.frombuffer(history.times_ms, np.int64) // history.interval_ms
    columns: list[Any] = [slots, *(np.frombuffer(column, np.int64) for column in history[2:])]
    due: list[Any] = [np.array(column, np.int64) for column in payments_of(setup, history)]
    tiers: list[Any] = [np.array(column, np.int64) for column in tiers_of(setup.contract)]
    return Ground(history, setup, Candles(*columns), Payments(*due), Tiers(*tiers), cache)
