"""Binance's public prices, from an adapter that answers in its place."""

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
import requests
from requests.adapters import BaseAdapter

from simulator.market.model import Candle, Market
from simulator.market.public import PublicMarket, PublicPricesError

M5 = 300_000
TICKS = {"BTCUSDT": 10_000_000}
STEPS = {"BTCUSDT": 100_000}
Answer = Callable[[str, dict[str, str]], Any]


class FakeBinance(BaseAdapter):
    """Answers from a function; keeps what was asked."""

    def __init__(self, answer: Answer) -> None:
        super().__init__()
        self.answer = answer
        self.asked: list[tuple[str, dict[str, str]]] = []
        self.headers: list[list[str]] = []

    def send(self, request: requests.PreparedRequest, *_: Any, **__: Any) -> requests.Response:
        assert request.method == "GET"
        url = urlsplit(str(request.url))
        query = dict(parse_qsl(url.query))
        self.asked.append((url.path, query))
        self.headers.append(list(request.headers))
        body = self.answer(url.path, query)
        response = requests.Response()
        response.status_code = 200
        if isinstance(body, tuple):
            response.status_code, body = body
        response.raw = None
        text = body if isinstance(body, str) else json.dumps(body)
        response._content = text.encode()
        return response

    def close(self) -> None:
        pass


def market(answer: Answer) -> tuple[PublicMarket, FakeBinance]:
    session, fake = requests.Session(), FakeBinance(answer)
    session.mount("https://", fake)
    return PublicMarket(session, TICKS, STEPS), fake


def kline(open_time_ms: int, close: str = "60000.10") -> list[Any]:
    prices = ["60000.00", "60100.00", "59900.50", close]
    return [open_time_ms, *prices, "12.3456", open_time_ms + M5 - 1, "1", 5, "1", "1", "0"]


def klines(_: str, query: dict[str, str]) -> list[Any]:
    """As the exchange does: from startTime to endTime, both included, at most `limit` rows."""
    first, last = int(query["startTime"]), int(query["endTime"])
    times = range(-(-first // M5) * M5, last + 1, M5)
    return [kline(time) for time in times[: int(query["limit"])]]


def test_candles_come_from_klines() -> None:
    public, fake = market(klines)
    start: Market = public
    assert start.candles("BTCUSDT", 10 * M5, 12 * M5) == [
        Candle(10 * M5, 600_000, 601_000, 599_005, 600_001, 12_345),
        Candle(11 * M5, 600_000, 601_000, 599_005, 600_001, 12_345),
    ]
    assert fake.asked == [
        (
            "/fapi/v1/klines",
            {
                "symbol": "BTCUSDT",
                "interval": "5m",
                "startTime": str(10 * M5),
                "endTime": str(12 * M5 - 1),
                "limit": "2",
            },
        )
    ]


def test_long_ranges_are_asked_in_pieces() -> None:
    public, fake = market(klines)
    found = public.candles("BTCUSDT", 0, 3_200 * M5)
    assert [c.open_time_ms for c in found] == [n * M5 for n in range(3_200)]
    assert [query["limit"] for _, query in fake.asked] == ["1500", "1500", "200"]


def test_a_short_answer_ends_the_asking() -> None:
    public, fake = market(lambda path, query: klines(path, query)[:7])
    assert len(public.candles("BTCUSDT", 0, 3_200 * M5)) == 7
    assert len(fake.asked) == 1


def test_the_last_price_is_the_tickers_once_an_instant() -> None:
    prices = iter(["60000.10", "60001.00"])
    public, fake = market(lambda _, query: {"symbol": query["symbol"], "price": next(prices)})
    assert [public.last_price("BTCUSDT", now) for now in (5, 5, 6)] == [600_001, 600_001, 600_010]
    assert [path for path, _ in fake.asked] == ["/fapi/v1/ticker/price"] * 2


def test_no_key_travels() -> None:
    public, fake = market(klines)
    public.candles("BTCUSDT", 0, M5)
    assert not [name for name in fake.headers[0] if name.lower().startswith(("x-mbx", "auth"))]


def test_unknown_symbols_are_not_asked_for() -> None:
    public, fake = market(klines)
    assert public.candles("ETHUSDT", 0, M5) == []
    assert public.last_price("ETHUSDT", 0) is None
    assert fake.asked == []


def refuse(_: str, __: dict[str, str]) -> Any:
    raise requests.ConnectionError("no route")


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (
            refuse,
            r"cannot be reached at https://fapi\.binance\.com/fapi/v1/klines \(ConnectionError\)",
        ),
        (lambda *_: (451, "restricted location"), "answered 451: restricted location"),
        (lambda *_: (429, {"code": -1003}), "answered 429"),
        (lambda *_: "<html>", "answered no JSON: <html>"),
        (lambda *_: {"code": -1121}, "BTCUSDT: no candles"),
        (lambda *_: [[1, "2"]], "BTCUSDT: no candle"),
        (lambda *_: [kline(0, "1e3")], "BTCUSDT: no candle"),
        (lambda *_: [kline(0, "60000.15")], r"price 60000\.15 is off the tick of the rules"),
    ],
)
def test_trouble_is_one_clear_error(answer: Answer, words: str) -> None:
    with pytest.raises(PublicPricesError, match=words):
        market(answer)[0].candles("BTCUSDT", 0, M5)


@pytest.mark.parametrize("body", [{}, [], {"price": None}, {"price": "x"}, 5])
def test_a_ticker_without_a_price(body: Any) -> None:
    with pytest.raises(PublicPricesError, match="BTCUSDT: no ticker"):
        market(lambda *_: body)[0].last_price("BTCUSDT", 0)
