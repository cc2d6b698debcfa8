"""The handler in AWS's own runtime: notes in S3, key from SSM, the exchange over HTTP.

Cold and warm starts, an event that comes twice, a run that is killed between its entry and its
stop, and two runtimes that race for one candle.
"""

import json
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import pytest

from simulator.engine.ledger import opened_books
from simulator.engine.model import Costs
from simulator.exchange import EmbeddedExchange
from simulator.faults import Faults
from simulator.market.model import Candle
from simulator.rules import contracts_for
from simulator.wire.app import make_app
from simulator.wire.serve import serving
from simulator.wire.signing import Credentials
from tests.deploy.runtime_api import Function, failure_of
from tests.simulator.wire.desk import E8, INTERVAL_MS, START_MS, BentMarket
from tests.state.aws_served import served
from tests.state.s3_wire import BUCKET, REGION, S3, s3_in_process

pytest.importorskip("awslambdaric", reason="awslambdaric exists for Linux only")

KEY, SECRET = "key-in-ssm-7Qw", "secret-in-ssm-9Zx"
EVENT = {"command": "run", "scheduled_time": "2026-01-01T00:05:00Z", "attempt": "1"}
GUARD = {"command": "guard"}


class GoingClock:
    """The exchange's clock: it goes on by itself, as real processes need it, and can be moved."""

    def __init__(self, now_ms: int) -> None:
        self.set(now_ms)

    def __call__(self) -> int:
        return self._set_ms + round((time.monotonic() - self._set_at) * 1000)

    stamp_ms = __call__

    def set(self, now_ms: int) -> None:
        self._set_ms, self._set_at = now_ms, time.monotonic()


@dataclass
class Place:
    """AWS and the exchange, and the functions between them."""

    stack: ExitStack
    s3: S3
    market: BentMarket
    clock: GoingClock
    faults: Faults
    exchange: EmbeddedExchange
    environment: dict[str, str]
    folder: Path
    functions: int = 0

    def function(self, name: str, **more: str) -> Function:
        """One more function; its process starts with its first event."""
        self.functions += 1
        log = self.folder / f"{self.functions}-{name}.log"
        function = Function({**self.environment, **more}, name, log)
        return self.stack.enter_context(function)

    def dip(self) -> None:
        """Past all cooldown a candle closes 1 % below the others; now is a second later.

        It takes the stop of a long that was open.
        """
        opens = self.clock() // INTERVAL_MS * INTERVAL_MS + 30 * INTERVAL_MS
        low = self.market.price["BTCUSDT"] * 99 // 100
        self.market.bent["BTCUSDT", opens] = Candle(opens, low, low, low, low, 1000)
        self.clock.set(opens + INTERVAL_MS + 1_000)

    def entries(self) -> int:
        """Fills that opened a position."""
        with self.exchange.request() as engine:
            return len({fill.order_id for fill in engine.books.fills if not fill.realised_e8})

    def stops_and_targets(self) -> list[str]:
        with self.exchange.request() as engine:
            return sorted(order.type for order in engine.books.algos)

    def notes(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.s3.get("demo/main/state.json") or b"{}")
        return found


@contextmanager
def a_place(folder: Path) -> Iterator[Place]:
    clock = GoingClock(START_MS + 60 * INTERVAL_MS)
    market, faults = BentMarket(), Faults()
    exchange = EmbeddedExchange(
        market,
        contracts_for(["BTCUSDT"], None),
        Costs(slippage_ppm=0),
        clock,
        opened_books(10_000 * E8, clock()),
    )
    app = make_app(exchange, Credentials(KEY, SECRET), faults, clock=clock)
    with ExitStack() as stack:
        s3 = stack.enter_context(s3_in_process())
        boto3.client("ssm", REGION).put_parameter(
            Name="/revert/demo",
            Type="SecureString",
            Value=json.dumps({"key": KEY, "secret": SECRET}),
        )
        server = stack.enter_context(serving(app))
        environment = {
            "DEMO_ADDRESS": server.url,
            "REVERT_VENUE": "demo",
            "REVERT_ACCOUNT": "main",
            "REVERT_OWNER": "lambda",
            "REVERT_SYMBOL": "BTCUSDT",
            "REVERT_STRATEGY__COOLDOWN_BARS": "0",
            "REVERT_CREDENTIALS": "ssm:/revert/demo",
            "REVERT_STATE": f"s3://{BUCKET}/demo/main/state.json",
            "REVERT_JOURNAL": f"s3://{BUCKET}/demo/main/journal",
            "AWS_ENDPOINT_URL": stack.enter_context(served()),
            "AWS_REGION": REGION,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_ACCESS_KEY_ID": "made-up",
            "AWS_SECRET_ACCESS_KEY": "made-up",
            "AWS_EC2_METADATA_DISABLED": "true",
        }
        yield Place(stack, s3, market, clock, faults, exchange, environment, folder)


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
