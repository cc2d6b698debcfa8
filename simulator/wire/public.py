"""Public endpoints: time, rules, candles and prices. Read only; no key.

The embedded market has one price: bid, ask, mark and index are the last price.
"""

from collections.abc import Callable

import msgspec

from simulator.engine.engine import Engine
from simulator.engine.refused import refused
from simulator.market.model import Candle
from simulator.wire.answer import WireError
from simulator.wire.figures import Figures, fixed, money
from simulator.wire.limits import ORDERS_PER_10S, ORDERS_PER_MINUTE, WEIGHT_PER_MINUTE
from simulator.wire.order_rows import MARGIN_ASSET, Row
from simulator.wire.params import Params, invalid
from simulator.wire.venue import Venue

_MINUTE_MS = 60_000
_HOUR_MS = 60 * _MINUTE_MS
_DAY_MS = 24 * _HOUR_MS
INTERVALS_MS = {
    "1m": _MINUTE_MS,
    "3m": 3 * _MINUTE_MS,
    "5m": 5 * _MINUTE_MS,
    "15m": 15 * _MINUTE_MS,
    "30m": 30 * _MINUTE_MS,
    "1h": _HOUR_MS,
    "2h": 2 * _HOUR_MS,
    "4h": 4 * _HOUR_MS,
    "6h": 6 * _HOUR_MS,
    "8h": 8 * _HOUR_MS,
    "12h": 12 * _HOUR_MS,
    "1d": _DAY_MS,
    "3d": 3 * _DAY_MS,
    "1w": 7 * _DAY_MS,
}
_KLINES_MAX = 1500
_INTEREST_RATE = "0.00010000"
_FUNDING_CAP = "0.00300000"


def ping(_venue: Venue, _engine: Engine, _params: Params) -> object:
    """GET ping."""
    return {}


def server_time(venue: Venue, engine: Engine, _params: Params) -> object:
    """GET time: the exchange's own, also while it stands still; off by an armed skew."""
    return {"serverTime": engine.now_ms + venue.faults.skew_ms}


def exchange_info(_venue: Venue, engine: Engine, _params: Params) -> object:
    """GET exchangeInfo: the contracts that are configured."""
    return {
        "timezone": "UTC",
        "serverTime": engine.now_ms,
        "futuresType": "U_MARGINED",
        "rateLimits": [
            _limit("REQUEST_WEIGHT", "MINUTE", 1, WEIGHT_PER_MINUTE),
            _limit("ORDERS", "MINUTE", 1, ORDERS_PER_MINUTE),
            _limit("ORDERS", "SECOND", 10, ORDERS_PER_10S),
        ],
        "exchangeFilters": [],
        "assets": [{"asset": MARGIN_ASSET, "marginAvailable": True, "autoAssetExchange": "-10000"}],
        "symbols": [contract.row for contract in engine.contracts.values()],
    }


def _limit(kind: str, interval: str, count: int, limit: int) -> Row:
    return {"rateLimitType": kind, "interval": interval, "intervalNum": count, "limit": limit}


def klines(venue: Venue, engine: Engine, params: Params) -> object:
    """GET klines: the last row is the candle that still runs, its open only."""
    symbol = engine.contract(params.need("symbol")).symbol
    interval_ms = INTERVALS_MS.get(params.need("interval"))
    if interval_ms is None:
        raise refused(-1120)
    limit = params.whole("limit", 500)
    if not 1 <= limit <= _KLINES_MAX:
        raise invalid("limit")
    start_ms, end_ms = params.whole("startTime", -1), params.whole("endTime", -1)
    if -1 < end_ms < start_ms:
        raise WireError(-1128, "Combination of optional parameters invalid.")
    candles = venue.exchange.klines(
        symbol,
        interval_ms,
        start_ms if start_ms >= 0 else None,
        end_ms if end_ms >= 0 else None,
        limit,
    )
    row = venue.kline_rows(symbol, interval_ms, kline_writer)
    return [row(candle) for candle in candles]


