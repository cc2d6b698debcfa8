"""The paper account's file: the embedded exchange's books, kept whole between runs.

A store reads and writes bytes and notices when somebody else wrote in between; a file is one,
an object in a bucket can be another. The account in it carries schema, venue and account name,
and is refused when they do not fit. It must not look into the books or repair them.
"""

import fcntl
import os
from contextlib import suppress
from pathlib import Path
from typing import Protocol

import msgspec

from simulator.engine.ledger import BooksDoNotBalance, check
from simulator.engine.model import Books

SCHEMA = 1


class PaperError(RuntimeError):
    """The paper account cannot be used; the text says why and what to do."""


class PaperConflict(PaperError):
    """Somebody else wrote the account since it was read. Nothing was written."""


class PaperStore(Protocol):
    """Where the bytes are kept."""

    #: What people are told about it: a path, an address.
    name: str

    def read(self) -> bytes | None:
        """Everything, None when there is nothing yet. Remembers which version it was."""
        ...

    def write(self, content: bytes) -> None:
        """Replace the version read or written last, whole or not at all; PaperConflict when
        that is not the one that is there (one that was never read must not be there).
        """
        ...


class FileStore:
    """A file, replaced atomically: written beside, synced, renamed, the folder synced."""

    def __init__(self, path: Path, *, durable: bool = True) -> None:
        """`durable=False` leaves out the syncs: for replays and tests."""
        self.name = str(path)
        self._path = path
        self._durable = durable
        self._version: tuple[int, int, int] | None = None

    def read(self) -> bytes | None:
        """The file's bytes, None when there is no file."""
        try:
            with self._path.open("rb") as file:
                self._version = _version_of(os.fstat(file.fileno()))
                return file.read()
        except FileNotFoundError:
            self._version = None
            return None

    def write(self, content: bytes) -> None:
        """Replace the file. The folder is locked meanwhile, so that of two writers one loses."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        folder = os.open(self._path.parent, os.O_RDONLY)
        try:
            fcntl.flock(folder, fcntl.LOCK_EX)
            if self._version != self._version_there():
                raise PaperConflict(f"{self.name} was changed by another process")
            self._version = self._replace(content)
            if self._durable:
                os.fsync(folder)
        finally:
            os.close(folder)

    def _version_there(self) -> tuple[int, int, int] | None:
        with suppress(FileNotFoundError):
            return _version_of(self._path.stat())
        return None

    def _replace(self, content: bytes) -> tuple[int, int, int]:
        beside = self._path.with_name(self._path.name + ".tmp")
        with beside.open("wb") as file:
            file.write(content)
            file.flush()
            if self._durable:
                os.fsync(file.fileno())
            version = _version_of(os.fstat(file.fileno()))
        beside.replace(self._path)
        return version


def _version_of(stat: os.stat_result) -> tuple[int, int, int]:
    return stat.st_ino, stat.st_mtime_ns, stat.st_size


class _Envelope(msgspec.Struct, forbid_unknown_fields=True):
    """The file's content."""

    schema: int
    venue: str
    account: str
    books: msgspec.Raw


class _Head(msgspec.Struct):
    """What is read first, of any schema."""

    schema: int


class PaperAccount:
    """One paper account in one store. Load once, then save as often as needed."""

    def __init__(self, store: PaperStore, account: str, venue: str = "embedded") -> None:
        self._store = store
        self._account = account
        self._venue = venue
        self._encoder = msgspec.json.Encoder()

    def load(self) -> Books | None:
        """The books as saved last, None when there is no account yet.

        Raises PaperError: unreadable, of a newer schema, or another account's.
        """
        content = self._store.read()
        if content is None:
            return None
        try:
            schema = msgspec.json.decode(content, type=_Head).schema
            if schema != SCHEMA:
                raise PaperError(
                    f"paper account {self._store.name} has schema {schema}, this program reads "
                    f"{SCHEMA}: use the program that wrote it, or move the file away"
                )
            envelope = msgspec.json.decode(content, type=_Envelope)
            books = msgspec.json.decode(envelope.books, type=Books)
            check(books)
        except (msgspec.DecodeError, BooksDoNotBalance) as error:
            raise PaperError(
                f"paper account {self._store.name} cannot be read ({error}): restore it, or move "
                "it away to begin with a new account"
            ) from error
        if (envelope.venue, envelope.account) != (self._venue, self._account):
            raise PaperError(
                f"paper account {self._store.name} belongs to account {envelope.account!r} on "
                f"{envelope.venue!r}, not to {self._account!r} on {self._venue!r}: move the "
                "folder away to begin anew, or give it back its account, prices and seed"
            )
        return books

    def save(self, books: Books) -> None:
        """Keep the books. Raises PaperConflict when another process saved since."""
        envelope = _Envelope(
            SCHEMA, self._venue, self._account, msgspec.Raw(self._encoder.encode(books))
        )
        self._store.write(self._encoder.encode(envelope))
