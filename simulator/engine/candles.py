"""Candles as a client may see them: of any interval, and cut by the exchange's time."""

from typing import NamedTuple

from simulator.engine.refused import refused
from simulator.market.model import Candle, Market

_WEEK_MS = 7 * 86_400_000
#: The longest interval that can be made of candles here, 1 day.
_INTERVAL_MAX_MS = 86_400_000


class Window(NamedTuple):
    """What is asked for; both ends by open time and included, None = open."""

    interval_ms: int
    start_ms: int | None
    end_ms: int | None
    limit: int


def klines(market: Market, symbol: str, now_ms: int, window: Window) -> list[Candle]:
    """Rows of `window`, ascending, none that begins after `now_ms`. See `EmbeddedExchange`."""
    interval_ms = window.interval_ms
    if not 0 < interval_ms <= _INTERVAL_MAX_MS:
        raise refused(-1120)
    if interval_ms % market.interval_ms or _WEEK_MS % interval_ms:
        raise refused(-1120)
    end_ms = now_ms if window.end_ms is None else min(window.end_ms, now_ms)
    newest_ms = end_ms // interval_ms * interval_ms
    if window.start_ms is None:
        first_ms = newest_ms - (window.limit - 1) * interval_ms
    else:
        first_ms = -(-window.start_ms // interval_ms) * interval_ms
        newest_ms = min(newest_ms, first_ms + (window.limit - 1) * interval_ms)
    stop_ms = min(newest_ms + interval_ms, now_ms + 1)
    if window.limit <= 0 or first_ms >= stop_ms:
        return []
    rows = _until(market, symbol, first_ms, stop_ms, now_ms)
    return rows if interval_ms == market.interval_ms else _merged(rows, interval_ms)


def _until(market: Market, symbol: str, first_ms: int, stop_ms: int, now_ms: int) -> list[Candle]:
    """Base candles; of the one that still runs only its open is known."""
    rows = market.candles(symbol, first_ms, stop_ms)
    if rows and rows[-1].open_time_ms + market.interval_ms > now_ms:
        running = rows[-1]
        price = running.open
        rows = [*rows[:-1], Candle(running.open_time_ms, price, price, price, price, 0)]
    return rows


def _merged(rows: list[Candle], interval_ms: int) -> list[Candle]:
    """Candles of a longer interval, each of the base candles that are there."""
    merged: list[Candle] = []
    for row in rows:
        open_ms = row.open_time_ms // interval_ms * interval_ms
        if merged and merged[-1].open_time_ms == open_ms:
            last = merged[-1]
            merged[-1] = Candle(
                open_ms,
                last.open,
                max(last.high, row.high),
                min(last.low, row.low),
                row.close,
                last.volume + row.volume,
            )
        else:
            merged.append(row._replace(open_time_ms=open_ms))
    return merged
