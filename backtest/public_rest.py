"""Binance's public history over REST, page by page: candles, mark prices, funding.

Keeps to the weight that the exchange grants an address, waits when it says so, and tries a broken
answer again. GET only, no key. Must not write files or be given a session with credentials.
"""

from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any, NamedTuple

import requests

Row = tuple[int, str]  # time in ms, the line of the file
Sleep = Callable[[float], object]

_TIMEOUT_S = 20.0
_PAGE_ROWS = {"klines": 1500, "markPriceKlines": 1500, "fundingRate": 1000}
_ATTEMPTS = 5
#: Of 2400 a minute. What is left over is for the job, if it runs from the same address.
_WEIGHT_MAX = 1800
_PAUSE_S = 20.0
_WAIT_S_MAX = 600.0


class RestError(Exception):
    """The exchange cannot be asked, or answers what is no answer. One line."""


class Kind(NamedTuple):
    """A kind of history: its endpoint, the file's header, and how a row becomes a line."""

    endpoint: str
    header: str
    line: Callable[[Any], Row]


def _candle(row: Any) -> Row:
    return _columns(row, 6)


def _mark(row: Any) -> Row:
    return _columns(row, 5)


def _columns(row: Any, width: int) -> Row:
    if len(row) < width:
        raise ValueError("a row that is cut short")
    return int(row[0]), ",".join(str(field) for field in row[:width])


def _funding(row: Any) -> Row:
    return int(row["fundingTime"]), f"{row['fundingTime']},{row['fundingRate']}"


CANDLES = Kind("klines", "open_time,open,high,low,close,volume", _candle)
MARKS = Kind("markPriceKlines", "open_time,open,high,low,close", _mark)
FUNDING = Kind("fundingRate", "funding_time,funding_rate", _funding)


class PublicRest:
    """One exchange at an address."""

    def __init__(self, session: requests.Session, base_url: str, sleep: Sleep) -> None:
        """`sleep` takes seconds."""
        self._session, self._base_url, self._sleep = session, base_url.rstrip("/"), sleep

    def now_ms(self) -> int:
        """The exchange's clock: what is closed by it does not change any more."""
        answer = self._get("time", {})
        if not isinstance(answer, dict) or not isinstance(answer.get("serverTime"), int):
            raise RestError(f"{self._base_url}: no time: {answer!r:.100}")
        return int(answer["serverTime"])

    def pages(
        self, kind: Kind, symbol: str, interval: str, start_ms: int, end_ms: int
    ) -> Iterator[list[Row]]:
        """Pages of rows with `start_ms` <= time < `end_ms`, ascending. Raises RestError."""
        limit = _PAGE_ROWS[kind.endpoint]
        words = {"symbol": symbol, "limit": str(limit)}
        words |= {} if kind is FUNDING else {"interval": interval}
        while start_ms < end_ms:
            asked = words | {"startTime": str(start_ms), "endTime": str(end_ms - 1)}
            rows = self._rows(kind, asked, start_ms, end_ms)
            if rows:
                yield rows
            if len(rows) < limit:
                return
            start_ms = rows[-1][0] + 1

    def _rows(self, kind: Kind, asked: dict[str, str], start_ms: int, end_ms: int) -> list[Row]:
        answer = self._get(kind.endpoint, asked)
        try:
            rows = [kind.line(row) for row in answer]
        except (TypeError, KeyError, IndexError, ValueError):
            raise RestError(f"{kind.endpoint}: no rows: {answer!r:.100}") from None
        times = [start_ms - 1, *(time_ms for time_ms, _ in rows), end_ms]
        if any(later <= sooner for sooner, later in pairwise(times)):
            raise RestError(f"{kind.endpoint}: rows that do not ascend from {start_ms} to {end_ms}")
        return rows

    def _get(self, endpoint: str, asked: dict[str, str]) -> Any:
        """The JSON of one answer; broken ones are asked again, a limit is waited out."""
        url = f"{self._base_url}/fapi/v1/{endpoint}"
        why = ""
        for attempt in range(_ATTEMPTS):
            if attempt:
                self._sleep(2.0**attempt)
            try:
                answer = self._session.get(url, params=asked, timeout=_TIMEOUT_S)
                if answer.status_code in {418, 429}:
                    self._wait(answer, url)
                elif answer.status_code < 500:
                    return self._read(answer, url)
                why = f"answered {answer.status_code}"
            except (requests.RequestException, ValueError) as error:
                why = f"gave no answer ({type(error).__name__})"
        raise RestError(f"{url} {why}, {_ATTEMPTS} times; what has come is kept, ask again later")

    def _read(self, answer: requests.Response, url: str) -> Any:
        """ValueError where it is no JSON (cut short)."""
        if answer.status_code != requests.codes.ok:
            raise RestError(f"{url} answered {answer.status_code}: {answer.text[:200]}")
        weight = answer.headers.get("X-MBX-USED-WEIGHT-1M", "")
        if weight.isdecimal() and int(weight) > _WEIGHT_MAX:
            self._sleep(_PAUSE_S)
        return answer.json()

    def _wait(self, answer: requests.Response, url: str) -> None:
        """A limit or a ban: as long as the exchange says."""
        said = answer.headers.get("Retry-After", "")
        wait_s = float(said) if said.isdecimal() else 60.0
        if wait_s > _WAIT_S_MAX:
            raise RestError(f"{url}: this address is banned for {wait_s:.0f} s; ask again later")
        self._sleep(wait_s)
