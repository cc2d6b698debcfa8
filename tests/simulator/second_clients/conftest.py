"""A server as `python -m simulator` runs it: real clock, synthetic prices, a free port."""

import time
from collections.abc import Iterator

import pytest

from simulator.starting import Options, start
from simulator.wire.app import make_app
from simulator.wire.serve import serving
from simulator.wire.signing import DEFAULT_CREDENTIALS


@pytest.fixture
def url() -> Iterator[str]:
    """The server's address."""
    started = start(
        Options(symbols=("BTCUSDT", "ETHUSDT")),
        lambda: time.time_ns() // 1_000_000,
        lambda: time.monotonic_ns() // 1_000_000,
    )
    app = make_app(started.exchange, DEFAULT_CREDENTIALS, clock=started.clock, enforce_limits=True)
    with serving(app) as server:
        yield server.url
