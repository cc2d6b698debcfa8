"""The law of the notes: a save succeeds only on top of the revision that was loaded.

`Store` is what the run needs; the file store is here, other places (S3) implement the same three
methods and pass the same tests.
"""

import contextlib
import fcntl
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Protocol

import msgspec

from state.codec import decode, encode
from state.model import Notes


class LostRaceError(Exception):
    """Another run has saved since this one loaded: leave without touching anything more."""


class Store(Protocol):
    """Where the notes live."""

    def load(self) -> Notes | None:
        """The notes; None when there are none yet. UnreadableNotesError, OSError otherwise."""
        ...

    def save(self, notes: Notes) -> Notes:
        """Save on top of the revision in `notes`; returns them with the new revision and nonce.

        LostRaceError when the stored revision or nonce is another one.
        """
        ...


class FileStore:
    """One JSON file, replaced atomically: temp file, fsync, rename, fsync of the directory."""

    def __init__(self, path: Path, nonce: Callable[[], str], *, durable: bool = True) -> None:
        """`nonce` makes a new text for every save; `durable=False` skips fsync (replays)."""
        self.path = path
        self._nonce = nonce
        self._durable = durable

    def load(self) -> Notes | None:
        """The notes in the file, None when there is no file."""
        try:
            data = self.path.read_bytes()
        except FileNotFoundError:
            return None
        return decode(data, str(self.path))

    def save(self, notes: Notes) -> Notes:
        """Replace the file. Check and replacement are one step, whoever holds the run's lock."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with _alone(self.path):
            stored = self.load()
            found = (stored.revision, stored.nonce) if stored else (0, "")
            if found != (notes.revision, notes.nonce):
                raise LostRaceError(
                    f"{self.path} has been saved by another run (revision {found[0]})"
                )
            new = msgspec.structs.replace(notes, revision=notes.revision + 1, nonce=self._nonce())
            replace_file(self.path, encode(new), durable=self._durable)
        return new


@contextlib.contextmanager
def _alone(path: Path) -> Iterator[None]:
    """No other process is between its check and its replacement of this file.

    One that is has won the race; it is not waited for, as it may be frozen. LostRaceError.
    """
    handle = os.open(path.with_name(f".{path.name}.saving"), os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError:
        raise LostRaceError(f"{path} is being saved by another run") from None
    finally:
        os.close(handle)


def replace_file(path: Path, data: bytes, *, durable: bool = True) -> None:
    """Write `data` to `path` so that a crash leaves the old or the new content, never a part.

    The temporary name is always the same, so that a killed process leaves at most one behind.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.tmp")
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            if durable:
                os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            temporary.unlink()
        raise
    if durable:
        fsync_directory(path.parent)


def fsync_directory(directory: Path) -> None:
    """Make a rename or a new file in the directory survive a power cut."""
    handle = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
