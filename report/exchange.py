"""What only the exchange knows: the candles of the page's days. Asks for public prices only."""

from array import array

from backtest.history import History
from exchange import views
from exchange.errors import VenueError
from exchange.gateway import Gateway
from strategy.instrument import Instrument

#: Candles of one request: from 1000 on Binance charges twice the weight.
ROWS_MAX = 999
#: Requests of one page: half of what Binance grants an address a minute. Run and guard ask from
#: the same address, and a page must not take theirs.
REQUESTS_MAX = 240


def read_candles(
    gateway: Gateway,
    market: Instrument,
    interval: str,
    interval_ms: int,
    since_ms: int,
    end_ms: int,
    requests_max: int,
) -> History:
    """The closed candles from `since_ms` to before `end_ms`. Raises VenueError, also where that
    takes more than `requests_max` requests.
    """
    if (end_ms - since_ms) // interval_ms > ROWS_MAX * requests_max:
        raise VenueError(
            f"read {market.symbol} candles",
            message="so many days of so many symbols would use up the job's own requests",
        )
    columns: tuple[array[int], ...] = tuple(array("q") for _ in range(5))
    next_ms = -(-since_ms // interval_ms) * interval_ms
    while next_ms + interval_ms <= end_ms:
        rows = gateway.klines(market.symbol, interval, ROWS_MAX, startTime=next_ms)
        candles = [views.candle(row, market) for row in rows]
        taken = [c for c in candles if c.open_time_ms >= next_ms and c.open_time_ms < end_ms]
        taken = [c for c in taken if c.open_time_ms + interval_ms <= end_ms]
        if not taken:
            break
        for column, values in zip(columns, zip(*taken, strict=True), strict=True):
            column.extend(values)
        next_ms = taken[-1].open_time_ms + interval_ms
    return History(interval_ms, *columns)
