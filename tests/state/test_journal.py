"""The journal: every keyed event exactly once, whoever died between the lines."""

import json
import os
import stat
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from state.journal import FileJournal

STAMP = {"venue": "embedded", "account": "main"}
DAY_MS = 86_400_000
NOON_MS = int(datetime(2025, 6, 15, 12, tzinfo=UTC).timestamp() * 1000)
TODAY = "2025-06-15.jsonl"


def journal(folder: Path) -> FileJournal:
    return FileJournal(folder, STAMP, durable=False)


def event(kind: str = "fill", key: str | None = None, at_ms: int = NOON_MS, **more: Any) -> Any:
    keyed = {} if key is None else {"key": key}
    return {"at_ms": at_ms, "event": kind, **keyed, **more}


def lines(folder: Path, name: str = TODAY) -> list[str]:
    return (folder / name).read_text("utf-8").splitlines()


def keys(folder: Path) -> list[str]:
    return [found["key"] for found in journal(folder).events() if "key" in found]


def test_an_event_is_one_line_with_the_stamp(tmp_path: Path) -> None:
    journal(tmp_path).append([event("fill", "f1", price="1.5")])
    [line] = lines(tmp_path)
    assert json.loads(line) == {**event("fill", "f1", price="1.5"), **STAMP}
    assert (tmp_path / TODAY).read_bytes().endswith(b"}\n")


def test_a_key_is_written_once_by_any_number_of_runs(tmp_path: Path) -> None:
    for _ in range(3):
        journal(tmp_path).append([event(key="f1"), event(key="f2")])
    assert keys(tmp_path) == ["f1", "f2"]


def test_a_key_is_written_once_within_one_append(tmp_path: Path) -> None:
    journal(tmp_path).append([event(key="f1", price="1"), event(key="f1", price="2")])
    assert [found["price"] for found in journal(tmp_path).events()] == ["1"]


def test_events_without_a_key_are_written_each_time(tmp_path: Path) -> None:
    for _ in range(2):
        journal(tmp_path).append([event("run"), event("run"), event(key="f1")])
    assert len(list(journal(tmp_path).events("run"))) == 4
    assert keys(tmp_path) == ["f1"]


def test_what_is_missing_is_added_to_what_is_there(tmp_path: Path) -> None:
    journal(tmp_path).append([event(key="f1")])
    journal(tmp_path).append([event(key="f2"), event(key="f1"), event(key="f3")])
    assert keys(tmp_path) == ["f1", "f2", "f3"]
    assert len(lines(tmp_path)) == 3


@settings(max_examples=25)
@given(st.lists(st.lists(st.integers(0, 9), max_size=5), max_size=4), st.data())
def test_keys_are_there_exactly_once_whatever_was_torn(
    tmp_path_factory: pytest.TempPathFactory, runs: list[list[int]], data: st.DataObject
) -> None:
    folder = tmp_path_factory.mktemp("journal")
    for run in runs:
        events = [event(key=f"f{number}", at_ms=NOON_MS + number % 2 * DAY_MS) for number in run]
        before = {path: path.stat().st_size for path in folder.iterdir()}
        journal(folder).append(events)
        for path in sorted(folder.iterdir()):  # the run dies inside its last write
            kept = data.draw(st.integers(before.get(path, 0), path.stat().st_size))
            os.truncate(path, kept)
        journal(folder).append(events)  # and the next one writes the same again
    assert sorted(keys(folder)) == sorted({f"f{number}" for run in runs for number in run})


@pytest.mark.parametrize(
    "torn", [b'{"at_ms": 1, "key": "f2', b'{"key": "\xff"}', b"\x00\x00", b"7"]
)
def test_a_torn_last_line_stays_alone_and_costs_nothing(tmp_path: Path, torn: bytes) -> None:
    journal(tmp_path).append([event(key="f1")])
    with (tmp_path / TODAY).open("ab") as file:
        file.write(torn)
    journal(tmp_path).append([event(key="f1"), event(key="f2")])
    assert keys(tmp_path) == ["f1", "f2"]
    assert (tmp_path / TODAY).read_bytes().split(b"\n")[1] == torn


def test_a_whole_line_that_only_lacks_its_end_counts(tmp_path: Path) -> None:
    journal(tmp_path).append([event(key="f1")])
    os.truncate(tmp_path / TODAY, (tmp_path / TODAY).stat().st_size - 1)
    journal(tmp_path).append([event(key="f1"), event(key="f2")])
    assert keys(tmp_path) == ["f1", "f2"]
    assert len(lines(tmp_path)) == 2


def test_an_empty_file_gets_no_empty_line(tmp_path: Path) -> None:
    (tmp_path / TODAY).touch()
    journal(tmp_path).append([event(key="f1")])
    assert len(lines(tmp_path)) == 1


