"""The trades CSV: the same columns from replay, backtest and journal. Times are candle opens."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

COLUMNS = (
    "symbol",
    "side",
    "quantity",
    "signal_time",
    "entry_time",
    "entry_price",
    "exit_time",
    "exit_price",
    "reason",
    "gross",
    "fees",
    "funding",
    "net",
    "balance",
)


def trade_rows(
    records: Iterable[Mapping[str, Any]], intervals_ms: Mapping[str, int]
) -> list[dict[str, str]]:
    """Rows from the journal's trade events, in order of exit time, then of the configuration.

    `intervals_ms` are the configured symbols, in their order; exact times become the open times
    of the candles in which the first entry fill and the last closing fill happened.
    """
    order = {symbol: position for position, symbol in enumerate(intervals_ms)}
    rows = []
    for record in records:
        row = {column: str(record[column]) for column in COLUMNS}
        interval_ms = intervals_ms[record["symbol"]]
        for column in ("entry_time", "exit_time"):
            row[column] = str(record[column] // interval_ms * interval_ms)
        rows.append(row)
    rows.sort(key=lambda row: (int(row["exit_time"]), order[row["symbol"]]))
    return rows


def write_trades(path: Path, rows: Iterable[Mapping[str, str]]) -> None:
    """Write the CSV."""
    import csv  # the backtest, which writes its own, takes only the columns from here

    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
