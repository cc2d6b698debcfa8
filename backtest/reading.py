"""Candle files into columns: quickly where a file is plain, else through the strict reader.

A year is 100,000 rows, and reading them is much of what a backtest does. A file whose rows are
plain numbers on the tick, without a gap, is taken in blocks; at the first doubt the strict reader
takes it from the beginning and finds the words. Must never accept what that one refuses.
"""

import re
import zlib
from array import array
from collections.abc import Iterable, Iterator
from operator import gt
from pathlib import Path

import msgspec

from backtest.history import History, history_of
from simulator.engine.model import Contract
from simulator.market.candle_file import INTERVALS_MS, read_candles
from simulator.market.plain_numbers import E8
from simulator.market.text_file import (
    MICROSECONDS_MIN,
    MS_MIN,
    Fault,
    UnreadableFileError,
    has_header,
)

_COLUMNS = 6
#: Bytes of a file that are taken at a time; small blocks are read in memory that is there already.
_PIECE_BYTES = 1 << 15
#: No row is longer; what has no lines is not put together piece by piece.
_LINE_BYTES_MAX = 1 << 16
_GZIP = 31  # zlib's number for gzip's frame, checksum included
_DIGITS = b"0123456789"
_MASK = bytes.maketrans(_DIGITS, b"0" * len(_DIGITS))
_LISTED = bytes.maketrans(b"\n", b",")
#: The shape of a row is the row with a 0 for every digit; a year has a dozen of them.
_ROW = rb"0+(?:,0+(?:\.0+)?){5,}"
#: Prices of so many places; in all, no number has more than 18 digits.
_WHOLE_ROW = rb"0{1,15}(?:,0{1,10}%s){4},0{1,10}(?:\.0{1,8})?"
#: Digits of a decimal that a float keeps apart from every other decimal of as many digits, and
#: as many as the strict reader takes before the point.
_DIGITS_MAX = 15
_TOO_LONG = b"0" * (_DIGITS_MAX + 1)
_decode_whole = msgspec.json.Decoder(list[int]).decode
_decode = msgspec.json.Decoder(list[float]).decode


class _DoubtError(Exception):
    """The file is not as plain as it would have to be."""


def read_history(
    path: Path, contract: Contract, *, allow_gaps: bool = False
) -> tuple[History, list[Fault]]:
    """The candles of a file and the faults that `allow_gaps` let through.

    Raises FileFaultsError and UnreadableFileError as simulator.market.candle_file does.
    """
    try:
        return _plain_file(path, contract.tick_e8), []
    except (_DoubtError, ValueError, OSError, zlib.error):
        pass  # the strict reader says what it is, if it is anything
    read = read_candles(path, contract.tick_e8, contract.step_e8, allow_gaps=allow_gaps)
    try:
        return history_of(read.interval_ms, read.candles), read.faults
    except OverflowError:
        raise UnreadableFileError(f"{path} holds prices beyond 64 bits of ticks") from None


def _plain_file(path: Path, tick_e8: int) -> History:
    if path.suffix == ".zip":
        raise _DoubtError
    with path.open("rb") as file:
        pieces = iter(lambda: file.read(_PIECE_BYTES), b"")
        return plain_history(_unpacked(pieces) if path.suffix == ".gz" else pieces, tick_e8)


