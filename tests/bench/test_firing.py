"""One firing as a whole process over TLS and a slow network: its requests, waves, connections.

The benchmark's own stage, once each: how fast it is is measured by `make bench-run`, not here.
"""

from collections.abc import Iterator

import pytest

from bench.run.measuring import once
from bench.run.stage import ENTRY, GUARD, IDLE, Stage, staged

#: Long beside what a busy machine takes to send a wave: else one wave looks like two.
ROUND_TRIP_MS = 250.0
READS = {
    *("GET /fapi/v1/time", "GET /fapi/v3/positionRisk", "GET /fapi/v1/openOrders"),
    "GET /fapi/v1/openAlgoOrders",
}


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    pytest.importorskip("trustme")
    with staged(tmp_path_factory.mktemp("stage"), ROUND_TRIP_MS) as found:
        yield found


def test_without_a_trade_one_wave_of_six(stage: Stage) -> None:
    took = once(stage, IDLE, stage.job(IDLE))
    names = {name for name, _, _ in stage.asked()["requests"]}
    assert names == READS | {"GET /fapi/v3/account", "GET /fapi/v1/klines"}
    assert (took.requests, took.waves, took.connections) == (6, 1, 6)


def test_with_an_entry_eleven_in_five_waves(stage: Stage) -> None:
    took = once(stage, ENTRY, stage.job(ENTRY))
    assert (took.requests, took.waves, took.connections) == (11, 5, 6)
    asked = sorted(stage.asked()["requests"], key=lambda one: float(one[2]))
    assert [name for name, _, _ in asked[6:]] == [
        "POST /fapi/v1/order",
        "GET /fapi/v1/userTrades",
        "POST /fapi/v1/algoOrder",
        "POST /fapi/v1/algoOrder",
        "GET /fapi/v1/openAlgoOrders",
    ]


def test_a_guard_asks_four_things_at_once(stage: Stage) -> None:
    took = once(stage, GUARD, stage.job(GUARD))
    assert {name for name, _, _ in stage.asked()["requests"]} == READS
    assert (took.requests, took.waves, took.connections) == (4, 1, 4)
