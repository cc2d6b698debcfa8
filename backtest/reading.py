"""Candle files into columns: quickly where a file is plain, else through the strict reader.

A year is 100,000 rows, and reading them is most of what a backtest does. A file whose rows are
plain numbers on the tick, without a gap, is taken in blocks; at the first doubt the strict reader
takes it from the beginning and finds the words. Must never accept what that one refuses.
"""

import gzip
import zlib
from array import array
from collections.abc import Iterator
from io import BufferedIOBase
from operator import gt
from pathlib import Path

import msgspec

from backtest.history import History, history_of
from simulator.engine.model import Contract
from simulator.market.candle_file import INTERVALS_MS, read_candles
from simulator.market.plain_numbers import E8
from simulator.market.text_file import MICROSECONDS_MIN, MS_MIN, Fault, has_header

_COLUMNS = 6
_BLOCK_BYTES = 1 << 16  # small blocks are read in memory that is there already
_DIGITS = b"0123456789"
_MASK = bytes.maketrans(_DIGITS, b"0" * len(_DIGITS))
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
    except (_DoubtError, ValueError, OSError, EOFError, zlib.error):
        pass  # the strict reader says what it is, if it is anything
    read = read_candles(path, contract.tick_e8, contract.step_e8, allow_gaps=allow_gaps)
    return history_of(read.interval_ms, read.candles), read.faults


def _plain_file(path: Path, tick_e8: int) -> History:
    if path.suffix == ".zip":
        raise _DoubtError
    with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as file:
        return plain_history(file, tick_e8)


def plain_history(file: BufferedIOBase, tick_e8: int) -> History:
    """The columns of a file that is plain throughout. Raises _DoubtError or ValueError if not."""
    columns = [array("q") for _ in range(_COLUMNS - 2)]
    grid = range(0)
    for block in _blocks(file):
        times, *prices = _whole_columns(block, tick_e8) or _columns(block, tick_e8)
        _check_prices(*prices)
        grid = _longer(grid, times)
        for column, part in zip(columns, prices, strict=True):
            column.fromlist(part)
    if len(grid) < 2 or grid[0] < MS_MIN or grid[-1] >= MICROSECONDS_MIN:
        raise _DoubtError
    return History(grid.step, array("q", grid), *columns)


def _blocks(file: BufferedIOBase) -> Iterator[bytes]:
    """The rows in blocks of whole lines, so that little of a file's text is there at a time."""
    first = file.readline()
    if has_header([first.decode("ascii")]):
        first = b""
    while block := first + file.read(_BLOCK_BYTES) + file.readline():
        first = b""
        yield block if block.endswith(b"\n") else block + b"\n"


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


def _whole_columns(block: bytes, tick_e8: int) -> list[list[int]] | None:
    """Open time, open, high, low and close in ticks; None if this quickest way is none.

    Where every row has the same points and every price one tick's places behind its point, the
    points can be left out, and what is left are the ticks.
    """
    places = len(str(E8 // tick_e8)) - 1
    rows = block.count(b"\n")
    if 10**places * tick_e8 != E8 or block.translate(None, _DIGITS) != b",.,.,.,.,.\n" * rows:
        return None
    masked = block.translate(_MASK)
    unlike = masked.count(b"." + b"0" * places + b",") != 4 * rows
    # A number must not begin with 0 or with its point, so prices below 1 go the other way.
    if unlike or b",0" in block or b",." in block or _TOO_LONG in masked:
        return None
    values = _decode_whole(_listed(block.replace(b".", b"")))
    return [values[place::_COLUMNS] for place in range(_COLUMNS - 1)]


def _columns(block: bytes, tick_e8: int) -> list[list[int]]:
    """The same for rows of six columns or more, prices with any places on the tick."""
    width = block.count(b",", 0, block.index(b"\n")) + 1
    row = b"," * (width - 1) + b"\n"
    # Without its numbers every row must be the same; what is a number, the decoder knows.
    without = block.translate(None, _DIGITS + b".")
    if width < _COLUMNS or without != row * block.count(b"\n"):
        raise _DoubtError
    if _TOO_LONG in block.translate(_MASK, b"."):
        raise _DoubtError
    values = _decode(_listed(block))
    times, *prices = (values[place::width] for place in range(_COLUMNS - 1))
    if not all(map(float.is_integer, times)):
        raise _DoubtError
    return [list(map(int, times)), *(_ticks(column, tick_e8) for column in prices)]


def _listed(block: bytes) -> bytes:
    """All numbers of the rows as one list of JSON."""
    return b"[" + block[:-1].replace(b"\n", b",") + b"]"


def _check_prices(opens: list[int], highs: list[int], lows: list[int], closes: list[int]) -> None:
    """Every candle's open and close lie between its low and its high, above 0."""
    wrong = (
        any(map(gt, lows, opens))
        or any(map(gt, lows, closes))
        or any(map(gt, opens, highs))
        or any(map(gt, closes, highs))
        or min(lows) <= 0
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
