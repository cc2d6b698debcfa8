"""What the first run of a UTC day does after its own work is saved."""

import msgspec

from exchange.errors import VenueError
from job.books import DAY_MS, check_yesterday
from job.firing import Firing


def nightly(firing: Firing) -> None:
    """Compare yesterday's books, once a day. Never touches an order; a failure is told."""
    now = firing.exchange_now_ms()
    last = firing.notes.books_checked_ms
    if last // DAY_MS == now // DAY_MS or not firing.may_save:
        return
    if last:
        try:
            differences = check_yesterday(firing)
        except (VenueError, OSError) as error:
            firing.report.notices.append(f"the books could not be compared: {error}")
            return
        firing.report.failures += differences
        firing.tell("books", differences=differences)
    firing.notes = msgspec.structs.replace(firing.notes, books_checked_ms=now)
    firing.save_if_possible()
