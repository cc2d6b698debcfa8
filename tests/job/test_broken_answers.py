"""An answer with status 200 that is not what the exchange's docs promise is a failed read."""

from pathlib import Path

import pytest

from tests.job.harness import BTC, LOTS, ORDER, STOP, TARGET, entered, only, stand
from tests.oracle.planted_base import ENTERED

POSITION = {"symbol": BTC, "positionAmt": "1.010", "entryPrice": "9901.0"}
PROTECTED = {"STOP_MARKET": [STOP], "TAKE_PROFIT_MARKET": [TARGET]}


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/fapi/v3/positionRisk", [{**POSITION, "positionAmt": ""}]),
        ("/fapi/v3/positionRisk", [{**POSITION, "positionAmt": None}]),
        ("/fapi/v3/positionRisk", [{**POSITION, "positionAmt": "0.0005"}]),
        ("/fapi/v3/positionRisk", [{"symbol": BTC}]),
        ("/fapi/v3/positionRisk", [None]),
        ("/fapi/v3/positionRisk", {}),
        ("/fapi/v1/openOrders", [{"symbol": BTC}]),
        ("/fapi/v1/openAlgoOrders", [{"symbol": BTC}]),
        ("/fapi/v1/openAlgoOrders", [[]]),
        ("/fapi/v1/time", {}),
        ("/fapi/v3/account", {}),
        ("/fapi/v1/klines", [[1, 2]]),
        ("/fapi/v1/klines", [[1, "x", "1", "1", "1"]]),
        ("/fapi/v1/klines", [{}]),
    ],
)
def test_a_broken_answer_changes_nothing_and_is_told(
    tmp_path: Path, path: str, body: object
) -> None:
    desk = entered(tmp_path, ENTERED.flat(99_000))
    desk.arm("GET", path, "answer", status=200, body=body, times=0)
    report = desk.run(11)
    assert report.exit_code == 1
    assert (desk.sent, desk.position(), desk.levels()) == ([], LOTS, PROTECTED)
    desk.faults.disarm_all()
    assert desk.run(12).exit_code == 0
    assert desk.sent == []


def test_broken_candles_are_no_reason_to_leave_a_position_without_its_stop(tmp_path: Path) -> None:
    desk = entered(tmp_path, ENTERED.flat(99_000))
    with desk.request() as engine:
        [stop] = [algo for algo in engine.open_algos(BTC) if algo.type == "STOP_MARKET"]
        engine.cancel_algo(stop.algo_id)
    desk.arm("GET", "/fapi/v1/klines", "answer", status=200, body=[[1, 2]], times=0)
    report = desk.run(11)
    assert "the candles could not be used" in only(report).error
    assert (desk.position(), desk.levels()) == (LOTS, PROTECTED)


FILLS = "/fapi/v1/userTrades"
NAME = "origClientOrderId"
#: Rows that name a fill and tell no more of it; the quantity of one is no whole number of steps.
UNUSABLE_FILLS = [
    [{"id": 1, "orderId": 5, "time": 1}],
    [
        {
            "id": 1,
            "orderId": 5,
            "time": 1,
            "symbol": BTC,
            "side": "BUY",
            "price": "1",
            "qty": "0.0005",
        }
    ],
]


@pytest.mark.parametrize("body", UNUSABLE_FILLS, ids=["no more", "off the step"])
def test_fills_that_cannot_be_used_leave_no_position_without_its_stop(
    tmp_path: Path, body: object
) -> None:
    desk = entered(tmp_path, ENTERED.flat(99_000))
    with desk.request() as engine:
        engine.cancel_all_algos(BTC)
    desk.arm("GET", FILLS, "answer", status=200, body=body, times=0)
    report = desk.guard(10, 60_000)
    assert "what is true could not be found out" in only(report).error
    assert (desk.position(), desk.levels()) == (LOTS, PROTECTED)


def test_an_entry_whose_fills_cannot_be_used_has_its_stop_in_the_same_run(tmp_path: Path) -> None:
    desk = stand(tmp_path, ENTERED.flat(99_000))
    desk.run(9)
    desk.arm("GET", FILLS, "answer", status=200, body=UNUSABLE_FILLS[0], times=0)
    report = desk.run(10)
    assert "the fill price could not be read" in " ".join(only(report).orders)
    assert (report.exit_code, desk.position(), desk.levels()) == (0, LOTS, PROTECTED)
    desk.faults.disarm_all()
    assert desk.run(11).exit_code == 0
    assert (desk.kept().intent, desk.levels()) == (None, PROTECTED)


def test_an_entry_whose_order_cannot_be_read_has_its_stop_in_the_same_run(tmp_path: Path) -> None:
    desk = stand(tmp_path, ENTERED.flat(99_000))
    desk.run(9)
    desk.arm("POST", ORDER, "drop", when="after")
    for _ in range(9):
        desk.meanwhile("GET", ORDER, lambda sent: {"clientOrderId": sent.params[NAME]})
    report = desk.run(10)
    assert (report.exit_code, desk.position(), desk.levels()) == (0, LOTS, PROTECTED)


@pytest.mark.parametrize("income", [{}, {"income": "x"}], ids=["none", "no number"])
def test_funding_that_cannot_be_used_costs_the_journal_no_trade(
    tmp_path: Path, income: dict[str, str]
) -> None:
    desk = entered(tmp_path, ENTERED.bar(99_000, 99_000, 97_000, 97_500).flat(97_500, 6))
    desk.at(12)
    row = {"symbol": BTC, "tranId": 1, "time": desk.now_ms, **income}
    desk.arm("GET", "/fapi/v1/income", "answer", status=200, body=[row])
    assert desk.guard().exit_code == 1
    assert desk.reasons() == []
    assert desk.guard(12, 60_000).exit_code == 0
    assert desk.reasons() == ["stop"]


def test_a_trade_that_the_exchange_has_forgotten_keeps_its_protection(tmp_path: Path) -> None:
    """Fills and orders are gone after 90 days; what was read from them once is noted."""
    desk = entered(tmp_path, ENTERED.flat(99_000, 6))
    with desk.request() as engine:
        [stop] = [algo for algo in engine.open_algos(BTC) if algo.type == "STOP_MARKET"]
        engine.cancel_algo(stop.algo_id)
    desk.arm("GET", FILLS, "answer", status=200, body=[], times=0)
    desk.refuse("GET", ORDER, -2013, times=0)
    assert desk.guard(12).exit_code == 0
    assert (desk.position(), desk.levels()) == (LOTS, PROTECTED)
    assert desk.trade().stop == STOP
