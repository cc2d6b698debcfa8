"""Funding and mark-price files, CSV as candle files are: what a replay charges positions with.

Must not fill gaps: a funding time that is not in the file is not paid.
"""

from collections.abc import Callable
from pathlib import Path

from simulator.market.plain_numbers import signed_e8, ticks_nearest
from simulator.market.text_file import (
    Fault,
    FileFaultsError,
    UnreadableFileError,
    has_header,
    in_words,
    read_lines,
    time_ms,
)

_RATE_E8_MAX = 10_000_000  # 10 % at once: the exchange caps rates well below


def read_funding(path: Path) -> list[tuple[int, int]]:
    """`funding_time,funding_rate` as (time in ms as it stands, rate in 1e-8), ascending.

    Also the monthly files of data.binance.vision (the rate in the column `last_funding_rate`).
    Raises FileFaultsError with every fault, and UnreadableFileError.
    """
    return _read_series(path, "last_funding_rate", _rate_e8)


def read_marks(path: Path, tick_e8: int) -> list[tuple[int, int]]:
    """`open_time,open,high,low,close` of mark prices as (open time in ms, open in ticks).

    Ascending; the open is rounded to the nearest tick, half up. Raises FileFaultsError and
    UnreadableFileError.
    """
    return _read_series(path, "open", lambda text: _mark_ticks(text, tick_e8))


def _rate_e8(text: str) -> int:
    try:
        rate_e8 = signed_e8(text)
    except ValueError:
        raise ValueError(f"rate {text[:30]!r} is no decimal number of at most 8 places") from None
    if abs(rate_e8) > _RATE_E8_MAX:
        raise ValueError(f"rate {text} is above 10 %")
    return rate_e8


def _mark_ticks(text: str, tick_e8: int) -> int:
    try:
        ticks = ticks_nearest(text, tick_e8)
    except ValueError:
        ticks = 0
    if ticks == 0:
        raise ValueError(f"open {text[:30]!r} is no positive decimal number")
    return ticks


def _read_series(path: Path, name: str, value: Callable[[str], int]) -> list[tuple[int, int]]:
    """(time, value) of every row: the column called `name`, else the second."""
    lines = read_lines(path)
    header = has_header(lines)
    names = [part.strip() for part in lines[0].split(",")] if header else []
    column = names.index(name) if name in names else 1
    series: list[tuple[int, int]] = []
    faults: list[Fault] = []
    for number, line in enumerate(lines[header:], 1 + header):
        if not line.strip():
            continue
        try:
            row = _row(line, column, value)
            if series and row[0] <= series[-1][0]:
                raise ValueError(f"{in_words(row[0])} comes after {in_words(series[-1][0])}")
            series.append(row)
        except ValueError as error:
            faults.append(Fault(number, str(error)))
    if faults:
        raise FileFaultsError(path, faults)
    if not series:
        raise UnreadableFileError(f"{path} holds no rows")
    return series


def _row(line: str, column: int, value: Callable[[str], int]) -> tuple[int, int]:
    fields = line.split(",")
    if len(fields) <= column:
        raise ValueError(f"{len(fields)} columns instead of {column + 1} or more")
    return time_ms(fields[0]), value(fields[column])
