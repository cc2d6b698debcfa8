"""I8 secrets stay in: no key, secret, signature or address in what is raised, told or logged."""

import io
import logging
import traceback
from collections.abc import Callable, Iterator

import pytest

from exchange import views
from exchange.errors import VenueError
from exchange.gateway import Gateway
from exchange.signing_key import Credentials
from tests.exchange.faults import FAULTS
from tests.exchange.orders import SUBMITS, accepted
from tests.exchange.transport import KEY, LOOPBACK, SECRET, Answer, Transport, mounted

HOSTS = ("binance.com", "127.0.0.1")
RESTING = views.RestingOrder(
    views.CONDITIONAL, "BTCUSDT", 7, "rv1-x", -1, views.STOP_MARKET, 2, 580_000, True, True
)
Venue = tuple[Gateway, Transport]


@pytest.fixture(scope="module", params=[None, LOOPBACK], ids=["production", "loopback"])
def venue(request: pytest.FixtureRequest) -> Venue:
    client, transport = mounted(accepted, "embedded", request.param)
    return Gateway(client), transport


def signatures(transport: Transport) -> set[str]:
    return {each.params["signature"] for each in transport.asked if "signature" in each.params}


def leaks(texts: list[str], transport: Transport) -> list[str]:
    """The words of `texts` that nobody may see."""
    words = {KEY, SECRET, "signature=", "/fapi/v", *HOSTS, *signatures(transport)}
    return [word for word in words for text in texts if word in text]


def told(error: BaseException) -> list[str]:
    """Every way in which an error is usually shown."""
    shown = [str(error), repr(error), repr(vars(error)), *map(repr, error.args)]
    return [*shown, "".join(traceback.format_exception(error))]


@pytest.mark.parametrize("fault", FAULTS)
def test_an_order_that_went_wrong_tells_no_secret(venue: Venue, fault: str) -> None:
    gateway, transport = venue
    transport.answering = FAULTS[fault]
    transport.asked.clear()
    for submit in SUBMITS.values():
        result = submit(gateway)
        assert result.error is not None
        assert leaks([repr(result), *told(result.error)], transport) == []
    assert len(signatures(transport)) == len(SUBMITS)


READS: dict[str, Callable[[Gateway], object]] = {
    "the account": Gateway.wallet_e8,
    "the positions": Gateway.position_rows,
    "a look-up": lambda gateway: gateway.order_row("BTCUSDT", client_id="rv1-x"),
    "a cancel": lambda gateway: gateway.cancel(RESTING),
    "a setting": lambda gateway: gateway.set_leverage("BTCUSDT", 10),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_request_that_went_wrong_tells_no_secret(venue: Venue, fault: str) -> None:
    gateway, transport = venue
    transport.answering = FAULTS[fault]
    for request in READS.values():
        texts: list[str] = []
        try:
            request(gateway)
        except VenueError as error:
            texts = told(error)
        assert leaks(texts, transport) == []


def test_the_tests_see_a_leak(venue: Venue) -> None:
    gateway, transport = venue
    transport.answering = FAULTS["refused"]
    with pytest.raises(Exception, match="GET") as caught:
        gateway.client.fapiPrivateV3GetAccount()
    found = leaks(told(caught.value), transport)
    assert {KEY, "signature=", "/fapi/v", *signatures(transport)} >= set(found) - set(HOSTS)
    assert {KEY, "signature="} <= set(found)


@pytest.fixture
def everything_logged() -> Iterator[io.StringIO]:
    """What a process writes whose logging is set to tell all."""
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield written
    root.setLevel(level)
    root.removeHandler(handler)


def test_nothing_is_logged_even_where_everything_is(everything_logged: io.StringIO) -> None:
    client, transport = mounted(accepted)
    gateway = Gateway(client)
    for submit in SUBMITS.values():
        submit(gateway)
    transport.answering = lambda _: Answer([])
    gateway.position_rows()
    assert len(signatures(transport)) == 4
    assert leaks([everything_logged.getvalue()], transport) == []


@pytest.mark.parametrize("name", ["ccxt.base.exchange", "urllib3.connectionpool"])
def test_loggers_that_write_addresses_are_silent(everything_logged: io.StringIO, name: str) -> None:
    mounted(accepted)
    logging.getLogger(name).debug("GET /fapi/v3/account?signature=%s", "0123")
    assert everything_logged.getvalue() == ""


def test_credentials_do_not_print_themselves() -> None:
    held = Credentials(KEY, SECRET)
    for text in (repr(held), str(held), f"{held}", repr([held])):
        assert KEY not in text
        assert SECRET not in text
