"""What the journal says of the days that the page is about. Reads; draws no conclusion."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import msgspec

from job.budget import Budget, OutOfTimeError
from job.firing import Journal
from job.question import VERSION, Answer, Question, Record
from state.journal import Event, day_of
from strategy.units import DAY_MS


@dataclass
class Facts:
    """Events of the page's days, oldest first; `trades` are those of all days.

    `records` are the decisions that could be read, each with its run's name.
    """

    since_ms: int
    until_ms: int
    runs: list[Event] = field(default_factory=list)
    records: list[tuple[str, Record]] = field(default_factory=list)
    trades: list[Event] = field(default_factory=list)
    orders: list[Event] = field(default_factory=list)
    fills: list[Event] = field(default_factory=list)

    def decided(self, symbol: str) -> Iterator[tuple[Question, Answer]]:
        """A symbol's decisions, the first of each candle, oldest first."""
        known: set[int] = set()
        for _, record in self.records:
            if record.symbol == symbol and record.signal_ms not in known:
                known.add(record.signal_ms)
                yield record.asked, record.answered

    def newest(self, symbol: str) -> Record | None:
        """A symbol's last decision, whether or not its candle was decided before."""
        return next((last for _, last in reversed(self.records) if last.symbol == symbol), None)

    def trades_of(self, symbol: str) -> list[Event]:
        """The finished trades of a symbol that were decided in the page's days."""
        return [
            trade
            for trade in self.trades
            if trade["symbol"] == symbol and trade["signal_time"] >= self.since_ms
        ]


def read_facts(journal: Journal, since_ms: int, until_ms: int, budget: Budget) -> Facts:
    """Everything that the page needs to know. OSError when it cannot be read, OutOfTimeError when
    that takes too long: in S3 every run is an object of its own.
    """

    def read(kind: str, day: str | None = None) -> Iterator[Event]:
        for event in journal.events(kind, day):
            if budget.left_ms() < 0:
                raise OutOfTimeError
            yield event

    facts = Facts(since_ms, until_ms)
    decided: dict[str, list[Record]] = {}
    facts.trades = sorted(read("trade"), key=lambda event: int(event["exit_time"]))
    for day in days(since_ms, until_ms):
        for run in read("run", day):
            decided[run["run"]] = _records(run)
            facts.runs.append(run)
        facts.orders += read("order", day)
        facts.fills += read("fill", day)
    for events in (facts.runs, facts.orders, facts.fills):
        events[:] = [event for event in events if since_ms <= event["at_ms"] < until_ms]
        events.sort(key=lambda event: int(event["at_ms"]))
    for run in facts.runs:
        facts.records += [(run["run"], record) for record in decided[run["run"]]]
    return facts


def days(since_ms: int, until_ms: int) -> Sequence[str]:
    """The UTC days from one moment to another, YYYY-MM-DD."""
    first, last = since_ms // DAY_MS, (until_ms - 1) // DAY_MS
    return [day_of(day * DAY_MS) for day in range(first, last + 1)]


def _records(run: Event) -> list[Record]:
    """What was decided, taken out of the run: by far most of it, and not kept twice. Nothing where
    another version of the job wrote it otherwise.
    """
    if run.get("version") != VERSION:
        return []
    try:
        return msgspec.convert(run.pop("decisions"), list[Record])
    except (msgspec.ValidationError, KeyError):
        return []
