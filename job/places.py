"""Where notes, journal and lock lie: files, or objects in S3. Only wires.

boto3 is loaded by what is on S3 and by nothing else: it costs a third of a second.
"""

import contextlib
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from functools import cache, partial
from pathlib import Path
from typing import Any

from job.config import Config
from job.firing import Journal
from state.journal import FileJournal
from state.lock import Claim, claim
from state.s3_address import S3Address
from state.store import FileStore, Store, replace_file


def store_of(config: Config, nonce: Callable[[], str]) -> Store:
    """The notes' store."""
    if isinstance(config.state, Path):
        return FileStore(config.state, nonce)
    from state.s3_store import S3Store

    return S3Store(config.state.bucket, config.state.key, nonce, s3_client())


def journal_of(config: Config) -> Journal:
    """The journal."""
    stamp = {"venue": config.venue, "account": config.account}
    if isinstance(config.journal, Path):
        return FileJournal(config.journal, stamp)
    from state.s3_journal import S3Journal

    return S3Journal(config.journal.bucket, config.journal.key, stamp, s3_client())


def write_page(place: Path | S3Address, html: str) -> None:
    """Put a page in its place; an older one is replaced. OSError when it cannot be written."""
    data = html.encode()
    if isinstance(place, Path):
        replace_file(place, data)
        return
    from state.s3_bucket import Bucket

    bucket = Bucket(place.bucket, s3_client())
    older = bucket.read(place.key)
    bucket.write(place.key, data, "text/html; charset=utf-8", on=older.etag if older else None)


def claim_of(config: Config) -> Callable[[int], AbstractContextManager[Claim]]:
    """The lock of a file store. In S3 the object is the lock: the first save of two runs wins."""
    if isinstance(config.state, Path):
        return partial(claim, config.state.with_name(config.state.name + ".lock"))
    return _no_lock


@contextlib.contextmanager
def _no_lock(now_ms: int) -> Iterator[Claim]:
    del now_ms
    yield Claim(ours=True)


@cache
def s3_client() -> Any:
    """One client for everything that is on S3; a warm Lambda keeps it."""
    from state.s3_bucket import make_client

    return make_client()
