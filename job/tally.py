"""What a day came to, and how many trades in a row were lost: summed from the journal.

Events that this firing has still to write count as well, each once. Decides nothing.
"""

from collections.abc import Iterator
from decimal import Decimal

from exchange.errors import BROKEN_ANSWER
from exchange.ids import ENTRY, client_id, parse_id
from exchange.views import money_e8
from job.config import TAKER_FEE_PPM
from job.firing import Firing
from state.journal import Event, day_of
from strategy.units import DAY_MS, E8

#: Lost trades in a row are looked for this many days back.
LOOK_BACK_DAYS = 31
#: What summing a journal up can end with: it cannot be read, or holds what the job did not write.
UNREADABLE = (OSError, *BROKEN_ANSWER)


def why_unreadable(error: Exception) -> str:
    """Why a journal could not be summed up, in words."""
    if isinstance(error, OSError):
        return str(error.strerror)
    return f"an event is not what the job wrote: {type(error).__name__} {error}"


def day_start(at_ms: int) -> int:
    """00:00 UTC of the day."""
    return at_ms // DAY_MS * DAY_MS


def day_events(firing: Firing, kind: str, start_ms: int) -> list[Event]:
    """The day's events of a kind, oldest first. Raises OSError when they cannot be read."""
    day = day_of(start_ms)
    found = list(firing.job.journal.events(kind, day))
    known = {event.get("key") for event in found}
    for event in firing.events:
        if (event["event"], day_of(event["at_ms"])) == (kind, day) and event["key"] not in known:
            known.add(event["key"])
            found.append(event)
    return sorted(found, key=lambda event: int(event["at_ms"]))


def result_e8(firing: Firing, start_ms: int) -> int:
    """What the day's fills, fees and funding come to, 10^-8 USDT; a loss is negative.

    Each counts on the day of its own time, so a trade over midnight counts on both. Funding of a
    trade counts from when the trade is booked.
    """
    fills = day_events(firing, "fill", start_ms)
    earned = sum(money_e8(fill["realized"]) - _fee_e8(fill) for fill in fills)
    paid = sum(money_e8(event["paid"]) for event in day_events(firing, "funding", start_ms))
    return earned - paid


def entries_of(firing: Firing, start_ms: int) -> set[str]:
    """The client ids of the day's entries: those that have filled, and those under way."""
    fills = [str(event["client_id"]) for event in day_events(firing, "fill", start_ms)]
    found = {text for text in fills if (own := parse_id(text)) and own.leg == ENTRY}
    for work in firing.works:
        trade, intent = work.notes.trade, work.notes.intent
        if trade is not None and trade.first_fill_ms >= start_ms:
            found.add(client_id(work.symbol, trade.signal_ms, ENTRY, trade.entry_tag))
        if intent is not None and intent.timestamp_ms >= start_ms:
            found.add(intent.client_id)
    return found


def losses_in_a_row(firing: Firing, most: int) -> int:
    """How many of the newest trades, over all symbols, were lost one after another; `most` at
    most. Trades that ended before the last `resume` do not count.
    """
    count = 0
    for trade in _newest_trades(firing):
        if trade["exit_time"] <= firing.notes.resumed_ms or Decimal(trade["net"]) >= 0:
            break
        count += 1
        if count == most:
            break
    return count


def _newest_trades(firing: Firing) -> Iterator[Event]:
    today = day_start(firing.exchange_now_ms())
    for back in range(LOOK_BACK_DAYS):
        start_ms = today - back * DAY_MS
        if start_ms + DAY_MS <= firing.notes.resumed_ms:
            return
        yield from reversed(day_events(firing, "trade", start_ms))


def _fee_e8(fill: Event) -> int:
    """The fee in USDT; one that was paid in another asset counts as the fee without discount."""
    if fill["fee_asset"] == "USDT":
        return money_e8(fill["fee"])
    return int(Decimal(fill["price"]) * Decimal(fill["quantity"]) * E8) * TAKER_FEE_PPM // 1_000_000
