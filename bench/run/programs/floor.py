"""The floor: the job's own requests in the job's own waves, with http.client and hmac only.

    BENCH_URL=https://127.0.0.1:PORT python floor.py idle|entry|guard SYMBOL[,SYMBOL...] FOLDER

No reconciliation, no notes to speak of, no protection against anything: what Python can do, not
what money needs.
"""

import hashlib
import hmac
import http.client
import json
import os
import ssl
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from queue import Empty, SimpleQueue
from typing import Any
from urllib.parse import urlencode, urlsplit

Params = dict[str, Any]

KEY = SECRET = "embedded"  # noqa: S105 (the embedded exchange's own)
CONNECTIONS = 10
ADDRESS = urlsplit(os.environ["BENCH_URL"])
CONTEXT = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
CONTEXT.load_verify_locations(os.environ["SSL_CERT_FILE"])
idle: SimpleQueue[http.client.HTTPSConnection] = SimpleQueue()


def ask(method: str, path: str, params: Params, signed: bool = True) -> Any:
    """One request on a kept connection."""
    if signed:
        params = params | {"timestamp": time.time_ns() // 1_000_000, "recvWindow": 5000}
    text = urlencode(params)
    if signed:
        text += "&signature=" + hmac.new(SECRET.encode(), text.encode(), hashlib.sha256).hexdigest()
    try:
        connection = idle.get_nowait()
    except Empty:
        connection = http.client.HTTPSConnection(
            ADDRESS.hostname or "", ADDRESS.port, timeout=8, context=CONTEXT
        )
    headers = {"X-MBX-APIKEY": KEY}
    if method == "POST":
        headers["Content-Type"] = "application/x-www-form-urlencoded"
        connection.request(method, path, text, headers)
    else:
        connection.request(method, f"{path}?{text}", headers=headers)
    answer = json.loads(connection.getresponse().read())
    idle.put(connection)
    return answer


def together(*asked: tuple[Any, ...]) -> list[Any]:
    """One wave."""
    with ThreadPoolExecutor(min(CONNECTIONS, len(asked))) as pool:
        return list(pool.map(lambda one: ask(*one), asked))


def wave(what: str, symbols: list[str]) -> None:
    """The reads."""
    one: Params = {"symbol": symbols[0]} if len(symbols) == 1 else {}
    reads: list[tuple[Any, ...]] = [
        ("GET", "/fapi/v1/time", {}, False),
        ("GET", "/fapi/v3/positionRisk", one),
        ("GET", "/fapi/v1/openOrders", one),
        ("GET", "/fapi/v1/openAlgoOrders", one),
    ]
    if what != "guard":
        reads.append(("GET", "/fapi/v3/account", {}))
        candles = {"interval": "5m", "limit": 22}
        reads += [
            ("GET", "/fapi/v1/klines", {"symbol": symbol, **candles}, False) for symbol in symbols
        ]
    together(*reads)


def trade(symbol: str) -> None:
    """Entry, fill, stop and target, read-back."""
    order = {"symbol": symbol, "type": "MARKET", "quantity": "0.010", "newOrderRespType": "RESULT"}
    entry = ask("POST", "/fapi/v1/order", {**order, "side": "BUY"})
    ask("GET", "/fapi/v1/userTrades", {"symbol": symbol, "orderId": entry["orderId"]})
    leg = {"symbol": symbol, "side": "SELL", "quantity": "0.010", "reduceOnly": "true"}
    leg |= {"algoType": "CONDITIONAL", "workingType": "CONTRACT_PRICE", "timeInForce": "GTC"}
    path = "/fapi/v1/algoOrder"
    together(
        ("POST", path, {**leg, "type": "STOP_MARKET", "triggerPrice": "59880.0"}),
        ("POST", path, {**leg, "type": "TAKE_PROFIT_MARKET", "triggerPrice": "60480.0"}),
    )
    resting = ask("GET", "/fapi/v1/openAlgoOrders", {"symbol": symbol})
    assert len(resting) == 2, resting


def main(what: str, symbols: list[str], folder: str) -> None:
    """One firing."""
    wave(what, symbols)
    if what == "entry":
        trade(symbols[0])
    with open(f"{folder}/floor.json", "w", encoding="utf-8") as file:  # noqa: PTH123
        json.dump({"done": what}, file)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2].split(","), sys.argv[3])
