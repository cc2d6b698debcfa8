"""A moved stop: the new one is placed and read back before the old one is cancelled."""

from pathlib import Path

import pytest

from simulator.engine.requests import AlgoRequest
from tests.job.harness import (
    ALGO,
    BTC,
    LOTS,
    MOVED,
    NOTHING,
    PROTECTED,
    STOP,
    TARGET,
    Stand,
    entered,
    only,
)
from tests.oracle.planted_base import GAINED

BOOK = "/fapi/v1/openAlgoOrders"
HELD = GAINED.flat(99_500).flat(99_400)
POSITIONS = "/fapi/v3/positionRisk"
STOPS = {"type": "STOP_MARKET"}


def held(folder: Path) -> Stand:
    """In the long of `ENTERED`; the close of candle 11 moves the stop."""
    return entered(folder, HELD)


def test_place_read_back_cancel(tmp_path: Path) -> None:
    desk = held(tmp_path)
    assert desk.run(12).exit_code == 0
    assert desk.levels() == {"STOP_MARKET": [MOVED], "TAKE_PROFIT_MARKET": [TARGET]}
    told = [request.told for request in desk.requests]
    placed, cancelled = told.index("POST algoOrder STOP_MARKET"), told.index("DELETE algoOrder")
    assert "GET openAlgoOrders" in told[placed:cancelled]
    assert desk.sent == ["POST algoOrder STOP_MARKET", "DELETE algoOrder"]
    assert desk.broken() == []


def test_it_moves_only_once(tmp_path: Path) -> None:
    desk = held(tmp_path)
    desk.run(12)
    assert desk.run(13).exit_code == 0
    assert desk.sent == []
    assert desk.trade().stop_moved


def test_the_move_is_written_down_before_the_order_leaves(tmp_path: Path) -> None:
    desk = held(tmp_path)
    seen: list[tuple[int, bool]] = []
    desk.meanwhile(
        "POST", ALGO, lambda _: seen.append((desk.trade().stop, desk.trade().stop_moved))
    )
    desk.run(12)
    assert seen == [(MOVED, True)]


def test_a_run_that_died_between_the_two_orders_is_completed(tmp_path: Path) -> None:
    desk = held(tmp_path)

    def die(_: object) -> None:
        raise KeyboardInterrupt

    desk.meanwhile("DELETE", ALGO, die)
    with pytest.raises(KeyboardInterrupt):
        desk.run(12)
    assert sorted(desk.levels()["STOP_MARKET"]) == [STOP, MOVED]
    assert desk.guard(12, 60_000).exit_code == 0
    assert desk.levels() == {"STOP_MARKET": [MOVED], "TAKE_PROFIT_MARKET": [TARGET]}


def test_a_refused_new_stop_leaves_the_old_one(tmp_path: Path) -> None:
    desk = held(tmp_path)
    desk.refuse("POST", ALGO, -4045, params=STOPS)
    report = desk.run(12)
    assert (report.exit_code, desk.position()) == (1, LOTS)
    assert desk.levels()["STOP_MARKET"] == [STOP]
    assert "the old one still rests" in only(report).error
    assert desk.run(12, 60_000).exit_code == 0  # an exit may come whenever
    assert desk.levels() == {"STOP_MARKET": [MOVED], "TAKE_PROFIT_MARKET": [TARGET]}


def test_an_old_stop_that_cannot_be_cancelled_is_swept_later(tmp_path: Path) -> None:
    desk = held(tmp_path)
    desk.refuse("DELETE", ALGO, -1008)
    report = desk.run(12)
    assert (report.exit_code, desk.position()) == (1, LOTS)
    assert sorted(desk.levels()["STOP_MARKET"]) == [STOP, MOVED]
    assert "could not be cancelled" in only(report).error
    assert desk.guard(12, 60_000).exit_code == 0
    assert desk.levels()["STOP_MARKET"] == [MOVED]


def test_an_old_stop_that_is_gone_already_counts_as_cancelled(tmp_path: Path) -> None:
    desk = held(tmp_path)
    desk.refuse("DELETE", ALGO, -2011)
    assert desk.run(12).exit_code == 0


def test_an_old_stop_that_fills_as_it_is_cancelled_ends_the_trade(tmp_path: Path) -> None:
    desk = held(tmp_path)
    filled = [{"do": "trigger"}]
    desk.arm("DELETE", ALGO, "meanwhile", when="before", happen=filled)
    assert desk.run(12).exit_code == 0
    assert (desk.position(), desk.levels(), desk.reasons()) == (0, NOTHING, ["stop"])
    assert desk.kept().trade is None
    assert desk.broken() == []


def test_a_race_with_a_fill_that_cannot_be_looked_into_fails_the_run(tmp_path: Path) -> None:
    desk = held(tmp_path)
    filled = [{"do": "trigger"}]
    desk.arm("DELETE", ALGO, "meanwhile", when="before", happen=filled)
    desk.meanwhile("DELETE", ALGO, lambda _: desk.arm("GET", POSITIONS, "drop"))
    report = desk.run(12)
    assert report.exit_code == 1
    assert "gone as it was cancelled" in only(report).error
    assert desk.guard(12, 60_000).exit_code == 0
    assert (desk.levels(), desk.reasons()) == (NOTHING, ["stop"])


def test_nothing_is_cancelled_while_the_new_stop_is_not_seen(tmp_path: Path) -> None:
    desk = held(tmp_path)
    desk.arm("POST", ALGO, "lag", lag_ms=20_000, lists=True)
    assert desk.run(12).exit_code == 1
    assert "DELETE algoOrder" not in desk.sent
    assert STOP in desk.levels()["STOP_MARKET"]
    assert desk.run(12, 60_000).exit_code == 0
    assert desk.levels()["STOP_MARKET"] == [MOVED]


def test_a_failed_read_of_the_book_is_never_no_stop(tmp_path: Path) -> None:
    desk = held(tmp_path)
    desk.arm("GET", BOOK, "answer", status=503, body="")
    report = desk.run(12)
    assert (report.exit_code, desk.sent, desk.position()) == (1, [], LOTS)
    assert desk.levels()["STOP_MARKET"] == [STOP]


def test_a_failed_read_of_the_position_is_never_flat(tmp_path: Path) -> None:
    desk = held(tmp_path)
    desk.arm("GET", "/fapi/v3/positionRisk", "answer", status=503, body="")
    report = desk.run(12)
    assert (report.exit_code, desk.sent) == (1, [])
    assert desk.levels() == PROTECTED


def test_a_stop_that_a_person_tightened_is_kept(tmp_path: Path) -> None:
    desk = held(tmp_path)
    desk.at(12)
    with desk.request() as engine:
        [stop, _] = desk.algos()
        engine.cancel_algo(stop.algo_id)
        tight = AlgoRequest(BTC, -1, "STOP_MARKET", 99_200, LOTS, reduce_only=True)
        engine.place_algo(tight._replace(client_id=stop.client_id))
    assert desk.run(12).exit_code == 0
    assert desk.levels()["STOP_MARKET"] == [99_200]  # only ever tighter
    assert desk.trade().stop_moved
