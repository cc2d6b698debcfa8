"""How well the job runs, measured from its journal."""

from pathlib import Path

import pytest

from job.budget import Budget
from job.outside import VirtualClock
from report.facts import Facts, days, read_facts
from report.health import Health, health_of, share
from tests.job.harness import BTC, stand
from tests.job.test_books import STORY
from tests.oracle.planted import START_MS

END_MS = START_MS + 24 * 3_600_000


def measured(folder: Path, *, late_ms: int = 2_000, skip: int = -1, fault: bool = False) -> Health:
    """The story, its runs that late; one candle without a run, one run without candles."""
    desk = stand(folder, STORY.flat(97_090, 10))
    for candle in range(9, STORY.next_index + 2):
        if fault and candle == 12:
            desk.arm("GET", "/fapi/v1/klines", "answer", status=503, body="")
        if candle != skip:
            desk.run(candle, after_ms=late_ms + candle)
    return health_of(facts(desk.job.journal), [BTC])


def facts(journal: object) -> Facts:
    budget = Budget(VirtualClock(END_MS), 40_000)
    return read_facts(journal, START_MS, END_MS, budget)  # type: ignore[arg-type] # a test's own


def test_runs_on_time(tmp_path: Path) -> None:
    health = measured(tmp_path)
    assert health.runs == STORY.next_index + 2 - 9
    assert health.undecided == 0
    assert health.late_ms == sorted(2_000 + c for c in range(9, STORY.next_index + 2))
    assert health.failed == []
    assert health.bare_ms
    assert all(bare == 0 for bare in health.bare_ms)  # nothing takes time on a virtual clock


def test_only_measured_runs_say_how_long_one_takes(tmp_path: Path) -> None:
    """As in the demonstration: a day on the clock of a replay, then one run on the machine's."""
    desk = stand(tmp_path, STORY)
    assert desk.run(9).ok
    assert health_of(facts(desk.job.journal), [BTC]).took_ms == []
    clock = desk.job.clock
    desk.meanwhile("POST", "/fapi/v1/order", lambda _: clock.sleep_ms(40))
    assert desk.run(10).ok
    assert health_of(facts(desk.job.journal), [BTC]).took_ms == [40]


def test_a_close_without_a_run(tmp_path: Path) -> None:
    assert measured(tmp_path, skip=12).undecided == 1


def test_a_run_that_failed(tmp_path: Path) -> None:
    health = measured(tmp_path, fault=True)
    assert health.undecided == 1
    [(at_ms, text)] = health.failed
    assert at_ms == START_MS + 12 * 300_000 + 2_012
    assert text.startswith("BTCUSDT: ")


def test_a_stop_that_comes_late(tmp_path: Path) -> None:
    desk = stand(tmp_path, STORY)
    clock = desk.job.clock
    desk.meanwhile("POST", "/fapi/v1/algoOrder", lambda _: clock.sleep_ms(1_500))
    assert desk.run(10).ok
    assert health_of(facts(desk.job.journal), [BTC]).bare_ms == [1_500]


def test_an_entry_without_a_stop_in_the_journal_is_unknown(tmp_path: Path) -> None:
    desk = stand(tmp_path, STORY)
    desk.run(10)
    found = facts(desk.job.journal)
    found.orders = []
    assert health_of(found, [BTC]).bare_ms == [None]
    assert health_of(found, [BTC]).bare_total_ms == 0


def test_records_of_another_version_are_left_out(tmp_path: Path) -> None:
    desk = stand(tmp_path, STORY)
    desk.run(10)
    [path] = (tmp_path / "journal").iterdir()
    text = path.read_text()
    path.write_text(text.replace('"version":1', '"version":9'))
    assert facts(desk.job.journal).records == []
    path.write_text(text.replace('"wallet_e8"', '"purse"'))
    assert facts(desk.job.journal).records == []


@pytest.mark.parametrize(
    ("values", "percent", "found"),
    [([], 95, 0), ([7], 95, 7), (list(range(100)), 95, 95), ([1, 2, 3], 100, 3)],
)
def test_shares(values: list[int], percent: int, found: int) -> None:
    assert share(values, percent) == found


def test_days_in_between() -> None:
    day = 86_400_000
    assert days(0, 1) == ["1970-01-01"]
    assert days(day - 1, day + 1) == ["1970-01-01", "1970-01-02"]