def kline_writer(figures: Figures, interval_ms: int) -> Callable[[Candle], msgspec.Raw]:
    """Writes candles as kline rows, and remembers them: a closed candle never changes and is
    asked for again in every run. Takers and number of trades are not modelled.
    """
    known: dict[Candle, msgspec.Raw] = {}

    def row(candle: Candle) -> msgspec.Raw:
        raw = known.get(candle)
        if raw is None:
            if len(known) > 4 * _KLINES_MAX:
                known.clear()
            raw = known[candle] = msgspec.Raw(msgspec.json.encode(_kline(candle)))
        return raw

    def _kline(candle: Candle) -> list[object]:
        return [
            candle.open_time_ms,
            figures.price(candle.open),
            figures.price(candle.high),
            figures.price(candle.low),
            figures.price(candle.close),
            figures.quantity(candle.volume),
            candle.open_time_ms + interval_ms - 1,
            figures.quote(candle.close * candle.volume),
            1 if candle.volume else 0,
            "0",
            "0",
            "0",
        ]

    return row


def premium_index(venue: Venue, engine: Engine, params: Params) -> object:
    """GET premiumIndex, of one symbol or of all."""
    return _one_or_all(venue, engine, params, _premium)


def _premium(venue: Venue, engine: Engine, symbol: str) -> Row:
    contract = engine.contract(symbol)
    price = money((engine.last_ticks(symbol) or 0) * contract.tick_e8)
    funding = venue.exchange.funding_info(symbol)
    return {
        "symbol": symbol,
        "markPrice": price,
        "indexPrice": price,
        "estimatedSettlePrice": price,
        "lastFundingRate": fixed(funding.last_rate_e8, 8),
        "interestRate": _INTEREST_RATE,
        "nextFundingTime": funding.next_ms,
        "time": engine.now_ms,
    }


def funding_info(venue: Venue, engine: Engine, _params: Params) -> object:
    """GET fundingInfo."""
    return [
        {
            "symbol": symbol,
            "adjustedFundingRateCap": _FUNDING_CAP,
            "adjustedFundingRateFloor": f"-{_FUNDING_CAP}",
            "fundingIntervalHours": venue.exchange.funding_info(symbol).interval_ms // _HOUR_MS,
            "disclaimer": False,
        }
        for symbol in engine.contracts
    ]


def ticker_price(venue: Venue, engine: Engine, params: Params) -> object:
    """GET ticker/price: the last price."""
    return _one_or_all(venue, engine, params, _ticker)


def _ticker(venue: Venue, engine: Engine, symbol: str) -> Row:
    price = venue.figures[symbol].price(engine.last_ticks(symbol) or 0)
    return {"symbol": symbol, "price": price, "time": engine.now_ms}


def book_ticker(venue: Venue, engine: Engine, params: Params) -> object:
    """GET ticker/bookTicker: bid and ask are the last price, deep enough for every order."""
    return _one_or_all(venue, engine, params, _book)


def _book(venue: Venue, engine: Engine, symbol: str) -> Row:
    figures, contract = venue.figures[symbol], engine.contract(symbol)
    price = figures.price(engine.last_ticks(symbol) or 0)
    depth = figures.quantity(contract.market_max_lots)
    return {
        "symbol": symbol,
        "bidPrice": price,
        "bidQty": depth,
        "askPrice": price,
        "askQty": depth,
        "time": engine.now_ms,
        "lastUpdateId": engine.now_ms,
    }


def _one_or_all(
    venue: Venue, engine: Engine, params: Params, row: Callable[[Venue, Engine, str], Row]
) -> object:
    symbol = params.text("symbol")
    if symbol:
        return row(venue, engine, engine.contract(symbol).symbol)
    return [row(venue, engine, each) for each in engine.contracts]
