"""An entry that is accepted and slow: neither taken for nothing nor for more than it has filled."""

from collections.abc import Callable
from pathlib import Path

import pytest

from simulator.engine.model import Order
from simulator.engine.requests import OrderRequest
from tests.job.harness import BTC, LOTS, ORDER, PROTECTED, Request, Stand, only, stand
from tests.oracle.planted_base import ENTERED

ENTRY_SENT = "POST order MARKET"
#: Of 1.010 BTC.
PART = 400


def accepted(desk: Stand, lots: int) -> Callable[[str], None]:
    """The next entry is answered NEW and has filled so many lots; gives how its status changes."""
    orders: list[Order] = []

    def fill(request: Request) -> object:
        name = request.params["newClientOrderId"]
        if lots:
            desk.by_hand(1, lots, client_id=name)
        with desk.request() as engine:
            if not lots:  # one that cannot fill, taken from its book by hand
                engine.place(OrderRequest(BTC, 1, "LIMIT", LOTS, 96_000, client_id=name))
                engine.cancel(BTC, client_id=name)
            order = engine.order(BTC, client_id=name)
        order.lots, order.status = LOTS, "NEW"
        orders.append(order)
        told = {"orderId": order.order_id, "clientOrderId": name, "symbol": BTC, "side": "BUY"}
        return {**told, "status": "NEW", "origQty": "1.010", "executedQty": "0.000"}

    def change(status: str) -> None:
        [order] = orders
        order.status = status  # type: ignore[assignment]

    desk.meanwhile("POST", ORDER, fill)
    return change


def test_it_is_waited_for_until_it_is_done(tmp_path: Path) -> None:
    desk = stand(tmp_path, ENTERED.flat(99_000))
    change = accepted(desk, PART)
    desk.arm("GET", ORDER, "drop")
    desk.meanwhile("GET", ORDER, lambda _: change("EXPIRED"), skip=2)
    assert desk.run(10).exit_code == 0
    assert (desk.position(), desk.levels(), desk.kept().intent) == (PART, PROTECTED, None)
    assert sum((each.method, each.path) == ("GET", ORDER) for each in desk.requests) == 3
    assert desk.sent.count(ENTRY_SENT) == 1


def test_one_that_is_not_done_in_time_is_protected_and_looked_up_again(tmp_path: Path) -> None:
    desk = stand(tmp_path, ENTERED.flat(99_000))
    change = accepted(desk, PART)
    assert desk.run(10).exit_code == 0
    assert (desk.position(), desk.levels()) == (PART, PROTECTED)
    assert desk.kept().intent is not None
    change("EXPIRED")
    assert desk.run(11).exit_code == 0
    assert (desk.kept().intent, desk.trade().lots, desk.levels()) == (None, PART, PROTECTED)


def test_one_that_has_filled_nothing_yet_is_left_to_the_next_firing(tmp_path: Path) -> None:
    desk = stand(tmp_path, ENTERED.flat(99_000))
    change = accepted(desk, 0)
    report = desk.run(10)
    assert report.exit_code == 1
    assert "neither filled nor done yet; the next run settles it" in only(report).error
    assert (desk.position(), desk.algos(), desk.sent[-1]) == (0, [], ENTRY_SENT)
    assert desk.kept().intent is not None
    change("EXPIRED")
    assert desk.guard(11).exit_code == 0
    assert (desk.entries(), desk.kept().intent) == (0, None)


def test_an_answer_that_says_only_that_it_was_accepted_is_asked_again(tmp_path: Path) -> None:
    desk = stand(tmp_path, ENTERED.flat(99_000))

    def fill(request: Request) -> object:
        name = request.params["newClientOrderId"]
        desk.by_hand(1, LOTS, client_id=name)
        with desk.request() as engine:
            return {"orderId": engine.order(BTC, client_id=name).order_id, "clientOrderId": name}

    desk.meanwhile("POST", ORDER, fill)
    assert desk.run(10).exit_code == 0
    assert (desk.position(), desk.levels(), desk.kept().intent) == (LOTS, PROTECTED, None)
    assert desk.sent.count(ENTRY_SENT) == 1


def test_a_position_is_protected_while_its_order_cannot_be_seen(tmp_path: Path) -> None:
    desk = stand(tmp_path, ENTERED.flat(99_000))
    desk.arm("POST", ORDER, "drop")
    missing = {"code": -2013, "msg": "Order does not exist."}
    desk.arm("GET", ORDER, "answer", status=400, body=missing)
    assert desk.run(10).exit_code == 0
    assert (desk.position(), desk.levels()) == (LOTS, PROTECTED)
    assert desk.kept().intent is not None
    assert desk.run(11).exit_code == 0
    assert (desk.entries(), desk.kept().intent, desk.levels()) == (1, None, PROTECTED)


@pytest.mark.parametrize("lots", [PART, LOTS])
def test_without_fills_and_position_the_signal_s_close_places_the_stop(
    tmp_path: Path, lots: int
) -> None:
    desk = stand(tmp_path, ENTERED.flat(99_000))
    change = accepted(desk, lots)

    def ends_unread(_: Request) -> None:
        change("EXPIRED")
        for path, times in (("/fapi/v1/userTrades", 4), ("/fapi/v3/positionRisk", 1)):
            desk.arm("GET", path, "answer", status=503, body={}, times=times)

    desk.meanwhile("GET", ORDER, ends_unread)
    assert desk.run(10).exit_code == 0
    assert desk.position() == lots
    assert {algo.lots for algo in desk.algos()} == {lots}
    assert desk.kept().intent is not None
    assert desk.run(11).exit_code == 0
    assert (desk.kept().intent, desk.levels()) == (None, PROTECTED)
