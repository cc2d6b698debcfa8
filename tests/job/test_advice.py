"""Codes that say what is wrong with more than one request are put into words, once."""

from pathlib import Path

import pytest

from job.reading import KEYS_ADVICE, MAINTENANCE_ADVICE
from tests.job.harness import BTC, ETH, PROTECTED, entered, stand
from tests.oracle.planted_base import CALM, ENTERED


@pytest.mark.parametrize(
    ("status", "code", "advice"),
    [(401, -2015, KEYS_ADVICE), (400, -1016, MAINTENANCE_ADVICE)],
)
@pytest.mark.parametrize("fire", ["run", "guard"])
def test_people_are_advised_once_however_many_symbols_fail(
    tmp_path: Path, status: int, code: int, advice: str, fire: str
) -> None:
    desk = stand(tmp_path, {BTC: CALM.flat(100_000, 3), ETH: CALM.flat(100_000, 3)})
    desk.run(9)
    body = {"code": code, "msg": "No."}
    desk.arm("*", "/fapi/v*", "answer", when="before", status=status, body=body, times=0)
    report = desk.run(10) if fire == "run" else desk.guard(10)
    assert (report.exit_code, report.notices) == (1, [advice])


def test_after_a_maintenance_the_next_guard_protects(tmp_path: Path) -> None:
    desk = entered(tmp_path, ENTERED.flat(99_000))
    with desk.request() as engine:
        engine.cancel_all_algos(BTC)
    body = {"code": -1016, "msg": "This service is no longer available."}
    desk.arm("*", "/fapi/v*", "answer", when="before", status=400, body=body, times=0)
    for fire in (desk.run, desk.guard):
        assert fire(11).exit_code == 1
        assert desk.algos() == []
    desk.faults.disarm_all()
    assert desk.guard(11, 60_000).exit_code == 0
    assert desk.levels() == PROTECTED
