"""Tasks over threads: in order whoever is ready first, few at a time, on our own cores."""

import os
from collections.abc import Iterator
from pathlib import Path
from threading import Event

import pytest

from backtest import spread
from backtest.ground import Ground
from tests.backtest.walks import ground, walk

#: Longer than any of this takes; a test that waits it out has failed.
LONG_S = 20


@pytest.fixture
def field(machine_code: Path) -> Ground:
    return ground(walk(3, seed=4), machine_code)


def test_results_keep_their_order_whoever_is_ready_first(
    field: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spread, "_TASK_CANDLES", 1)  # a task each
    second_is_done = Event()

    def task(_: Ground, numbers: range) -> tuple[int, bool]:
        if numbers[0] == 1:
            second_is_done.set()
        return numbers[0], second_is_done.wait(LONG_S)

    done = spread.spread(task, (field,), 5, len(field.history), workers=2, dask=None)
    assert list(done) == [(number, True) for number in range(5)]


def test_a_few_tasks_wait_and_the_others_are_not_asked_for(field: Ground) -> None:
    asked = []

    def tasks() -> Iterator[range]:
        for number in range(100):
            asked.append(number)
            yield range(number, number + 1)

    done = spread._by_threads(lambda _, numbers: numbers[0], (field,), tasks(), 2)
    for number in range(3):
        assert next(done) == number
        assert len(asked) == 2 * spread._AHEAD + number + 1
    assert list(done) == list(range(3, 100))


@pytest.mark.parametrize(
    ("each", "cut"), [(1, [(0, 7)]), (25, [(0, 4), (4, 7)]), (50, [(0, 2), (2, 4), (4, 6), (6, 7)])]
)
def test_tasks_are_about_as_long_as_asked(each: int, cut: list[tuple[int, int]]) -> None:
    assert spread.tasks_of(7, each, 100) == [range(*ends) for ends in cut]
    assert len(spread.tasks_of(7, 101, 100)) == len(spread.tasks_of(7, 10**9, 100)) == 7


def test_only_the_cores_that_are_ours_are_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {1, 5, 7}, raising=False)
    assert spread.cores() == 3
    monkeypatch.delattr(os, "sched_getaffinity")
    monkeypatch.setattr(os, "cpu_count", lambda: 6)
    assert spread.cores() == 6
    monkeypatch.setattr(os, "cpu_count", lambda: None)
    assert spread.cores() == 1
