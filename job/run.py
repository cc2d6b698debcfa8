"""The run. There is no start-up, shut-down or recovery mode: every run is the recovery.

It reads top to bottom like the figure in the README. `guard` is its first half.
"""

import msgspec

from job.acting import act
from job.budget import OutOfTimeError
from job.deciding import decide_all, recorded
from job.evidence import ban_without_evidence
from job.firing import Firing, Job, Work, each
from job.limits import latch_after_trades
from job.news import gather, to_tell
from job.nightly import nightly
from job.opening import begin, leave, load_notes, lock_is_in_use, note_claim, out_of_time
from job.owning import stand_back
from job.protecting import protect
from job.reading import read_everything
from job.report import Report
from job.settling import newcomers_in_turn, settle
from job.telling import tell_symbols
from job.waiting import wait_for_close
from state.model import RUNS_KEPT, RunNote
from state.store import LostRaceError


def run(job: Job) -> Report:
    """One firing: the job. Returns what it did; never raises for what the exchange does."""
    firing = begin(job, "run")
    with job.claim(job.clock.now_ms()) as claim:  # 1 claim
        if not claim.ours:
            return leave(firing, "another run holds the lock; this one leaves")
        note_claim(firing, claim)
        job.started()
        try:
            with firing.step("load"):
                load_notes(firing)  # 2 load
                ban_without_evidence(firing)
            with firing.step("wait"):
                wait_for_close(firing)
            with firing.step("read"):
                read_everything(firing, with_candles=True)  # 3 read
            with firing.step("reconcile"):
                each(firing, newcomers_in_turn(_usable(firing)), settle)  # 4 reconcile
                stand_back(firing)
            with firing.step("protect"):
                each(firing, _usable(firing), protect)  # 5 protect
            with firing.step("decide"):
                decided = decide_all(firing)  # 6 decide
            with firing.step("act"):
                act(firing, decided)  # 7 write ahead, 8 act
            with firing.step("save"):
                latch_after_trades(firing)
                _remember(firing)
                gather(firing)
                firing.save_if_possible()  # 9 save
            nightly(firing)
            to_tell(firing)
        except LostRaceError as error:
            return leave(firing, f"{error}; this run leaves")
        except OutOfTimeError:
            return out_of_time(firing)
    return firing.report  # 10 report


def guard(job: Job) -> Report:
    """Protect only: no candles, no entries. Writes and tells only what it repaired or found."""
    firing = begin(job, "guard")
    with job.claim(job.clock.now_ms()) as claim:
        if not claim.ours and lock_is_in_use(job, claim):
            return leave(firing, "another run holds the lock; this one leaves")
        note_claim(firing, claim)
        job.started()
        try:
            with firing.step("load"):
                load_notes(firing)
            before = firing.notes.symbols
            with firing.step("read"):
                read_everything(firing, with_candles=False)
            with firing.step("reconcile"):
                each(firing, newcomers_in_turn(_usable(firing)), settle)
            with firing.step("protect"):
                each(firing, _usable(firing), protect)
            with firing.step("save"):
                latch_after_trades(firing)
                tell_symbols(firing)
                gather(firing)
                changed = any(before.get(work.symbol) != work.notes for work in firing.works)
                firing.report.touched = changed or bool(firing.events) or not firing.report.ok
                told = firing.notes.alarms != firing.loaded.alarms
                if changed or firing.events or told or firing.job.budget.rate_limited_now:
                    firing.save_if_possible()  # a ban as well: the next one must not ask again
            to_tell(firing)
        except LostRaceError as error:
            return leave(firing, f"{error}; this guard leaves")
        except OutOfTimeError:
            return out_of_time(firing)
    return firing.report


def _usable(firing: Firing) -> list[Work]:
    return [work for work in firing.works if work.usable]


def _remember(firing: Firing) -> None:
    """Put the run itself into the notes and the journal."""
    tell_symbols(firing)
    report = firing.report
    texts = [f"{symbol.symbol}: {symbol.error or symbol.reason}" for symbol in report.symbols]
    text = "; ".join([*texts, *report.failures])
    note = RunNote(at_ms=report.at_ms, run=report.run, ok=report.ok, text=text[:300])
    last_runs = [*firing.notes.last_runs, note][-RUNS_KEPT:]
    firing.notes = msgspec.structs.replace(firing.notes, last_runs=last_runs)
    firing.tell("run", at_ms=report.at_ms, report=report.as_dict(), **recorded(firing.works))
