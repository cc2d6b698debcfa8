"""From the oracle's planted cases to replays of the real job: files, settings, rules.

Only here do the two worlds touch, through texts as a user would write them.
"""

import json
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

from job.config import Config, load
from job.embedded import contracts_of
from job.replay import Replayed, file_span, play, set_stage
from simulator.market.files import FileMarket
from simulator.market.model import Candle
from strategy.units import PPM_PER_PERCENT
from tests.oracle.planted import Planted
from tests.oracle.rules import RULES, Rules


def replay_case(case: Planted, folder: Path) -> Replayed:
    """The real job over the case's candles, in `folder`."""
    symbol = case.rules.symbol
    config = config_of(case, folder)
    contracts = {contract.symbol: contract for contract in contracts_of(config)}
    tick, step = _tick(case.rules.tick), _tick(case.rules.step)
    end_ms = case.end_ms or case.candles[-1].open_ms + config.common.interval_ms
    rows = [
        Candle(
            row.open_ms,
            int(row.open / tick),
            int(row.high / tick),
            int(row.low / tick),
            int(row.close / tick),
            int(row.volume / step),
        )
        for row in case.candles
        if row.open_ms < end_ms
    ]
    candles = {symbol: rows}
    for idle in _idle_symbols(case):
        candles[idle] = [Candle(row.open_time_ms, 5000, 5000, 5000, 5000, 0) for row in rows]
    market = FileMarket(config.common.interval_ms, candles, "planted")
    first_ms, end_ms = file_span(market, case.first_ms, end_ms)
    tick_e8 = contracts[symbol].tick_e8
    funding = marks = None
    if case.funding is not None:
        funding = {symbol: [(row.time_ms, int(row.rate * 10**8)) for row in case.funding]}
    if case.marks is not None:
        marks = {symbol: [(row.open_ms, _nearest(row.open, tick_e8)) for row in case.marks]}
    return play(set_stage(config, folder, market, first_ms, funding, marks), first_ms, end_ms)


def config_of(case: Planted, folder: Path) -> Config:
    """The case's settings, as a user would give them."""
    if not case.within_bounds:
        return _beyond_the_bounds(case, folder)
    symbols = [case.rules.symbol, *_idle_symbols(case)]
    assignments = [f"strategy.{name}={value}" for name, value in case.params.items()]
    assignments += [f"{name}={value}" for name, value in case.costs.items()]
    assignments += [f"balance={case.balance}"]
    # a symbol without settings of its own is an empty table; naming one setting makes it
    assignments += [f"symbols.{symbol}.ma_length={case.params.get('ma_length', '20')}"
                    for symbol in symbols]  # fmt: skip
    if case.rules != RULES.get(case.rules.symbol):
        rules = folder / "rules.json"
        rules.write_text(json.dumps({"symbols": [exchange_info_row(case.rules)]}))
        assignments.append(f"rules={rules}")
    return load({}, folder, None, assignments)


def _beyond_the_bounds(case: Planted, folder: Path) -> Config:
    """A stop that the configuration refuses, slipped in behind its back.

    A liquidation within a candle is only met with a stop that lies behind it.
    """
    symbol, stop = case.rules.symbol, case.params["stop_loss_perc"]
    allowed = {**case.params, "stop_loss_perc": "1"}
    config = config_of(replace(case, params=allowed, within_bounds=True), folder)
    far = config.symbols[symbol]._replace(stop_loss_ppm=int(Decimal(stop) * PPM_PER_PERCENT))
    return replace(config, symbols={**config.symbols, symbol: far})


def _idle_symbols(case: Planted) -> list[str]:
    """Further symbols that never trade, for cases that share the balance."""
    others = [symbol for symbol in RULES if symbol != case.rules.symbol]
    return others[: case.symbols - 1]


def exchange_info_row(rules: Rules) -> dict[str, Any]:
    """The oracle's rules as Binance would state them, tiers included."""
    step, most = _text(rules.step), _text(rules.quantity_max)
    lot = {"minQty": _text(rules.quantity_min), "maxQty": most, "stepSize": step}
    floor = Fraction(0)
    brackets = []
    for number, tier in enumerate(rules.brackets, 1):
        brackets.append(
            {
                "bracket": number,
                "initialLeverage": tier.leverage_max,
                "notionalFloor": int(floor),
                "notionalCap": int(tier.cap),
                "maintMarginRatio": float(tier.mmr),
                "cum": float(tier.cum),
            }
        )
        floor = tier.cap
    tick = _text(rules.tick)
    return {
        "symbol": rules.symbol,
        "pair": rules.symbol,
        "contractType": "PERPETUAL",
        "status": "TRADING",
        "baseAsset": rules.symbol.removesuffix("USDT"),
        "quoteAsset": "USDT",
        "marginAsset": "USDT",
        "filters": [
            {"filterType": "PRICE_FILTER", "minPrice": tick, "maxPrice": "10000000",
             "tickSize": tick},
            {"filterType": "LOT_SIZE", **lot, "maxQty": "1000000000"},
            {"filterType": "MARKET_LOT_SIZE", **lot},
            {"filterType": "MIN_NOTIONAL", "notional": _text(rules.notional_min)},
            {"filterType": "PERCENT_PRICE", "multiplierUp": "1.05", "multiplierDown": "0.95",
             "multiplierDecimal": "4"},
        ],
        "orderTypes": ["LIMIT", "MARKET", "STOP_MARKET", "TAKE_PROFIT_MARKET"],
        "timeInForce": ["GTC", "IOC", "FOK", "GTX"],
        "brackets": brackets,
    }  # fmt: skip


def _tick(value: Fraction) -> Decimal:
    return Decimal(value.numerator) / Decimal(value.denominator)


def _text(value: Fraction) -> str:
    return f"{_tick(value):f}"


def _nearest(price: Decimal, tick_e8: int) -> int:
    return int(price * 10**8 / tick_e8 + Decimal("0.5"))
