"""A small exchange on loopback that has a history, and answers as badly as a test tells it to."""

import json
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import parse_qsl

START_MS = 1_704_067_200_000  # 2024-01-01
FIVE_MIN_MS = 300_000
EIGHT_H_MS = 8 * 3_600_000


class HistoryServer:
    """A WSGI app. `scripted`: answers that come first, each (status, headers, body)."""

    def __init__(self, candles: int = 4000) -> None:
        """`candles` of 5 minutes from 2024-01-01; the last one still runs."""
        self.rows = [kline(number) for number in range(candles)]
        self.now_ms = START_MS + candles * FIVE_MIN_MS - 1
        self.scripted: list[tuple[str, dict[str, str], bytes]] = []
        self.asked: list[dict[str, str]] = []
        self.headers = {"X-MBX-USED-WEIGHT-1M": "10"}

    def __call__(self, environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        """One answer."""
        endpoint = environ["PATH_INFO"].rsplit("/", 1)[1]
        asked = dict(parse_qsl(environ["QUERY_STRING"]))
        if endpoint != "time":
            self.asked.append({"endpoint": endpoint, **asked})
        status, headers, body = ("200 OK", self.headers, b"")
        if self.scripted and endpoint != "time":
            status, headers, body = self.scripted.pop(0)
        if not body:
            body = json.dumps(self.answer(endpoint, asked)).encode()
        start(status, [("Content-Type", "application/json"),
                       ("Content-Length", str(len(body))), *headers.items()])  # fmt: skip
        return [body]

    def answer(self, endpoint: str, asked: dict[str, str]) -> object:
        """The exchange's own answer."""
        if endpoint == "time":
            return {"serverTime": self.now_ms}
        start, end, limit = (int(asked[name]) for name in ("startTime", "endTime", "limit"))
        if endpoint == "fundingRate":
            times = range(START_MS, self.now_ms, EIGHT_H_MS)
            found: list[Any] = [funding(time) for time in times]
            return [row for row in found if start <= row["fundingTime"] <= end][:limit]
        return [row for row in self.rows if start <= row[0] <= end][:limit]


def kline(number: int) -> list[Any]:
    """A candle as the exchange writes it."""
    time_ms = START_MS + number * FIVE_MIN_MS
    prices = ["42000.10", "42010.00", "41990.00", "42001.00"]
    return [time_ms, *prices, "12.345", time_ms + FIVE_MIN_MS - 1, "0", 9, "0", "0", "0"]


def funding(time_ms: int) -> dict[str, Any]:
    """A payment, some ms late as they are."""
    late = time_ms // EIGHT_H_MS % 29
    return {"symbol": "BTCUSDT", "fundingTime": time_ms + late, "fundingRate": "0.00010000",
            "markPrice": "42000.1"}  # fmt: skip
