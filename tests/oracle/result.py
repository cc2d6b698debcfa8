"""What a replay hands back: trade rows as text, the open trade, the wallet, the events.

It turns exact numbers into the text of the trades file and must not round: a number that
does not fit its column exactly is an error in the oracle.
"""

import csv
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import NamedTuple

from tests.oracle.rules import Rules

HEADER = (
    "symbol,side,quantity,signal_time,entry_time,entry_price,exit_time,exit_price,"
    "reason,gross,fees,funding,net,balance"
)
COLUMNS = tuple(HEADER.split(","))
MONEY_DECIMALS = 8
Row = dict[str, str]


class Event(NamedTuple):
    """A branch of the rules that was taken, and when (the open time of the candle, ms)."""

    time_ms: int
    branch: str


@dataclass
class Position:
    """A trade while it lasts. Prices in USDT, quantity in coins, money in USDT, all exact."""

    side: int  # +1 long, -1 short
    quantity: Fraction
    entry: Fraction
    signal_ms: int
    entry_ms: int
    stop: Fraction
    target: Fraction
    liquidation: Fraction
    margin: Fraction
    fees: Fraction
    funding: Fraction = Fraction(0)
    moved: bool = False  # the stop is the break-even stop

    @property
    def word(self) -> str:
        """The side in words."""
        return "long" if self.side > 0 else "short"


@dataclass(frozen=True)
class Result:
    """`rows`: closed trades, columns as in COLUMNS. `wallet`: USDT text, 8 decimals, at the end.

    `open_trade`: the position left at the end of the data, not among the rows.
    `events`: every branch taken, in order.
    """

    rows: list[Row]
    open_trade: Position | None
    wallet: str
    events: list[Event]

    @property
    def branches(self) -> Counter[str]:
        """How often each branch was taken."""
        return Counter(event.branch for event in self.events)


def plain(value: Fraction, decimals: int) -> str:
    """`value` with exactly so many decimals; ValueError if it does not fit."""
    scaled = value * 10**decimals
    if scaled.denominator != 1:
        raise ValueError(f"{value} has more than {decimals} decimals")
    whole, part = divmod(abs(scaled.numerator), 10**decimals)
    sign = "-" if scaled < 0 else ""
    return f"{sign}{whole}" + (f".{part:0{decimals}d}" if decimals else "")


def decimals_of(step: Fraction) -> int:
    """The number of decimals a price tick or quantity step is written with."""
    return next(n for n in range(19) if (step * 10**n).denominator == 1)


def trade_row(
    rules: Rules,
    position: Position,
    *,
    exit_ms: int,
    exit_price: Fraction,
    reason: str,
    gross: Fraction,
    wallet: Fraction,
) -> Row:
    """The row of a trade that has ended; `wallet` is the whole wallet after it."""
    price_decimals = decimals_of(rules.tick)
    net = gross - position.fees - position.funding
    values = (
        rules.symbol,
        position.word,
        plain(position.quantity, decimals_of(rules.step)),
        str(position.signal_ms),
        str(position.entry_ms),
        plain(position.entry, price_decimals),
        str(exit_ms),
        plain(exit_price, price_decimals),
        reason,
        plain(gross, MONEY_DECIMALS),
        plain(position.fees, MONEY_DECIMALS),
        plain(position.funding, MONEY_DECIMALS),
        plain(net, MONEY_DECIMALS),
        plain(wallet, MONEY_DECIMALS),
    )
    return dict(zip(COLUMNS, values, strict=True))


def write_trades(rows: Iterable[Row], path: Path) -> None:
    """Write the trades file."""
    with path.open("w", newline="", encoding="ascii") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
