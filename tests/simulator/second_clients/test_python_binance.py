"""python-binance against the server: another author's idea of the same REST."""

from collections.abc import Iterator
from typing import Any

import pytest

client_module = pytest.importorskip("binance.client")
exceptions = pytest.importorskip("binance.exceptions")


@pytest.fixture
def client(url: str) -> Iterator[Any]:
    client = client_module.Client("embedded", "embedded", ping=False)
    client.FUTURES_URL = f"{url}/fapi"
    client.session.trust_env = False
    yield client
    client.session.close()


def stop_below(client: Any) -> str:
    """A stop 2 % under the last price, on the tick."""
    price = float(client.futures_symbol_ticker(symbol="BTCUSDT")["price"])
    return f"{int(price * 0.98)}.0"


def test_a_trade_with_its_stop(client: Any) -> None:
    entry = client.futures_create_order(
        symbol="BTCUSDT", side="BUY", type="MARKET", quantity="0.010", newOrderRespType="RESULT"
    )
    assert entry["status"] == "FILLED"
    stop = client.futures_create_order(
        symbol="BTCUSDT",
        side="SELL",
        type="STOP_MARKET",
        quantity="0.010",
        stopPrice=stop_below(client),
        reduceOnly="true",
    )
    assert stop["algoStatus"] == "NEW"

    assert client.futures_get_open_orders(symbol="BTCUSDT") == []
    (resting,) = client.futures_get_open_algo_orders(symbol="BTCUSDT")
    assert resting["clientAlgoId"] == stop["clientAlgoId"]
    assert client.futures_get_algo_order(algoId=stop["algoId"])["algoStatus"] == "NEW"
    read = client.futures_get_order(symbol="BTCUSDT", orderId=entry["orderId"])
    (position,) = client.futures_position_information(symbol="BTCUSDT")
    assert float(position["entryPrice"]) == float(read["avgPrice"]) > 0

    gone = client.futures_cancel_algo_order(algoId=stop["algoId"])
    assert (gone["code"], gone["msg"]) == ("200", "success")
    assert client.futures_get_open_algo_orders() == []
    client.futures_create_order(
        symbol="BTCUSDT", side="SELL", type="MARKET", quantity="0.010", reduceOnly="true"
    )
    assert len(client.futures_account_trades(symbol="BTCUSDT")) == 2
    assert len(client.futures_get_all_orders(symbol="BTCUSDT")) == 2
    assert len(client.futures_get_all_algo_orders(symbol="BTCUSDT")) == 1
    assert [row["asset"] for row in client.futures_account_balance()] == ["USDT"]
    held = [float(row["positionAmt"]) for row in client.futures_account()["positions"]]
    assert held == [0.0, 0.0]


def test_reads_and_settings(client: Any) -> None:
    assert client.futures_time()["serverTime"] > 0
    assert len(client.futures_klines(symbol="ETHUSDT", interval="5m", limit=5)) == 5
    assert {s["symbol"] for s in client.futures_exchange_info()["symbols"]} == {
        "BTCUSDT",
        "ETHUSDT",
    }
    assert client.futures_change_leverage(symbol="BTCUSDT", leverage=10)["leverage"] == 10
    assert client.futures_change_margin_type(symbol="BTCUSDT", marginType="ISOLATED")["code"] == 200
    assert client.futures_get_position_mode() == {"dualSidePosition": False}
    assert client.futures_leverage_bracket(symbol="BTCUSDT")["symbol"] == "BTCUSDT"
    assert client.futures_account_config()["multiAssetsMargin"] is False
    assert client.futures_income_history()[0]["incomeType"] == "TRANSFER"


def test_refusals_carry_their_code(client: Any) -> None:
    with pytest.raises(exceptions.BinanceAPIException) as caught:
        client.futures_create_order(
            symbol="BTCUSDT", side="SELL", type="MARKET", quantity="0.010", reduceOnly="true"
        )
    assert (caught.value.status_code, caught.value.code) == (400, -2022)
    client.API_SECRET = "wrong"
    with pytest.raises(exceptions.BinanceAPIException) as caught:
        client.futures_account()
    assert caught.value.code == -1022
