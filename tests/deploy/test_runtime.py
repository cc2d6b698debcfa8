"""The handler in AWS's own runtime: notes in S3, key from SSM, the exchange over HTTP.

Cold and warm starts, an event that comes twice, a run that is killed between its entry and its
stop, and two runtimes that race for one candle.
"""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.deploy.place import EVENT, GUARD, KEY, SECRET, Place, a_place
from tests.deploy.runtime_api import failure_of

pytest.importorskip("awslambdaric", reason="awslambdaric exists for Linux only")


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    with a_place(tmp_path) as found:
        yield found


def test_a_cold_start_a_warm_one_and_an_event_that_comes_twice(place: Place) -> None:
    run = place.function("run")
    place.dip()
    cold = run.invoke(EVENT)
    assert (cold.how, cold.body["ok"]) == ("response", True), run.lines
    assert place.entries() == 1
    assert place.stops_and_targets() == ["STOP_MARKET", "TAKE_PROFIT_MARKET"]
    assert place.notes()["owner"] == "lambda"

    again = run.invoke(EVENT)  # AWS may deliver an event twice
    assert (again.how, again.process) == ("response", cold.process)
    assert place.entries() == 1

    place.dip()  # on to the next candle: the warm process knows nothing of the last one
    warm = run.invoke(EVENT)
    assert (warm.how, warm.process) == ("response", cold.process)
    assert warm.milliseconds < cold.milliseconds

    numbers = [json.loads(line) for line in run.lines.splitlines() if line.startswith('{"_aws"')]
    assert len(numbers) == 3
    assert numbers[0]["OpenPositions"] == 1
    assert KEY not in run.lines
    assert SECRET not in run.lines
    assert "signature" not in run.lines


def test_a_run_killed_between_entry_and_stop_is_protected_by_the_guard(place: Place) -> None:
    run = place.function("run")
    guard = place.function("guard", FUNCTION_COMMAND="guard")
    place.dip()
    place.faults.arm_json(
        b'{"path": "*algoOrder", "method": "POST", "do": "hang", "when": "before", "times": 9}'
    )
    killed = run.invoke(EVENT, time_is_up=lambda: bool(place.faults.report()[0]["acted"]))
    assert killed.how == "timeout", run.lines
    assert (place.entries(), place.stops_and_targets()) == (1, [])
    place.faults.disarm_all()

    ended = guard.invoke(failure_of(EVENT, killed))
    assert (ended.how, ended.body["command"], ended.body["ok"]) == ("response", "guard", True), (
        guard.lines
    )
    assert place.stops_and_targets() == ["STOP_MARKET", "TAKE_PROFIT_MARKET"]
    assert place.entries() == 1

    place.dip()  # the stop is taken, and an entry would be due
    assert guard.invoke(EVENT).body["command"] == "guard"
    assert (place.entries(), place.stops_and_targets()) == (1, [])


def test_two_runtimes_race_for_one_candle(place: Place) -> None:
    functions = [place.function("run"), place.function("run")]
    for function in functions:
        assert function.invoke(GUARD).how == "response", function.lines  # both are warm
    for _ in range(3):
        before = place.entries()
        place.dip()
        with ThreadPoolExecutor(2) as pool:
            ended = list(pool.map(lambda function: function.invoke(EVENT), functions))
        assert {each.how for each in ended} == {"response"}, [f.lines for f in functions]
        assert place.entries() == before + 1
        assert place.stops_and_targets() == ["STOP_MARKET", "TAKE_PROFIT_MARKET"]


def test_a_missing_right_is_an_error_that_names_the_parameter(place: Place) -> None:
    run = place.function("run", REVERT_CREDENTIALS="ssm:/revert/other")
    ended = run.invoke(EVENT)
    assert ended.how == "error"
    assert "ssm:/revert/other" in ended.body["errorMessage"]
    assert place.entries() == 0
