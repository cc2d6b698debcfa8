"""Tests cannot reach the network, whatever they call."""

import socket

import pytest
import requests


def test_no_test_reaches_a_host_by_name() -> None:
    with pytest.raises(RuntimeError, match=r"'fapi\.binance\.com'"):
        requests.get("https://fapi.binance.com/fapi/v1/ping", timeout=1)


def test_no_test_reaches_a_host_by_address() -> None:
    with socket.socket() as plug, pytest.raises(RuntimeError, match=r"192\.0\.2\.1"):
        plug.connect(("192.0.2.1", 443))
