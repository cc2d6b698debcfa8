"""One run at a time: a lock on a file of its own, beside the notes.

A courtesy, not the law (the revision is): it spares a second run the work. The lock lives on its
own file because the notes' file is replaced at every save, and a lock on a replaced file holds
nobody. The kernel frees it when its holder dies, however it dies. The file says since when it is
held, so that a guard need not wait for a holder that is frozen.
"""

import contextlib
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple


class Claim(NamedTuple):
    """`ours`: no other process holds it. Else since when it is held, 0 when not known.

    `fault`: why the lock could not be used at all, empty when it could.
    """

    ours: bool
    held_since_ms: int = 0
    fault: str = ""


@contextlib.contextmanager
def claim(path: Path, now_ms: int) -> Iterator[Claim]:
    """Try to hold the lock for the time of the block, from `now_ms` (UTC) on, as the file says.

    Never waits and never raises: what cannot be used is a `fault` of the Claim.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        yield Claim(ours=True, fault=f"{error.strerror}: {error.filename}")
        return
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield Claim(ours=False, held_since_ms=_since(handle))
            return
        except OSError as error:  # a disk that knows no locks
            yield Claim(ours=True, fault=f"{error.strerror}: {path}")
            return
        _write_since(handle, now_ms)
        yield Claim(ours=True)
    finally:
        os.close(handle)


def _write_since(handle: int, now_ms: int) -> None:
    """A full disk must not cost the run: then the time is not known, and no guard waits for us.

    Should even the older holder's time stay, guards go on without us sooner, never later.
    """
    try:
        os.pwrite(handle, f"{now_ms:<20}".encode(), 0)
    except OSError:
        with contextlib.suppress(OSError):
            os.ftruncate(handle, 0)


def _since(handle: int) -> int:
    text = os.pread(handle, 20, 0).decode("ascii", "replace").strip()
    return int(text) if text.isdecimal() else 0
