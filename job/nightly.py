"""What the first run of a UTC day does after its own work is saved."""

import msgspec

from exchange.errors import VenueError
from job.books import check_yesterday
from job.explaining import decided_otherwise
from job.firing import Firing
from job.news import gather
from job.summing import summary_of
from job.tally import UNREADABLE
from state.journal import day_of
from strategy.units import DAY_MS


def nightly(firing: Firing) -> None:
    """Compare yesterday's books and decisions, once a day. Never touches an order.

    A difference fails the run: someone should look.
    """
    now = firing.exchange_now_ms()
    last = firing.notes.books_checked_ms
    if last // DAY_MS == now // DAY_MS or not firing.may_save:
        return
    if last:
        try:
            differences = check_yesterday(firing)
            runs = firing.job.journal.events("run", day_of(now - DAY_MS))
            otherwise, notices = decided_otherwise(runs)
            firing.report.summary = summary_of(firing, now - DAY_MS)
        except (VenueError, *UNREADABLE) as error:
            firing.report.notices.append(f"the books could not be compared: {error}")
            return
        firing.report.failures += [*differences, *otherwise]
        firing.report.notices += notices
        firing.report.day_over = True
        firing.tell("books", differences=differences, decided_otherwise=otherwise)
    firing.notes = msgspec.structs.replace(firing.notes, books_checked_ms=now)
    gather(firing)
    firing.save_if_possible()
