"""What one symbol's decision is made from, and what was decided: the record of a run.

A run decides from a `Question` and from nothing else, and the journal keeps question and answer,
so that `explain` can put the same question to the same rules again. Holds no rule.
"""

from collections.abc import Sequence
from itertools import pairwise

import msgspec

from exchange.candles import contiguous
from exchange.views import Candle, Position, RestingOrder
from state.model import Trade
from strategy.instrument import Instrument
from strategy.parameters import Parameters

#: Of the record's shape. A record of another shape is not decided again, and that is said.
VERSION = 1


class Window(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """The closes that end with the signal candle, oldest first, as small numbers.

    `moves` are the changes from close to close in ticks. `opened_ms` holds every open time where
    they are not contiguous, and is empty where they are, as they should be.
    """

    first_open_ms: int
    first_close: int
    moves: list[int]
    opened_ms: list[int] = []

    @property
    def closes(self) -> list[int]:
        """Closes in ticks."""
        found = [self.first_close]
        for move in self.moves:
            found.append(found[-1] + move)
        return found


class Question(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """Everything that a decision depends on. Times ms UTC by the exchange's clock.

    `trade` is the open trade as reconciled, None when flat. `entry_window_ms` None: whatever the
    time. `forbidden`: why nothing may be opened, whatever the rules say. `position` and `resting`
    are what the exchange showed; they decide nothing here, `trade` was made true by them.
    """

    now_ms: int
    parameters: Parameters
    market: Instrument
    window: Window
    wallet_e8: int | None
    symbols: int  # that share the wallet
    entry_window_ms: int | None
    trade: Trade | None = None
    ended_ms: int = 0
    forbidden: str = ""
    position: Position | None = None
    resting: list[RestingOrder] = []

    @property
    def signal_ms(self) -> int:
        """Open time of the candle that decides."""
        if self.window.opened_ms:
            return self.window.opened_ms[-1]
        return self.window.first_open_ms + len(self.window.moves) * self.parameters.interval_ms

    @property
    def close(self) -> int:
        """Its close, in ticks."""
        return self.window.first_close + sum(self.window.moves)

    @property
    def closed_ms(self) -> int:
        """When it closed."""
        return self.signal_ms + self.parameters.interval_ms


class Answer(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """What was decided: a code of `strategy.decide`, for an entry its side and lots, the words."""

    action: int
    side: int
    lots: int
    reason: str
    close: str
    average: str = ""
    deviation: str = ""


class Record(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One symbol's part of the journal's record of a run."""

    symbol: str
    signal_ms: int
    asked: Question
    answered: Answer


def window(candles: Sequence[Candle], signal: int, length: int, interval_ms: int) -> Window:
    """The `length` candles (or as many as there are) that end with number `signal`."""
    rows = candles[max(0, signal + 1 - length) : signal + 1]
    whole = contiguous(rows, len(rows), len(rows), interval_ms)
    return Window(
        first_open_ms=rows[0].open_time_ms,
        first_close=rows[0].close,
        moves=[new.close - old.close for old, new in pairwise(rows)],
        opened_ms=[] if whole else [row.open_time_ms for row in rows],
    )
