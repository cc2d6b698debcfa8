"""Candle files: CSV of open_time,open,high,low,close,volume into candles of whole ticks and lots.

Strict: whatever would make a replay lie is refused with its line number, all faults at once. With
`allow_gaps` bad rows are left out, so that their candles count as missing. Must not repair,
interpolate or round a price.
"""

from bisect import bisect_left
from collections import Counter
from operator import sub
from pathlib import Path
from typing import NamedTuple

from simulator.market.candle_row import RowReader
from simulator.market.model import Candle
from simulator.market.text_file import (
    Fault,
    FileFaultsError,
    UnreadableFileError,
    has_header,
    in_words,
    read_lines,
)

_MINUTE_MS = 60_000
#: Lengths of candles that Binance knows, up to a day.
INTERVALS_MS = tuple(
    minutes * _MINUTE_MS for minutes in (1, 3, 5, 15, 30, 60, 120, 240, 360, 480, 720, 1440)
)


class CandleFile(NamedTuple):
    """What a candle file holds."""

    interval_ms: int
    candles: list[Candle]  # ascending, at least one
    faults: list[Fault]  # let through by `allow_gaps`; empty without it


class _Rows(NamedTuple):
    candles: list[Candle]
    lines: list[int]  # of `candles`
    faults: list[Fault]
    bad_times_ms: list[int]  # of the refused rows (0: it could not be read)


def read_candles(
    path: Path,
    tick_e8: int,
    step_e8: int,
    *,
    interval_ms: int | None = None,
    allow_gaps: bool = False,
) -> CandleFile:
    """Candles of a `.csv`, `.gz` or `.zip` file; times may be ms or microseconds.

    `tick_e8` in 1e-8 USDT, `step_e8` in 1e-8 of the base asset; volume is rounded down to lots.
    The interval is the commonest distance of two rows unless it is given.
    Raises FileFaultsError with every fault, and UnreadableFileError.
    """
    rows = _parse(read_lines(path), tick_e8, step_e8)
    interval_ms = interval_ms or _interval_ms(rows.candles)
    if rows.faults and (not rows.candles or interval_ms is None):
        raise FileFaultsError(path, rows.faults)  # why nothing else can be told of it
    if not rows.candles:
        raise UnreadableFileError(f"{path} holds no candles")
    if interval_ms is None:
        raise UnreadableFileError(f"{path}: rows are no known candle interval apart")
    candles, order_faults = _in_order(rows, interval_ms)
    faults = sorted([*rows.faults, *order_faults])
    too_bad = 2 * len(candles) < len(rows.candles) + len(rows.faults)
    if faults and (too_bad or not allow_gaps):
        raise FileFaultsError(path, faults)
    return CandleFile(interval_ms, candles, faults)


def _parse(lines: list[str], tick_e8: int, step_e8: int) -> _Rows:
    """Every row by itself; blank lines are none."""
    rows = _Rows([], [], [], [])
    reader = RowReader(tick_e8, step_e8)
    header = has_header(lines)
    for number, line in enumerate(lines[header:], 1 + header):
        candle = reader.candle(line)
        if candle is not None:
            rows.candles.append(candle)
            rows.lines.append(number)
        elif line.strip():
            bad_time_ms, what = reader.fault(line)
            rows.faults.append(Fault(number, what))
            rows.bad_times_ms.append(bad_time_ms)
    return rows


def _interval_ms(candles: list[Candle]) -> int | None:
    """The commonest distance between rows that is an interval of Binance's, if there is one."""
    times = [candle.open_time_ms for candle in candles]
    distances = Counter(map(abs, map(sub, times[1:], times))).items()
    ways = [(-count, distance) for distance, count in distances if distance in INTERVALS_MS]
    return min(ways)[1] if ways else None


def _in_order(rows: _Rows, interval_ms: int) -> tuple[list[Candle], list[Fault]]:
    """The candles on the grid and in ascending order; faults where they are not, or one lacks."""
    bad_times_ms = sorted(set(rows.bad_times_ms))
    kept: list[Candle] = []
    faults: list[Fault] = []
    due_ms: int | None = None
    for candle, line in zip(rows.candles, rows.lines, strict=True):
        time = candle.open_time_ms
        if time != due_ms:
            what, usable = _disorder(time, due_ms, interval_ms, bad_times_ms)
            faults += [Fault(line, what)] if what else []
            if not usable:
                continue
        kept.append(candle)
        due_ms = time + interval_ms
    return kept, faults


def _disorder(
    time: int, due_ms: int | None, interval_ms: int, bad_times_ms: list[int]
) -> tuple[str, bool]:
    """What is wrong with a row that comes instead of the one due ("": nothing), and if it stays."""
    if time % interval_ms:
        return f"{in_words(time)} is off the grid of {interval_ms // _MINUTE_MS} minutes", False
    if due_ms is None:
        return "", True
    if time == due_ms - interval_ms:
        return f"{in_words(time)} comes twice", False
    if time < due_ms:
        return f"{in_words(time)} comes after {in_words(due_ms - interval_ms)}", False
    # Candles whose rows were refused have a fault of their own already.
    refused = bisect_left(bad_times_ms, time) - bisect_left(bad_times_ms, due_ms)
    missing = (time - due_ms) // interval_ms - refused
    if missing <= 0:
        return "", True
    noun = "candle" if missing == 1 else "candles"
    return f"{missing} {noun} missing between {in_words(due_ms)} and {in_words(time)}", True
