"""What the tests give AWS's runtime: handler.py, with Binance's demo at a simulator's address.

Everything else is the job's own: settings, credentials from AWS, notes in S3, the way of a run.
"""

import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import exchange.connections
import handler
import job.wiring
from exchange.client import make_client
from handler import lambda_handler
from job.outside import Outside, SystemClock, real_world

ADDRESS = os.environ["DEMO_ADDRESS"]
#: A file that says how many ms this machine's clock is to be ahead of what it is.
AHEAD = os.environ.get("CLOCK_AHEAD_FILE")
__all__ = ["lambda_handler"]


def _at_address(venue: str, key: str, secret: str, *rest: Any) -> Any:
    assert venue == "demo"
    now_ms, _, watch = rest
    return make_client("embedded", key, secret, now_ms, ADDRESS, watch)


class _Ahead(SystemClock):
    def now_ms(self) -> int:
        return super().now_ms() + int(Path(AHEAD or "").read_text())


def _world() -> Outside:
    return replace(real_world(), clock=_Ahead())


if AHEAD is not None:
    vars(handler)["real_world"] = _world
exchange.connections.HOSTS["demo"] = ADDRESS
vars(job.wiring)["make_client"] = _at_address
