"""`status`: am I in a position, is it protected, is the job alive, what did it do, what is next.

It reads the exchange, the notes and the journal, and changes none of them.
"""

from collections.abc import Callable, Iterable, Iterator

from job.commands.limit_lines import limit_lines
from job.commands.looking import look
from job.commands.output import tell
from job.commands.screen import Line, drawn, is_colourful
from job.config import Config
from job.firing import Firing, Work
from job.outside import Outside
from job.report import clock_text, duration_text, utc_text
from job.results import Results, results_of
from job.wiring import build
from state.reconcile import Standing
from strategy.decide import bars_since
from strategy.words import count_text, risk_sentence

#: Runs that are shown, the newest first.
RUNS_SHOWN = 5
#: Symbols that are named in one line.
SYMBOLS_NAMED = 6


def status(config: Config, outside: Outside, *, as_json: bool) -> int:
    """Print it. Exit status 1 when a position is not protected or the exchange cannot be read."""
    firing = look(build(config, outside, keep=False), "status")
    results, now = results_of(firing.job.journal.events("trade")), firing.exchange_now_ms()
    report = firing.report
    balance = f"balance {report.balance} USDT" if report.balance else "balance not known"
    lines = drawn(
        f"account {report.account}, owner {firing.job.config.owner}, {balance}",
        _answers(firing, results, now),
        now,
        config.venue,
        report.prices,
        colour=is_colourful(outside.environment, as_json=as_json),
    )
    machine = {
        **report.as_dict(),
        "results": results.as_dict(),
        "alive": alive(firing, now).tone == "good",
    }
    tell(lines, machine, as_json=as_json)
    return report.exit_code


def _answers(firing: Firing, results: Results, now_ms: int) -> Iterator[Line]:
    """What a worried person asks, in the order of the worry."""
    flat = [work for work in firing.works if _is_quiet(work)]
    for work in firing.works:
        if work not in flat:
            yield from _position(work, now_ms)
    if flat:
        yield Line("position", f"{named(work.symbol for work in flat)} flat")
    for failure in firing.report.failures:
        yield Line("FAILED", failure, "bad")
    yield from limit_lines(firing, now_ms)
    yield alive(firing, now_ms)
    runs = firing.notes.last_runs[-RUNS_SHOWN:]
    for name, note in zip(["last run", *["before"] * RUNS_SHOWN], reversed(runs), strict=False):
        mark = "ok" if note.ok else "NOT OK"
        yield Line(
            name, f"{utc_text(note.at_ms)} {mark}: {note.text}", "plain" if note.ok else "bad"
        )
    if results.last:
        yield Line("last trade", results.last)
    for text, works in grouped(firing.works, lambda work: _next(firing, work, now_ms)):
        yield Line("next", f"{named(work.symbol for work in works)} {text}")
    yield Line("results", results.sentence())
    for text, works in grouped(firing.works, lambda work: _risk(firing, work)):
        yield Line("risk", f"{named(work.symbol for work in works)} {text}")


def _is_quiet(work: Work) -> bool:
    return work.usable and work.standing is Standing.FLAT and not work.report.error


def named(symbols: Iterable[str]) -> str:
    """Symbols in a line that stays one."""
    names = list(symbols)
    if len(names) <= SYMBOLS_NAMED:
        return ", ".join(names)
    return f"{', '.join(names[:SYMBOLS_NAMED])} and {len(names) - SYMBOLS_NAMED} more"


def grouped(
    works: Iterable[Work], words: Callable[[Work], str]
) -> Iterable[tuple[str, list[Work]]]:
    """Symbols of which the same is to be said, together."""
    groups: dict[str, list[Work]] = {}
    for work in works:
        groups.setdefault(words(work), []).append(work)
    return groups.items()


def _position(work: Work, now_ms: int) -> Iterator[Line]:
    """In a position? Is it protected?"""
    report, trade = work.report, work.notes.trade
    text = f"{work.symbol} {report.position}"
    if work.standing is Standing.OURS and trade is not None:
        since = duration_text(max(0, now_ms - trade.first_fill_ms))
        text += f", since {utc_text(trade.first_fill_ms)} ({since})"
    yield Line("position", text, "plain" if work.usable else "bad")
    if report.protection:
        missing = "MISSING" in report.protection
        yield Line(
            "protected",
            f"{work.symbol} yes, on the exchange: {report.protection}",
            "doubt" if missing else "good",
        )
    if report.error:
        yield Line("FAILED", f"{work.symbol} {report.error}", "bad")


def alive(firing: Firing, now_ms: int) -> Line:
    """Has a run come for the last close, as far as the notes say?"""
    runs = firing.notes.last_runs
    if not runs:
        return Line("alive", "no run yet", "doubt")
    interval_ms = min(work.parameters.interval_ms for work in firing.works)
    last_ms = runs[-1].at_ms
    due_ms = last_ms // interval_ms * interval_ms + interval_ms
    ago = f"the last run was {duration_text(max(0, now_ms - last_ms))} ago"
    if now_ms <= due_ms + firing.job.config.entry_window_ms:
        return Line("alive", f"yes: {ago}", "good")
    missed = (now_ms - due_ms) // interval_ms + 1
    return Line(
        "alive", f"NO: {ago}; {count_text(missed, 'close')} passed since without one", "bad"
    )


def _risk(firing: Firing, work: Work) -> str:
    return risk_sentence(work.parameters, firing.job.config.taker_fee_ppm)


def _next(firing: Firing, work: Work, now_ms: int) -> str:
    """What the next close may bring."""
    parameters, notes = work.parameters, work.notes
    interval = parameters.interval_ms
    closes_ms = now_ms // interval * interval + interval
    text = f"next close {clock_text(closes_ms)}"
    if notes.trade is not None:
        moved = "" if notes.trade.stop_moved else ", or move the stop"
        return f"{text}: the run after it may close at the average{moved}"
    window = clock_text(closes_ms + firing.job.config.entry_window_ms)
    text += f": an entry may leave until {window}"
    if not notes.ended_ms:
        return text
    left = parameters.cooldown_bars - bars_since(now_ms - interval, notes.ended_ms, interval)
    state = f"{left} candles left" if left > 0 else "over"
    return f"{text}; last trade ended {utc_text(notes.ended_ms)}; cooldown {state}"
