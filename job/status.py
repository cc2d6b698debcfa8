"""`status`: am I in a position, is it protected, is the job alive, what did it do, what is next.

It reads the exchange, the notes and the journal, and changes none of them.
"""

from decimal import Decimal
from typing import Any

from exchange.errors import VenueError
from job.budget import OutOfTimeError
from job.config import Config
from job.firing import Firing, Journal, Work, each
from job.opening import begin, load_notes
from job.output import tell
from job.outside import Outside
from job.owning import stand_back
from job.reading import read_everything
from job.report import clock_text, count_text, duration_text, stamped, utc_text
from job.settling import settle
from job.telling import tell_symbols
from job.wiring import build
from strategy.decide import bars_since


def status(config: Config, outside: Outside, *, as_json: bool) -> int:
    """Print it. Exit status 1 when a position is not protected or the exchange cannot be read."""
    job = build(config, outside, keep=False)
    firing = begin(job, "status")
    load_notes(firing)
    try:
        read_everything(firing, with_candles=False)
        each(firing, [work for work in firing.works if work.usable], settle)
        stand_back(firing)
        firing.wallet_e8 = firing.gateway.wallet_e8()
    except VenueError as error:
        firing.report.failures.append(str(error))
    except OutOfTimeError:
        firing.report.failures.append("the exchange took too long to answer")
    tell_symbols(firing)
    results = _results(job.journal)
    now = firing.exchange_now_ms()
    lines = stamped(_lines(firing, results, now), now, config.venue, firing.report.prices)
    tell(lines, {**firing.report.as_dict(), "results": results}, as_json=as_json)
    return firing.report.exit_code


def _lines(firing: Firing, results: dict[str, Any], now_ms: int) -> list[str]:
    report = firing.report
    balance = f"balance {report.balance} USDT" if report.balance else "balance not known"
    lines = [f"account {report.account}, owner {firing.job.config.owner}, {balance}"]
    for work in firing.works:
        lines += _symbol_lines(work, now_ms)
    runs = firing.notes.last_runs
    if not runs:
        lines.append("no run yet")
    for note in runs[-5:]:
        mark = "ok" if note.ok else "NOT OK"
        ago = duration_text(max(0, now_ms - note.at_ms))
        lines.append(f"run {utc_text(note.at_ms)} ({ago} ago) {mark}: {note.text}")
    lines.append(
        f"{count_text(results['trades'], 'trade')}: gross {results['gross']}, "
        f"fees {results['fees']}, funding {results['funding']}, net {results['net']} USDT"
    )
    return lines + [f"FAILED: {failure}" for failure in report.failures]


def _symbol_lines(work: Work, now_ms: int) -> list[str]:
    report, parameters = work.report, work.parameters
    position = f"{work.symbol} {report.position}"
    if report.protection:
        position += f" | protected: {report.protection}"
    lines = [position + (f" | FAILED: {report.error}" if report.error else "")]
    interval = parameters.interval_ms
    if work.notes.ended_ms and work.notes.trade is None:
        waited = bars_since(now_ms - interval, work.notes.ended_ms, interval)
        left = parameters.cooldown_bars - waited
        state = f"{left} candles left" if left > 0 else "over"
        lines.append(
            f"{work.symbol} last trade ended {utc_text(work.notes.ended_ms)}; cooldown {state}"
        )
    closes = now_ms // interval * interval + interval
    lines.append(f"{work.symbol} next close {clock_text(closes)}")
    return lines


def _results(journal: Journal) -> dict[str, Any]:
    """Sums over the journal's trades, as exact texts."""
    sums = dict.fromkeys(("gross", "fees", "funding", "net"), Decimal(0))
    trades = 0
    for record in journal.events("trade"):
        trades += 1
        for name in sums:
            sums[name] += Decimal(record[name])
    return {"trades": trades, **{name: f"{value:.2f}" for name, value in sums.items()}}
