"""Run the oracle over a candle file and write its trades: `python -m tests.oracle FILE ...`.

A tool for developers who compare. It must not be used to judge a strategy: it is slow.
"""

import argparse
import sys
from datetime import UTC, datetime
from pathlib import Path

from tests.oracle.candles import read_candles, read_funding, read_marks
from tests.oracle.oracle import replay
from tests.oracle.result import Result, write_trades
from tests.oracle.rules import RULES
from tests.oracle.settings import COSTS


def moment_ms(text: str) -> int:
    """Milliseconds of `text`: a whole number is ms already, else ISO (UTC unless it says)."""
    if text.isdigit():
        return int(text)
    when = datetime.fromisoformat(text)
    when = when if when.tzinfo else when.replace(tzinfo=UTC)
    return int(when.timestamp()) * 1000


def main(arguments: list[str]) -> int:
    """The command; exit status 0. Faults of usage end it with 2, others with a traceback."""
    parser = argparse.ArgumentParser(prog="python -m tests.oracle", description=__doc__)
    parser.add_argument("candles", type=Path)
    parser.add_argument("--symbol", default="BTCUSDT", choices=sorted(RULES))
    parser.add_argument("--funding", type=Path)
    parser.add_argument("--mark", type=Path)
    parser.add_argument("--set", action="append", nargs="+", default=[], metavar="K=V")
    parser.add_argument("--from", dest="first", type=moment_ms)
    parser.add_argument("--to", dest="end", type=moment_ms)
    parser.add_argument("--balance", default="10000")
    parser.add_argument("--symbols", type=int, default=1, help="what the balance is divided by")
    parser.add_argument("--trades", type=Path)
    parser.add_argument("--events", type=Path, help="every branch taken, with its time")
    options = parser.parse_args(arguments)
    given = dict(pair.split("=", 1) for group in options.set for pair in group)
    result = replay(
        read_candles(options.candles),
        {name: text for name, text in given.items() if name not in COSTS},
        {name: text for name, text in given.items() if name in COSTS},
        RULES[options.symbol],
        balance=options.balance,
        funding=read_funding(options.funding) if options.funding else None,
        marks=read_marks(options.mark) if options.mark else None,
        first_ms=options.first,
        end_ms=options.end,
        symbols=options.symbols,
    )
    if options.trades:
        write_trades(result.rows, options.trades)
    if options.events:
        lines = [f"{event.time_ms} {event.branch}\n" for event in result.events]
        options.events.write_text("".join(lines))
    print(summary(result))
    return 0


def summary(result: Result) -> str:
    """Trades, wallet and branch counts in a few lines."""
    lines = [f"{len(result.rows)} trades, wallet {result.wallet}"]
    if result.open_trade is not None:
        trade = result.open_trade
        lines.append(
            f"open: {trade.word} {float(trade.quantity)} since {trade.entry_ms}"
            f" at {float(trade.entry)}"
        )
    lines += [f"{count:7d}  {branch}" for branch, count in sorted(result.branches.items())]
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
