"""An answer with status 200 that is not what the exchange's docs promise is a failed read."""

from pathlib import Path

import pytest

from tests.job.harness import BTC, LOTS, STOP, TARGET, entered, only
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
