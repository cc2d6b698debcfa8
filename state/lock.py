"""One run at a time: a lock on a file of its own, beside the notes.

A courtesy, not the law (the revision is): it spares a second run the work. The lock lives on its
own file because the notes' file is replaced at every save, and a lock on a replaced file holds
nobody. The kernel frees it when its holder dies, however it dies.
"""

import contextlib
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path


@contextlib.contextmanager
def claim(path: Path) -> Iterator[bool]:
    """Try to hold the lock for the time of the block; yields whether it is ours."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        yield True
    finally:
        os.close(handle)
