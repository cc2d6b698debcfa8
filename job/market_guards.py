"""The price collar and the guards for spread and funding: asked only before an entry, if at all.

They look at what the exchange shows now and say why an entry may not leave. They send nothing.
"""

from collections.abc import Callable, Sequence
from decimal import Decimal
from functools import partial
from typing import NamedTuple

from exchange.errors import VenueError, as_promised
from exchange.quotes import book_row, mark_row
from exchange.views import Row
from job.deciding import Decision
from job.firing import Firing, Work
from strategy.units import E8
from strategy.words import percent

PPM = 1_000_000


class Refusal(NamedTuple):
    """The setting that forbids an entry, and why in words."""

    limit: str
    reason: str


Judge = Callable[[Firing, Work, Decision, Row], Refusal | None]


def market_refusals(firing: Firing, entries: Sequence[tuple[Work, Decision]]) -> dict[str, Refusal]:
    """By symbol, what forbids its entry. A guard that cannot be asked forbids it too.

    One wave of reads for all symbols, and none while no guard is on.
    """
    limits = firing.job.config.limits
    tasks, asked = [], []
    for work, decision in entries:
        if limits.price_gap_ppm or limits.funding_e8:
            tasks.append(partial(mark_row, firing.gateway, work.symbol))
            asked.append((_by_mark, work, decision))
        if limits.spread_ppm:
            tasks.append(partial(book_row, firing.gateway, work.symbol))
            asked.append((_by_book, work, decision))
    found: dict[str, Refusal] = {}
    for (judge, work, decision), answer in zip(asked, firing.job.together(tasks), strict=True):
        refusal = _judged(judge, firing, work, decision, answer)
        if refusal is not None:
            found.setdefault(work.symbol, refusal)
    return found


def _judged(
    judge: Judge, firing: Firing, work: Work, decision: Decision, answer: Row | VenueError
) -> Refusal | None:
    try:
        if isinstance(answer, VenueError):
            raise answer
        with as_promised(f"read {work.symbol} prices"):
            if answer["symbol"] != work.symbol:
                raise ValueError(answer["symbol"])
            return judge(firing, work, decision, answer)
    except VenueError as error:
        return Refusal("", f"what a limit asks for could not be read ({error})")


def _by_mark(firing: Firing, work: Work, decision: Decision, row: Row) -> Refusal | None:
    limits = firing.job.config.limits
    mark = _above_zero(row["markPrice"])
    close = Decimal(work.instrument.price_text(work.candles[work.signal].close))
    gap = abs(mark - close)
    if limits.price_gap_ppm and gap * PPM >= limits.price_gap_ppm * close:
        return Refusal(
            "max_price_gap_perc",
            f"the mark price {mark:f} is {100 * gap / close:.4f} % from the signal's close "
            f"{close:f} (max_price_gap_perc {percent(limits.price_gap_ppm)})",
        )
    rate = Decimal(str(row["lastFundingRate"]))
    if limits.funding_e8 and decision.side * rate * E8 >= limits.funding_e8:
        most = Decimal(limits.funding_e8 * 100) / E8
        return Refusal(
            "max_funding_perc",
            f"it would pay {100 * abs(rate):.4f} % at the next funding (max_funding_perc {most})",
        )
    return None


def _by_book(firing: Firing, work: Work, decision: Decision, row: Row) -> Refusal | None:
    del work, decision
    most = firing.job.config.limits.spread_ppm
    bid, ask = _above_zero(row["bidPrice"]), _above_zero(row["askPrice"])
    if (ask - bid) * PPM < most * bid:
        return None
    return Refusal(
        "max_spread_perc",
        f"bid {bid:f} and ask {ask:f} are {100 * (ask - bid) / bid:.4f} % apart "
        f"(max_spread_perc {percent(most)})",
    )


def _above_zero(text: object) -> Decimal:
    """A price; an empty book answers 0. ValueError, ArithmeticError."""
    price = Decimal(str(text))
    if not price.is_finite() or price <= 0:
        raise ValueError(f"{text} is no price")
    return price
