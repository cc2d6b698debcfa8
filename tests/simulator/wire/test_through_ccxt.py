"""ccxt's own Binance client against the embedded exchange, under the production addresses."""

from collections.abc import Iterator
from typing import Any

import pytest
from requests.adapters import HTTPAdapter

from simulator.market.model import Candle
from simulator.wire.mount import WsgiAdapter
from tests.simulator.wire.desk import INTERVAL_MS, START_MS, Desk

ccxt = pytest.importorskip("ccxt")

SYMBOL = "BTC/USDT:USDT"
PLAIN = {
    "symbol": "BTCUSDT",
    "side": "BUY",
    "type": "MARKET",
    "quantity": "0.010",
    "newOrderRespType": "RESULT",
}
STOP = {
    "symbol": "BTCUSDT",
    "side": "SELL",
    "type": "STOP_MARKET",
    "quantity": "0.010",
    "triggerPrice": "59000",
    "reduceOnly": "true",
    "algoType": "CONDITIONAL",
}
MARKET_ROW = {
    "symbol": "BTCUSDT",
    "pair": "BTCUSDT",
    "contractType": "PERPETUAL",
    "deliveryDate": 4133404800000,
    "onboardDate": 1569398400000,
    "status": "TRADING",
    "baseAsset": "BTC",
    "quoteAsset": "USDT",
    "marginAsset": "USDT",
    "pricePrecision": 2,
    "quantityPrecision": 3,
    "baseAssetPrecision": 8,
    "quotePrecision": 8,
    "filters": [
        {"filterType": "PRICE_FILTER", "minPrice": "0.1", "maxPrice": "9999", "tickSize": "0.10"},
        {"filterType": "LOT_SIZE", "minQty": "0.001", "maxQty": "1000", "stepSize": "0.001"},
        {"filterType": "MARKET_LOT_SIZE", "minQty": "0.001", "maxQty": "120", "stepSize": "0.001"},
    ],
    "orderTypes": ["LIMIT", "MARKET", "STOP_MARKET", "TAKE_PROFIT_MARKET"],
    "timeInForce": ["GTC"],
}


