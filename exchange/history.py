"""Reading a history that answers 7 days and 1000 rows at a time, whole or not at all.

Rows with start <= time <= end. Raises VenueError when an answer is not as promised.
"""

from collections.abc import Callable, Sequence
from typing import Any

from exchange.client import call_list
from exchange.errors import VenueError, as_promised
from exchange.views import Row

#: The longest span that the histories answer for, ms.
WINDOW_MS = 7 * 24 * 3_600_000
PAGE_ROWS_MAX = 1_000


def pages_from_the_oldest(
    method: Callable[..., Any],
    what: str,
    start_ms: int,
    end_ms: int,
    id_fields: tuple[str, ...],
    **params: object,
) -> list[Row]:
    """All rows of a history whose full page holds the oldest rows of its window, oldest first, each
    row once; `id_fields` tell rows apart.
    """
    rows: dict[object, Row] = {}
    since = start_ms
    while since <= end_ms:
        until = min(since + WINDOW_MS - 1, end_ms)
        page: Sequence[Row] = call_list(
            method, what, **params, startTime=since, endTime=until, limit=PAGE_ROWS_MAX
        )
        with as_promised(what):
            rows.update((tuple(row[field] for field in id_fields), row) for row in page)
            since = _span_of_full(page, what)[1] if len(page) == PAGE_ROWS_MAX else until + 1
    with as_promised(what):
        return sorted(rows.values(), key=lambda row: int(row["time"]))


def pages_from_the_newest(
    method: Callable[..., Any], what: str, start_ms: int, end_ms: int, **params: object
) -> list[Row]:
    """All orders of a history whose full page holds the newest rows of its window, oldest first,
    each once.
    """
    rows: dict[object, Row] = {}
    for since in range(start_ms, end_ms + 1, WINDOW_MS):
        until = min(since + WINDOW_MS - 1, end_ms)
        while since <= until:
            page: Sequence[Row] = call_list(
                method, what, **params, startTime=since, endTime=until, limit=PAGE_ROWS_MAX
            )
            with as_promised(what):
                rows.update((row["orderId"], row) for row in page)
                full = len(page) == PAGE_ROWS_MAX
                until = _span_of_full(page, what)[0] if full else since - 1
    with as_promised(what):
        return sorted(rows.values(), key=lambda row: (int(row["time"]), int(row["orderId"])))


def _span_of_full(page: Sequence[Row], what: str) -> tuple[int, int]:
    """First and last time of a full page. Inside one ms the exchange offers no way to turn pages:
    a page of one ms may hide rows, and half a history is none.
    """
    times = [int(row["time"]) for row in page]
    if min(times) == max(times):
        raise VenueError(what, status=200, message=f"more than {len(page) - 1} rows in one ms")
    return min(times), max(times)
