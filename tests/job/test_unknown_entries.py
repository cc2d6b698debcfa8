"""I1: an entry whose outcome is unknown is never sent again, and found if it was executed."""

from pathlib import Path
from typing import Any

import msgspec
import pytest

from simulator.engine.requests import OrderRequest
from state.codec import encode
from tests.job.harness import ALGO, BTC, LOTS, ORDER, PROTECTED, Request, Stand, only, stand
from tests.oracle.planted_base import ENTERED, SIGNAL

ENTRY_SENT = "POST order MARKET"
BUSY = {"msg": "Unknown error, please check your request or try again later."}
#: Ways to lose an answer; each may strike before or after the order was executed.
LOSSES: list[dict[str, Any]] = [
    {"do": "drop"},
    {"do": "hang"},
    {"do": "answer", "status": 503, "body": BUSY},
    {"do": "answer", "status": 503, "body": {"code": -1008, "msg": "Request throttled."}},
    {"do": "answer", "status": 500, "body": "<html>oops</html>"},
    {"do": "answer", "status": 200, "body": "garbage"},
    {"do": "answer", "status": 200, "body": {}},
    {"do": "answer", "status": 200, "body": {"clientOrderId": "somebody-else", "orderId": 1}},
]
LIMITED = {"code": -1003, "msg": "Too many requests."}


def lost(desk: Stand, loss: dict[str, Any], when: str) -> None:
    desk.arm("POST", ORDER, loss["do"], when=when, **{k: v for k, v in loss.items() if k != "do"})


@pytest.mark.parametrize("loss", LOSSES, ids=str)
def test_an_executed_entry_is_found_and_protected_in_the_same_run(
    tmp_path: Path, loss: dict[str, Any]
) -> None:
    desk = stand(tmp_path, ENTERED.flat(99_000))
    lost(desk, loss, "after")
    report = desk.run(10)
    assert (report.exit_code, desk.position(), desk.levels()) == (0, LOTS, PROTECTED)
    assert desk.sent.count(ENTRY_SENT) == 1
    assert desk.kept().intent is None
    assert desk.run(11).exit_code == 0
    assert (desk.entries(), desk.position(), desk.levels()) == (1, LOTS, PROTECTED)


@pytest.mark.parametrize("loss", LOSSES, ids=str)
def test_an_entry_that_never_arrived_is_not_tried_again(
    tmp_path: Path, loss: dict[str, Any]
) -> None:
    desk = stand(tmp_path, ENTERED)
    lost(desk, loss, "before")
    report = desk.run(10)
    assert (report.exit_code, desk.position(), desk.sent.count(ENTRY_SENT)) == (0, 0, 1)
    assert only(report).reason == "no entry: its outcome was unknown, and it was never executed"
    assert desk.now_ms > desk.kept().last_signal_ms
    again = desk.run(10, 30_000)  # well inside the window of the same close
    assert (again.exit_code, desk.sent, desk.entries()) == (0, [], 0)
    assert only(again).reason == "no entry: this candle was decided already"


def test_a_rate_limit_on_the_entry_is_waited_out(tmp_path: Path) -> None:
    desk = stand(tmp_path, ENTERED)
    desk.arm("POST", ORDER, "answer", status=429, body=LIMITED, headers={"Retry-After": "3"})
    report = desk.run(10)
    assert (report.exit_code, desk.position(), desk.levels()) == (0, LOTS, PROTECTED)
    assert desk.now_ms > desk.kept().last_signal_ms + 300_000 + 3_000


def test_after_a_long_silence_the_guard_protects(tmp_path: Path) -> None:
    desk = stand(tmp_path, ENTERED)
    desk.arm("POST", ORDER, "answer", status=429, body=LIMITED, headers={"Retry-After": "60"})
    assert desk.run(10).exit_code == 1
    assert desk.requests[-1].told == ENTRY_SENT  # nothing more was asked
    assert desk.guard(10, 45_000).exit_code == 0  # waits for the silence to end
    assert desk.now_ms == desk.kept().last_signal_ms + 300_000 + 61_000
    assert desk.notes().clock_offset_ms == 0
    assert (desk.entries(), desk.position(), desk.levels()) == (1, LOTS, PROTECTED)