def test_an_event_lies_under_the_day_of_its_own_time(tmp_path: Path) -> None:
    midnight = NOON_MS + DAY_MS // 2
    journal(tmp_path).append(
        [
            event(key="late", at_ms=midnight),
            event(key="early", at_ms=midnight - 1),
            event(key="next", at_ms=midnight + DAY_MS - 1),
        ]
    )
    names = sorted(path.name for path in tmp_path.iterdir())
    assert names == [TODAY, "2025-06-16.jsonl"]
    assert keys(tmp_path) == ["early", "late", "next"]


def test_events_are_read_oldest_day_first_and_by_kind(tmp_path: Path) -> None:
    journal(tmp_path).append([event("trade", "t2", NOON_MS), event("fill", "f2", NOON_MS)])
    journal(tmp_path).append([event("trade", "t1", NOON_MS - DAY_MS)])
    (tmp_path / "notes.txt").write_text("not a day")
    (tmp_path / "other.jsonl").write_text('{"event": "trade", "key": "t0"}\n')
    assert [found["key"] for found in journal(tmp_path).events("trade")] == ["t1", "t2"]
    assert [found["key"] for found in journal(tmp_path).events()] == ["t1", "t2", "f2"]


def test_an_event_that_only_mentions_a_kind_is_not_of_it(tmp_path: Path) -> None:
    journal(tmp_path).append([event("note", about="fill"), event("fill", "f1")])
    assert [found["key"] for found in journal(tmp_path).events("fill")] == ["f1"]


def test_one_day_s_events_are_read_alone(tmp_path: Path) -> None:
    journal(tmp_path).append([event("fill", "f1"), event("fill", "f2", NOON_MS + DAY_MS)])
    journal(tmp_path).append([event("run")])
    assert [found["event"] for found in journal(tmp_path).events(day="2025-06-15")] == [
        "fill",
        "run",
    ]
    assert [found["key"] for found in journal(tmp_path).events("fill", "2025-06-16")] == ["f2"]
    assert list(journal(tmp_path).events(day="2025-06-17")) == []


def test_nothing_to_write_makes_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "journal"
    journal(folder).append([])
    assert list(journal(folder).events()) == []
    assert not folder.exists()


def test_a_missing_folder_is_made(tmp_path: Path) -> None:
    journal(tmp_path / "a" / "b").append([event()])
    assert len(lines(tmp_path / "a" / "b")) == 1


def test_lines_are_on_disk_before_the_end_and_a_new_file_s_name_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[str] = []

    def watched(handle: int) -> None:
        found = os.fstat(handle)
        synced.append("folder" if stat.S_ISDIR(found.st_mode) else f"file of {found.st_size}")

    monkeypatch.setattr(os, "fsync", watched)
    lasting = FileJournal(tmp_path, STAMP)
    lasting.append([event(key="f1")])
    size = (tmp_path / TODAY).stat().st_size
    lasting.append([event(key="f2")])
    lasting.append([event(key="f1"), event(key="f2")])  # nothing new: nothing to sync
    journal(tmp_path).append([event(key="f3")])
    journal(tmp_path / "replay").append([event(key="f3")])
    assert synced == [f"file of {size}", "folder", f"file of {2 * size}"]


def test_what_two_processes_have_written_at_once_counts_once(tmp_path: Path) -> None:
    """A guard goes on beside a frozen run: both have looked for the key before either wrote."""
    for _ in range(2):
        journal(tmp_path / "alone").append([event(key="f1"), event("run")])
    whole = (tmp_path / "alone" / TODAY).read_bytes()
    (tmp_path / TODAY).write_bytes(2 * whole)
    assert keys(tmp_path) == ["f1"]
    assert len(list(journal(tmp_path).events("run"))) == 4


def test_a_folder_that_cannot_be_listed_is_not_an_empty_journal(tmp_path: Path) -> None:
    """Limits would count from nought, and a halt would be forgotten with the notes."""
    (tmp_path / "journal").write_bytes(b"")
    with pytest.raises(NotADirectoryError):
        list(journal(tmp_path / "journal").events("fill"))
    assert list(journal(tmp_path / "none yet").events()) == []


def test_a_kind_is_found_without_decoding_the_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A year of ten symbols is a gigabyte, and is looked through before anything is protected."""
    for day in range(3):
        runs = [event("run", at_ms=NOON_MS + day * DAY_MS) for _ in range(9)]
        journal(tmp_path).append(runs)
    journal(tmp_path).append([event("switch", on=True)])
    with (tmp_path / TODAY).open("ab") as file:
        file.write(json.dumps(event("switch", on=False)).encode())  # as a person may write it
    decoded, real = [], msgspec.json.decode

    def counted(line: bytes) -> object:
        decoded.append(line)
        return real(line)

    monkeypatch.setattr(msgspec.json, "decode", counted)
    assert [found["on"] for found in journal(tmp_path).events("switch")] == [True, False]
    assert len(decoded) == 2
