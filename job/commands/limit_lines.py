"""What `status` says of brakes and limits: what holds, and how near the others are."""

from collections.abc import Iterator

from job.commands.screen import Line
from job.config import Limits
from job.firing import Firing
from job.tally import (
    UNREADABLE,
    day_start,
    entries_of,
    losses_in_a_row,
    result_e8,
    why_unreadable,
)
from job.telling import brake_text
from state.brakes import brakes_on
from strategy.instrument import money_text
from strategy.units import E8, THOUSAND
from strategy.words import count_text, percent

#: A limit of 0 is none.
OFF = "0"


def limit_lines(firing: Firing, now_ms: int) -> Iterator[Line]:
    """A line for each brake that is on, and one for the limits that are summed up."""
    for brake in brakes_on(firing.notes, now_ms):
        yield Line("entries", brake_text(brake), "doubt" if brake.symbol else "bad")
    try:
        texts = list(_figures(firing, now_ms))
    except UNREADABLE as error:
        yield Line("limits", f"the journal cannot be read ({why_unreadable(error)})", "bad")
        return
    if texts:
        yield Line("limits", f"today: {', '.join(texts)}")


def limits_set(limits: Limits) -> Iterator[tuple[str, str]]:
    """The limits that are on, by the names of their settings."""
    return ((name, value) for name, value in _settings(limits) if value != OFF)


def limits_off(limits: Limits) -> list[str]:
    """The names of those that are off."""
    return [name for name, value in _settings(limits) if value == OFF]


def _settings(limits: Limits) -> Iterator[tuple[str, str]]:
    yield "max_open_positions", str(limits.open_positions)
    yield "max_total_exposure", f"{limits.exposure_permille / THOUSAND:g}"
    yield "max_daily_loss_perc", percent(limits.daily_loss_ppm)
    yield "max_losses_in_a_row", str(limits.losses_in_a_row)
    yield "max_trades_a_day", str(limits.trades_a_day)
    yield "max_price_gap_perc", percent(limits.price_gap_ppm)
    yield "max_spread_perc", percent(limits.spread_ppm)
    yield "max_funding_perc", f"{limits.funding_e8 * 100 / E8:g}"


def _figures(firing: Firing, now_ms: int) -> Iterator[str]:
    limits, today_ms = firing.job.config.limits, day_start(now_ms)
    if limits.daily_loss_ppm:
        result = money_text(result_e8(firing, today_ms), 2)
        yield f"result {result} USDT (loss at most {percent(limits.daily_loss_ppm)} %)"
    if limits.trades_a_day:
        entered = len(entries_of(firing, today_ms))
        yield f"{entered} of {count_text(limits.trades_a_day, 'trade')}"
    if limits.losses_in_a_row:
        lost = losses_in_a_row(firing, limits.losses_in_a_row)
        yield f"{lost} of {limits.losses_in_a_row} losses in a row"
