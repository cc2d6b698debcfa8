"""The three submits of the gateway, each with an id of its own, and an answer that accepts them."""

from collections.abc import Callable

from exchange import ids, views
from exchange.gateway import Gateway, Submit
from tests.exchange.transport import NOW_MS, Answer, Asked

SIGNAL_MS = NOW_MS // 300_000 * 300_000 - 300_000
ENTRY_ID = ids.client_id("BTCUSDT", SIGNAL_MS, ids.ENTRY)
CLOSE_ID = ids.client_id("BTCUSDT", SIGNAL_MS, ids.CLOSE_REVERTED)
STOP_ID = ids.client_id("BTCUSDT", SIGNAL_MS, ids.STOP)


def enter(gateway: Gateway) -> Submit:
    return gateway.enter("BTCUSDT", 1, "0.002", ENTRY_ID, NOW_MS - 1_234)


def close(gateway: Gateway) -> Submit:
    return gateway.close("BTCUSDT", -1, "0.002", CLOSE_ID)


def protect(gateway: Gateway) -> Submit:
    return gateway.protect("BTCUSDT", -1, views.STOP_MARKET, "0.002", "58000.1", STOP_ID)


SUBMITS: dict[str, Callable[[Gateway], Submit]] = {
    "enter": enter,
    "close": close,
    "protect": protect,
}


def resting(book: str) -> views.RestingOrder:
    """A stop of ours that rests in the book."""
    return views.RestingOrder(
        book, "BTCUSDT", 4000001910058351, STOP_ID, -1, views.STOP_MARKET, 2, 1, True, True
    )


def accepted(asked: Asked) -> Answer:
    """An answer that names the order which was asked for."""
    names = ("newClientOrderId", "clientOrderId"), ("clientAlgoId", "clientAlgoId")
    return Answer({there: asked.params[sent] for sent, there in names if sent in asked.params})
