"""AWS, the exchange and Lambda functions between them, all on this machine.

Notes in S3 and the key in SSM (moto's, over HTTP), the exchange over HTTP, the handler in AWS's own
runtime client.
"""

import json
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3

from simulator.engine.ledger import opened_books
from simulator.engine.model import Costs
from simulator.exchange import EmbeddedExchange
from simulator.faults import Faults
from simulator.market.model import Candle
from simulator.rules import contracts_for
from simulator.wire.app import make_app
from simulator.wire.serve import serving
from simulator.wire.signing import Credentials
from tests.deploy.runtime_api import Function
from tests.simulator.wire.desk import E8, INTERVAL_MS, START_MS, BentMarket
from tests.state.aws_served import served
from tests.state.s3_wire import BUCKET, REGION, S3, s3_in_process

KEY, SECRET = "key-in-ssm-7Qw", "secret-in-ssm-9Zx"
EVENT = {"command": "run", "scheduled_time": "2026-01-01T00:05:00Z", "attempt": "1"}
GUARD = {"command": "guard"}
REPORT = {"command": "report"}


class GoingClock:
    """The exchange's clock: it goes on by itself, as real processes need it, and can be moved.

    How far it is ahead of this machine's stands in `ahead`, for processes that go by it.
    """

    def __init__(self, now_ms: int, ahead: Path) -> None:
        self.ahead = ahead
        self.set(now_ms)

    def __call__(self) -> int:
        return self._set_ms + round((time.monotonic() - self._set_at) * 1000)

    stamp_ms = __call__

    def set(self, now_ms: int) -> None:
        self._set_ms, self._set_at = now_ms, time.monotonic()
        self.ahead.write_text(str(now_ms - time.time_ns() // 1_000_000))


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

    def dip(self, closes_ms: int = 0) -> None:
        """Past all cooldown a candle closes 1 % below the others; now is a second later.

        It takes the stop of a long that was open.
        """
        opens = self.clock() // INTERVAL_MS * INTERVAL_MS + 30 * INTERVAL_MS
        opens = closes_ms - INTERVAL_MS if closes_ms else opens
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
    clock = GoingClock(START_MS + 60 * INTERVAL_MS, folder / "ahead_ms")
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
