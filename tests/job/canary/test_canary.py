"""A canary flies on the embedded exchange, and finds every difference that it is there to find."""

from dataclasses import replace
from pathlib import Path

import pytest

from exchange.ids import client_id
from job.canary.catalogue import ENDING, LOOKING, TRADING
from job.canary.contract import DIFFERENT, NOT_TRIED, OK, UNSETTLED, Result
from job.canary.flight import NotBegunError, fly
from tests.job.canary.faults import ARMED
from tests.job.harness import BTC, LOTS, ORDER, PROTECTED, Stand, entered, stand
from tests.job.terminal import Terminal
from tests.oracle.planted_base import CALM, ENTERED, HOME

CHECKS = [*LOOKING, *TRADING, *ENDING]
INTERVAL_MS, DAY_S = 300_000, 86_400
#: Quiet until the near orders rest; then a candle that reaches both.
MARKET = CALM.flat(HOME, 2).bar(HOME, HOME + 500, HOME - 500, HOME).flat(HOME, 30)


@pytest.fixture
def here(tmp_path: Path) -> Stand:
    """A job on a quiet market, with time enough to wait for candles."""
    made = stand(tmp_path, MARKET, deadline_ms=10 * INTERVAL_MS)
    made.at(10)
    return made


def flown(here: Stand, wait_ms: int = 4 * INTERVAL_MS) -> list[Result]:
    here.at(10, after_ms=290_000)  # the next close is 10 s away
    return fly(here.job, BTC, wait_ms, lambda _: None)


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


def test_what_a_killed_canary_leaves_is_protected_and_booked(here: Stand) -> None:
    """Killed right after its entry: guard and run see to it as to any trade of the job."""
    here.run(10)

    def kill(_: object) -> None:
        raise KeyboardInterrupt

    here.meanwhile("GET", ORDER, kill)  # the first look after the entry
    here.meanwhile("GET", "/fapi/v3/positionRisk", kill, skip=1)  # and the tidying up
    with pytest.raises(KeyboardInterrupt):
        flown(here)
    assert here.position() > 0
    assert here.algos() == []
    assert here.guard().ok
    assert here.broken() == []
    assert [algo.type for algo in here.algos()] == ["STOP_MARKET", "TAKE_PROFIT_MARKET"]


def test_the_next_run_books_what_the_canary_has_traded(here: Stand) -> None:
    here.run(10)
    flown(here)
    assert here.run().ok
    assert here.reasons() == ["manual", "stop"]
    fills = here.events("fill")
    assert len(fills) == 4


def test_a_named_deployment_s_canary_is_no_rival(tmp_path: Path) -> None:
    """Its entries carry the number of the deployment, as the job's own do."""
    here = stand(tmp_path, MARKET, "owner=droplet", deadline_ms=10 * INTERVAL_MS)
    here.run(10)
    flown(here)
    assert here.run().ok
    assert here.kept().rival_ms == 0
    assert here.reasons() == ["manual", "stop"]


def test_an_earlier_canary_of_the_same_candle_is_no_rival(here: Stand) -> None:
    """Two entries of one candle would stop the job, and its journal would keep one trade."""
    here.run(10)
    for minutes in range(1, 5):
        earlier = client_id(BTC, here.now_ms // INTERVAL_MS * INTERVAL_MS - minutes * 60_000, "EN")
        here.by_hand(1, 10, client_id=earlier)
        here.by_hand(-1, 10)
    assert named(flown(here), DIFFERENT) == set()
    assert here.run().ok
    assert here.kept().rival_ms == 0
    assert len({event["key"] for event in here.events("trade")}) == 6


def test_it_leaves_the_job_s_own_trade_its_protection(tmp_path: Path) -> None:
    here = entered(tmp_path, ENTERED.flat(99_000, 8), deadline_ms=10 * INTERVAL_MS)
    here.at(11, after_ms=290_000)
    here.requests.clear()
    results = fly(here.job, BTC, INTERVAL_MS, lambda _: None)
    assert {"untouched", "end"} <= named(results, DIFFERENT)
    assert (here.position(), here.levels()) == (LOTS, PROTECTED)
    assert here.sent == []


def test_one_that_runs_out_of_time_ends_flat_and_says_so(tmp_path: Path) -> None:
    here = stand(tmp_path, MARKET.flat(HOME, 5), deadline_ms=60_000)
    results = flown(here)
    assert [r.name for r in results if "set deadline_s higher" in r.came] == ["the other checks"]
    assert here.position() == 0


def test_it_leaves_a_symbol_alone_that_is_in_use(here: Stand) -> None:
    here.by_hand(1, 7)
    results = flown(here)
    assert "untouched" in named(results, DIFFERENT)
    assert here.position() == 7
    assert here.sent == []


def test_it_does_not_begin_while_another_run_holds_the_lock(here: Stand) -> None:
    with here.job.claim(here.now_ms), pytest.raises(NotBegunError, match="holds the lock"):
        flown(here)
    assert here.sent == []


def test_it_does_not_begin_without_the_exchange(here: Stand) -> None:
    here.arm("*", "*", "drop", times=0)
    with pytest.raises(NotBegunError, match="the exchange cannot be reached: read the time"):
        flown(here)
    assert here.sent == []


def test_it_does_not_begin_in_a_ban_that_the_notes_remember(here: Stand) -> None:
    here.at(10, after_ms=290_000)
    headers = {"Retry-After": str(DAY_S)}
    here.arm("*", "*", "answer", status=418, headers=headers, times=0)
    assert not here.guard().ok
    here.faults.disarm_all()
    here.requests.clear()
    here.job.budget.begin()  # as in a process of its own
    with pytest.raises(NotBegunError, match="asked for silence until"):
        flown(here)
    assert here.requests == []


def test_it_does_not_begin_with_notes_of_another_account(here: Stand) -> None:
    here.run(10)
    here.requests.clear()
    here.job = replace(here.job, config=replace(here.job.config, account="other"))
    with pytest.raises(NotBegunError, match="account main"):
        flown(here)
    assert here.sent == []


# What people type.


def test_the_command_on_the_embedded_exchange(terminal: Terminal) -> None:
    typed = terminal.type("canary")
    assert typed.status == 0, typed.told
    assert "does what is expected of it: 35 checks" in typed.out[-1]
    assert " 9 ok        late entry: expected refused: -1021; came refused" in typed.told
    [journal] = [name for name in terminal.files() if "journal" in name]
    assert list(terminal.files()) == [journal]  # no notes, no paper account


def test_the_command_for_a_program(terminal: Terminal) -> None:
    typed = terminal.type("canary", "--json")
    assert typed.status == 0
    assert typed.json["ok"] is True
    assert [check["number"] for check in typed.json["checks"]] == list(range(1, 36))


def test_it_never_trades_on_the_live_exchange(terminal: Terminal) -> None:
    typed = terminal.type("canary", "--set=venue=live")
    assert (typed.status, typed.out) == (2, [])
    assert typed.err == ["venue = live: the canary trades; it is for demo and embedded"]
