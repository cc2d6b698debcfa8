"""Unknown is not refused: whatever is no proof of a refusal leaves an order unknown, sent once."""

import pytest

from exchange.errors import Outcome, VenueError, error_fields, proof_of_acceptance
from exchange.gateway import Gateway
from tests.exchange.faults import CONNECTIONS, FAULTS, PAGES
from tests.exchange.orders import ENTRY_ID, SUBMITS, accepted
from tests.exchange.transport import LOOPBACK, Answer, Transport, mounted


@pytest.fixture(scope="module", params=[None, LOOPBACK], ids=["production", "loopback"])
def venue(request: pytest.FixtureRequest) -> tuple[Gateway, Transport]:
    client, transport = mounted(accepted, "embedded", request.param)
    return Gateway(client), transport


@pytest.mark.parametrize("fault", FAULTS)
def test_an_order_is_unknown_and_not_sent_again(
    venue: tuple[Gateway, Transport], fault: str
) -> None:
    gateway, transport = venue
    transport.answering = FAULTS[fault]
    for submit in SUBMITS.values():
        transport.asked.clear()
        result = submit(gateway)
        assert (result.outcome, result.row) == (Outcome.UNKNOWN, {})
        assert result.error is not None
        assert len(transport.asked) == 1


@pytest.mark.parametrize("fault", CONNECTIONS | PAGES)
def test_a_read_that_fails_says_so_and_is_not_made_again(
    venue: tuple[Gateway, Transport], fault: str
) -> None:
    gateway, transport = venue
    transport.answering = FAULTS[fault]
    for read in (gateway.position_rows, gateway.conditional_order_rows, gateway.plain_order_rows):
        transport.asked.clear()
        with pytest.raises(VenueError):
            read("BTCUSDT")
        assert len(transport.asked) == 1


NOT_A_LIST = ["", "{}", "null", "true", '{"code":200,"msg":"success"}', '[{"positionAmt"', "[1,"]


@pytest.mark.parametrize("body", NOT_A_LIST)
def test_an_answer_that_is_no_list_is_never_an_empty_one(
    venue: tuple[Gateway, Transport], body: str
) -> None:
    gateway, transport = venue
    transport.answering = lambda _: Answer(body)
    for read in (gateway.position_rows, gateway.conditional_order_rows, gateway.plain_order_rows):
        with pytest.raises(VenueError, match="not a list"):
            read()


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ("no answer in time", "market order {id}: no answer in time"),
        ("read timed out", "market order {id}: no answer in time"),
        ("reset", "market order {id}: the connection failed"),
        ("a fault in a library", "market order {id}: RuntimeError"),
        ("a page with 502", "market order {id}: HTTP 502"),
        ("an empty object", "market order {id}: unusable answer"),
        ("cut", "market order {id}: the answer is not an object"),
        ("a status of no meaning", "market order {id}: -2019 Margin is insufficient."),
    ],
)
def test_what_happened_is_told_in_one_line(
    venue: tuple[Gateway, Transport], fault: str, words: str
) -> None:
    gateway, transport = venue
    transport.answering = FAULTS[fault]
    assert str(SUBMITS["enter"](gateway).error) == words.format(id=ENTRY_ID)


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({"code": -2019, "msg": "no"}, (-2019, "no")),
        ({"code": "-2019", "msg": "no"}, (-2019, "no")),
        ({"msg": "no"}, (0, "no")),
        ({"code": -2019}, (-2019, "")),
        ({"code": "x", "msg": "no"}, (0, "no")),
        ({"code": None}, (0, "")),
        ({"code": float("inf")}, (0, "")),
        ({"code": float("nan")}, (0, "")),
        ([{"code": -2019}], (0, "")),
        ("text", (0, "")),
        (None, (0, "")),
    ],
)
def test_code_and_text_of_a_body(body: object, fields: tuple[int, str]) -> None:
    assert error_fields(body) == fields


@pytest.mark.parametrize(
    ("answer", "proven"),
    [
        ({"clientOrderId": "mine"}, True),
        ({"clientOrderId": "mine2"}, False),
        ({"clientOrderId": "MINE"}, False),
        ({"clientOrderId": None}, False),
        ({"clientAlgoId": "mine"}, False),
        ({}, False),
        ([{"clientOrderId": "mine"}], False),
        ("mine", False),
        (None, False),
    ],
)
def test_only_our_own_id_proves_an_acceptance(answer: object, proven: bool) -> None:
    assert proof_of_acceptance(answer, "clientOrderId", "mine") is proven
