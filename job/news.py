"""What is worth telling people: each thing once, as it changes, never once a run.

Found by comparing the notes that a firing loaded with those it is about to save, so that what was
told is remembered by the same save. Sends nothing (`job.notify` does, after the save).
"""

from collections.abc import Iterator

import msgspec

from job.firing import Firing, Work
from job.report import News, utc_text
from job.telling import brake_text
from state.model import Notes, SymbolNotes
from state.reconcile import Standing

HOUR_MS = 3_600_000
#: A job that fails, is well and fails again is told of once in so long.
QUIET_MS = HOUR_MS
#: Without notes that can be saved nothing is remembered: then only runs in this part of an hour
#: tell that they failed.
TELLING_MS = 300_000
FAILED, UNPROTECTED = "failed", "unprotected"


def gather(firing: Firing) -> None:
    """Put the news into the report, and into the notes what people will then have been told.

    To be called before a save; called again before a later one, it says everything again.
    """
    if not firing.job.tells_news:
        return
    news = [*_trades(firing), *_brakes(firing), *_alarms(firing)]
    if firing.report.summary:
        news.append(News("summary", firing.report.summary))
    firing.report.news, firing.saved = news, False


def to_tell(firing: Firing) -> None:
    """After the last save: keep what may be told. What was not saved will be news once more."""
    report = firing.report
    if firing.saved:
        return
    hourly = report.command == "run" and report.at_ms % HOUR_MS < TELLING_MS
    kinds = (UNPROTECTED, FAILED) if hourly else (UNPROTECTED,)
    report.news = [] if firing.may_save else [each for each in report.news if each.kind in kinds]


def _trades(firing: Firing) -> Iterator[News]:
    rebuilt = firing.loaded.revision == 0
    for work in firing.works:
        before = firing.loaded.symbols.get(work.symbol, SymbolNotes())
        if not rebuilt:  # with lost notes, old trades look as if they had ended just now
            for text in work.report.ended:
                yield News("closed", f"{work.symbol} {text}{_balance(firing)}")
        trade = work.notes.trade
        if trade is None or work.standing is not Standing.OURS:
            continue
        text = f"{work.symbol} {work.report.position}, {work.report.protection}"
        old = before.trade
        if old is None or old.signal_ms != trade.signal_ms:
            since = f"since {utc_text(trade.first_fill_ms)}"
            yield News("opened", f"{text}, {since}{_balance(firing)}")
        elif trade.stop_moved and not old.stop_moved:
            yield News("moved", f"{text}: the stop has moved to break-even")


def _balance(firing: Firing) -> str:
    return f"; balance {firing.report.balance} USDT" if firing.report.balance else ""


def _brakes(firing: Firing) -> Iterator[News]:
    for brake in firing.notes.brakes:
        if not brake.symbol and brake not in firing.loaded.brakes:
            yield News("halted", brake_text(brake))


def _alarms(firing: Firing) -> Iterator[News]:
    """Transitions of what is wrong; an outage that all symbols share is one of them."""
    before, now_ms, command = firing.loaded, firing.report.at_ms, firing.report.command
    alarms, told_ms = _now_wrong(firing, before, now_ms), before.alarm_told_ms
    begun = alarms.keys() - before.alarms.keys()
    over = before.alarms.keys() - alarms.keys()
    if any(key.startswith(UNPROTECTED) for key in begun):
        yield News(UNPROTECTED, f"LOOK NOW: {_what_is_wrong(firing)}")
        told_ms = now_ms
    elif command in begun and now_ms - told_ms >= QUIET_MS:
        yield News(FAILED, _what_is_wrong(firing))
        told_ms = now_ms
    elif command in over and not alarms and told_ms >= before.alarms[command]:
        yield News("well", f"{command} is well again")
    if (alarms, told_ms) != (before.alarms, before.alarm_told_ms):
        firing.notes = msgspec.structs.replace(firing.notes, alarms=alarms, alarm_told_ms=told_ms)


def _now_wrong(firing: Firing, before: Notes, now_ms: int) -> dict[str, int]:
    """What is wrong, and since when. Only who can see that something is right may say so."""
    report = firing.report
    alarms = dict(before.alarms)
    since_ms = min(alarms.values(), default=now_ms)  # what joins an outage began with it
    if report.ok:
        alarms.pop(report.command, None)
    else:
        alarms.setdefault(report.command, since_ms)
    for work in firing.works:
        key = f"{UNPROTECTED} {work.symbol}"
        if work.report.unprotected:
            alarms.setdefault(key, since_ms)
        elif _is_known(work):
            alarms.pop(key, None)
    return alarms


def _is_known(work: Work) -> bool:
    return work.usable and not work.blind


def _what_is_wrong(firing: Firing) -> str:
    """The faults, each once, however many symbols share it."""
    report = firing.report
    faults: dict[str, list[str]] = {}
    for symbol in report.symbols:
        if symbol.error:
            faults.setdefault(symbol.error, []).append(symbol.symbol)
    texts = [f"{', '.join(symbols)}: {error}" for error, symbols in faults.items()]
    return f"{report.command} FAILED: {'; '.join([*report.failures, *texts])}"
