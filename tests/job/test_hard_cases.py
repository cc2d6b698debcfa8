"""Two things at once: what is not known, what is pending, and what somebody does meanwhile."""

from pathlib import Path

import pytest

from tests.job.harness import (
    ALGO,
    BTC,
    LOTS,
    NOTHING,
    ORDER,
    PROTECTED,
    STOP,
    TARGET,
    Request,
    Stand,
    entered,
    only,
    stand,
)
from tests.job.test_strangers import OLD_ID, plain_ids, rest, rest_plain
from tests.oracle.planted_base import CALM, ENTERED, REVERTED

CLOSE = {"reduceOnly": "true"}
FILLS = "/fapi/v1/userTrades"


def pending_close(folder: Path) -> Stand:
    """A reversion was decided, its order refused, and somebody has deleted the protection."""
    desk = entered(folder, REVERTED.flat(99_900, 3))
    desk.refuse("POST", ORDER, -1008, params=CLOSE)
    assert desk.run(12).exit_code == 1
    with desk.request() as engine:
        engine.cancel_all_algos(BTC)
    return desk


def test_while_a_close_is_not_done_its_protection_is_put_back(tmp_path: Path) -> None:
    desk = pending_close(tmp_path)
    desk.refuse("POST", ORDER, -1008, params=CLOSE)
    assert desk.run(12, 60_000).exit_code == 1
    assert (desk.position(), desk.levels()) == (LOTS, PROTECTED)
    assert desk.sent.count("POST order MARKET") == 1  # one try a run
    assert desk.run(13).exit_code == 0
    assert (desk.position(), desk.levels(), desk.reasons()) == (0, NOTHING, ["reverted"])


def test_what_cannot_be_found_out_is_protected_but_not_closed(tmp_path: Path) -> None:
    desk = pending_close(tmp_path)
    desk.arm("GET", FILLS, "answer", status=503, body="", times=0)
    assert desk.run(12, 60_000).exit_code == 1
    assert (desk.position(), desk.levels()) == (LOTS, PROTECTED)
    assert "POST order MARKET" not in desk.sent
    desk.faults.disarm_all()
    assert desk.run(13).exit_code == 0
    assert desk.reasons() == ["reverted"]


def test_what_cannot_be_found_out_cancels_nothing(tmp_path: Path) -> None:
    desk = entered(tmp_path, ENTERED.flat(99_000, 3))
    [stop, target] = desk.algos()
    with desk.request() as engine:
        engine.cancel_algo(stop.algo_id)
    rest(desk, target.client_id.replace("TP0", "SL8"), STOP - 100, LOTS)
    desk.arm("GET", FILLS, "answer", status=503, body="", times=0)
    assert desk.run(11).exit_code == 1
    assert sorted(desk.levels()["STOP_MARKET"]) == [STOP - 100, STOP]
    desk.faults.disarm_all()
    assert desk.run(12).exit_code == 0
    assert desk.levels() == PROTECTED


def test_a_position_that_is_gone_as_it_is_protected_is_settled_later(tmp_path: Path) -> None:
    desk = entered(tmp_path, ENTERED.flat(99_000, 3))
    with desk.request() as engine:
        engine.cancel_all_algos(BTC)
    desk.meanwhile("POST", ALGO, lambda _: desk.by_hand(-1, LOTS))
    desk.refuse("POST", ALGO, -2022, times=2)
    report = desk.guard(10, 60_000)
    assert report.exit_code == 1
    assert "gone" in only(report).error
    assert "POST order MARKET" not in desk.sent
    assert desk.run(11).exit_code == 0
    assert (desk.reasons(), desk.levels()) == (["manual"], NOTHING)


STALE = {"do": "stale", "reads": "*/userTrades", "lag_ms": 90_000}


def test_a_position_opened_by_hand_after_our_close_is_not_closed_while_fills_lag(
    tmp_path: Path,
) -> None:
    desk = entered(tmp_path, REVERTED.flat(99_900, 3))
    desk.arm("POST", ORDER, **STALE)
    assert "not visible yet" in only(desk.run(12)).error
    desk.by_hand(1, 500)
    report = desk.guard(12, 60_000)
    assert (report.exit_code, desk.sent, desk.position()) == (1, [], 500)
    report = desk.guard(12, 120_000)
    assert (report.exit_code, desk.sent, desk.reasons()) == (0, [], ["reverted"])
    assert "FOREIGN position of 0.500" in only(report).position