def test_the_verdict_waits_for_the_fence(tmp_path: Path) -> None:
    desk = stand(tmp_path, ENTERED)
    desk.arm("POST", ORDER, "drop", when="before")
    desk.run(10)
    entry = next(request for request in desk.requests if request.told == ENTRY_SENT)
    assert desk.now_ms > int(entry.params["timestamp"]) + int(entry.params["recvWindow"])
    looked_up = [r for r in desk.requests if (r.method, r.path) == ("GET", ORDER)]
    assert len(looked_up) >= 5  # once a second
    assert {r.params["origClientOrderId"] for r in looked_up} == {entry.params["newClientOrderId"]}


def test_not_there_must_be_read_twice(tmp_path: Path) -> None:
    desk = stand(tmp_path, ENTERED)

    def executed_but_invisible(request: Request) -> None:
        desk.by_hand(1, LOTS, client_id=request.params["newClientOrderId"])
        desk.arm("POST", ORDER, "drop", when="before")
        missing = {"code": -2013, "msg": "Order does not exist."}
        desk.arm("GET", ORDER, "answer", status=400, body=missing, times=8)
        desk.arm("GET", "/fapi/v3/positionRisk", "answer", status=200, body=[], times=8)

    desk.meanwhile("POST", ORDER, executed_but_invisible)
    report = desk.run(10)
    assert (report.exit_code, desk.position(), desk.levels()) == (0, LOTS, PROTECTED)


def test_a_plan_without_an_answer_forbids_the_next_entry(tmp_path: Path) -> None:
    desk = stand(tmp_path, ENTERED)

    def die(_: Request) -> None:
        raise KeyboardInterrupt

    desk.meanwhile("POST", ORDER, die)
    with pytest.raises(KeyboardInterrupt):
        desk.run(10)
    notes = desk.notes()
    kept = msgspec.structs.replace(notes.symbols[BTC], last_signal_ms=0)
    desk.state_file.write_bytes(encode(msgspec.structs.replace(notes, symbols={BTC: kept})))
    report = desk.run(10, 3_000)
    assert (desk.entries(), desk.sent) == (0, [])
    assert only(report).reason == "no entry: an earlier entry's outcome is not known yet"


def test_the_plan_with_its_time_stamp_is_saved_before_the_entry_leaves(tmp_path: Path) -> None:
    desk = stand(tmp_path, ENTERED)
    seen: list[tuple[Any, Request]] = []
    desk.meanwhile("POST", ORDER, lambda request: seen.append((desk.kept().intent, request)))
    desk.run(10)
    [(intent, request)] = seen
    assert intent.client_id == request.params["newClientOrderId"]
    assert str(intent.timestamp_ms) == request.params["timestamp"]
    assert (intent.lots, intent.side) == (LOTS, 1)


def test_a_run_that_died_after_sending_is_completed_by_the_next(tmp_path: Path) -> None:
    desk = stand(tmp_path, ENTERED.flat(99_000))

    def die(_: Request) -> None:
        raise KeyboardInterrupt

    desk.meanwhile("POST", ALGO, die)
    with pytest.raises(KeyboardInterrupt):
        desk.run(10)
    assert (desk.position(), desk.algos()) == (LOTS, [])
    report = desk.guard(10, 60_000)
    assert (report.exit_code, desk.position(), desk.levels()) == (0, LOTS, PROTECTED)
    assert desk.kept().intent is None
    assert desk.run(11).exit_code == 0
    assert desk.entries() == 1


def test_a_run_that_died_before_sending_leaves_a_plan_that_is_dropped(tmp_path: Path) -> None:
    desk = stand(tmp_path, ENTERED.flat(99_000))

    def die(_: Request) -> None:
        raise KeyboardInterrupt

    desk.meanwhile("POST", ORDER, die)
    with pytest.raises(KeyboardInterrupt):
        desk.run(10)
    assert desk.kept().intent is not None
    report = desk.run(10, 20_000)
    assert (report.exit_code, desk.sent, desk.position()) == (0, [], 0)
    assert desk.kept().intent is None
    assert any("left no position" in told for told in only(report).orders)