def _unpacked(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """What a .gz file of one part holds."""
    inflater = zlib.decompressobj(_GZIP)
    for piece in pieces:
        yield inflater.decompress(piece)
    if not inflater.eof or inflater.unused_data:
        raise _DoubtError


def plain_history(pieces: Iterable[bytes], tick_e8: int) -> History:
    """The columns of a text that is plain throughout. Raises _DoubtError or ValueError if not."""
    columns = [array("q") for _ in range(_COLUMNS - 1)]
    grid = range(0)
    for block in _without_header(_blocks(pieces)):
        shapes = set(block[:-1].translate(_MASK).split(b"\n"))
        times, *prices = _whole_columns(block, shapes, tick_e8) or _columns(block, shapes, tick_e8)
        _check_prices(*prices)
        grid = _longer(grid, times)
        for column, part in zip(columns, (times, *prices), strict=True):
            column.fromlist(part)
    if len(grid) < 2 or grid[0] < MS_MIN or grid[-1] >= MICROSECONDS_MIN:
        raise _DoubtError
    return History(grid.step, *columns)


def _blocks(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """The rows in blocks of whole lines, so that little of a file's text is there at a time."""
    begun = b""
    for piece in pieces:
        whole, newline, begun = (begun + piece).rpartition(b"\n")
        if newline:
            yield whole + newline
        elif len(begun) > _LINE_BYTES_MAX:
            raise _DoubtError
    if begun:
        yield begun + b"\n"


def _without_header(blocks: Iterator[bytes]) -> Iterator[bytes]:
    """Nor with the line that names the columns, if there is one."""
    first, newline, rest = next(blocks, b"").partition(b"\n")
    if not has_header([first.decode("ascii")]):
        rest = first + newline + rest
    if rest:
        yield rest
    yield from blocks


def _longer(grid: range, times: list[int]) -> range:
    """The times so far and those of the next block, which must go on without a gap."""
    if not grid:
        first_ms = times[0]
        interval_ms = times[1] - first_ms if len(times) > 1 else 0
        if interval_ms not in INTERVALS_MS or first_ms % interval_ms:
            raise _DoubtError
        grid = range(first_ms, first_ms, interval_ms)
    due = range(grid.stop, grid.stop + len(times) * grid.step, grid.step)
    if list(due) != times:
        raise _DoubtError
    return range(grid.start, due.stop, grid.step)


def _whole_columns(block: bytes, shapes: set[bytes], tick_e8: int) -> list[list[int]] | None:
    """Open time, open, high, low and close in ticks; None if this quickest way is none.

    Where every price has one tick's places behind its point, the points can be left out, and what
    is left are the ticks.
    """
    places = len(str(E8 // tick_e8)) - 1
    row = _WHOLE_ROW % (rb"\.0{%d}" % places if places else b"")
    if 10**places * tick_e8 != E8 or not all(re.fullmatch(row, shape) for shape in shapes):
        return None
    try:
        values = _decode_whole(_listed(block, b"."))
    except msgspec.DecodeError:  # without its point 0.5 is no number
        return None
    return [values[place::_COLUMNS] for place in range(_COLUMNS - 1)]


def _columns(block: bytes, shapes: set[bytes], tick_e8: int) -> list[list[int]]:
    """The same for rows of six columns or more, prices with any places on the tick."""
    for shape in shapes:
        if not re.fullmatch(_ROW, shape) or _TOO_LONG in shape.replace(b".", b""):
            raise _DoubtError
    (width,) = {shape.count(b",") + 1 for shape in shapes}  # ValueError where rows differ
    values = _decode(_listed(block))
    times, *prices = (values[place::width] for place in range(_COLUMNS - 1))
    return [list(map(int, times)), *(_ticks(column, tick_e8) for column in prices)]


def _listed(block: bytes, left_out: bytes = b"") -> bytes:
    """All numbers of the rows as one list of JSON."""
    return b"[" + block[:-1].translate(_LISTED, left_out) + b"]"


def _check_prices(opens: list[int], highs: list[int], lows: list[int], closes: list[int]) -> None:
    """Every candle's open and close lie between its low and its high, above 0."""
    wrong = (
        any(map(gt, lows, opens))
        or any(map(gt, lows, closes))
        or any(map(gt, opens, highs))
        or any(map(gt, closes, highs))
        or not all(lows)
    )
    if wrong:
        raise _DoubtError


def _ticks(prices: list[float], tick_e8: int) -> list[int]:
    """Prices in whole ticks, exactly.

    No two decimals of 15 digits share a float. So where the float of whole ticks is the float
    that was read, the text said those ticks and nothing finer.
    """
    per_unit, rest = divmod(E8, tick_e8)
    if rest or max(prices) * E8 >= 10**_DIGITS_MAX:
        raise _DoubtError
    ticks = [int(price * per_unit + 0.5) for price in prices]
    if [whole / per_unit for whole in ticks] != prices:
        raise _DoubtError
    return ticks