@pytest.fixture
def client(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    def no_socket(*_: object, **__: object) -> None:
        raise AssertionError("a request left the process")

    monkeypatch.setattr(HTTPAdapter, "send", no_socket)
    client = ccxt.binanceusdm(
        {
            "apiKey": "embedded",
            "secret": "embedded",
            "enableRateLimit": False,
            "options": {"fetchCurrencies": False},
        }
    )
    client.milliseconds = desk.clock.stamp_ms
    client.session.mount("https://", WsgiAdapter(desk.app))
    client.session.mount("http://", WsgiAdapter(desk.app))
    client.set_markets([client.parse_market(MARKET_ROW)])
    yield client
    client.session.close()


def test_the_raw_calls_of_a_whole_trade(desk: Desk, client: Any) -> None:
    entry = client.fapiPrivatePostOrder({**PLAIN, "newClientOrderId": "e-1"})
    assert (entry["status"], "avgPrice" in entry) == ("FILLED", False)
    stop = client.fapiPrivatePostAlgoOrder({**STOP, "clientAlgoId": "s-1"})
    assert stop["algoStatus"] == "NEW"
    (position,) = client.fapiPrivateV3GetPositionRisk()
    assert (position["positionAmt"], position["entryPrice"]) == ("0.010", "60000.0")
    account = client.fapiPrivateV3GetAccount()
    assert account["assets"][0]["walletBalance"] == "9999.70000000"

    low = START_MS + INTERVAL_MS
    desk.market.bent["BTCUSDT", low] = Candle(low, 600_000, 600_000, 589_000, 595_000, 1)
    desk.pass_time(2 * INTERVAL_MS)
    assert client.fapiPrivateV3GetPositionRisk() == []
    assert client.fapiPrivateGetOpenAlgoOrders() == []
    child = client.fapiPrivateGetOrder({"symbol": "BTCUSDT", "origClientOrderId": "s-1"})
    assert (child["status"], child["avgPrice"]) == ("FILLED", "59000.00000")
    trades = client.fapiPrivateGetUserTrades({"symbol": "BTCUSDT"})
    assert [t["realizedPnl"] for t in trades] == ["0.00000000", "-10.00000000"]
    with pytest.raises(ccxt.OrderNotFound):
        client.fapiPrivateDeleteAlgoOrder({"symbol": "BTCUSDT", "algoId": stop["algoId"]})


def test_the_unified_calls(client: Any) -> None:
    entry = client.create_order(SYMBOL, "market", "buy", 0.01, params={"clientOrderId": "u-1"})
    assert (entry["status"], entry["filled"], entry["average"]) == ("closed", 0.01, None)
    assert client.fetch_order(entry["id"], SYMBOL)["average"] == 60000.0
    stop = client.create_order(
        SYMBOL, "market", "sell", 0.01, params={"stopLossPrice": 59000, "reduceOnly": True}
    )
    (open_stop,) = client.fetch_open_orders(SYMBOL, params={"trigger": True})
    assert (open_stop["id"], open_stop["triggerPrice"]) == (stop["id"], 59000.0)
    assert client.fetch_open_orders(SYMBOL) == []
    (position,) = client.fetch_positions([SYMBOL])
    assert (position["side"], position["contracts"]) == ("long", 0.01)
    assert position["marginMode"] == "isolated"
    (same,) = client.fetch_positions([SYMBOL], {"useV2": True})
    assert (same["leverage"], same["contracts"]) == (20, 0.01)
    client.cancel_order(stop["id"], SYMBOL, {"trigger": True})
    assert client.fetch_open_orders(SYMBOL, params={"trigger": True}) == []
    (trade,) = client.fetch_my_trades(SYMBOL)
    assert (trade["price"], trade["fee"]["cost"]) == (60000.0, 0.3)
    assert client.fetch_balance()["USDT"]["total"] == pytest.approx(9999.7)


def test_reads_and_settings(client: Any) -> None:
    assert client.fetch_time() == START_MS
    assert client.fetch_ohlcv(SYMBOL, "5m", limit=3)[-1][:2] == [START_MS, 60000.0]
    assert client.set_leverage(10, SYMBOL)["leverage"] == 10
    client.set_margin_mode("isolated", SYMBOL)
    assert client.fetch_margin_mode(SYMBOL)["marginMode"] == "isolated"
    assert client.fetch_leverage(SYMBOL)["longLeverage"] == 10
    assert client.fetch_position_mode()["hedged"] is False
    assert client.fetch_trading_fee(SYMBOL)["taker"] == 0.0005
    assert client.fetch_funding_rate(SYMBOL)["fundingRate"] == 0.0001
    assert client.fetch_leverage_tiers([SYMBOL])[SYMBOL][0]["maxLeverage"] == 150
    config = client.fapiPrivateGetAccountConfig()
    assert (config["dualSidePosition"], config["multiAssetsMargin"]) == (False, False)
    assert client.fetch_ledger()[0]["amount"] == 10000.0
    assert client.fetch_funding_history(SYMBOL) == []


def test_orders_are_moved_and_cancelled(client: Any) -> None:
    placed = client.create_order(SYMBOL, "limit", "buy", 0.01, 59000.1)
    moved = client.edit_order(placed["id"], SYMBOL, "limit", "buy", 0.02, 59001)
    assert (moved["id"], moved["price"], moved["amount"]) == (placed["id"], 59001.0, 0.02)
    assert len(client.fetch_open_orders(SYMBOL)) == 1
    client.cancel_all_orders(SYMBOL)
    assert client.fetch_orders(SYMBOL)[0]["status"] == "canceled"
    batch = [
        {"symbol": SYMBOL, "type": "limit", "side": "buy", "amount": 0.01, "price": price}
        for price in (59000, 59100)
    ]
    ids = [order["id"] for order in client.create_orders(batch)]
    assert len(client.cancel_orders(ids, SYMBOL)) == 2


@pytest.mark.parametrize(
    ("call", "params", "error"),
    [
        ("PostOrder", {**PLAIN, "quantity": "4"}, "InsufficientFunds"),
        ("PostOrder", {**PLAIN, "reduceOnly": "true"}, "InvalidOrder"),
        ("PostAlgoOrder", {**STOP, "triggerPrice": "61000"}, "OrderImmediatelyFillable"),
        ("GetOrder", {"symbol": "BTCUSDT", "orderId": 1}, "OrderNotFound"),
        ("PostOrder", {**PLAIN, "symbol": "NOPEUSDT"}, "BadSymbol"),
        ("PostOrder", {**PLAIN, "timestamp": 1}, "InvalidNonce"),
        ("PostMarginType", {"symbol": "BTCUSDT", "marginType": "CROSSED"}, "MarginModeAlreadySet"),
    ],
)
def test_refusals_become_the_right_exceptions(
    client: Any, call: str, params: dict[str, Any], error: str
) -> None:
    with pytest.raises(getattr(ccxt, error)):
        getattr(client, f"fapiPrivate{call}")(params)


def test_a_lost_answer_is_a_network_error_and_the_order_is_there(desk: Desk, client: Any) -> None:
    desk.control("POST", "/sim/fault", {"do": "drop", "path": "/fapi/v1/order"})
    with pytest.raises(ccxt.NetworkError):
        client.fapiPrivatePostOrder({**PLAIN, "newClientOrderId": "lost"})
    found = client.fapiPrivateGetOrder({"symbol": "BTCUSDT", "origClientOrderId": "lost"})
    assert found["status"] == "FILLED"
    desk.control("POST", "/sim/fault", {"do": "hang", "path": "/fapi/v1/order"})
    with pytest.raises(ccxt.RequestTimeout):
        client.fapiPrivatePostOrder(PLAIN)


def test_spot_endpoints_are_refused(desk: Desk, client: Any) -> None:
    client.options["fetchCurrencies"] = True
    with pytest.raises(ccxt.AuthenticationError):
        client.load_markets(reload=True)
    assert desk.status == 0
