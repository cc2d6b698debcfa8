"""The same waves with plain ccxt: its markets and brackets from a file, its calls in threads.

BENCH_URL=https://127.0.0.1:PORT python ccxt_waves.py idle|entry|guard SYMBOL FOLDER
"""

import json
import os
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from bench.run.programs.plain_ccxt import MARKET, client

CACHE = "markets.json"


def cached(folder: str) -> Any:
    """An exchange that knows its market already; what it does not know it asks for, once."""
    exchange = client()
    exchange.enableRateLimit = False
    exchange.options["fetchCurrencies"] = False
    path = f"{folder}/{CACHE}"
    if not os.path.exists(path):  # noqa: PTH110
        exchange.load_markets()
        exchange.load_leverage_brackets()
        kept = {"market": exchange.market(MARKET), "brackets": exchange.options["leverageBrackets"]}
        kept["brackets"] = {MARKET: kept["brackets"][MARKET]}
        with open(path, "w", encoding="utf-8") as file:  # noqa: PTH123
            json.dump(kept, file)
    with open(path, encoding="utf-8") as file:  # noqa: PTH123
        kept = json.load(file)
    exchange.set_markets([kept["market"]])
    exchange.options["leverageBrackets"] = kept["brackets"]
    return exchange


def trade(exchange: Any, pool: ThreadPoolExecutor) -> None:
    """Entry, fill, stop and target, read-back."""
    entry = exchange.create_order(MARKET, "market", "buy", 0.01)
    exchange.fetch_my_trades(MARKET, params={"orderId": entry["id"]})

    def protect(level: dict[str, int]) -> None:
        exchange.create_order(MARKET, "market", "sell", 0.01, None, {"reduceOnly": True, **level})

    list(pool.map(protect, ({"stopLossPrice": 59_880}, {"takeProfitPrice": 60_480})))
    resting = exchange.fetch_open_orders(MARKET, params={"trigger": True})
    assert len(resting) == 2, resting


def main(what: str, folder: str) -> None:
    """One firing."""
    exchange = cached(folder)
    reads = [
        exchange.fetch_time,
        lambda: exchange.fetch_positions([MARKET]),
        lambda: exchange.fetch_open_orders(MARKET),
        lambda: exchange.fetch_open_orders(MARKET, params={"trigger": True}),
    ]
    if what != "guard":
        reads += [
            exchange.fetch_balance,
            lambda: exchange.fetch_ohlcv(MARKET, "5m", limit=22),
        ]
    with ThreadPoolExecutor(len(reads)) as pool:
        list(pool.map(lambda read: read(), reads))
        if what == "entry":
            trade(exchange, pool)
    with open(f"{folder}/waves.json", "w", encoding="utf-8") as file:  # noqa: PTH123
        json.dump({"done": what}, file)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[3])
