"""Steps 1 and 2: how a firing begins, loads its notes, or leaves at once."""

import msgspec

from exchange.errors import BROKEN_ANSWER
from job.config import Config, ConfigFaultsError
from job.firing import Firing, Job, Work
from job.news import gather, to_tell
from job.report import Report, SymbolReport, utc_text
from job.telling import tell_symbols
from state.brakes import recalled
from state.codec import UnreadableNotesError
from state.lock import Claim
from state.model import Notes, SymbolNotes
from state.owning import handed_over
from state.store import LostRaceError

#: A clock that is kept right may be set back by so much while somebody holds the lock.
CLOCK_BACK_MS_MAX = 1_000


class WrongNotesError(ConfigFaultsError):
    """The notes belong to another venue, account or owner: exit 2, nothing is touched."""


def begin(job: Job, command: str) -> Firing:
    """A firing with an empty report. The run's name is its time and a few random characters."""
    now = job.clock.now_ms()
    config = job.config
    name = utc_text(now).replace(" ", "T").replace("Z", f".{now % 1000:03}Z")
    report = Report(
        run=f"{name}-{job.new_nonce()[:6]}",
        command=command,
        venue=config.venue,
        account=config.account,
        at_ms=now,
        prices=job.prices,
    )
    notes = Notes(venue=config.venue, account=config.account, owner=config.owner)
    job.budget.begin()
    firing = Firing(job, report, notes)
    for symbol, parameters in config.symbols.items():
        symbol_report = SymbolReport(symbol)
        report.symbols.append(symbol_report)
        firing.works.append(Work(symbol, parameters, SymbolNotes(), symbol_report))
    return firing


def leave(firing: Firing, why: str) -> Report:
    """End without having touched anything more."""
    report = firing.report
    report.symbols = []
    report.notices.append(why)
    report.touched, report.left = False, True
    report.news = []
    return report


def out_of_time(firing: Firing) -> Report:
    """End at the deadline: keep what is known, if nobody else has saved meanwhile."""
    seconds = firing.job.config.deadline_ms // 1000
    firing.report.failures.append(f"the deadline of {seconds} s has passed; the next run goes on")
    tell_symbols(firing)
    gather(firing)
    try:
        firing.save_if_possible()
    except LostRaceError:
        firing.report.news = []
    to_tell(firing)
    return firing.report


def note_claim(firing: Firing, claim: Claim) -> None:
    """A lock that cannot be had at all is told; the notes' revision guards without it."""
    if claim.fault:
        firing.report.failures.append(f"the lock cannot be used ({claim.fault}); going on without")


def lock_is_in_use(job: Job, claim: Claim) -> bool:
    """Is the holder of the lock still within its time? Without an older one a guard goes on: its
    orders are reduce-only, its saves go by revision, and that one's entry cannot arrive. Nor does
    it wait for a time that lies ahead: the clock has been set back since, by nobody knows how much.
    """
    held_ms = job.clock.now_ms() - claim.held_since_ms
    return -CLOCK_BACK_MS_MAX <= held_ms <= job.config.deadline_ms


def load_notes(firing: Firing) -> None:
    """The notes, or fresh ones; unreadable ones stop entries while protection goes on."""
    job, answers = firing.job, True
    try:
        notes = job.store.load()
    except (UnreadableNotesError, OSError) as error:
        firing.may_save, answers = False, isinstance(error, UnreadableNotesError)
        firing.report.failures.append(str(error))
        notes = None
    if notes is not None:
        fault = notes_fault(notes, job.config) or owner_fault(notes, job.config)
        if fault:
            raise WrongNotesError([f"state: {fault}"])
        firing.notes = notes
        _keep_silence(job, notes)
        if not notes.owner:
            _become_owner(firing)
    elif answers:  # where notes cannot be had at all, asking the journal costs protection's time
        _recall_hand_over(firing)
        if firing.may_save:
            _recall_switch(firing)
    firing.loaded = firing.notes
    for work in firing.works:
        work.notes = firing.notes.symbols.get(work.symbol, SymbolNotes())
    _see_to_its_end(firing)


def recall_silence(job: Job) -> None:
    """For commands that load no notes otherwise: a ban that these remember holds there too, since
    asking on makes it longer. Notes that cannot be read are for others to tell.
    """
    try:
        notes = job.store.load()
    except (OSError, UnreadableNotesError):
        return
    if notes is not None:
        _keep_silence(job, notes)


def _keep_silence(job: Job, notes: Notes) -> None:
    job.budget.clock_offset_ms = notes.clock_offset_ms
    job.budget.quiet_until_ms = notes.quiet_until_ms


def notes_fault(notes: Notes, config: Config) -> str:
    """Why these notes are not of this venue and account; empty: they are."""
    theirs, here = (notes.venue, notes.account), (config.venue, config.account)
    if theirs == here:
        return ""
    return (
        f"the notes belong to venue {theirs[0]}, account {theirs[1]}; "
        f"this run is for venue {here[0]}, account {here[1]}"
    )


def owner_fault(notes: Notes, config: Config) -> str:
    """Why these notes are not this deployment's; empty: they are, or nobody's yet."""
    if notes.owner in ("", config.owner):
        return ""
    return (
        f"the notes belong to owner {notes.owner}; this is {config.owner}: stop {notes.owner}'s "
        "timer, then type `handler.py take-over` here"
    )


def _become_owner(firing: Firing) -> None:
    """Notes of schema 1 name nobody, as do the entries made with them: until now they are ours."""
    owner, now_ms = firing.job.config.owner, firing.exchange_now_ms()
    firing.notes = msgspec.structs.replace(firing.notes, owner=owner, owned_since_ms=now_ms)
    firing.tell("take-over", at_ms=now_ms, **{"owner": owner, "from": ""})


def _recall_hand_over(firing: Firing) -> None:
    """There are no notes: what was handed over to this deployment stands in the journal too."""
    try:
        firing.notes = handed_over(firing.notes, firing.job.journal.events("take-over"))
    except (OSError, *BROKEN_ANSWER) as error:
        firing.report.notices.append(f"was a trade handed over? The journal cannot tell ({error})")


def _recall_switch(firing: Firing) -> None:
    """There are no notes: whether people have halted the job stands in the journal too."""
    try:
        firing.notes = recalled(firing.notes, firing.job.journal.events("switch"))
    except OSError as error:
        why = f"there are no notes, and the journal cannot be read ({error.strerror})"
        firing.report.failures.append(f"{why}: was the job halted?")
        for work in firing.works:
            work.entry_ban = why


def _see_to_its_end(firing: Firing) -> None:
    """A symbol that was taken out of the configuration with a trade open is seen to its end."""
    config, report = firing.job.config, firing.report
    for symbol, kept in firing.notes.symbols.items():
        if symbol in config.symbols or (kept.trade is None and kept.intent is None):
            continue
        symbol_report = SymbolReport(symbol)
        work = Work(symbol, config.common, kept, symbol_report)
        work.entry_ban = "the symbol is no longer configured"
        report.notices.append(
            f"{symbol} is no longer configured; its open trade is seen to its end"
        )
        report.symbols.append(symbol_report)
        firing.works.append(work)
