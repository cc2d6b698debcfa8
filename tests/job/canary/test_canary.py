"""A canary flies on the embedded exchange, and finds every difference that it is there to find."""

from pathlib import Path

import pytest

from job.canary.catalogue import ENDING, LOOKING, TRADING
from job.canary.contract import DIFFERENT, NOT_TRIED, OK, UNSETTLED, Result
from job.canary.flight import NotBegunError, fly
from state.store import FileStore
from tests.job.canary.faults import ARMED
from tests.job.harness import BTC, Stand, stand
from tests.job.terminal import Terminal
from tests.oracle.planted_base import CALM, HOME

CHECKS = [*LOOKING, *TRADING, *ENDING]
INTERVAL_MS = 300_000
#: Quiet until the near orders rest; then a candle that reaches both.
MARKET = CALM.flat(HOME, 4).bar(HOME, HOME + 500, HOME - 500, HOME).flat(HOME, 30)


@pytest.fixture
def here(tmp_path: Path) -> Stand:
    """A job on a quiet market, with time enough to wait for candles."""
    made = stand(tmp_path, MARKET, deadline_ms=10 * INTERVAL_MS)
    made.at(10)
    return made


def flown(here: Stand, wait_ms: int = 4 * INTERVAL_MS) -> list[Result]:
    return fly(here.job, BTC, wait_ms, lambda result: None)


def named(results: list[Result], verdict: str) -> set[str]:
    return {result.name for result in results if result.verdict == verdict}


def test_everything_is_as_expected(here: Stand) -> None:
    results = flown(here)
    assert [result for result in results if result.verdict != OK] == []
    assert [result.number for result in results] == list(range(1, len(CHECKS) + 1))
    assert here.position() == 0
    assert here.algos() == []


def test_every_check_has_a_fault_of_its_own() -> None:
    assert list(ARMED) == [check.name for check in CHECKS]


@pytest.mark.parametrize("name", ARMED)
def test_a_fault_is_found_by_its_check_alone(here: Stand, name: str) -> None:
    ARMED[name](here)
    results = flown(here)
    assert named(results, DIFFERENT) == {name}, [r for r in results if r.verdict == DIFFERENT]
    if name != "end":
        assert here.position() == 0
        assert here.algos() == []


def test_a_market_that_does_not_move_settles_nothing(here: Stand) -> None:
    results = flown(here, wait_ms=1_000)
    assert named(results, UNSETTLED) == {"trigger"}
    assert named(results, NOT_TRIED) == {"what fired"}
    assert named(results, DIFFERENT) == set()
    assert here.position() == 0
    assert here.algos() == []
