"""I7: what is not ours is reported and never touched; what a person does to ours is understood."""

from pathlib import Path

import pytest

from simulator.engine.requests import AlgoRequest, OrderRequest
from tests.job.harness import (
    ALGO,
    BTC,
    ETH,
    LOTS,
    NOTHING,
    ORDER,
    PROTECTED,
    STOP,
    Stand,
    entered,
    only,
    stand,
)
from tests.oracle.planted_base import CALM, ENTERED, SIGNAL

#: In the long, then two closes that decide nothing.
CALM_LONG = ENTERED.flat(99_000, 6)
OLD_ID = "rv1-BTCUSDT-28928000-"


def sizes(desk: Stand) -> list[int]:
    return [algo.lots for algo in desk.algos()]


def rest(desk: Stand, client_id: str, level: int = 90_000, lots: int = 5) -> None:
    """A conditional order that somebody left behind."""
    with desk.request() as engine:
        stop = AlgoRequest(BTC, -1, "STOP_MARKET", level, lots, reduce_only=True)
        engine.place_algo(stop._replace(client_id=client_id))


def rest_plain(desk: Stand, client_id: str) -> None:
    """A limit order far below the market."""
    with desk.request() as engine:
        engine.place(OrderRequest(BTC, 1, "LIMIT", 10, 95_500, client_id=client_id))


def plain_ids(desk: Stand) -> list[str]:
    with desk.request() as engine:
        return [order.client_id for order in engine.open_orders()]


def test_orphans_are_swept_from_both_books(tmp_path: Path) -> None:
    desk = stand(tmp_path, CALM.flat(100_000, 3))
    desk.at(9)
    rest(desk, OLD_ID + "SL0")
    rest_plain(desk, OLD_ID + "TP1")
    assert desk.run().exit_code == 0
    assert (desk.algos(), plain_ids(desk)) == ([], [])
    positions = [r for r in desk.requests if r.path == "/fapi/v3/positionRisk"]
    assert len(positions) == 2  # read once more, after the read that listed them


def test_orphans_stay_while_the_second_read_shows_a_position(tmp_path: Path) -> None:
    desk = stand(tmp_path, CALM.flat(100_000, 3))
    desk.at(9)
    rest(desk, OLD_ID + "SL0")
    desk.meanwhile("GET", "/fapi/v3/positionRisk", lambda _: desk.by_hand(1, 5), skip=1)
    assert desk.run().exit_code == 1
    assert desk.levels()["STOP_MARKET"] == [90_000]


def test_no_entry_while_an_order_of_ours_rests(tmp_path: Path) -> None:
    desk = stand(tmp_path, ENTERED)
    desk.run(9)
    desk.at(10)
    rest(desk, OLD_ID + "SL0")
    desk.refuse("DELETE", "/fapi/v1/algoOrder", -1008)
    report = desk.run()
    assert (report.exit_code, desk.entries()) == (1, 0)
    assert only(report).reason == "no entry: an order of ours still rests"


def test_orders_of_others_are_left_alone(tmp_path: Path) -> None:
    desk = stand(tmp_path, CALM_LONG)
    desk.run(9)
    rest(desk, "somebody")
    rest(desk, "rv2-BTCUSDT-28928000-SL0")
    rest_plain(desk, "somebody-plain")
    for candle in (10, 11, 12):
        assert desk.run(candle).exit_code == 0
    assert desk.position() == LOTS
    assert {a.client_id for a in desk.algos()} >= {"somebody", "rv2-BTCUSDT-28928000-SL0"}
    assert plain_ids(desk) == ["somebody-plain"]


def test_orders_of_others_are_told(tmp_path: Path) -> None:
    desk = stand(tmp_path, CALM.flat(100_000, 3))
    assert only(desk.run(9)).others == ""
    rest(desk, "somebody")
    assert only(desk.run(10)).others == "1 order not ours: left alone"
    rest_plain(desk, "somebody-plain")
    assert "| 2 orders not ours: left alone" in "".join(desk.run(11).lines())


@pytest.mark.parametrize(
    ("path", "row"),
    [
        ("openAlgoOrders", {"symbol": BTC, "clientAlgoId": "web_trailing"}),
        ("openAlgoOrders", {"symbol": BTC, "clientAlgoId": "web", "quantity": "0.0005"}),
        ("openOrders", {"symbol": BTC, "clientOrderId": "web_limit", "origQty": "0.0005"}),
    ],
)
def test_an_order_of_others_in_a_shape_that_is_not_known_costs_no_protection(
    tmp_path: Path, path: str, row: dict[str, str]
) -> None:
    desk = entered(tmp_path, CALM_LONG)
    with desk.request() as engine:
        engine.cancel_all_algos(BTC)
    desk.arm("GET", f"/fapi/v1/{path}", "answer", status=200, body=[row])
    report = desk.guard(10, 60_000)
    assert (report.exit_code, desk.levels()) == (0, PROTECTED)


def bought_by_hand_while_an_entry_is_lost(folder: Path) -> Stand:
    """Our entry never arrives; a position that a person opens meanwhile looks like its fill."""
    desk = stand(folder, ENTERED.flat(99_000, 8))
    desk.meanwhile("POST", ORDER, lambda _: desk.by_hand(1, 500))
    desk.arm("POST", ORDER, "drop", when="before")
    assert desk.run(10).exit_code == 0
    assert (desk.position(), desk.levels()) == (500, PROTECTED)
    return desk


def test_what_looked_like_our_entry_is_left_without_our_orders(tmp_path: Path) -> None:
    desk = bought_by_hand_while_an_entry_is_lost(tmp_path)
    report = desk.guard(10, 60_000)
    assert "FOREIGN position of 0.500" in only(report).position
    assert (desk.position(), desk.levels()) == (500, NOTHING)


