"""Reads and writes candle, funding and mark files as plain Decimal rows.

For the oracle and its planted series only. It must not repair anything: a file whose
times do not rise is refused, a gap stays a gap.
"""

import csv
import gzip
import itertools
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

_FIRST_MICROSECOND_STAMP = 10**14  # as ms this would be the year 5138


class Candle(NamedTuple):
    """One candle, named by its open time (ms, UTC); prices in USDT, volume in coins."""

    open_ms: int
    open: Decimal
    high: Decimal
    low: Decimal
    close: Decimal
    volume: Decimal


class Funding(NamedTuple):
    """One funding payment: the exchange's time stamp (ms, with its jitter) and the plain rate."""

    time_ms: int
    rate: Decimal


class Mark(NamedTuple):
    """The mark price (USDT, any number of decimals) at one moment (ms)."""

    open_ms: int
    open: Decimal


def read_candles(path: Path) -> list[Candle]:
    """Candles of a CSV or CSV.gz file; ValueError if their times do not rise strictly."""
    rows = [Candle(_ms(row[0]), *map(Decimal, row[1:6])) for row in _rows(path)]
    _must_rise([row.open_ms for row in rows], path)
    return rows


def read_funding(path: Path) -> list[Funding]:
    """Funding rows (`funding_time,funding_rate`) of a file; ValueError if times do not rise."""
    rows = [Funding(_ms(row[0]), Decimal(row[1])) for row in _rows(path)]
    _must_rise([row.time_ms for row in rows], path)
    return rows


def read_marks(path: Path) -> list[Mark]:
    """Opens of a mark price file (candle columns); ValueError if times do not rise."""
    rows = [Mark(_ms(row[0]), Decimal(row[1])) for row in _rows(path)]
    _must_rise([row.open_ms for row in rows], path)
    return rows


def write_csv(rows: Iterable[Candle | Funding | Mark], path: Path) -> None:
    """Write rows of one kind with the header the readers (and other programs) expect."""
    kept = list(rows)
    header: Sequence[str] = ("open_time", *Candle._fields[1:])
    if kept and isinstance(kept[0], Funding):
        header = ("funding_time", "funding_rate")
    elif kept and isinstance(kept[0], Mark):
        header = ("open_time", "open")
    with path.open("w", newline="", encoding="ascii") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        for row in kept:
            writer.writerow([str(row[0]), *(format(value, "f") for value in row[1:])])


def _rows(path: Path) -> Iterator[list[str]]:
    content = path.read_bytes()
    text = (gzip.decompress(content) if path.suffix == ".gz" else content).decode("ascii")
    for row in csv.reader(text.splitlines()):
        if row and row[0][:1].isdigit():  # the header is optional
            yield row


def _ms(stamp: str) -> int:
    time = int(stamp)
    return time // 1000 if time >= _FIRST_MICROSECOND_STAMP else time


def _must_rise(times_ms: list[int], path: Path) -> None:
    for before, after in itertools.pairwise(times_ms):
        if after <= before:
            raise ValueError(f"{path}: {after} follows {before}")
