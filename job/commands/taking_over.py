"""`take-over`: this deployment becomes the owner of the account, its notes and open trades.

For a person who has stopped the other deployment's timer. Places and cancels nothing: the next run
or guard takes up what is open.
"""

from typing import Any

import msgspec

from exchange.errors import VenueError
from job.commands.output import tell
from job.config import Config, ConfigFaultsError
from job.firing import Job
from job.opening import notes_fault
from job.outside import Outside
from job.report import duration_text, stamped, utc_text
from job.wiring import build
from state.brakes import recalled
from state.codec import UnreadableNotesError
from state.model import Notes
from state.store import LostRaceError


def take_over(config: Config, outside: Outside, *, as_json: bool) -> int:
    """Write the new owner into the notes. Exit status 1 when it could not be done."""
    job = build(config, outside, keep=False)
    now = job.clock.now_ms()
    ok, text = True, ""
    with job.claim(now) as claim:
        try:
            if claim.ours:
                text = _take_over(job)
            else:
                ok, text = False, "a run holds the lock: try again when it has ended"
        except (VenueError, UnreadableNotesError, LostRaceError) as error:
            ok, text = False, str(error)
        except OSError as error:
            ok, text = False, f"{error.strerror}: {error.filename}"
    line = text if ok else f"FAILED: {text}"
    machine: dict[str, Any] = {
        "command": "take-over", "venue": config.venue, "account": config.account,
        "owner": config.owner, "time": utc_text(now), "ok": ok, "text": text,
    }  # fmt: skip
    tell(stamped([line], now, config.venue, job.prices), machine, as_json=as_json)
    return 0 if ok else 1


def _take_over(job: Job) -> str:
    """The notes with a new owner, saved; the sentence that says from whom."""
    config = job.config
    notes = job.store.load()
    if notes is None:
        fresh = Notes(venue=config.venue, account=config.account, owner=config.owner)
        notes = recalled(fresh, job.journal.events("switch"))
    fault = notes_fault(notes, config)
    if fault:
        raise ConfigFaultsError([f"state: {fault}"])
    job.budget.begin()
    since_ms = job.gateway.server_time_ms()
    text = f"owner {config.owner}: entries of others up to {utc_text(since_ms)} are now its own"
    if notes.owner not in ("", config.owner):
        text += f"; owner {notes.owner}'s last run was {_last_run(notes, since_ms)}"
    symbols = {
        symbol: msgspec.structs.replace(each, rival_ms=0, looked_back=False)
        for symbol, each in notes.symbols.items()
    }
    job.store.save(
        msgspec.structs.replace(notes, owner=config.owner, owned_since_ms=since_ms, symbols=symbols)
    )
    event = {"at_ms": since_ms, "event": "take-over", "owner": config.owner, "from": notes.owner}
    job.journal.append([event])
    return text


def _last_run(notes: Notes, now_ms: int) -> str:
    if not notes.last_runs:
        return "never"
    return f"{duration_text(max(0, now_ms - notes.last_runs[-1].at_ms))} ago"
