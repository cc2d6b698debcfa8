"""What the tests give AWS's runtime: handler.py, with Binance's demo at a simulator's address.

Everything else is the job's own: settings, credentials from AWS, notes in S3, the way of a run.
"""

import os
from typing import Any

import exchange.connections
import job.wiring
from exchange.client import make_client
from handler import lambda_handler

ADDRESS = os.environ["DEMO_ADDRESS"]
__all__ = ["lambda_handler"]


def _at_address(venue: str, key: str, secret: str, *rest: Any) -> Any:
    assert venue == "demo"
    now_ms, _, watch = rest
    return make_client("embedded", key, secret, now_ms, ADDRESS, watch)


exchange.connections.HOSTS["demo"] = ADDRESS
vars(job.wiring)["make_client"] = _at_address
