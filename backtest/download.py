"""History into a file that is whole or not there: what has come waits in a .part file beside it.

An interrupted download goes on after its last whole row. The file gets its name only when it has
been checked: no gap, no bad row, from the first moment asked for to the last. Must not repair.
"""

import gzip
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

from backtest.public_rest import CANDLES, FUNDING, Kind, PublicRest
from simulator.market.candle_file import read_candles
from simulator.market.series_file import read_funding, read_marks
from simulator.market.text_file import Fault, FileFaultsError, in_words

#: Funding comes every 8 hours at the most, some ms late; a longer silence is a gap.
_FUNDING_EVERY_MS = 8 * 3_600_000
_LATE_MS = 60_000


class Order(NamedTuple):
    """What to fetch: candles that open from `start_ms` until before `end_ms`."""

    kind: Kind
    symbol: str
    interval: str
    interval_ms: int
    start_ms: int
    end_ms: int
    out: Path

    @property
    def part(self) -> Path:
        """Where it waits. Its name says what it is part of, so that nothing is mixed."""
        begin = datetime.fromtimestamp(self.start_ms / 1000, UTC).strftime("%Y%m%dT%H%M")
        what = f"{self.symbol}-{self.kind.endpoint}-{self.interval}-{begin}"
        return self.out.with_name(f"{self.out.name}.{what}.part")


def fetch(order: Order, rest: PublicRest, progress: Callable[[int, int], None]) -> int:
    """Fetch what is missing into the .part file; the number of rows in it. Raises RestError."""
    order.part.parent.mkdir(parents=True, exist_ok=True)
    rows, after_ms = _kept(order)
    due = max(1, (order.end_ms - order.start_ms) // order.interval_ms)
    start_ms = order.start_ms if after_ms is None else after_ms + 1
    if order.kind is not FUNDING and after_ms is not None:
        start_ms = after_ms + order.interval_ms
    try:
        with order.part.open("a", encoding="ascii", newline="") as file:
            asked = (order.kind, order.symbol, order.interval, start_ms, order.end_ms)
            for page in rest.pages(*asked):
                file.writelines(f"{line}\n" for _, line in page)
                file.flush()
                rows += len(page)
                progress(min(rows, due), due)
    finally:
        if not rows:  # a header alone is nothing to go on from
            order.part.unlink(missing_ok=True)
    return rows


def _kept(order: Order) -> tuple[int, int | None]:
    """Rows of the .part file and the time of the last; what follows its last whole row is cut."""
    if not order.part.exists():
        order.part.write_text(order.kind.header + "\n", encoding="ascii")
        return 0, None
    data = order.part.read_bytes()
    lines = data[: data.rfind(b"\n") + 1].splitlines()
    columns = order.kind.header.count(",")
    while len(lines) > 1 and not (
        lines[-1].count(b",") == columns and lines[-1].partition(b",")[0].isdigit()
    ):
        lines.pop()  # what a machine left that died while it wrote
    order.part.write_bytes(b"".join(line + b"\n" for line in lines or [order.kind.header.encode()]))
    rows = max(0, len(lines) - 1)
    return rows, int(lines[-1].split(b",")[0]) if rows else None


def faults_of(order: Order) -> list[Fault]:
    """What is wrong with what has come, by line: bad rows, gaps, and ends that are missing."""
    try:
        times = list(_times(order))
    except FileFaultsError as error:
        return list(error.faults)
    every_ms = _FUNDING_EVERY_MS + _LATE_MS if order.kind is FUNDING else order.interval_ms
    first_due = order.start_ms + (_FUNDING_EVERY_MS + _LATE_MS if order.kind is FUNDING else 0)
    faults = []
    if times[0] > first_due:
        faults.append(Fault(2, f"begins {in_words(times[0])}, not {in_words(order.start_ms)}"))
    for line, (before, time) in enumerate(pairwise(times), 3):
        if time - before > every_ms:
            faults.append(Fault(line, f"a gap from {in_words(before)} to {in_words(time)}"))
    if times[-1] + every_ms < order.end_ms:
        end = in_words(order.end_ms)
        faults.append(Fault(len(times) + 1, f"ends {in_words(times[-1])}, not before {end}"))
    return faults


def _times(order: Order) -> Iterator[int]:
    """Times of all rows, read as a backtest reads them. Raises FileFaultsError for bad rows."""
    finest = 1  # in 1e-8: every price of at most 8 places is on this tick
    if order.kind is FUNDING:
        return (time_ms for time_ms, _ in read_funding(order.part))
    if order.kind is CANDLES:
        read = read_candles(order.part, finest, finest, interval_ms=order.interval_ms,
                            allow_gaps=False)  # fmt: skip
        return (candle.open_time_ms for candle in read.candles)
    return (time_ms for time_ms, _ in read_marks(order.part, finest))


def finish(order: Order) -> None:
    """Give the file its name, packed where the name says so."""
    if order.out.suffix == ".gz":
        packed = order.part.with_suffix(".packed")
        # no name and no time inside: the same rows are the same file
        packed.write_bytes(gzip.compress(order.part.read_bytes(), mtime=0))
        packed.replace(order.out)
        order.part.unlink()
    else:
        order.part.replace(order.out)
