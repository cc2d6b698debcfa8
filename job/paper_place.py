"""Where the paper account lies: a file, or an object in S3. Only wires."""

from pathlib import Path

from job.config import Config
from job.places import s3_client
from simulator.paper import FileStore as PaperFile
from simulator.paper import PaperConflict, PaperStore
from state.s3_address import S3Address


def paper_of(config: Config) -> PaperStore:
    """The paper account's store."""
    if isinstance(config.paper, Path):
        return PaperFile(config.paper)
    return S3Paper(config.paper)


class S3Paper:
    """The paper account as one S3 object, replaced only when it is the one that was read."""

    def __init__(self, address: S3Address) -> None:
        """Asks nothing yet."""
        from state.s3_bucket import Bucket

        self.name = str(address)
        self._key = address.key
        self._bucket = Bucket(address.bucket, s3_client())
        self._etag: str | None = None

    def read(self) -> bytes | None:
        """The object's bytes, None when there is none. Raises StorageError (an OSError)."""
        stored = self._bucket.read(self._key)
        self._etag = stored.etag if stored else None
        return stored.data if stored else None

    def write(self, content: bytes) -> None:
        """Replace the version read or written last. PaperConflict when another is there."""
        from state.s3_errors import DoubtError

        try:
            self._etag = self._bucket.write(self._key, content, "application/json", on=self._etag)
        except DoubtError as doubt:
            stored = self._bucket.read(self._key)
            if stored is None or stored.data != content:
                raise PaperConflict(f"{self.name}: {doubt.strerror}") from None
            self._etag = stored.etag
