"""Who watches the requests is asked before each of them and told of every rate limit."""

import pytest

from exchange.client import make_client
from exchange.errors import Outcome, VenueError
from exchange.gateway import Gateway
from tests.exchange.faults import saying
from tests.exchange.orders import SUBMITS, accepted
from tests.exchange.transport import Answer, Transport, mounted


class Ended(BaseException):
    """Not an Exception: nothing that handles what an exchange does may swallow it."""


class Noting:
    """Notes what it is asked and told; raises what a test wants."""

    def __init__(self) -> None:
        self.asked = 0
        self.told: list[tuple[int, bool]] = []
        self.refusal: BaseException | None = None

    def before_request(self) -> None:
        self.asked += 1
        if self.refusal is not None:
            raise self.refusal

    def rate_limited(self, retry_after_s: int, *, banned: bool) -> None:
        self.told.append((retry_after_s, banned))


@pytest.fixture
def watched() -> tuple[Gateway, Transport, Noting]:
    client, transport = mounted(accepted)
    client.watch = watch = Noting()
    return Gateway(client), transport, watch


Watched = tuple[Gateway, Transport, Noting]


def test_it_is_asked_before_every_request(watched: Watched) -> None:
    gateway, transport, watch = watched
    for submit in SUBMITS.values():
        submit(gateway)
    transport.answering = lambda _: Answer([])
    gateway.position_rows()
    gateway.klines("BTCUSDT", "5m", 3)
    assert watch.asked == len(transport.asked) == 5
    assert watch.told == []


def test_what_it_forbids_is_not_sent(watched: Watched) -> None:
    gateway, transport, watch = watched
    watch.refusal = VenueError("rate limit", message="silence")
    with pytest.raises(VenueError, match="rate limit: silence"):
        gateway.position_rows()
    for submit in SUBMITS.values():
        result = submit(gateway)
        assert (result.outcome, result.error) == (Outcome.UNKNOWN, watch.refusal)
    assert transport.asked == []


def test_an_end_is_swallowed_by_nobody(watched: Watched) -> None:
    gateway, transport, watch = watched
    watch.refusal = Ended()
    for submit in SUBMITS.values():
        with pytest.raises(Ended):
            submit(gateway)
    with pytest.raises(Ended):
        gateway.wallet_e8()
    assert transport.asked == []


@pytest.mark.parametrize(
    ("status", "header", "told"),
    [
        (429, "7", [(7, False)]),
        (429, "", [(0, False)]),
        (429, "soon", [(0, False)]),
        (418, "120", [(120, True)]),
        (418, "", [(0, True)]),
        (503, "7", []),
        (403, "7", []),
        (400, "7", []),
    ],
)
def test_it_is_told_of_rate_limits_and_bans_only(
    watched: Watched, status: int, header: str, told: list[tuple[int, bool]]
) -> None:
    gateway, transport, watch = watched
    for body in ({"code": -1003, "msg": "Too many requests"}, "<html></html>", ""):
        watch.told.clear()
        transport.answering = saying(body, status, (("retry-after", header),))
        assert SUBMITS["enter"](gateway).outcome is Outcome.UNKNOWN
        assert watch.told == told
        with pytest.raises(VenueError):
            gateway.wallet_e8()
        assert watch.told == told * 2


def test_a_client_is_made_with_its_watch() -> None:
    watch = Noting()
    assert make_client("live", "key", "secret", lambda: 1, watch=watch).watch is watch


def test_a_client_without_a_watch_sends_all_the_same() -> None:
    client, transport = mounted(accepted)
    assert client.watch is None
    transport.answering = lambda _: Answer({"code": -1003, "msg": "x"}, 429)
    assert SUBMITS["enter"](Gateway(client)).outcome is Outcome.UNKNOWN
    assert len(transport.asked) == 1
