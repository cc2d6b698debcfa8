"""What is the file store's own; what every store must do is in `store_contract`."""

import fcntl
import os
from pathlib import Path
from threading import Thread

import pytest

from state.store import FileStore, LostRaceError
from tests.state.making import whole_notes


def test_a_frozen_saver_is_not_waited_for(tmp_path: Path) -> None:
    path = tmp_path / "state.json"
    loaded = FileStore(path, lambda: "first", durable=False).save(whole_notes())
    saving = os.open(tmp_path / ".state.json.saving", os.O_RDWR)
    try:
        fcntl.flock(saving, fcntl.LOCK_EX)
        with pytest.raises(LostRaceError, match="being saved by another run"):
            FileStore(path, lambda: "second", durable=False).save(loaded)
    finally:
        os.close(saving)
    saved = FileStore(path, lambda: "second", durable=False).save(loaded)
    assert (saved.revision, saved.nonce) == (loaded.revision + 1, "second")


def test_between_the_check_and_the_replacement_nobody_else_saves(tmp_path: Path) -> None:
    """A frozen run that wakes between its check and its write must not undo another's save."""
    path = tmp_path / "state.json"
    loaded = FileStore(path, lambda: "first", durable=False).save(whole_notes())
    outcomes: list[object] = []

    def save_too() -> None:
        try:
            outcomes.append(FileStore(path, lambda: "other", durable=False).save(loaded))
        except LostRaceError as error:
            outcomes.append(error)

    other = Thread(target=save_too)

    def nonce_while_another_saves() -> str:
        other.start()
        other.join(0.1)
        return "mine"

    saved = FileStore(path, nonce_while_another_saves, durable=False).save(loaded)
    other.join()
    assert [type(outcome) for outcome in outcomes] == [LostRaceError]
    assert FileStore(path, lambda: "n").load() == saved
