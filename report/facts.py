"""What the journal says of the days that the page is about. Reads; draws no conclusion."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import msgspec

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


def read_facts(journal: Journal, since_ms: int, until_ms: int) -> Facts:
    """Everything that the page needs to know. OSError when it cannot be read."""
    facts = Facts(since_ms, until_ms)
    facts.trades = sorted(journal.events("trade"), key=lambda event: int(event["exit_time"]))
    for day in days(since_ms, until_ms):
        facts.runs += journal.events("run", day)
        facts.orders += journal.events("order", day)
        facts.fills += journal.events("fill", day)
    for events in (facts.runs, facts.orders, facts.fills):
        events[:] = [event for event in events if since_ms <= event["at_ms"] < until_ms]
        events.sort(key=lambda event: int(event["at_ms"]))
    for run in facts.runs:
        facts.records += [(run["run"], record) for record in _records(run)]
    return facts


def days(since_ms: int, until_ms: int) -> Sequence[str]:
    """The UTC days from one moment to another, YYYY-MM-DD."""
    first, last = since_ms // DAY_MS, (until_ms - 1) // DAY_MS
    return [day_of(day * DAY_MS) for day in range(first, last + 1)]


def _records(run: Event) -> list[Record]:
    """What was decided; nothing where another version of the job wrote it otherwise."""
    if run.get("version") != VERSION:
        return []
    try:
        return msgspec.convert(run["decisions"], list[Record])
    except (msgspec.ValidationError, KeyError):
        return []
