"""`python -m backtest download`: history of a symbol into a file, whole or not at all."""

import argparse
import re
from pathlib import Path

import requests

from backtest import download
from backtest.download import Order
from backtest.options import UsageError, option_ms
from backtest.public_rest import CANDLES, FUNDING, MARKS, PublicRest, RestError, Sleep
from job.commands.progress import Progress
from simulator.market.text_file import Fault, FileFaultsError, UnreadableFileError

_MINUTE_MS = 60_000
INTERVALS_MS = {
    "1m": _MINUTE_MS, "3m": 3 * _MINUTE_MS, "5m": 5 * _MINUTE_MS, "15m": 15 * _MINUTE_MS,
    "30m": 30 * _MINUTE_MS, "1h": 60 * _MINUTE_MS, "2h": 120 * _MINUTE_MS, "4h": 240 * _MINUTE_MS,
    "8h": 480 * _MINUTE_MS,
}  # fmt: skip


def download_command(options: argparse.Namespace, sleep: Sleep) -> int:
    """Fetch, check, name; the exit status. Raises UsageError with a line per fault."""
    with requests.Session() as session:
        rest = PublicRest(session, options.url, sleep)
        try:
            order = _order(options, rest)
            rows = download.fetch(order, rest, Progress(f"download {order.symbol}"))
        except RestError as error:
            raise UsageError([str(error)]) from None
    if not rows:
        raise UsageError([f"{order.symbol}: the exchange has nothing between --from and --to"])
    faults = _faults(order)
    if faults and not options.allow_gaps:
        left = f"{order.out} is not written; --allow-gaps takes the rows as they are"
        raise UsageError([str(FileFaultsError(order.part, faults)), left])
    download.finish(order)
    print(
        f"{rows:,} rows in {order.out}" + (f", {len(faults)} faults let through" if faults else "")
    )
    return 0


def _faults(order: Order) -> list[Fault]:
    try:
        return download.faults_of(order)
    except UnreadableFileError as error:
        raise UsageError([f"{error}; remove it and ask again"]) from None


def _order(options: argparse.Namespace, rest: PublicRest) -> Order:
    """What the options ask for. Raises UsageError, RestError."""
    out: Path = options.out
    kind = FUNDING if options.funding else MARKS if options.mark else CANDLES
    interval = options.interval or ("5m" if kind is CANDLES else "8h")
    faults = []
    if not re.fullmatch(r"[A-Z0-9_]{3,30}", options.symbol):
        faults.append(f"{options.symbol}: must be a symbol such as BTCUSDT")
    if not options.url.startswith(("https://", "http://")):
        faults.append(f"--url {options.url}: must begin with https:// or http://")
    if interval not in INTERVALS_MS:
        faults.append(f"--interval {interval}: must be one of {', '.join(INTERVALS_MS)}")
    if out.exists():
        faults.append(f"--out {out}: is there already; remove it or name another file")
    if out.suffix == ".zip":
        faults.append(f"--out {out}: must be a plain file or .gz")
    if faults:
        raise UsageError(faults)
    interval_ms = INTERVALS_MS[interval]
    start_ms, end_ms = option_ms(options.start, "--from"), option_ms(options.end, "--to")
    assert start_ms is not None
    closed_ms = rest.now_ms()
    if kind is not FUNDING:
        closed_ms -= closed_ms % interval_ms  # a candle that runs is no history
        start_ms = -(-start_ms // interval_ms) * interval_ms
    end_ms = closed_ms if end_ms is None else min(end_ms, closed_ms)
    if start_ms >= end_ms:
        raise UsageError(["nothing is closed yet between --from and --to"])
    return Order(kind, options.symbol, interval, interval_ms, start_ms, end_ms, out)
