"""The client's settings: where it goes, what it signs, and what it never does on its own."""

import hashlib
import hmac
from urllib.parse import urlencode

import pytest

from exchange.client import make_client
from exchange.errors import Outcome
from exchange.gateway import Gateway
from tests.exchange.orders import CLOSE_ID, ENTRY_ID, STOP_ID, SUBMITS, accepted
from tests.exchange.transport import KEY, LOOPBACK, NOW_MS, SECRET, Answer, mounted


def test_nothing_is_retried_throttled_or_asked_besides() -> None:
    client = make_client("live", KEY, SECRET, lambda: NOW_MS)
    assert client.options["fetchCurrencies"] is False
    assert client.options["maxRetriesOnFailure"] == 0
    assert client.options["recvWindow"] == 5_000
    assert client.enableRateLimit is False
    assert client.timeout == 8_000
    assert client.session.trust_env is False
    assert client.verbose is False


@pytest.mark.parametrize(
    ("venue", "url", "base"),
    [
        ("live", None, "https://fapi.binance.com"),
        ("embedded", None, "https://fapi.binance.com"),
        ("demo", None, "https://demo-fapi.binance.com"),
        ("embedded", LOOPBACK, LOOPBACK),
        ("embedded", f"{LOOPBACK}/", LOOPBACK),
        ("embedded", f"{LOOPBACK}/under", f"{LOOPBACK}/under"),
        ("demo", LOOPBACK, LOOPBACK),
    ],
)
def test_every_version_of_the_interface_is_at_the_address(
    venue: str, url: str | None, base: str
) -> None:
    client, transport = mounted(lambda _: Answer([]), venue, url)
    client.fapiPublicGetTime()
    client.fapiPrivateGetOpenOrders()
    client.fapiPrivateV2GetPositionRisk()
    client.fapiPrivateV3GetPositionRisk()
    assert [asked.url.partition("?")[0] for asked in transport.asked] == [
        f"{base}/fapi/v1/time",
        f"{base}/fapi/v1/openOrders",
        f"{base}/fapi/v2/positionRisk",
        f"{base}/fapi/v3/positionRisk",
    ]


def test_a_loopback_client_changes_no_other() -> None:
    before = make_client("live", KEY, SECRET, lambda: NOW_MS).exceptions["exact"]
    make_client("embedded", KEY, SECRET, lambda: NOW_MS, LOOPBACK)
    after = make_client("live", KEY, SECRET, lambda: NOW_MS)
    assert after.exceptions["exact"] == before
    assert after.urls["api"]["fapiPrivate"] == "https://fapi.binance.com/fapi/v1"


def test_public_requests_carry_no_key() -> None:
    client, transport = mounted(lambda _: Answer({"serverTime": NOW_MS}))
    assert Gateway(client).server_time_ms() == NOW_MS
    [asked] = transport.asked
    assert asked.pairs == []
    assert KEY not in repr(asked)


def test_an_entry_is_signed_with_the_timestamp_of_its_plan() -> None:
    client, transport = mounted(accepted)
    assert SUBMITS["enter"](Gateway(client)).outcome is Outcome.ACCEPTED
    [asked] = transport.asked
    *signed, (last, signature) = asked.pairs
    assert signed == [
        ("timestamp", str(NOW_MS - 1_234)),
        ("symbol", "BTCUSDT"),
        ("side", "BUY"),
        ("type", "MARKET"),
        ("quantity", "0.002"),
        ("newClientOrderId", ENTRY_ID),
        ("newOrderRespType", "RESULT"),
        ("recvWindow", "5000"),
    ]
    text = urlencode(signed).encode()
    assert (last, signature) == (
        "signature",
        hmac.new(SECRET.encode(), text, hashlib.sha256).hexdigest(),
    )
    assert asked.headers["X-MBX-APIKEY"] == KEY
    assert "?" not in asked.url


def test_a_close_is_signed_fresh_and_can_only_reduce() -> None:
    now = [NOW_MS]
    client, transport = mounted(accepted, now_ms=lambda: now[0])
    gateway = Gateway(client)
    SUBMITS["close"](gateway)
    now[0] += 60_000
    SUBMITS["close"](gateway)
    first, second = (asked.params for asked in transport.asked)
    assert (first["timestamp"], second["timestamp"]) == (str(NOW_MS), str(NOW_MS + 60_000))
    del second["timestamp"], second["signature"]
    assert second == {
        "symbol": "BTCUSDT",
        "side": "SELL",
        "type": "MARKET",
        "quantity": "0.002",
        "newClientOrderId": CLOSE_ID,
        "newOrderRespType": "RESULT",
        "reduceOnly": "true",
        "recvWindow": "5000",
    }


def test_a_conditional_order_goes_out_as_planned() -> None:
    client, transport = mounted(accepted)
    SUBMITS["protect"](Gateway(client))
    [asked] = transport.asked
    params = asked.params
    assert len(params) == len(asked.pairs)
    del params["signature"]
    assert params == {
        "timestamp": str(NOW_MS),
        "algoType": "CONDITIONAL",
        "symbol": "BTCUSDT",
        "side": "SELL",
        "type": "STOP_MARKET",
        "quantity": "0.002",
        "triggerPrice": "58000.1",
        "workingType": "CONTRACT_PRICE",
        "priceProtect": "false",
        "timeInForce": "GTC",
        "reduceOnly": "true",
        "clientAlgoId": STOP_ID,
        "newOrderRespType": "RESULT",
        "recvWindow": "5000",
    }


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("submit", SUBMITS)
def test_no_redirection_is_followed(submit: str, status: int) -> None:
    elsewhere = (("Location", "https://elsewhere.example/fapi/v1/order"),)
    client, transport = mounted(lambda _: Answer("", status, elsewhere))
    result = SUBMITS[submit](Gateway(client))
    assert result.outcome is Outcome.UNKNOWN
    assert [asked.host for asked in transport.asked] == ["fapi.binance.com"]
