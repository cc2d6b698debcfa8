"""flatten: what is ours is closed and swept, the job halted; what fails is tried again."""

import contextlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from job.commands.switching import LOCK_WAIT_MS, flatten
from state.lock import Claim
from tests.job.harness import (
    ALGO,
    LOTS,
    NOTHING,
    ORDER,
    PROTECTED,
    entered,
    only,
    stand,
)
from tests.job.test_strangers import rest
from tests.job.test_switching import STAYS, die, held
from tests.oracle.planted_base import CALM


def test_what_is_ours_is_closed_and_swept_and_the_job_halted(tmp_path: Path) -> None:
    desk = entered(tmp_path, STAYS)
    desk.at(10, 60_000)
    report = flatten(desk.job)
    assert (report.exit_code, desk.position(), desk.levels()) == (0, 0, NOTHING)
    assert (desk.reasons(), held(desk)) == (["flattened"], ["halt"])
    assert "close flattened: accepted" in only(report).orders
    assert "NO ENTRIES since" in report.brakes[0]
    assert desk.run(14).ok
    assert desk.position() == 0


def test_nothing_to_close(tmp_path: Path) -> None:
    desk = stand(tmp_path, CALM.flat(100_000, 3))
    desk.run(9)
    report = flatten(desk.job)
    assert (report.exit_code, only(report).position, held(desk)) == (0, "flat", ["halt"])


def test_strangers_keep_what_is_theirs(tmp_path: Path) -> None:
    desk = entered(tmp_path, STAYS)
    desk.by_hand(1, 300)
    rest(desk, "theirs")
    report = flatten(desk.job)
    assert (report.exit_code, desk.position(), desk.reasons()) == (0, 300, ["flattened"])
    assert [algo.client_id for algo in desk.algos()] == ["theirs"]


def test_a_close_that_does_not_succeed_is_tried_again_in_every_firing(tmp_path: Path) -> None:
    desk = entered(tmp_path, STAYS)
    desk.refuse("POST", ORDER, -1001, times=0)
    report = flatten(desk.job)
    assert report.exit_code == 1
    assert "the position is not closed yet" in only(report).error
    assert (desk.position(), desk.levels(), held(desk)) == (LOTS, PROTECTED, ["halt"])
    assert desk.sent.count("POST order MARKET") > 1
    desk.faults.disarm_all()
    assert desk.guard(11).ok
    assert (desk.position(), desk.reasons()) == (0, ["flattened"])


def test_one_that_dies_is_finished_by_the_next_firing(tmp_path: Path) -> None:
    desk = entered(tmp_path, STAYS)
    desk.meanwhile("POST", ORDER, die)
    with pytest.raises(KeyboardInterrupt):
        flatten(desk.job)
    assert desk.guard(11).ok
    assert (desk.position(), desk.reasons(), held(desk)) == (0, ["flattened"], ["halt"])


def test_one_refusal_is_overcome_at_once(tmp_path: Path) -> None:
    desk = entered(tmp_path, STAYS)
    desk.refuse("POST", ORDER, -1001, times=1)
    report = flatten(desk.job)
    assert (report.exit_code, desk.position(), desk.reasons()) == (0, 0, ["flattened"])


def test_unreadable_notes_do_not_keep_it_from_closing(tmp_path: Path) -> None:
    desk = entered(tmp_path, STAYS)
    desk.state_file.write_bytes(b"{")
    report = flatten(desk.job)
    assert (report.exit_code, desk.position(), desk.levels()) == (1, 0, NOTHING)
    assert "the switch could NOT be saved" in report.failures[0]
    assert desk.state_file.read_bytes() == b"{"
    desk.state_file.unlink()
    desk.run(13)
    assert (desk.position(), held(desk)) == (0, ["halt"])


def test_an_entry_in_flight_is_waited_for(tmp_path: Path) -> None:
    """A run dies right after its entry has left; the order arrives, its protection does not."""
    desk = stand(tmp_path, STAYS)

    desk.meanwhile("POST", ALGO, die)
    with pytest.raises(KeyboardInterrupt):
        desk.run(10)
    assert (desk.position(), desk.kept().intent is not None) == (LOTS, True)
    report = flatten(desk.job)
    assert (report.exit_code, desk.position(), desk.levels()) == (0, 0, NOTHING)
    assert desk.reasons() == ["flattened"]


def test_an_entry_that_was_never_heard_of_again(tmp_path: Path) -> None:
    """Its fence has to pass before anybody may say that it is flat."""
    desk = stand(tmp_path, STAYS)

    desk.meanwhile("POST", ORDER, die)
    with pytest.raises(KeyboardInterrupt):
        desk.run(10)
    began = desk.now_ms
    report = flatten(desk.job)
    assert (report.exit_code, desk.position(), desk.kept().intent) == (0, 0, None)
    assert desk.now_ms - began > 15_000


@pytest.mark.parametrize("frozen", [False, True])
def test_a_lock_that_is_held_is_waited_for_but_not_for_ever(tmp_path: Path, frozen: bool) -> None:
    desk = entered(tmp_path, STAYS)
    since_ms = 0 if frozen else desk.now_ms

    @contextlib.contextmanager
    def taken(_: int) -> Iterator[Claim]:
        yield Claim(ours=False, held_since_ms=since_ms)

    began = desk.now_ms
    report = flatten(replace(desk.job, claim=taken))
    assert (report.exit_code, desk.position()) == (0, 0)
    assert (desk.now_ms - began >= LOCK_WAIT_MS) is not frozen
