"""Every known error, through the real client: ccxt's class, and what it means for an order."""

import re
from collections.abc import Iterator

import ccxt
import pytest

from exchange import errors
from exchange.client import Client
from exchange.errors import Outcome, VenueError
from exchange.gateway import Gateway
from tests.exchange.error_table import TABLE, Row
from tests.exchange.orders import SUBMITS, accepted
from tests.exchange.transport import LOOPBACK, Answer, Transport, mounted

ADDRESSES: dict[str, tuple[str, str | None]] = {
    "production": ("live", None),
    "loopback": ("embedded", LOOPBACK),
}


@pytest.fixture(scope="module", params=ADDRESSES)
def venue(request: pytest.FixtureRequest) -> Iterator[tuple[Client, Transport]]:
    name, url = ADDRESSES[request.param]
    client, transport = mounted(accepted, name, url)
    yield client, transport
    client.session.close()


def named(row: Row) -> str:
    return f"{row.code}-{row.status}"


def class_raised(client: Client, transport: Transport, row: Row) -> str:
    """The class ccxt itself raises for an order that is answered with this row."""
    transport.answering = lambda _: Answer(row.body, row.status)
    client.options["hasAlreadyAuthenticatedSuccessfully"] = False
    with pytest.raises(ccxt.BaseError) as caught:
        client.fapiPrivatePostOrder({"symbol": "BTCUSDT"})
    return type(caught.value).__name__


@pytest.mark.parametrize("row", TABLE, ids=named)
def test_ccxt_raises_the_listed_class(venue: tuple[Client, Transport], row: Row) -> None:
    assert class_raised(*venue, row) == row.ccxt_class


def test_ccxt_raises_the_listed_classes_on_the_demo_exchange() -> None:
    client, transport = mounted(accepted, "demo")
    raised = [class_raised(client, transport, row) for row in TABLE]
    assert raised == [row.ccxt_class for row in TABLE]
    assert {asked.host for asked in transport.asked} == {"demo-fapi.binance.com"}


@pytest.mark.parametrize("row", TABLE, ids=named)
def test_an_order_ends_as_the_table_says(venue: tuple[Client, Transport], row: Row) -> None:
    client, transport = venue
    transport.answering = lambda _: Answer(row.body, row.status)
    for submit in SUBMITS.values():
        result = submit(Gateway(client))
        assert (result.outcome, result.code, result.row) == (row.outcome, row.code, {})
        assert result.error is not None
        assert result.error.status == row.status
        if row.code:
            assert result.error.message == row.message


def test_an_answer_with_our_id_is_accepted(venue: tuple[Client, Transport]) -> None:
    client, transport = venue
    transport.answering = accepted
    for submit in SUBMITS.values():
        result = submit(Gateway(client))
        assert (result.outcome, result.error, result.code) == (Outcome.ACCEPTED, None, 0)
        assert result.row == accepted(transport.asked[-1]).body


def test_access_lost_after_it_worked_is_a_refusal_all_the_same(
    venue: tuple[Client, Transport],
) -> None:
    client, transport = venue
    gateway = Gateway(client)
    transport.answering = accepted
    assert SUBMITS["enter"](gateway).outcome is Outcome.ACCEPTED
    transport.answering = lambda _: Answer({"code": -2015, "msg": "Invalid API-key."}, 401)
    result = SUBMITS["enter"](gateway)
    assert (result.outcome, result.code) == (Outcome.REFUSED, -2015)


def test_the_codes_that_prove_a_refusal_are_those_of_the_table() -> None:
    refused = {row.code for row in TABLE if row.outcome is Outcome.REFUSED}
    assert refused == errors.REFUSED_CODES


@pytest.mark.parametrize(
    ("codes", "words"),
    [
        ({errors.CLOCK}, "outside of the recvWindow|ahead of the server's time"),
        ({errors.DUPLICATE_ID}, "ClientOrderId is duplicated"),
        ({errors.UNKNOWN_ORDER_SENT}, "Unknown order sent"),
        ({errors.ORDER_DOES_NOT_EXIST}, "Order does not exist"),
        ({errors.REDUCE_ONLY_REJECTED}, "ReduceOnly Order is rejected"),
        ({errors.POSITION_SIDE_MISMATCH}, "position side does not match"),
        (errors.WOULD_TRIGGER, "immediately trigger|triggered immediately"),
        (errors.NO_CHANGE, "No need to change"),
        (errors.STALE_RULES, "^Precision|^Quantity .* than|^Price |^Qty |notional must be"),
        (errors.ACCESS, "not authorized|Signature|API-key|API Keys|account is inactive"),
    ],
)
def test_codes_that_are_acted_on_are_those_of_their_message(codes: set[int], words: str) -> None:
    assert codes == {row.code for row in TABLE if row.code and re.search(words, row.message)}


@pytest.mark.parametrize(
    ("header", "seconds"), [("7", 7), ("0", 0), ("", 0), ("-3", 0), ("1.5", 0), ("soon", 0)]
)
def test_retry_after_is_read_from_the_very_answer(
    venue: tuple[Client, Transport], header: str, seconds: int
) -> None:
    client, transport = venue
    body = {"code": -1003, "msg": "Too many requests"}
    transport.answering = lambda _: Answer(body, 429, (("retry-after", header),))
    with pytest.raises(VenueError) as caught:
        Gateway(client).wallet_e8()
    assert (caught.value.retry_after_s, caught.value.status) == (seconds, 429)
