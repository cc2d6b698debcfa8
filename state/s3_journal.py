"""The journal in S3: the same events as in files, as objects that are written once and never again.

    prefix/KIND/YYYY-MM-DD/k-KEY.json             an event with a key: its name is its only place
    prefix/KIND/YYYY-MM-DD/AT_MS-NUMBER-HASH.json events of one append without keys, a line each

Every write is "only if not there yet", so a run that died and comes again, or an answer that was
lost, cannot write a keyed event twice. The kind stands before the day because people ask for all
trades, and one listing must answer that without passing 300 run reports a day.
"""

import hashlib
import re
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import groupby
from urllib.parse import quote

import msgspec

from state.journal import Event, day_of
from state.s3_bucket import Bucket, Client
from state.s3_errors import DoubtError, StorageError

CONTENT_TYPE = "application/x-ndjson"
#: Writes of one object. The second is for an answer of which reading showed: nothing written.
WRITES_MAX = 2
#: Objects read at a time (boto3's own pool has 10 connections).
CONNECTIONS = 8
#: What follows the prefix in the names that are ours.
_NAME = re.compile(r"(?P<kind>[^/]+)/(?P<day>\d{4}-\d\d-\d\d)/(?P<name>[^/]+)\.json")


class S3Journal:
    """A folder of objects in a bucket. An event is filed under the day of its own time (UTC)."""

    def __init__(self, bucket: str, prefix: str, stamp: dict[str, str], client: Client) -> None:
        """`stamp` (venue, account) goes into every line. Asks nothing yet."""
        self._bucket = Bucket(bucket, client)
        self._folder = prefix.strip("/") + "/" if prefix.strip("/") else ""
        self._stamp = stamp
        self._appends = 0

    def append(self, events: Iterable[Event]) -> None:
        """Write events (each with `at_ms` and `event`); keyed ones only where not yet present.

        StorageError when one of them may not be there; those before it are.
        """
        self._appends += 1
        batches: dict[str, list[Event]] = {}
        for event in events:
            folder = f"{self._folder}{quote(event['event'], safe='')}/{day_of(event['at_ms'])}/"
            if event.get("key") is None:
                batches.setdefault(folder, []).append(event)
            else:
                self._write(f"{folder}k-{quote(str(event['key']), safe='')}.json", [event])
        for folder, batch in batches.items():
            # No two runs write the same lines (each names its run), and the number parts the
            # appends of one run: only a write that is tried again meets its own name.
            digest = hashlib.sha256(self._lines(batch)).hexdigest()[:16]
            first_ms = batch[0]["at_ms"]
            self._write(f"{folder}{first_ms:013}-{self._appends:04}-{digest}.json", batch)

    def _lines(self, events: Iterable[Event]) -> bytes:
        return b"".join(msgspec.json.encode({**event, **self._stamp}) + b"\n" for event in events)

    def _write(self, key: str, events: list[Event]) -> None:
        """Put the object where none is; one that is there stays."""
        there = False
        writes = 0
        while not there:
            writes += 1
            try:
                self._bucket.write(key, self._lines(events), CONTENT_TYPE, on=None)
                there = True
            except DoubtError as doubt:
                there = doubt.refused or self._bucket.read(key) is not None
                if not there and writes == WRITES_MAX:
                    text = f"{doubt.strerror}; read back, it is not there"
                    raise StorageError(self._bucket.place(key), text) from None

    def events(self, kind: str | None = None, day: str | None = None) -> Iterator[Event]:
        """Every event (of one kind, of one day), oldest day first, within a day by time.

        StorageError when an object cannot be read or holds something else than events.
        """
        within = self._folder if kind is None else f"{self._folder}{quote(kind, safe='')}/"
        if kind is not None and day is not None:
            within += f"{day}/"
        filed = ((self._day(key), key) for key in self._bucket.keys(within))
        keys = [key for its_day, key in filed if its_day and day in (None, its_day)]
        by_day = groupby(sorted(keys, key=lambda key: (self._day(key), key)), self._day)
        with ThreadPoolExecutor(CONNECTIONS) as pool:
            for _, of_day in by_day:
                events = [event for found in pool.map(self._read, of_day) for event in found]
                yield from sorted(events, key=lambda event: int(event["at_ms"]))

    def _day(self, key: str) -> str:
        """The day an object of ours is filed under, "" for objects that are not ours."""
        match = _NAME.fullmatch(key.removeprefix(self._folder))
        return match["day"] if match else ""

    def _read(self, key: str) -> list[Event]:
        stored = self._bucket.read(key)
        if stored is None:
            return []  # taken away by a person between listing and reading
        try:
            # unlike a file's last line, an object cannot be torn: what does not fit is a fault
            events = [msgspec.json.decode(line) for line in stored.data.splitlines()]
            return sorted(events, key=lambda event: int(event["at_ms"]))
        except (msgspec.DecodeError, UnicodeDecodeError, LookupError, TypeError, ValueError):
            text = "is not what the journal wrote: restore its first version, or move it away"
            raise StorageError(self._bucket.place(key), text) from None
