"""Which candle decided: by open times against the exchange's clock, whatever rows came."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exchange.candles import FINAL_AFTER_MS, Closed, contiguous, newest_closed
from exchange.views import Candle

MINUTE_MS = 60_000
INTERVAL_MS = 5 * MINUTE_MS
#: The candle that closed last opened here; the one after it is forming.
LAST_MS = 5_965_000 * INTERVAL_MS
CLOSE_MS = LAST_MS + INTERVAL_MS


def rows(*places: int) -> list[Candle]:
    """Candles by place: 0 is the one that closed last, 1 the forming one, -1 the one before."""
    return [Candle(LAST_MS + place * INTERVAL_MS, 10, 12, 9, 11) for place in places]


@pytest.mark.parametrize(
    ("case", "places", "after_close_ms", "expected"),
    [
        # the ordinary answer: the forming row stands last and is never the one that decides
        ("forming row there, at once", (-2, -1, 0, 1), 0, Closed(2, True)),
        ("forming row there, later", (-2, -1, 0, 1), 200_000, Closed(2, True)),
        ("forming row there, to the last ms", (-2, -1, 0, 1), INTERVAL_MS - 1, Closed(2, True)),
        # no trade yet in the new candle: its row is late
        ("forming row late, at once", (-2, -1, 0), 0, Closed(2, False)),
        ("forming row late, just before 3 s", (-2, -1, 0), 2_999, Closed(2, False)),
        ("forming row late, 3 s", (-2, -1, 0), 3_000, Closed(2, True)),
        ("forming row late, much later", (-2, -1, 0), 299_999, Closed(2, True)),
        # the row of the close itself is late: never final, however long it takes
        ("closed row late, at once", (-2, -1), 0, Closed(1, False)),
        ("closed row late, after 3 s", (-2, -1), 3_000, Closed(1, False)),
        ("closed row late, at the end", (-2, -1), INTERVAL_MS - 1, Closed(1, False)),
        # the close has no row and never gets one
        ("missing candle, forming row there", (-2, -1, 1), 0, Closed(1, True)),
        ("two missing candles, forming row there", (-3, -2, 1), 0, Closed(1, True)),
        ("gap further back", (-4, -2, -1, 0, 1), 0, Closed(3, True)),
        # our clock is behind the exchange's rows
        ("rows from the future", (-1, 0, 1, 2), 0, Closed(1, True)),
        ("only the forming row", (1,), 0, Closed(-1, False)),
        ("no rows", (), 0, Closed(-1, False)),
        ("only old rows", (-300, -299), 3_000, Closed(1, False)),
        ("one row, final", (0,), 3_000, Closed(0, True)),
    ],
)
def test_the_newest_closed_candle(
    case: str, places: tuple[int, ...], after_close_ms: int, expected: Closed
) -> None:
    assert newest_closed(rows(*places), INTERVAL_MS, CLOSE_MS + after_close_ms) == expected, case


def test_a_candle_is_not_closed_a_ms_before_its_end() -> None:
    assert newest_closed(rows(-1, 0), INTERVAL_MS, CLOSE_MS - 1) == Closed(0, True)
    assert newest_closed(rows(-1, 0), INTERVAL_MS, CLOSE_MS) == Closed(1, False)


def test_final_after_three_seconds() -> None:
    assert FINAL_AFTER_MS == 3_000


intervals = st.sampled_from([MINUTE_MS, INTERVAL_MS, 15 * MINUTE_MS, 240 * MINUTE_MS])


@given(intervals, st.sets(st.integers(0, 40)), st.integers(0, 41), st.integers(0))
def test_it_is_the_newest_that_has_closed_and_no_other(
    interval_ms: int, places: set[int], now_place: int, into_ms: int
) -> None:
    candles = [Candle(place * interval_ms, 1, 1, 1, 1) for place in sorted(places)]
    now_ms = now_place * interval_ms + into_ms % interval_ms
    found = newest_closed(candles, interval_ms, now_ms)
    closed = [each for each in candles if each.open_time_ms + interval_ms <= now_ms]
    assert found.place == len(closed) - 1
    if found.final:
        newer_there = len(candles) > len(closed)
        assert closed
        assert newer_there or now_ms - (closed[-1].open_time_ms + interval_ms) >= 3_000


@pytest.mark.parametrize(
    ("places", "end", "length", "expected"),
    [
        ((-2, -1, 0, 1), 3, 3, True),
        ((-2, -1, 0, 1), 4, 4, True),
        ((-2, -1, 0, 1), 3, 4, False),  # too few
        ((), 0, 1, False),
        ((0,), 1, 1, True),
        ((0,), 0, 1, False),
        ((-3, -1, 0, 1), 3, 3, False),  # a gap inside
        ((-3, -1, 0, 1), 3, 2, True),  # a gap before
        ((-2, -1, 0, 3), 3, 3, True),  # a gap after
        ((-3, -2, 0, 1), 3, 2, False),  # a gap before the last
    ],
)
def test_candles_without_a_gap(
    places: tuple[int, ...], end: int, length: int, expected: bool
) -> None:
    assert contiguous(rows(*places), end, length, INTERVAL_MS) is expected


@given(st.sets(st.integers(0, 12), min_size=1), st.data())
def test_contiguous_is_every_step_one_interval(places: set[int], data: st.DataObject) -> None:
    ordered = sorted(places)
    end = data.draw(st.integers(0, len(ordered)))
    length = data.draw(st.integers(1, 13))
    wanted = ordered[max(0, end - length) : end]
    whole = len(wanted) == length and all(
        wanted[place] + 1 == wanted[place + 1] for place in range(length - 1)
    )
    assert contiguous(rows(*ordered), end, length, INTERVAL_MS) is whole
