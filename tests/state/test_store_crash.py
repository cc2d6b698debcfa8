"""A save that dies or fails anywhere leaves the old notes or the new ones, whole."""

import json
import os
import stat
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from state.codec import decode, encode
from state.store import FileStore, fsync_directory, replace_file
from tests.house.sources import ROOT
from tests.state.making import whole_notes

OLD, NEW = b"old content\n", b"new content, and longer\n"
NOBODY = 65534

#: Runs an action again and again, each time killed one line of the store's later, as by kill -9,
#: until it lives; prints what each left in the file.
KILLED_AT_EVERY_LINE = """
import json, os, sys
from pathlib import Path
from state import store
path, action = Path(sys.argv[1]), sys.argv[2]

def count_down(lines):
    left = [lines]
    def on_line(frame, event, argument):
        if event == "line":
            left[0] -= 1
            if left[0] < 0:
                os._exit(9)
        return on_line
    return lambda frame, event, argument: (
        on_line if frame.f_code.co_filename == store.__file__ else None)

def act():
    keeper = store.FileStore(path, lambda: "new")
    notes = keeper.load() if action == "save" else None
    sys.settrace(count_down(lines))
    if action == "save":
        keeper.save(notes)
    else:
        store.replace_file(path, sys.argv[3].encode())

old, left = path.read_bytes(), []
for lines in range(1000):
    path.write_bytes(old)
    child = os.fork()
    if child == 0:
        act()
        os._exit(0)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    left.append(path.read_text())
    if code == 0:
        break
    assert code == 9
print(json.dumps(left))
"""


def left_by(path: Path, action: str, new: str = "") -> list[bytes]:
    """What lies in the file after a kill at every line, the last time after none."""
    ended = subprocess.run(
        [sys.executable, "-c", KILLED_AT_EVERY_LINE, str(path), action, new],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    return [text.encode() for text in json.loads(ended.stdout)]


def test_a_process_killed_at_any_line_leaves_old_or_new_content(tmp_path: Path) -> None:
    path = tmp_path / "state.json"
    path.write_bytes(OLD)
    left = left_by(path, "replace", NEW.decode())
    assert left == sorted(left, reverse=True)  # old until the rename, new after it
    assert set(left) == {OLD, NEW}
    assert len(left) > 5
    assert len(list(tmp_path.iterdir())) <= 2


def test_a_run_killed_at_any_line_of_a_save_leaves_notes_that_can_be_used(tmp_path: Path) -> None:
    path = tmp_path / "state.json"
    FileStore(path, lambda: "old").save(whole_notes())
    left = [decode(data, "left") for data in left_by(path, "save")]
    assert [notes.nonce for notes in left] == sorted([notes.nonce for notes in left], reverse=True)
    assert {(notes.revision, notes.nonce) for notes in left} == {(1, "old"), (2, "new")}
    assert len(left) > 10
    store = FileStore(path, lambda: "next")
    assert store.save(left[-1]) == store.load()


def _disk_full(*_: Any, **__: Any) -> Any:
    raise OSError(28, "No space left on device")


@pytest.mark.parametrize("step", ["os.open", "os.fdopen", "os.fsync", "pathlib.Path.replace"])
def test_a_save_that_fails_keeps_the_old_and_the_next_one_succeeds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    path = tmp_path / "state.json"
    path.write_bytes(OLD)
    with monkeypatch.context() as patched:
        patched.setattr(step, _disk_full)
        with pytest.raises(OSError, match="No space left"):
            replace_file(path, NEW)
    assert path.read_bytes() == OLD
    assert list(tmp_path.iterdir()) == [path]
    replace_file(path, NEW)
    assert path.read_bytes() == NEW
    assert list(tmp_path.iterdir()) == [path]


def test_the_data_is_on_disk_before_the_name_and_the_name_before_the_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps: list[str] = []
    path = tmp_path / "state.json"
    fsync, replace = os.fsync, Path.replace

    def watched_fsync(handle: int) -> None:
        found = os.fstat(handle)
        is_folder = stat.S_ISDIR(found.st_mode)
        steps.append("sync folder" if is_folder else f"sync file of {found.st_size}")
        fsync(handle)

    def watched_replace(self: Path, target: Path) -> Path:
        steps.append("rename")
        return replace(self, target)

    monkeypatch.setattr(os, "fsync", watched_fsync)
    monkeypatch.setattr(Path, "replace", watched_replace)
    replace_file(path, NEW)
    assert steps == [f"sync file of {len(NEW)}", "rename", "sync folder"]
    steps.clear()
    replace_file(path, OLD, durable=False)
    assert steps == ["rename"]


@pytest.mark.parametrize(("durable", "synced"), [(True, 2), (False, 0)])
def test_a_store_that_need_not_last_syncs_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, durable: bool, synced: int
) -> None:
    calls: list[int] = []
    monkeypatch.setattr(os, "fsync", calls.append)
    FileStore(tmp_path / "state.json", lambda: "n", durable=durable).save(whole_notes())
    assert len(calls) == synced


