"""Checks of what the books rely on: fills page from the oldest, the income names its fills."""

from exchange.views import Row, money_e8
from job.canary.bench import Bench
from job.canary.contract import DifferentError, demand
from strategy.instrument import money_text

#: Before this the canary has done nothing.
BEFORE_MS = 1_000


def first_page_is_oldest(bench: Bench) -> str:
    """Does a page of the fills hold the oldest of its span?"""
    since = bench.began_ms - BEFORE_MS
    rows = bench.gateway.fill_rows_since(bench.symbol, since, bench.now_ms())
    if len(rows) < 2:
        raise DifferentError(f"{len(rows)} fills since the canary began")
    [first] = bench.gateway.fill_page(bench.symbol, since, bench.now_ms(), 1)
    oldest = min(int(row["id"]) for row in rows)
    return demand(int(first["id"]) == oldest, f"of {len(rows)} fills number {first['id']}")


def income_names_fills(bench: Bench) -> str:
    """Is the entry's commission booked in the income, under its fill's number?"""
    wanted = {str(row["id"]): money_e8(row["commission"]) for row in bench.held.fills}

    def booked() -> dict[str, int]:
        rows: list[Row] = bench.gateway.income_rows_since(
            bench.began_ms - BEFORE_MS, bench.now_ms()
        )
        return {
            str(row["tradeId"]): -money_e8(row["income"])
            for row in rows
            if row["incomeType"] == "COMMISSION" and str(row["tradeId"]) in wanted
        }

    found, waited_ms = bench.until(booked, lambda rows: rows.keys() == wanted.keys())
    demand(found == wanted, f"{found} instead of {wanted}, for {waited_ms} ms")
    return f"{money_text(sum(found.values()))} paid, after {waited_ms} ms"
