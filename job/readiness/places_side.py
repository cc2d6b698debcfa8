"""What `check` asks the places where notes, journal and paper account lie.

The notes stay as they are; beside an object in S3 a tiny `.check` object is made once and stays.
"""

from pathlib import Path

from job.firing import Job
from job.opening import notes_fault, owner_fault
from job.places import s3_client
from job.readiness.answer import NotReadyError
from job.telling import brake_text
from state.brakes import brakes_on
from state.s3_address import S3Address
from state.store import replace_file


def state(job: Job) -> str:
    """Are the notes readable, ours, and can they be written?"""
    notes = job.store.load()
    if notes is not None:
        fault = notes_fault(notes, job.config) or owner_fault(notes, job.config)
        if fault:
            raise NotReadyError(fault)
    told = writable(job.config.state)
    if notes is None:
        return f"{told}, no notes yet"
    on = brakes_on(notes, job.clock.now_ms() + notes.clock_offset_ms)
    return "; ".join([told, *map(brake_text, on)])


def journal(job: Job) -> str:
    """Is the journal readable, and can it be written?"""
    next(job.journal.events("trade"), None)
    place = job.config.journal
    return writable(place / "x" if isinstance(place, Path) else place)


def writable(place: Path | S3Address) -> str:
    """Can a file be made beside this one, or an object, and then on no account a second time?"""
    if not isinstance(place, Path):
        return _conditional(place)
    probe = place.with_name(f".{place.name}.check")
    replace_file(probe, b"")
    probe.unlink()
    return "writable"


def _conditional(place: S3Address) -> str:
    """Does this storage refuse to make an object that is there? The lock rests on that."""
    from state.s3_bucket import Bucket
    from state.s3_errors import DoubtError

    bucket, key = Bucket(place.bucket, s3_client()), f"{place.key}.check"
    for _ in range(2):
        try:
            bucket.write(key, b"", "text/plain", on=None)
        except DoubtError as doubt:
            if doubt.refused:
                return f"writable, on conditions ({place})"
            raise
    raise NotReadyError(
        f"{place}: this storage made one object twice: two runs could both win, use S3"
    )
