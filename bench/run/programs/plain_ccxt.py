"""The same work with ccxt as its documentation shows it: unified calls, one after the other.

BENCH_URL=https://127.0.0.1:PORT python plain_ccxt.py idle|entry|guard SYMBOL FOLDER
"""

import json
import os
import sys
from typing import Any

import ccxt

MARKET = "BTC/USDT:USDT"


def client() -> Any:
    """The exchange, at the benchmark's address instead of Binance's."""
    exchange = ccxt.binanceusdm({"apiKey": "embedded", "secret": "embedded"})
    exchange.validateServerSsl = os.environ["SSL_CERT_FILE"]  # ccxt hands it to requests
    url = os.environ["BENCH_URL"]
    for name, production in exchange.urls["api"].items():
        if isinstance(production, str) and production.startswith("https://"):
            host = url if name.startswith("fapi") else url.replace("127.0.0.1", "localhost")
            exchange.urls["api"][name] = f"{host}/{production.split('/', 3)[3]}"
    return exchange


def trade(exchange: Any) -> None:
    """Entry, fill, stop, target, read-back."""
    entry = exchange.create_order(MARKET, "market", "buy", 0.01)
    exchange.fetch_my_trades(MARKET, params={"orderId": entry["id"]})
    for level in ({"stopLossPrice": 59_880}, {"takeProfitPrice": 60_480}):
        exchange.create_order(MARKET, "market", "sell", 0.01, None, {"reduceOnly": True, **level})
    resting = exchange.fetch_open_orders(MARKET, params={"trigger": True})
    assert len(resting) == 2, resting


def main(what: str, folder: str) -> None:
    """One firing."""
    exchange = client()
    exchange.load_markets()
    exchange.fetch_time()
    exchange.fetch_positions([MARKET])
    exchange.fetch_open_orders(MARKET)
    exchange.fetch_open_orders(MARKET, params={"trigger": True})
    if what != "guard":
        exchange.fetch_balance()
        closes = [row[4] for row in exchange.fetch_ohlcv(MARKET, "5m", limit=22)]
        assert sum(closes) > 0
    if what == "entry":
        trade(exchange)
    with open(f"{folder}/plain.json", "w", encoding="utf-8") as file:  # noqa: PTH123
        json.dump({"done": what}, file)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[3])
