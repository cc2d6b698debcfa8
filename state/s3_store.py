"""The notes as one object in S3. The object is the lock: a save stands only on what was loaded.

`If-None-Match: *` makes the first one, `If-Match` replaces the very object that was loaded. An
answer that is not a plain yes is settled by reading back: revision and nonce in the body tell our
own write from another's, so a lost answer is neither a lost race nor a silent second try.
"""

from collections.abc import Callable
from typing import NamedTuple

import msgspec

from state.codec import decode, encode
from state.model import Notes
from state.s3_bucket import Bucket, Client
from state.s3_errors import DoubtError, StorageError
from state.store import LostRaceError

CONTENT_TYPE = "application/json"
#: Writes of one save. The second is for an answer of which reading back showed: nothing written.
WRITES_MAX = 2


class _Identity(NamedTuple):
    """One save of one writer. The nonce tells two writers of the same revision apart."""

    revision: int
    nonce: str


#: Of notes that were never saved.
_FRESH = _Identity(0, "")


class _Seen(NamedTuple):
    """The object as last read or written: whose it is and the ETag that S3 knows it by."""

    identity: _Identity
    etag: str


class S3Store:
    """The Store protocol on one S3 object. Beyond it, StorageError (an OSError) from S3."""

    def __init__(self, bucket: str, key: str, nonce: Callable[[], str], client: Client) -> None:
        """`nonce` makes a new text for every save. Asks nothing yet."""
        self._bucket = Bucket(bucket, client)
        self._key = key
        self._nonce = nonce
        self._seen: _Seen | None = None

    @property
    def place(self) -> str:
        """The object's address."""
        return self._bucket.place(self._key)

    def load(self) -> Notes | None:
        """The notes in the object, None when there is no object."""
        self._seen = None
        stored = self._bucket.read(self._key)
        if stored is None:
            return None
        notes = decode(stored.data, self.place)
        self._seen = _Seen(_identity(notes), stored.etag)
        return notes

    def save(self, notes: Notes) -> Notes:
        """Replace the object. StorageError: nothing that may count as saved, so do not act on it.

        A StorageError can leave the new notes stored all the same; then the next run finds them.
        """
        expected = self._etag_of(notes)
        new = msgspec.structs.replace(notes, revision=notes.revision + 1, nonce=self._nonce())
        etag: str | None = None
        writes = 0
        while etag is None:
            writes += 1
            try:
                etag = self._bucket.write(self._key, encode(new), CONTENT_TYPE, on=expected)
            except DoubtError as doubt:
                etag = self._settle(new, expected, doubt)
                if etag is None and writes == WRITES_MAX:
                    text = f"{doubt.strerror}; read back, nothing was saved"
                    raise StorageError(self.place, text) from None
        self._seen = _Seen(_identity(new), etag)
        return new

    def _etag_of(self, notes: Notes) -> str | None:
        """The ETag of exactly these notes, None for notes that were never saved."""
        wanted = _identity(notes)
        if wanted != _FRESH and (self._seen is None or self._seen.identity != wanted):
            self.load()  # they were loaded by another store
        if self._seen is not None and self._seen.identity == wanted:
            return self._seen.etag
        if wanted != _FRESH:
            raise self._lost(self._seen)
        return None

    def _settle(self, new: Notes, expected: str | None, doubt: DoubtError) -> str | None:
        """After a write without a yes: the new ETag when it is ours, None when none was written.

        LostRaceError when another has written, or deleted the object.
        """
        try:
            self.load()
        except StorageError as error:
            raise StorageError(
                self.place,
                f"{doubt.strerror}; whether it was saved is not known, for reading back failed: "
                f"{error.strerror}",
            ) from None
        if self._seen is not None and self._seen.identity == _identity(new):
            return self._seen.etag
        if (self._seen.etag if self._seen else None) == expected:
            return None
        raise self._lost(self._seen)

    def _lost(self, found: _Seen | None) -> LostRaceError:
        if found is None:
            return LostRaceError(f"{self.place} has been deleted since this run loaded it")
        return LostRaceError(
            f"{self.place} has been saved by another run (revision {found.identity.revision})"
        )


def _identity(notes: Notes) -> _Identity:
    return _Identity(notes.revision, notes.nonce)
