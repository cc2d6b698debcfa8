"""What a market is to the embedded exchange: candles in whole ticks, asked for by time.

A market only knows prices. It knows no account, no order and no clock: every question carries
its times. It may know the future (a file does); the engine and the wire never ask for it.
"""

from typing import NamedTuple, Protocol


class Candle(NamedTuple):
    """One candle. Times in ms UTC, prices in whole ticks, volume in whole lots (quantity steps)."""

    open_time_ms: int
    open: int
    high: int
    low: int
    close: int
    volume: int


class Market(Protocol):
    """A source of candles of one base interval."""

    #: What people are told about these prices: "synthetic", "file BTCUSDT-5m.csv", "binance".
    label: str
    #: Length of the candles that `candles` returns, in ms.
    interval_ms: int

    def candles(self, symbol: str, first_ms: int, end_ms: int) -> list[Candle]:
        """Candles with `first_ms` <= open time < `end_ms`, ascending, gaps left out.

        May return candles that are still forming (the caller cuts by its own clock).
        """
        ...

    def last_price(self, symbol: str, now_ms: int) -> int | None:
        """The price that stands now, in ticks: the open of the candle that runs at `now_ms`
        (None when that candle is missing); with live public prices the ticker's last.
        """
        ...
