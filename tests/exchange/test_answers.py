"""What the gateway makes of answers: what is there, what is gone, what cannot be used."""

from collections.abc import Callable
from functools import partial

import pytest

from exchange import views
from exchange.errors import VenueError
from exchange.gateway import Gateway
from tests.exchange.orders import resting
from tests.exchange.transport import Answer, mounted

Call = Callable[[Gateway], object]

READS: list[tuple[Call, object]] = [
    (Gateway.server_time_ms, {}),
    (Gateway.server_time_ms, {"serverTime": "soon"}),
    (Gateway.exchange_info, {}),
    (Gateway.exchange_info, {"symbols": [{}]}),
    (Gateway.exchange_info, {"symbols": None}),
    (Gateway.wallet_e8, {}),
    (Gateway.wallet_e8, {"assets": [{"asset": "USDT"}]}),
    (Gateway.wallet_e8, {"assets": [{"asset": "USDT", "walletBalance": "much"}]}),
    (lambda g: g.symbol_mode("BTCUSDT"), [{}]),
    (lambda g: g.symbol_mode("BTCUSDT"), [7]),
    (lambda g: g.fill_rows_since("BTCUSDT", 0, 1), [{}]),
    (lambda g: g.fill_rows_since("BTCUSDT", 0, 1), [{"id": 1}]),
    (lambda g: g.funding_rows_since("BTCUSDT", 0, 1), [{"tranId": 1, "time": None}]),
    (lambda g: g.order_row("BTCUSDT", client_id="rv1-x"), {}),
    (lambda g: g.order_row("BTCUSDT", client_id="rv1-x"), {"clientOrderId": "rv1-y"}),
    (lambda g: g.order_row("BTCUSDT", order_id=7), {"orderId": 8}),
    (lambda g: g.cancel(resting(views.PLAIN)), {}),
    (lambda g: g.cancel(resting(views.CONDITIONAL)), {"code": "200", "msg": "success"}),
    (lambda g: g.cancel(resting(views.CONDITIONAL)), {"algoId": 1}),
]


@pytest.mark.parametrize(("call", "body"), READS)
def test_an_answer_without_what_the_docs_promise_is_a_failed_request(
    call: Call, body: object
) -> None:
    client, _ = mounted(lambda _: Answer(body))
    with pytest.raises(VenueError, match=r"unusable answer|-4000"):
        call(Gateway(client))


@pytest.mark.parametrize(
    ("assets", "e8"),
    [
        ([("BNB", "3.5"), ("USDT", "10.00000001"), ("USDC", "7")], 1_000_000_001),
        ([("BNB", "3.5")], 0),
        ([], 0),
        ([("USDT", "-0.5")], -50_000_000),
    ],
)
def test_the_wallet_is_that_of_usdt(assets: list[tuple[str, str]], e8: int) -> None:
    rows = [{"asset": asset, "walletBalance": balance} for asset, balance in assets]
    client, _ = mounted(lambda _: Answer({"assets": rows}))
    assert Gateway(client).wallet_e8() == e8


@pytest.mark.parametrize(
    ("code", "status", "gone", "unchanged"),
    [
        (-2011, 400, True, False),
        (-2013, 400, True, False),
        (-4046, 400, False, True),
        (-4059, 400, False, True),
        (-4117, 400, False, False),
        (-1021, 400, False, False),
        (-1007, 408, False, False),
        (-1003, 429, False, False),
        (-1001, 503, False, False),
    ],
)
def test_only_the_codes_that_say_so_mean_gone_or_unchanged(
    code: int, status: int, gone: bool, unchanged: bool
) -> None:
    client, _ = mounted(lambda _: Answer({"code": code, "msg": "as the test says"}, status))
    gateway = Gateway(client)
    for book in (views.PLAIN, views.CONDITIONAL):
        assert told(partial(gateway.cancel, resting(book))) == (False if gone else code)
    absent = None if code == -2013 else code
    assert told(partial(gateway.order_row, "BTCUSDT", order_id=7)) == absent
    assert told(partial(gateway.set_isolated, "BTCUSDT")) == (None if unchanged else code)
    assert told(partial(gateway.set_leverage, "BTCUSDT", 10)) == (None if unchanged else code)


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"code": "-4000", "msg": "no"},
        {"leverage": 10},
        {"leverage": 20, "symbol": "BTCUSDT"},
        {"leverage": 10, "symbol": "ETHUSDT"},
    ],
)
def test_a_setting_is_believed_only_when_the_answer_names_it(body: dict[str, object]) -> None:
    client, _ = mounted(lambda _: Answer(body))
    for change in (
        partial(Gateway(client).set_isolated, "BTCUSDT"),
        partial(Gateway(client).set_leverage, "BTCUSDT", 10),
    ):
        with pytest.raises(VenueError, match=r"unusable answer|-4000"):
            change()


def told(call: Callable[[], object]) -> object:
    """What a call answers, or the code of the error it raises."""
    try:
        return call()
    except VenueError as error:
        return error.code
