"""`halt`, `resume`, `flatten`: the switch that people turn. It forbids entries, nothing else.

The switch is saved first, on top of whatever is saved, lock or no lock: a run under way that has
not yet written an entry down loses its save and enters nothing. It stands in the journal as well,
so that lost notes do not switch the job on again.
"""

from collections.abc import Callable

import msgspec

from exchange import ids
from job.budget import OutOfTimeError
from job.firing import Firing, Job, Work, each
from job.opening import (
    WrongNotesError,
    begin,
    load_notes,
    lock_is_in_use,
    note_claim,
    notes_fault,
    out_of_time,
    owner_fault,
)
from job.protecting import protect
from job.reading import read_everything
from job.report import News, Report
from job.settling import settle
from job.telling import brake_text, tell_symbols
from state.brakes import HALT, brakes_on, put_on, resumed
from state.codec import UnreadableNotesError
from state.model import Brake, Notes, SymbolNotes
from state.reconcile import Standing
from state.store import LostRaceError

#: How often the switch is saved on top of what another run has saved meanwhile.
SAVES_MAX = 5
#: How long `flatten` waits for a run under way before it goes on beside it, and how often it asks.
LOCK_WAIT_MS = 10_000
ASK_AGAIN_MS = 500
#: A pass that has left something open is followed by another while so much time is left.
PASS_MS = 10_000
PAUSE_MS = 2_000

Change = Callable[[Notes, int], Notes]


def halt(job: Job) -> Report:
    """No entries until `resume`; what is open keeps its protection and its exits."""
    firing = begin(job, "halt")
    with job.claim(job.clock.now_ms()):  # a courtesy: the save by revision is what counts
        _switch_off(firing, "halted by hand")
    return _told(firing)


def resume(job: Job) -> Report:
    """Entries again; a limit of the day still holds until its day is over."""
    firing = begin(job, "resume")
    with job.claim(job.clock.now_ms()):
        if _save_switch(firing, resumed):
            _journal_switch(firing, on=False, reason="")
    return _told(firing)


def flatten(job: Job) -> Report:
    """Halt, close what is ours at market, sweep our orders. Strangers' things are left alone."""
    firing = begin(job, "flatten")
    _switch_off(firing, "flattened by hand")
    until_ms = job.clock.now_ms() + LOCK_WAIT_MS
    while True:
        now_ms = job.clock.now_ms()
        with job.claim(now_ms) as claim:
            if claim.ours or now_ms >= until_ms or not lock_is_in_use(job, claim):
                note_claim(firing, claim)
                return _close_all(firing, list(firing.report.failures))
        job.clock.sleep_ms(ASK_AGAIN_MS)


def _switch_off(firing: Firing, reason: str) -> None:
    def change(notes: Notes, now_ms: int) -> Notes:
        return put_on(notes, Brake(HALT, reason, now_ms), now_ms)

    _save_switch(firing, change)
    _journal_switch(firing, on=True, reason=reason)


def _journal_switch(firing: Firing, *, on: bool, reason: str) -> None:
    firing.tell("switch", on=on, reason=reason, by=firing.report.command)
    try:
        firing.job.journal.append(firing.events)
    except OSError as error:
        firing.report.failures.append(f"the journal cannot be written ({error.strerror})")
    firing.events = []


def _save_switch(firing: Firing, change: Change) -> bool:
    """Change the saved notes, whoever else saves meanwhile. False, and told, when they cannot be.

    Raises WrongNotesError.
    """
    store, config = firing.job.store, firing.job.config
    try:
        for _ in range(SAVES_MAX):
            notes = store.load() or Notes(config.venue, config.account, config.owner)
            fault = notes_fault(notes, config)
            if firing.report.command != "halt":  # anybody may halt another deployment's job
                fault = fault or owner_fault(notes, config)
            if fault:
                raise WrongNotesError([f"state: {fault}"])
            firing.job.budget.clock_offset_ms = notes.clock_offset_ms
            try:
                firing.notes = store.save(change(notes, firing.exchange_now_ms()))
            except LostRaceError:
                continue
            return True
        why = "other runs were faster each time"
    except UnreadableNotesError as error:
        why = f"{error}; the switch counts from the journal once the notes are made anew"
    except OSError as error:
        why = f"{error.strerror}: {error.filename}"
    firing.report.failures.append(f"the switch could NOT be saved: {why}")
    return False


def _told(firing: Firing) -> Report:
    """What the switch stands at now, and what is open by the notes."""
    report, notes = firing.report, firing.notes
    report.symbols = []
    if not report.failures:
        on = brakes_on(notes, firing.exchange_now_ms())
        report.brakes = [brake_text(brake) for brake in on]
        if not on:
            report.notices.append("entries are allowed again")
        report.news = [News("switch", text) for text in report.brakes or report.notices]
        for symbol, kept in notes.symbols.items():
            if kept.trade is not None and report.command == "halt":
                report.notices.append(f"{symbol} is open; `flatten` would close it")
    return report


def _close_all(firing: Firing, halted: list[str]) -> Report:
    """Passes over all symbols until nothing of ours is open, or the time is over."""
    try:
        while True:
            _start_over(firing, halted)
            try:
                _close_once(firing)
            except LostRaceError as error:
                firing.report.failures.append(f"{error}; `flatten` again")
            if not _is_open(firing) or firing.job.budget.left_ms() < PASS_MS:
                break
            firing.job.clock.sleep_ms(PAUSE_MS)
    except OutOfTimeError:
        return out_of_time(firing)
    for work in firing.works:
        if work.notes.intent is not None:
            work.fail("an entry that was sent may still arrive; `flatten` again")
    told = [f"{each.symbol} {text}" for each in firing.report.symbols for text in each.ended]
    told += [f"FAILED: {failure}" for failure in firing.report.failures]
    told += [f"{s.symbol} FAILED: {s.error}" for s in firing.report.symbols if s.error]
    firing.report.news = [News("switch", text) for text in [*firing.report.brakes, *told]]
    return firing.report


def _start_over(firing: Firing, halted: list[str]) -> None:
    """Forget what the last pass has read; what it has done stays in the report."""
    report, config = firing.report, firing.job.config
    report.failures = list(halted)
    report.symbols = report.symbols[: len(config.symbols)]
    firing.works, firing.wallet_e8 = [], None
    for own in report.symbols:
        own.error = ""
        firing.works.append(Work(own.symbol, config.symbols[own.symbol], SymbolNotes(), own))


def _close_once(firing: Firing) -> None:
    load_notes(firing)
    read_everything(firing, with_candles=False)
    usable = [work for work in firing.works if work.usable]
    each(firing, usable, settle)
    for work in usable:
        trade = work.notes.trade
        if trade is not None and work.standing is Standing.OURS and not work.blind:
            leg = trade.exit_leg or ids.CLOSE_FLATTEN
            work.note(trade=msgspec.structs.replace(trade, exit_leg=leg))
    firing.save_if_possible()  # reduce-only orders may leave even when it is not
    each(firing, usable, protect)  # a decided exit is carried out there, in every run until done
    tell_symbols(firing)
    firing.save_if_possible()


def _is_open(firing: Firing) -> bool:
    """Is something of ours open, coming, or not known?"""
    return any(
        work.notes.trade is not None or work.notes.intent is not None or work.report.error
        for work in firing.works
    )


#: What the command line and Lambda call by name.
SWITCHES = {"halt": halt, "resume": resume, "flatten": flatten}
