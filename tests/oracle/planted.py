"""Short synthetic candle series that provoke the rare branches: the tools to build them.

The scripts themselves are listed in `planted_cases.py`. Everything here is a function of its
arguments; it must not ask for randomness, a clock or a file that it was not given.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal

from tests.oracle.candles import Candle, Funding, Mark, write_csv
from tests.oracle.rules import RULES, Rules
from tests.oracle.settings import INTERVALS_MS

__all__ = ["START_MS", "Dice", "Planted", "Series", "wander", "wild", "write_csv"]

START_MS = 1_735_693_200_000  # 2025-01-01 01:00 UTC: seven hours before a funding time
_HOMES = [  # a symbol and a price in ticks; at 700 ticks a small stop is nearer than two
    ("BTCUSDT", 900_000),
    ("ETHUSDT", 200_000),
    ("SOLUSDT", 15_000),
    ("XRPUSDT", 24_000),
    ("XRPUSDT", 700),
]
_LEVERAGES = [  # leverage, stop_loss_perc, max_exposure: all within, some on, the bounds
    ("10", "0.2", "5"),
    ("10", "0.2", "8"),
    ("20", "2.5", "7.5"),
    ("50", "1", "40"),
    ("50", "0.3333", "33.333"),
    ("10", "5", "4"),
    ("5", "1.5", "4"),
    ("1", "3", "0.8"),
]


@dataclass(frozen=True)
class Planted:
    """One case: everything a replay needs, and the branches the oracle must take in it.

    `within_bounds` is False where a parameter is one the job's configuration refuses.
    """

    name: str
    candles: tuple[Candle, ...]
    params: Mapping[str, str]
    costs: Mapping[str, str]
    expects: tuple[str, ...] = ()
    rules: Rules = RULES["BTCUSDT"]
    balance: str = "10000"
    funding: tuple[Funding, ...] | None = None
    marks: tuple[Mark, ...] | None = None
    first_ms: int | None = None
    end_ms: int | None = None
    symbols: int = 1
    within_bounds: bool = True


@dataclass(frozen=True)
class Series:
    """A candle series under construction: prices in whole ticks, each step a new series."""

    start_ms: int = START_MS
    interval_ms: int = INTERVALS_MS["5m"]
    tick: Decimal = Decimal("0.1")
    rows: tuple[tuple[int, int, int, int, int, int], ...] = field(default=())
    next_index: int = 0

    def bar(self, open_: int, high: int, low: int, close: int, volume: int = 1) -> "Series":
        """One candle (ticks)."""
        row = (self.next_index, open_, high, low, close, volume)
        return replace(self, rows=(*self.rows, row), next_index=self.next_index + 1)

    def flat(self, price: int, count: int = 1, volume: int = 1) -> "Series":
        """`count` candles standing still; volume 0 is a halt."""
        series = self
        for _ in range(count):
            series = series.bar(price, price, price, price, volume)
        return series

    def hole(self, count: int = 1) -> "Series":
        """`count` missing candles."""
        return replace(self, next_index=self.next_index + count)

    def time_ms(self, index: int) -> int:
        """Open time of candle number `index`, counted with the missing ones."""
        return self.start_ms + index * self.interval_ms

    def mirrored(self, around: int) -> "Series":
        """The same with every price reflected: longs become shorts."""
        flipped = tuple(
            (index, 2 * around - o, 2 * around - low, 2 * around - high, 2 * around - c, volume)
            for index, o, high, low, c, volume in self.rows
        )
        return replace(self, rows=flipped)

    def candles(self) -> tuple[Candle, ...]:
        """The candles, prices in USDT."""
        t = self.tick
        return tuple(
            Candle(self.time_ms(index), t * o, t * high, t * low, t * c, Decimal(volume))
            for index, o, high, low, c, volume in self.rows
        )


class Dice:
    """A linear congruential generator (Knuth's constants), the same on every machine."""

    def __init__(self, seed: int) -> None:
        """`seed`: any whole number."""
        self.state = seed
        for _ in range(4):
            self.below(2)  # neighbouring seeds begin alike otherwise

    def below(self, count: int) -> int:
        """A whole number from 0 to count - 1."""
        self.state = (self.state * 6364136223846793005 + 1442695040888963407) % 2**64
        return (self.state >> 33) % count

    def around(self, spread: int) -> int:
        """A whole number from -spread to +spread, small ones likelier."""
        return self.below(spread + 1) - self.below(spread + 1)

    def one_of(self, *choices: str) -> str:
        """One of the choices."""
        return choices[self.below(len(choices))]


def wander(
    dice: Dice, series: Series, *, count: int, price: int, step_ppm: int, jump_ppm: int
) -> Series:
    """A random walk of `count` candles (ticks), with jumps at opens, halts and holes.

    `step_ppm`: usual movement within a candle; `jump_ppm`: largest gap at one open in 20.
    """
    home = price
    for _ in range(count):
        step = max(3, price * step_ppm // 1_000_000)
        if dice.below(40) == 0:
            series = series.hole(1 + dice.below(4))
        if dice.below(50) == 0:
            series = series.flat(price, 1 + dice.below(3), volume=0)
        jump = max(2, price * jump_ppm // 1_000_000)
        open_ = price + (dice.around(jump) if dice.below(20) == 0 else dice.around(2))
        pull = (home - open_) // 50  # keeps the walk near home
        close = open_ + dice.around(step) + pull
        open_, close = max(open_, 50), max(close, 50)
        high = max(open_, close) + dice.below(step) * dice.below(3)
        low = max(40, min(open_, close) - dice.below(step) * dice.below(3))
        series = series.bar(open_, high, low, close, 1 + dice.below(1000))
        price = close
    return series


def wild(seed: int, count: int = 600) -> Planted:
    """A random series with random parameters within the bounds: material to compare on.

    Gaps stay small enough that the margin of an entry is always in the wallet.
    """
    dice = Dice(seed)
    symbol, price = _HOMES[dice.below(len(_HOMES))]
    interval = dice.one_of("5m", "5m", "5m", "15m", "30m", "1h", "2h", "4h")
    start_ms = START_MS - START_MS % INTERVALS_MS["4h"] + dice.below(90) * INTERVALS_MS["4h"]
    tick = Decimal(RULES[symbol].tick.numerator) / RULES[symbol].tick.denominator
    empty = Series(start_ms=start_ms, interval_ms=INTERVALS_MS[interval], tick=tick)
    series = wander(
        dice, empty, count=count, price=price, step_ppm=2000 + dice.below(5000), jump_ppm=120_000
    )
    leverage, stop, exposure = _LEVERAGES[dice.below(len(_LEVERAGES))]
    params = {
        "interval": interval,
        "ma_length": dice.one_of("2", "3", "5", "8", "20"),
        "threshold_perc": dice.one_of("0.05", "0.2", "0.3333", "0.8", "1.5"),
        "risk_perc": dice.one_of("1", "0.5", "2.5", "10"),
        "stop_loss_perc": stop,
        "profit_target_perc": dice.one_of("0.4", "0.8", "0.7777", "2", "9"),
        "cooldown_bars": dice.one_of("0", "0", "1", "3", "17"),
        "leverage": leverage,
        "max_exposure": exposure,
        **_breakeven(dice),
    }
    funding, marks = _payments(dice, series)
    return Planted(
        name=f"wild-{seed}",
        candles=series.candles(),
        params=params,
        costs=_costs(dice),
        rules=RULES[symbol],
        balance=dice.one_of("10000", "337.12345678", "1000000", "75"),
        funding=funding,
        marks=marks,
        first_ms=series.time_ms(dice.below(60)) if dice.below(2) else None,
        end_ms=series.time_ms(series.next_index - dice.below(60)) if dice.below(2) else None,
        symbols=1 + dice.below(2) * dice.below(4),
    )


def _breakeven(dice: Dice) -> dict[str, str]:
    trigger, offset = [("0.4", "0.1"), ("0.3333", "0.2222"), ("0", "0.1"), ("1", "0")][
        dice.below(4)
    ]
    return {"breakeven_trigger_perc": trigger, "breakeven_offset_perc": offset}


def _costs(dice: Dice) -> dict[str, str]:
    return {
        "fee_perc": dice.one_of("0.05", "0.0375", "0", "0.0333"),
        "slippage_bps": dice.one_of("1", "0", "2.5", "33.33", "100"),
        "funding": dice.one_of("true", "true", "true", "false"),
        "funding_rate_perc": dice.one_of("0.01", "-0.0123", "0.123457"),
    }


def _payments(
    dice: Dice, series: Series
) -> tuple[tuple[Funding, ...] | None, tuple[Mark, ...] | None]:
    """Now and then a funding file at odd minutes, now and then marks for some of its rows."""
    if dice.below(2):
        return None, None
    rows, marks = [], []
    price = series.rows[0][1]
    time_ms = series.start_ms
    while time_ms < series.time_ms(series.next_index):
        time_ms += (1 + dice.below(8 * series.interval_ms // 60_000)) * 60_000
        rows.append(Funding(time_ms + dice.below(30), Decimal(dice.around(250_000)).scaleb(-8)))
        if dice.below(2):
            mark = series.tick * (price + dice.around(price // 50))
            marks.append(Mark(time_ms, mark + series.tick * dice.below(1000) / 1000))
    return tuple(rows), tuple(marks) if dice.below(2) else None