def test_so_it_is_when_the_first_sweep_fails_or_the_notes_are_lost(tmp_path: Path) -> None:
    desk = bought_by_hand_while_an_entry_is_lost(tmp_path)
    desk.refuse("DELETE", ALGO, -1008, times=2)
    desk.guard(10, 60_000)
    assert desk.levels() == PROTECTED
    desk.state_file.unlink()
    assert desk.guard(12).exit_code == 0
    assert desk.levels() == PROTECTED  # an entry so young might not be visible yet
    assert desk.guard(14).exit_code == 0
    assert (desk.position(), desk.levels()) == (500, NOTHING)


@pytest.mark.parametrize("side", [1, -1])
def test_a_foreign_position_is_reported_and_its_symbol_not_traded(
    tmp_path: Path, side: int
) -> None:
    desk = stand(tmp_path, ENTERED.flat(99_000))
    desk.run(9)
    desk.by_hand(side, 30)
    report = desk.run(10)
    assert (report.exit_code, desk.sent, desk.position()) == (0, [], side * 30)
    assert "FOREIGN position of 0.030" in only(report).position
    assert desk.run(11).exit_code == 0
    assert (desk.sent, desk.position()) == ([], side * 30)


def test_a_foreign_position_on_another_symbol_is_no_hindrance(tmp_path: Path) -> None:
    desk = stand(tmp_path, {BTC: ENTERED, ETH: ENTERED})
    desk.at(9)
    desk.by_hand(1, 30, ETH)
    assert desk.run(10).exit_code == 0
    assert (desk.position(BTC), desk.position(ETH)) == (LOTS // 2, 30)


@pytest.mark.parametrize("fire", ["run", "guard"])
def test_a_close_by_hand_ends_the_trade_as_manual(tmp_path: Path, fire: str) -> None:
    desk = entered(tmp_path, CALM_LONG)
    desk.at(10, 100_000)
    desk.by_hand(-1, LOTS)
    report = desk.run(11) if fire == "run" else desk.guard(11)
    assert (report.exit_code, desk.levels(), desk.reasons()) == (0, NOTHING, ["manual"])
    assert desk.kept().trade is None
    desk.run(12)
    assert desk.entries() == 1  # the cooldown holds for a manual end as well


def test_a_turn_by_hand_ends_the_trade_and_leaves_the_rest_foreign(tmp_path: Path) -> None:
    desk = entered(tmp_path, CALM_LONG)
    desk.at(10, 100_000)
    desk.by_hand(-1, LOTS + 200)
    report = desk.run(11)
    assert (desk.reasons(), desk.position()) == (["manual"], -200)
    assert "FOREIGN position of 0.200" in only(report).position
    desk.run(12)
    assert (desk.position(), desk.levels()) == (-200, NOTHING)


def test_after_an_enlargement_by_hand_protection_keeps_our_quantity(tmp_path: Path) -> None:
    desk = entered(tmp_path, CALM_LONG.flat(98_000))
    desk.at(10, 100_000)
    desk.by_hand(1, 500)
    for candle in (11, 12):
        assert desk.run(candle).exit_code == 0
        assert (sizes(desk), desk.levels()) == ([LOTS, LOTS], PROTECTED)
    for candle in range(13, 18):
        desk.run(candle)
    assert desk.position() == 500
    assert [event["quantity"] for event in desk.events("trade")] == ["1.010"]
    assert desk.levels() == NOTHING


def test_after_a_reduction_by_hand_protection_shrinks(tmp_path: Path) -> None:
    desk = entered(tmp_path, CALM_LONG)
    desk.at(10, 100_000)
    desk.by_hand(-1, 400)
    assert desk.run(11).exit_code == 0
    assert (sizes(desk), desk.levels()) == ([LOTS - 400] * 2, PROTECTED)
    told = [request.told for request in desk.requests]
    assert told.index("POST algoOrder STOP_MARKET") < told.index("DELETE algoOrder")
    assert desk.broken() == []
    assert desk.run(12).exit_code == 0
    assert desk.sent == []


def test_a_reduced_trade_is_journalled_whole(tmp_path: Path) -> None:
    desk = entered(tmp_path, CALM_LONG.flat(98_000))
    desk.at(10, 100_000)
    desk.by_hand(-1, 400)
    for candle in range(11, 18):
        desk.run(candle)
    [trade] = desk.events("trade")
    assert (trade["quantity"], trade["reason"]) == ("1.010", "stop")
    assert len(desk.events("fill")) == 3


def test_protection_deleted_by_hand_is_put_back(tmp_path: Path) -> None:
    desk = entered(tmp_path, CALM_LONG)
    with desk.request() as engine:
        engine.cancel_all_algos(BTC)
    assert desk.guard(10, 60_000).exit_code == 0
    assert (desk.levels(), sizes(desk)) == (PROTECTED, [LOTS, LOTS])


def test_a_second_stop_of_ours_is_swept_and_the_tighter_stays(tmp_path: Path) -> None:
    desk = entered(tmp_path, CALM_LONG)
    [stop, _] = desk.algos()
    rest(desk, stop.client_id.replace("SL0", "SL9"), STOP + 100, LOTS)
    assert desk.run(11).exit_code == 0
    assert desk.levels()["STOP_MARKET"] == [STOP + 100]


def test_a_signal_after_a_stop_in_the_same_series(tmp_path: Path) -> None:
    desk = stand(tmp_path, SIGNAL.flat(99_000).flat(98_000, 6), "cooldown_bars=3")
    for candle in range(10, 17):
        assert desk.run(candle).ok
        if candle in {12, 13}:
            assert "cooldown" in only(desk.run(candle)).reason
    assert desk.reasons() == ["stop"]
