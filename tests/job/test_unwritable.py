"""Disks fail too: what cannot be written down first is not opened, what is open is protected."""

from pathlib import Path

import pytest

from tests.job.harness import BTC, PROTECTED, Stand, entered, only, stand
from tests.oracle.planted_base import ENTERED, REVERTED


def no_journal(desk: Stand) -> None:
    """A file lies where the journal's folder should be."""
    folder = desk.folder / "journal"
    if folder.exists():
        folder.rename(desk.folder / "old")
    folder.write_text("in the way")


def no_state(desk: Stand) -> None:
    """A folder lies where the notes' file should be."""
    if desk.state_file.exists():
        desk.state_file.unlink()
    desk.state_file.mkdir()


def no_lock(desk: Stand) -> None:
    """A folder lies where the lock should be."""
    lock = desk.folder / "state.json.lock"
    lock.unlink(missing_ok=True)
    lock.mkdir()


@pytest.mark.parametrize("spoil", [no_journal, no_state])
def test_nothing_is_opened(tmp_path: Path, spoil: object) -> None:
    desk = stand(tmp_path, ENTERED)
    desk.run(9)
    assert callable(spoil)
    spoil(desk)
    report = desk.run(10)
    assert (report.exit_code, desk.entries(), desk.position()) == (1, 0, 0)
    assert only(report).reason.startswith("no entry: ")


@pytest.mark.parametrize("spoil", [no_journal, no_state])
@pytest.mark.parametrize("fire", ["run", "guard"])
def test_what_is_open_is_protected(tmp_path: Path, spoil: object, fire: str) -> None:
    desk = entered(tmp_path, ENTERED.flat(99_000))
    with desk.request() as engine:
        engine.cancel_all_algos(BTC)
    assert callable(spoil)
    spoil(desk)
    report = desk.run(11) if fire == "run" else desk.guard(11)
    assert (report.exit_code, desk.levels()) == (1, PROTECTED)


@pytest.mark.parametrize("spoil", [no_journal, no_state])
def test_what_has_reverted_is_closed(tmp_path: Path, spoil: object) -> None:
    desk = entered(tmp_path, REVERTED.flat(99_900))
    assert callable(spoil)
    spoil(desk)
    assert desk.run(12).exit_code == 1
    assert (desk.position(), desk.algos()) == (0, [])


def test_a_fill_that_could_not_be_journalled_is_journalled_later(tmp_path: Path) -> None:
    desk = entered(tmp_path, ENTERED.flat(98_000, 2))
    no_journal(desk)
    assert desk.run(11).exit_code == 1
    (tmp_path / "journal").unlink()
    (tmp_path / "old").rename(tmp_path / "journal")
    assert desk.run(12).exit_code == 0
    assert desk.reasons() == ["stop"]
    assert len(desk.events("fill")) == 2


def test_without_a_lock_the_run_goes_on_and_says_so(tmp_path: Path) -> None:
    desk = stand(tmp_path, ENTERED)
    desk.run(9)
    no_lock(desk)
    report = desk.run(10)
    assert (report.exit_code, desk.levels()) == (1, PROTECTED)
    assert any("the lock cannot be used" in failure for failure in report.failures)