def test_a_position_opened_by_hand_after_our_stop_gets_no_stop_while_fills_lag(
    tmp_path: Path,
) -> None:
    desk = entered(tmp_path, ENTERED.bar(99_000, 99_000, 97_900, 98_500).flat(98_500, 3))
    entry = desk.job.gateway.fill_rows_since(BTC, desk.trade().signal_ms, desk.now_ms)
    desk.at(12, 500)
    desk.by_hand(1, 500)
    desk.arm("GET", FILLS, "answer", status=200, body=entry)
    assert (desk.guard().exit_code, desk.sent, desk.position()) == (1, [], 500)
    assert desk.guard(12, 60_000).exit_code == 0
    assert (desk.position(), desk.levels(), desk.reasons()) == (500, NOTHING, ["stop"])


def test_nor_does_it_when_our_trade_is_over_and_the_second_look_fails(tmp_path: Path) -> None:
    desk = entered(tmp_path, ENTERED.bar(99_000, 99_000, 97_900, 98_500).flat(98_500, 3))
    desk.at(12, 500)
    desk.by_hand(1, 500)
    desk.arm("GET", "/fapi/v3/positionRisk", "answer", status=503, body="", skip=1)
    assert (desk.guard().exit_code, desk.sent, desk.position()) == (1, [], 500)
    assert desk.guard(12, 60_000).exit_code == 0
    assert (desk.position(), desk.levels(), desk.reasons()) == (500, NOTHING, ["stop"])


def test_a_close_that_filled_in_part_goes_on_while_its_fills_lag(tmp_path: Path) -> None:
    desk = entered(tmp_path, REVERTED.flat(99_900, 3))
    desk.arm("POST", ORDER, **STALE)
    part = [{"do": "partial", "permille": 400}]
    desk.arm("GET", "/fapi/v1/time", "meanwhile", when="before", happen=part)
    desk.run(12)
    assert desk.position() == LOTS - 404
    desk.run(12, 60_000)
    assert desk.position() == 0


@pytest.mark.parametrize(("moved", "left"), [(0, 0), (1, LOTS)])
def test_when_fills_cannot_be_read_only_what_is_surely_ours_is_closed(
    tmp_path: Path, moved: int, left: int
) -> None:
    """Through its stop, the stop gone, and nobody knows whose the position is but by its price."""
    desk = entered(tmp_path, ENTERED.flat(97_500, 3))
    with desk.request() as engine:
        engine.cancel_all_algos(BTC)
    desk.at(11)
    with desk.request() as engine:
        held = engine.position(BTC)
        assert held is not None
        held.quote += moved * held.lots  # a tick beside: another position of that size
    desk.arm("GET", FILLS, "answer", status=503, body="", times=0)
    report = desk.guard()
    assert (report.exit_code, desk.position()) == (1, left)
    assert ("NOT closed" in only(report).error) is (left > 0)


def test_nothing_is_swept_while_an_entry_can_still_arrive(tmp_path: Path) -> None:
    desk = stand(tmp_path, ENTERED.flat(99_000))

    def die(_: object) -> None:
        raise KeyboardInterrupt

    desk.meanwhile("POST", ORDER, die)
    with pytest.raises(KeyboardInterrupt):
        desk.run(10)
    rest(desk, OLD_ID + "SL0")
    desk.guard(10, 4_000)
    assert desk.levels()["STOP_MARKET"] == [90_000]
    desk.guard(10, 60_000)
    assert desk.levels() == NOTHING


def test_a_sweep_takes_ours_and_leaves_theirs(tmp_path: Path) -> None:
    desk = stand(tmp_path, CALM.flat(100_000, 3))
    desk.at(9)
    rest(desk, OLD_ID + "SL0")
    rest(desk, "somebody", 89_000)
    rest_plain(desk, OLD_ID + "TP1")
    rest_plain(desk, "somebody-plain")
    assert desk.run().exit_code == 0
    assert [algo.client_id for algo in desk.algos()] == ["somebody"]
    assert plain_ids(desk) == ["somebody-plain"]


def test_a_trade_that_ends_leaves_the_orders_of_others(tmp_path: Path) -> None:
    desk = entered(tmp_path, REVERTED.flat(99_900, 3))
    rest(desk, "somebody", 89_000)
    assert desk.run(12).exit_code == 0
    assert (desk.position(), desk.reasons()) == (0, ["reverted"])
    assert [algo.client_id for algo in desk.algos()] == ["somebody"]
    assert TARGET not in desk.levels()["TAKE_PROFIT_MARKET"]


def test_an_enlarged_position_is_closed_by_our_part_only(tmp_path: Path) -> None:
    desk = entered(tmp_path, REVERTED.flat(99_900, 3))
    desk.by_hand(1, 500)
    report = desk.run(12)
    assert (report.exit_code, desk.position(), desk.levels()) == (0, 500, NOTHING)
    assert [event["quantity"] for event in desk.events("trade")] == ["1.010"]
    assert desk.run(13).exit_code == 0
    assert (desk.position(), desk.sent) == (500, [])


