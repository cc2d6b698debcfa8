"""The journal: one JSON line an event, append-only, one file a day (UTC).

Events that must be there exactly once (fills, trades) carry a `key`; a key that the day's file
already holds is not written again. So a run that died between the journal and the notes may
write the same events once more without harm.
"""

import os
import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from state.store import fsync_directory

Event = dict[str, Any]
_NAME = re.compile(r"\d{4}-\d\d-\d\d\.jsonl")


class FileJournal:
    """A folder of `YYYY-MM-DD.jsonl` files. An event is filed under the day of its own time."""

    def __init__(self, folder: Path, stamp: dict[str, str], *, durable: bool = True) -> None:
        """`stamp` (venue, account) goes into every line; `durable=False` skips fsync (replays)."""
        self.folder = folder
        self._stamp = stamp
        self._durable = durable

    def append(self, events: Iterable[Event]) -> None:
        """Write events (each with `at_ms` and `event`); keyed ones only where not yet present."""
        by_day: dict[str, list[Event]] = {}
        for event in events:
            by_day.setdefault(day_of(event["at_ms"]), []).append(event)
        for day, of_day in by_day.items():
            self._append_day(self.folder / f"{day}.jsonl", of_day)

    def _append_day(self, path: Path, events: list[Event]) -> None:
        known = self._keys(path) if any("key" in event for event in events) else set()
        lines = []
        for event in events:
            key = event.get("key")
            if key is None or key not in known:
                known.add(key)
                lines.append(msgspec.json.encode({**event, **self._stamp}) + b"\n")
        if not lines:
            return
        self.folder.mkdir(parents=True, exist_ok=True)
        new = not path.exists()
        with path.open("ab") as file:
            if not new and not _ends_with_newline(path):
                file.write(b"\n")  # a torn last line of a run that died stays alone
            file.write(b"".join(lines))
            file.flush()
            if self._durable:
                os.fsync(file.fileno())
        if new and self._durable:
            fsync_directory(self.folder)

    def _keys(self, path: Path) -> set[object]:
        return {str(event["key"]) for event in _lines(path, b'"key"') if "key" in event}

    def events(self, kind: str | None = None, day: str | None = None) -> Iterator[Event]:
        """Every event (of one kind, of one day YYYY-MM-DD), oldest day first, keyed ones once:
        two processes without the lock may each have written one.

        OSError when the folder or a day cannot be read; a journal not yet begun has no events.
        """
        wanted = b"" if kind is None else f'"{kind}"'.encode()
        for name in self._days():
            if day not in (None, name.removesuffix(".jsonl")):
                continue
            known: set[object] = set()
            for event in _lines(self.folder / name, wanted):
                key = str(event["key"]) if "key" in event else None
                if key in known or kind not in (None, event.get("event")):
                    continue
                if key is not None:
                    known.add(key)
                yield event

    def _days(self) -> list[str]:
        """The days' files, oldest first. `Path.glob` would take an unreadable folder as empty."""
        try:
            return sorted(path.name for path in self.folder.iterdir() if _NAME.fullmatch(path.name))
        except FileNotFoundError:
            return []


def _lines(path: Path, wanted: bytes) -> Iterator[Event]:
    """The events of a file whose lines hold the `wanted` bytes. No other line is decoded: most of a
    journal are long records of runs, and a firing that has lost its notes looks through all of it.
    """
    try:
        file = path.open("rb")
    except FileNotFoundError:
        return
    with file:
        for line in file:
            if wanted not in line:
                continue
            try:
                event = msgspec.json.decode(line)
            except (msgspec.DecodeError, UnicodeDecodeError):
                continue  # the torn last line of a run that died
            if isinstance(event, dict):
                yield event


def _ends_with_newline(path: Path) -> bool:
    with path.open("rb") as file:
        file.seek(0, os.SEEK_END)
        if file.tell() == 0:
            return True
        file.seek(-1, os.SEEK_END)
        return file.read(1) == b"\n"


def day_of(at_ms: int) -> str:
    """The day (UTC) an event is filed under, YYYY-MM-DD."""
    return datetime.fromtimestamp(at_ms // 1000, UTC).strftime("%Y-%m-%d")
