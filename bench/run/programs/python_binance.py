"""The same calls with python-binance, one after the other.

BENCH_URL=https://127.0.0.1:PORT python python_binance.py idle|entry|guard SYMBOL FOLDER
"""

import json
import os
import sys
from typing import Any

from binance.client import Client

SYMBOL = "BTCUSDT"


def trade(client: Any) -> None:
    """Entry, fill, stop, target, read-back."""
    entry = client.futures_create_order(
        symbol=SYMBOL, side="BUY", type="MARKET", quantity="0.010", newOrderRespType="RESULT"
    )
    client.futures_account_trades(symbol=SYMBOL, orderId=entry["orderId"])
    for kind, level in (("STOP_MARKET", "59880.0"), ("TAKE_PROFIT_MARKET", "60480.0")):
        client.futures_create_order(
            symbol=SYMBOL,
            side="SELL",
            type=kind,
            quantity="0.010",
            stopPrice=level,
            reduceOnly="true",
        )
    resting = client.futures_get_open_algo_orders(symbol=SYMBOL)
    assert len(resting) == 2, resting


def main(what: str, folder: str) -> None:
    """One firing."""
    client = Client("embedded", "embedded", ping=False)
    client.FUTURES_URL = f"{os.environ['BENCH_URL']}/fapi"
    client.futures_time()
    client.futures_position_information(symbol=SYMBOL)
    client.futures_get_open_orders(symbol=SYMBOL)
    client.futures_get_open_algo_orders(symbol=SYMBOL)
    if what != "guard":
        client.futures_account()
        client.futures_klines(symbol=SYMBOL, interval="5m", limit=22)
    if what == "entry":
        trade(client)
    with open(f"{folder}/binance.json", "w", encoding="utf-8") as file:  # noqa: PTH123
        json.dump({"done": what}, file)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[3])