def test_a_store_lasts_unless_it_is_told_not_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[int] = []
    monkeypatch.setattr(os, "fsync", calls.append)
    FileStore(tmp_path / "state.json", lambda: "n").save(whole_notes())
    assert len(calls) == 2


def test_a_temporary_file_that_was_left_behind_is_never_taken_for_the_notes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "state.json"
    renamed: list[Path] = []
    replace = Path.replace

    def watched(self: Path, target: Path) -> Path:
        renamed.append(self)
        return replace(self, target)

    with monkeypatch.context() as patched:
        patched.setattr(Path, "replace", watched)
        saved = FileStore(path, lambda: "n").save(whole_notes())
    assert [name.parent for name in renamed] == [tmp_path]
    assert renamed[0].name.startswith(".")
    renamed[0].write_bytes(b'{"half, but longer than the notes": ' + b" " * 5000)
    store = FileStore(path, lambda: "n2")
    assert store.load() == saved
    assert store.save(saved) == store.load()
    assert not renamed[0].exists()


def test_missing_folders_are_made_and_only_the_owner_may_read(tmp_path: Path) -> None:
    path = tmp_path / "a" / "b" / "state.json"
    replace_file(path, NEW)
    assert path.read_bytes() == NEW
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.fixture
def read_only() -> Iterator[Path]:
    """A folder that whoever runs the test may not write to, the superuser included."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "state.json").write_bytes(encode(whole_notes()))
        (folder / "state.json").chmod(0o444)
        folder.chmod(0o555)
        user = os.geteuid()
        if user == 0:
            os.seteuid(NOBODY)
        try:
            yield folder
        finally:
            os.seteuid(user)
            folder.chmod(0o755)


@pytest.mark.parametrize(
    "save",
    [
        lambda folder: replace_file(folder / "state.json", NEW),
        lambda folder: replace_file(folder / "new.json", NEW),
        lambda folder: replace_file(folder / "deeper" / "state.json", NEW),
        lambda folder: FileStore(folder / "state.json", lambda: "n").save(whole_notes()),
    ],
    ids=["replace", "new file", "new folder", "store"],
)
def test_a_folder_that_cannot_be_written_to_is_an_error_not_a_loss(
    read_only: Path, save: Callable[[Path], object]
) -> None:
    with pytest.raises(PermissionError):
        save(read_only)
    assert FileStore(read_only / "state.json", lambda: "n").load() == whole_notes()


def test_a_folder_where_the_file_should_be_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "state.json").mkdir()
    with pytest.raises(IsADirectoryError):
        FileStore(tmp_path / "state.json", lambda: "n").load()


def test_no_handle_is_left_open(tmp_path: Path) -> None:
    def next_handle() -> int:
        handle = os.dup(0)
        os.close(handle)
        return handle

    before = next_handle()
    fsync_directory(tmp_path)
    FileStore(tmp_path / "state.json", lambda: "n").save(whole_notes())
    assert next_handle() == before