@pytest.mark.parametrize("code", [-2019, -2027, -4164, -1111, -4003])
def test_a_refused_entry_is_no_trade_and_says_why(tmp_path: Path, code: int) -> None:
    desk = stand(tmp_path, ENTERED)
    desk.refuse("POST", ORDER, code)
    report = desk.run(10)
    assert (report.exit_code, desk.position(), desk.sent.count(ENTRY_SENT)) == (0, 0, 1)
    reason = only(report).reason
    assert reason.startswith("no entry: the exchange refused it")
    assert f"{code} Refused by the test." in reason
    assert desk.kept().intent is None


def test_a_margin_that_does_not_suffice_is_told_in_the_exchange_s_words(tmp_path: Path) -> None:
    desk = stand(tmp_path, SIGNAL.flat(99_000), "leverage=1", "max_exposure=0.8", "risk_perc=100")
    desk.meanwhile("POST", ORDER, lambda _: _withdraw(desk))
    report = desk.run(10)
    assert (report.exit_code, desk.position()) == (0, 0)
    assert "-2019 Margin is insufficient." in only(report).reason


def _withdraw(desk: Stand) -> None:
    with desk.request() as engine:
        engine.deposit(-900_000_000_000)


def partly(desk: Stand, lots: int, status: str) -> None:
    """The exchange fills only so many lots of the next entry and ends the order."""

    def fill(request: Request) -> object:
        client_id = request.params["newClientOrderId"]
        if lots:
            desk.by_hand(1, lots, client_id=client_id)
        with desk.request() as engine:
            if not lots:
                engine.place(OrderRequest(BTC, 1, "LIMIT", LOTS, 96_000, client_id=client_id))
                engine.cancel(BTC, client_id=client_id)
            order = engine.order(BTC, client_id=client_id)
            order.lots, order.status = LOTS, status  # type: ignore[assignment]
            return {
                "orderId": order.order_id,
                "symbol": BTC,
                "status": status,
                "clientOrderId": client_id,
                "origQty": "1.010",
                "executedQty": f"0.{lots:03}",
                "side": "BUY",
            }

    desk.meanwhile("POST", ORDER, fill)


@pytest.mark.parametrize("status", ["EXPIRED", "EXPIRED_IN_MATCH", "CANCELED"])
def test_an_entry_filled_in_part_is_a_trade_of_that_size(tmp_path: Path, status: str) -> None:
    desk = stand(tmp_path, ENTERED.flat(99_000).flat(98_000))
    partly(desk, 400, status)
    assert desk.run(10).exit_code == 0
    assert (desk.position(), desk.levels()) == (400, PROTECTED)
    assert {algo.lots for algo in desk.algos()} == {400}
    assert desk.trade().entry_lots == 400
    assert desk.run(11).exit_code == 0
    assert desk.run(12).exit_code == 0
    assert [event["quantity"] for event in desk.events("trade")] == ["0.400"]


def test_an_entry_that_filled_nothing_is_no_trade(tmp_path: Path) -> None:
    desk = stand(tmp_path, ENTERED)
    partly(desk, 0, "EXPIRED")
    report = desk.run(10)
    assert (report.exit_code, desk.position(), desk.algos()) == (0, 0, [])
    assert only(report).reason == "no trade: nothing was filled (EXPIRED)"
    assert desk.kept().intent is None


def test_without_readable_fills_the_position_s_own_price_places_the_stop(tmp_path: Path) -> None:
    desk = stand(tmp_path, ENTERED.flat(99_000))
    unreadable = {"status": 503, "body": BUSY, "times": 4}
    desk.meanwhile(
        "POST", ORDER, lambda _: desk.arm("GET", "/fapi/v1/userTrades", "answer", **unreadable)
    )
    report = desk.run(10)
    assert (desk.position(), desk.levels()) == (LOTS, PROTECTED)
    assert any("the fill price could not be read" in told for told in only(report).orders)
    assert report.exit_code == 0
    assert desk.kept().intent is not None  # what it filled is looked up once more
    assert desk.run(11).exit_code == 0
    assert desk.kept().intent is None
    assert (desk.trade().entry_quote, desk.levels()) == (99_010 * LOTS, PROTECTED)
