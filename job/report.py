"""What a run tells: one line for a person, one object for a machine. Decides nothing."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, NamedTuple


def utc_text(at_ms: int) -> str:
    """ms UTC as "2026-11-22 12:05:03Z"."""
    return datetime.fromtimestamp(at_ms // 1000, UTC).strftime("%Y-%m-%d %H:%M:%SZ")


def clock_text(at_ms: int) -> str:
    """ms UTC as "12:05:00"."""
    return datetime.fromtimestamp(at_ms // 1000, UTC).strftime("%H:%M:%S")


def duration_text(duration_ms: int) -> str:
    """A duration as "2 min 41 s" or "41 s"."""
    minutes, seconds = divmod(duration_ms // 1000, 60)
    hours, minutes = divmod(minutes, 60)
    parts = [f"{hours} h"] if hours else []
    parts += [f"{minutes} min"] if minutes or hours else []
    return " ".join([*parts, f"{seconds} s"])


class News(NamedTuple):
    """Something people are told once: what kind of thing, and the sentence."""

    kind: str
    text: str


@dataclass
class SymbolReport:
    """What happened to one symbol. Prices and money are texts as on the wire."""

    symbol: str
    reason: str = ""
    candle_ms: int | None = None
    close: str = ""
    average: str = ""
    deviation: str = ""
    position: str = "position not known"
    protection: str = ""
    others: str = ""  # what people have resting on the symbol themselves
    unprotected: bool = False  # a position of ours without a valid stop on the exchange
    orders: list[str] = field(default_factory=list)
    ended: list[str] = field(default_factory=list)
    error: str = ""

    def line(self) -> str:
        """The sentence of the symbol, without time and venue."""
        parts = []
        if self.candle_ms is not None:
            figures = f"close {self.close}"
            if self.average:
                figures += f", SMA {self.average}, deviation {self.deviation}"
            parts.append(f"candle {clock_text(self.candle_ms)[:5]} {figures}")
        parts += self.ended
        if self.reason:
            parts.append(self.reason)
        parts += self.orders
        parts.append(self.position + (f", {self.protection}" if self.protection else ""))
        if self.others:
            parts.append(self.others)
        if self.error:
            parts.append(f"FAILED: {self.error}")
        return f"{self.symbol} " + " | ".join(parts)


@dataclass
class Report:
    """What one run did."""

    run: str
    command: str
    venue: str
    account: str
    at_ms: int
    prices: str = ""  # "synthetic" where people must be told that the market is invented
    told_at_ms: int = 0  # when the lines were made; 0 = at_ms
    symbols: list[SymbolReport] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    brakes: list[str] = field(default_factory=list)  # why nothing may be entered at all
    balance: str = ""
    steps_ms: dict[str, int] = field(default_factory=dict)
    touched: bool = True
    day_over: bool = False  # this run has done the work of the night
    left: bool = False  # another firing is at work, or was faster
    summary: str = ""  # of the day before, once a day
    news: list[News] = field(default_factory=list)  # what people are to be told

    @property
    def ok(self) -> bool:
        """Did every symbol end as it should? False means that someone should look."""
        return not self.failures and not any(symbol.error for symbol in self.symbols)

    @property
    def exit_code(self) -> int:
        """The process's exit status."""
        return 0 if self.ok else 1

    def lines(self) -> list[str]:
        """Lines for a person, each with time (UTC) and venue."""
        took = sum(self.steps_ms.values())
        end = f" | balance {self.balance} USDT" if self.balance else ""
        end += f" | {took} ms" if took else ""
        texts = [f"notice: {notice}" for notice in self.notices]
        texts += [symbol.line() + end for symbol in self.symbols]
        texts += self.brakes
        texts += [f"FAILED: {failure}" for failure in self.failures]
        return list(stamped(texts, self.told_at_ms or self.at_ms, self.venue, self.prices))

    def as_dict(self) -> dict[str, Any]:
        """The same for a machine."""
        return {
            "run": self.run,
            "command": self.command,
            "venue": self.venue,
            "account": self.account,
            "prices": self.prices,
            "at_ms": self.at_ms,
            "time": utc_text(self.at_ms),
            "ok": self.ok,
            "symbols": [vars(symbol) for symbol in self.symbols],
            "notices": self.notices,
            "failures": self.failures,
            "brakes": self.brakes,
            "balance": self.balance,
            "steps_ms": self.steps_ms,
        }


def stamped(texts: Iterable[str], at_ms: int, venue: str, prices: str = "") -> Iterable[str]:
    """Put time and venue before each line, and that the prices are synthetic when they are."""
    invented = " (synthetic prices)" if prices == "synthetic" else ""
    for text in texts:
        yield f"{utc_text(at_ms)} {venue.upper()}{invented} {text}"
