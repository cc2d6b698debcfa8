"""Binance's public prices over REST, without a key, for `prices = "binance"`.

Only market data and only by GET, in a session of its own that carries no credentials: must never
be given the session that trades, and must never place an order.
"""

from collections.abc import Mapping
from typing import Any

import requests

from simulator.market.model import Candle
from simulator.market.plain_numbers import e8, e8_down

BASE_URL = "https://fapi.binance.com"
_ROWS_MAX = 1500
_TIMEOUT_S = 10.0
_INTERVAL_NAMES = {
    60_000: "1m",
    300_000: "5m",
    900_000: "15m",
    1_800_000: "30m",
    3_600_000: "1h",
    7_200_000: "2h",
    14_400_000: "4h",
}


class PublicPricesError(RuntimeError):
    """Binance's public prices cannot be had, or are not what the rules say. One line."""


class PublicMarket:
    """Live public prices as a market. Symbols without tick and step have no candles."""

    label = "binance"

    def __init__(
        self,
        session: requests.Session,
        ticks: Mapping[str, int],
        steps: Mapping[str, int],
        interval_ms: int = 300_000,
        base_url: str = BASE_URL,
    ) -> None:
        """`ticks` and `steps` by symbol, in 1e-8 USDT and in 1e-8 of the base asset."""
        self.interval_ms = interval_ms
        self._interval = _INTERVAL_NAMES[interval_ms]
        self._session = session
        self._ticks = dict(ticks)
        self._steps = dict(steps)
        self._base_url = base_url
        self._last: dict[str, tuple[int, int]] = {}  # symbol -> (asked at, price)

    def candles(self, symbol: str, first_ms: int, end_ms: int) -> list[Candle]:
        """Candles with `first_ms` <= open time < `end_ms`; the last may still be forming.

        Raises PublicPricesError.
        """
        found: list[Candle] = []
        if symbol not in self._ticks:
            return found
        while first_ms < end_ms:
            rows = self._klines(symbol, first_ms, end_ms)
            found += [self._candle(symbol, row) for row in rows]
            if len(rows) < _ROWS_MAX:
                break
            first_ms = found[-1].open_time_ms + self.interval_ms
        return found

    def last_price(self, symbol: str, now_ms: int) -> int | None:
        """The ticker's last price, in ticks. Asked once for each `now_ms`: one instant, one price.

        Raises PublicPricesError.
        """
        if symbol not in self._ticks:
            return None
        asked_ms, price = self._last.get(symbol, (None, 0))
        if asked_ms != now_ms:
            answer = self._get("/fapi/v1/ticker/price", {"symbol": symbol})
            try:
                price = self._in_ticks(symbol, answer["price"])
            except (KeyError, TypeError, ValueError, AttributeError) as error:
                raise PublicPricesError(f"{symbol}: no ticker: {answer!r:.200}") from error
            self._last[symbol] = (now_ms, price)
        return price

    def _klines(self, symbol: str, first_ms: int, end_ms: int) -> list[Any]:
        rows_left = -(-(end_ms - first_ms) // self.interval_ms)
        parameters = {
            "symbol": symbol,
            "interval": self._interval,
            "startTime": str(first_ms),
            "endTime": str(end_ms - 1),
            "limit": str(min(_ROWS_MAX, rows_left)),
        }
        rows = self._get("/fapi/v1/klines", parameters)
        if not isinstance(rows, list):
            raise PublicPricesError(f"{symbol}: no candles: {rows!r:.200}")
        return rows

    def _candle(self, symbol: str, row: Any) -> Candle:
        try:
            open_time_ms, *prices, volume = row[:6]
            opened, high, low, close = (self._in_ticks(symbol, price) for price in prices)
            return Candle(
                int(open_time_ms), opened, high, low, close, e8_down(volume) // self._steps[symbol]
            )
        except (TypeError, ValueError, AttributeError) as error:
            raise PublicPricesError(f"{symbol}: no candle: {row!r:.200}") from error

    def _in_ticks(self, symbol: str, price: str) -> int:
        ticks, off = divmod(e8(price), self._ticks[symbol])
        if off:
            raise PublicPricesError(
                f"{symbol}: price {price} is off the tick of the rules; use newer rules"
            )
        return ticks

    def _get(self, path: str, parameters: dict[str, str]) -> Any:
        """The JSON of one answer."""
        url = self._base_url + path
        try:
            answer = self._session.get(url, params=parameters, timeout=_TIMEOUT_S)
        except requests.RequestException as error:
            kind = type(error).__name__
            what = f"Binance's public prices cannot be reached at {url} ({kind})"
            raise PublicPricesError(what) from error
        if answer.status_code != requests.codes.ok:
            what = f"Binance's public prices: {url} answered {answer.status_code}"
            raise PublicPricesError(f"{what}: {answer.text[:200]}")
        try:
            return answer.json()
        except ValueError as error:
            raise PublicPricesError(f"{url} answered no JSON: {answer.text[:200]}") from error