def test_enlarged_by_hand_as_it_is_closed_our_part_is_done_all_the_same(tmp_path: Path) -> None:
    desk = entered(tmp_path, REVERTED.flat(99_900, 3))
    desk.meanwhile("POST", ORDER, lambda _: desk.by_hand(1, 500))
    report = desk.run(12)
    assert (report.exit_code, desk.position(), desk.levels()) == (0, 500, NOTHING)
    assert desk.reasons() == ["reverted"]
    assert desk.run(13).exit_code == 0
    assert (desk.position(), desk.sent) == (500, [])


def test_a_close_that_filled_in_part_is_not_done(tmp_path: Path) -> None:
    desk = entered(tmp_path, REVERTED.flat(99_900, 3))
    part = [{"do": "partial", "permille": 400}]
    desk.arm("GET", "/fapi/v1/time", "meanwhile", when="before", happen=part)
    report = desk.run(12)
    assert "not closed yet" in only(report).error
    assert (desk.position(), desk.levels()) == (LOTS - 404, PROTECTED)


def test_a_trade_that_ends_before_lost_notes_can_see_it_is_booked_and_counts(
    tmp_path: Path,
) -> None:
    desk = stand(tmp_path, ENTERED.flat(99_000, 4))
    desk.run(9)
    desk.arm("POST", ORDER, "stale", reads=FILLS, lag_ms=90_000)
    desk.run(10)
    desk.state_file.unlink()
    assert "FOREIGN" in only(desk.guard(10, 60_000)).position
    assert (desk.levels(), desk.kept().looked_back) == (PROTECTED, False)
    desk.by_hand(-1, LOTS)
    assert desk.guard(10, 120_000).ok
    assert (desk.levels(), desk.reasons()) == (NOTHING, ["manual"])
    assert desk.kept().ended_ms == desk.events("trade")[0]["exit_time"]


def test_a_trade_cut_down_to_what_is_left_is_looked_into_when_fills_can_be_read(
    tmp_path: Path,
) -> None:
    """What a person opened at our own price agrees with the notes, once these were cut to it."""
    desk = entered(tmp_path, ENTERED.flat(99_000, 4))
    desk.by_hand(-1, LOTS)
    desk.by_hand(1, 200)
    desk.arm("GET", FILLS, "answer", status=503, body="", times=0)
    assert desk.guard(10, 60_000).exit_code == 1
    desk.faults.disarm_all()
    assert "FOREIGN" in only(desk.guard(10, 120_000)).position
    assert (desk.position(), desk.levels(), desk.reasons()) == (200, NOTHING, ["manual"])


def test_without_fills_nothing_is_closed_that_was_opened_as_the_stop_was_placed(
    tmp_path: Path,
) -> None:
    desk = entered(tmp_path, ENTERED.flat(99_000).flat(97_500, 4))
    with desk.request() as engine:
        engine.cancel_all_algos(BTC)
    desk.arm("GET", FILLS, "answer", status=503, body="", times=0)

    def turn(_: Request) -> None:
        desk.by_hand(-1, LOTS)
        desk.by_hand(1, 300)

    desk.meanwhile("POST", ALGO, turn)
    report = desk.guard(12)
    assert "the position is NOT closed" in only(report).error
    assert desk.position() == 300


def test_a_stop_that_fills_as_it_is_read_back_closes_nothing_of_others(tmp_path: Path) -> None:
    desk = entered(tmp_path, ENTERED.flat(99_000, 4))
    desk.by_hand(1, 300)
    with desk.request() as engine:
        engine.cancel_all_algos(BTC)

    def fire(_: Request) -> None:
        with desk.request() as engine:
            [stop] = [algo for algo in engine.open_algos(BTC) if algo.type == "STOP_MARKET"]
            engine.trigger_algo(stop.algo_id, "")

    desk.meanwhile("GET", "/fapi/v1/openAlgoOrders", fire, skip=1)
    desk.guard(10, 60_000)
    assert (desk.position(), desk.levels(), desk.reasons()) == (300, NOTHING, ["stop"])


def test_a_trade_that_was_turned_before_its_end_is_visible_is_booked_and_counts(
    tmp_path: Path,
) -> None:
    desk = entered(tmp_path, ENTERED.flat(99_000, 4))
    entry = desk.job.gateway.fill_rows_since(BTC, desk.trade().signal_ms, desk.now_ms)
    desk.by_hand(-1, LOTS + 200)
    desk.arm("GET", FILLS, "answer", status=200, body=entry)
    assert "FOREIGN position of 0.200" in only(desk.guard(10, 60_000)).position
    desk.by_hand(1, 200)
    assert desk.guard(10, 120_000).ok
    assert (desk.levels(), desk.reasons()) == (NOTHING, ["manual"])
    assert desk.kept().ended_ms == desk.events("trade")[0]["exit_time"]
