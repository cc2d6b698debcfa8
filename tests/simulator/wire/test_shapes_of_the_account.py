"""Account, positions, settings and market rows in their documented shapes."""

import pytest

from tests.simulator.wire import captures
from tests.simulator.wire.desk import INTERVAL_MS, START_MS, Desk
from tests.simulator.wire.test_shapes_of_orders import assert_same_shape


def _long_two_thousandths(desk: Desk) -> None:
    desk.send("POST", "/fapi/v1/leverage", symbol="BTCUSDT", leverage=10)
    desk.send("POST", "/fapi/v1/marginType", symbol="BTCUSDT", marginType="ISOLATED")
    desk.market_order("BUY", "0.002", symbol="BTCUSDT")
    desk.market.price["BTCUSDT"] = 610_000
    desk.pass_time(INTERVAL_MS)


def test_a_position_at_risk(desk: Desk) -> None:
    _long_two_thousandths(desk)
    (row,) = desk.send("GET", "/fapi/v3/positionRisk")
    assert_same_shape(row, captures.POSITION_RISK)
    same = [
        "positionAmt",
        "entryPrice",
        "breakEvenPrice",
        "markPrice",
        "unRealizedProfit",
        "notional",
    ]
    assert {k: row[k] for k in same} == {k: captures.POSITION_RISK[k] for k in same}
    for name in ("isolatedMargin", "isolatedWallet", "initialMargin", "maintMargin"):
        assert float(row[name]) == float(captures.POSITION_RISK[name])
    assert row["liquidationPrice"] == "54216.90"  # nearest tick of 54216.87


def test_a_short_is_negative(desk: Desk) -> None:
    desk.market_order("SELL", "0.002", symbol="BTCUSDT")
    (row,) = desk.send("GET", "/fapi/v3/positionRisk", symbol="BTCUSDT")
    assert (row["positionAmt"], row["notional"]) == ("-0.002", "-120.00000000")
    assert row["breakEvenPrice"] == "59970.0"


def test_version_3_shows_open_symbols_only(desk: Desk) -> None:
    assert desk.send("GET", "/fapi/v3/positionRisk") == []
    assert desk.send("GET", "/fapi/v3/positionRisk", symbol="BTCUSDT") == []
    limit = {"type": "LIMIT", "timeInForce": "GTC", "quantity": "0.002", "price": "59000"}
    desk.send("POST", "/fapi/v1/order", symbol="BTCUSDT", side="BUY", **limit)
    (row,) = desk.send("GET", "/fapi/v3/positionRisk")
    assert_same_shape(row, captures.POSITION_RISK)
    assert (row["positionAmt"], row["entryPrice"], row["bidNotional"]) == ("0.000", "0.0", "118")


def test_account_version_3(desk: Desk) -> None:
    _long_two_thousandths(desk)
    row = desk.send("GET", "/fapi/v3/account")
    assert list(row) == [*captures.ACCOUNT_TOTALS, "assets", "positions"]
    assert all(isinstance(row[name], str) for name in captures.ACCOUNT_TOTALS)
    (asset,), (position,) = row["assets"], row["positions"]
    assert_same_shape(asset, captures.ACCOUNT_ASSET)
    assert list(position) == captures.ACCOUNT_V3_POSITION
    assert asset["walletBalance"] == "9999.94000000"  # one fee of 0.05 % on 120
    assert asset["marginBalance"] == "10001.94000000"
    assert asset["availableBalance"] == "9987.94000000"
    assert asset["updateTime"] > 0


def test_account_version_2_shows_every_symbol(desk: Desk) -> None:
    row = desk.send("GET", "/fapi/v2/account")
    assert [p["symbol"] for p in row["positions"]] == ["BTCUSDT", "DOTUSDT"]
    for position in row["positions"]:
        assert list(position) == captures.ACCOUNT_V2_POSITION
        assert (position["leverage"], position["isolated"]) == ("20", False)


def test_position_risk_version_2_carries_leverage_and_margin_type(desk: Desk) -> None:
    _long_two_thousandths(desk)
    row = desk.send("GET", "/fapi/v2/positionRisk", symbol="BTCUSDT")[0]
    named = ("leverage", "marginType", "isAutoAddMargin", "maxNotionalValue")
    assert [row[n] for n in named] == ["10", "isolated", "false", "12000000"]


@pytest.mark.parametrize("version", ["v2", "v3"])
def test_balance(desk: Desk, version: str) -> None:
    (row,) = desk.send("GET", f"/fapi/{version}/balance")
    assert (row["asset"], row["balance"]) == ("USDT", "10000.00000000")
    assert row["marginAvailable"] is True


def test_settings_answer_as_captured(desk: Desk) -> None:
    answer = desk.send("POST", "/fapi/v1/leverage", symbol="BTCUSDT", leverage=10)
    assert answer == captures.LEVERAGE_ANSWER
    answer = desk.send("POST", "/fapi/v1/marginType", symbol="BTCUSDT", marginType="ISOLATED")
    assert answer == {"code": 200, "msg": "success"}
    answer = desk.send("GET", "/fapi/v1/symbolConfig", symbol="BTCUSDT")
    assert answer == [captures.SYMBOL_CONFIG]
    assert len(desk.send("GET", "/fapi/v1/symbolConfig")) == 2


def test_account_modes(desk: Desk) -> None:
    dual, multi = "/fapi/v1/positionSide/dual", "/fapi/v1/multiAssetsMargin"
    assert desk.send("GET", dual) == {"dualSidePosition": False}
    assert desk.send("GET", multi) == {"multiAssetsMargin": False}
    assert desk.send("POST", dual, dualSidePosition="true")["code"] == 200
    assert desk.send("GET", dual) == {"dualSidePosition": True}
    config = desk.send("GET", "/fapi/v1/accountConfig")
    assert (config["dualSidePosition"], config["multiAssetsMargin"]) == (True, False)
    assert desk.send("POST", multi, multiAssetsMargin="true")["code"] == 200
    assert desk.send("GET", "/fapi/v1/accountConfig")["multiAssetsMargin"] is True


def test_commission_rate(desk: Desk) -> None:
    row = desk.send("GET", "/fapi/v1/commissionRate", symbol="BTCUSDT")
    assert_same_shape(row, captures.COMMISSION_RATE)
    assert row["takerCommissionRate"] == "0.0005"


def test_leverage_brackets_are_numbers(desk: Desk) -> None:
    row = desk.send("GET", "/fapi/v1/leverageBracket", symbol="BTCUSDT")
    assert_same_shape(row, captures.LEVERAGE_BRACKET)
    first = row["brackets"][0]
    assert_same_shape(first, captures.LEVERAGE_BRACKET["brackets"][0])
    assert first == captures.LEVERAGE_BRACKET["brackets"][0]
    rows = desk.send("GET", "/fapi/v1/leverageBracket")
    assert [r["symbol"] for r in rows] == ["BTCUSDT", "DOTUSDT"]


def test_margin_can_be_moved(desk: Desk) -> None:
    _long_two_thousandths(desk)
    answer = desk.send("POST", "/fapi/v1/positionMargin", symbol="BTCUSDT", type=1, amount="5")
    assert answer == captures.MARGIN_ANSWER
    (row,) = desk.send("GET", "/fapi/v3/positionRisk")
    assert row["isolatedWallet"] == "17.00000000"


def test_income_rows(desk: Desk) -> None:
    _long_two_thousandths(desk)
    rows = desk.send("GET", "/fapi/v1/income")
    for row in rows:
        assert_same_shape(row, captures.INCOME)
    assert [(r["incomeType"], r["income"]) for r in rows] == [
        ("TRANSFER", "10000.00000000"),
        ("COMMISSION", "-0.06000000"),
    ]
    assert rows[1]["tradeId"] != ""
    (fee,) = desk.send("GET", "/fapi/v1/income", incomeType="COMMISSION", symbol="BTCUSDT")
    assert fee == rows[1]


def test_premium_index_and_funding(desk: Desk) -> None:
    row = desk.public("/fapi/v1/premiumIndex", symbol="BTCUSDT")
    assert_same_shape(row, captures.PREMIUM_INDEX)
    assert (row["markPrice"], row["lastFundingRate"]) == ("60000.00000000", "0.00010000")
    assert row["nextFundingTime"] == 1_700_006_400_000
    assert [r["symbol"] for r in desk.public("/fapi/v1/premiumIndex")] == ["BTCUSDT", "DOTUSDT"]
    assert [r["fundingIntervalHours"] for r in desk.public("/fapi/v1/fundingInfo")] == [8, 8]


def test_tickers(desk: Desk) -> None:
    assert desk.public("/fapi/v1/ticker/price", symbol="BTCUSDT") == {
        "symbol": "BTCUSDT",
        "price": "60000.00",
        "time": START_MS,
    }
    book = desk.public("/fapi/v1/ticker/bookTicker", symbol="BTCUSDT")
    assert (book["bidPrice"], book["askPrice"]) == ("60000.00", "60000.00")


def test_candles_end_with_the_one_that_runs(desk: Desk) -> None:
    desk.pass_time(60_000)
    rows = desk.public("/fapi/v1/klines", symbol="BTCUSDT", interval="5m", limit=3)
    assert [row[0] for row in rows] == [START_MS + n * INTERVAL_MS for n in (-2, -1, 0)]
    for row in rows:
        assert [type(x) for x in row] == [type(x) for x in captures.KLINE]
        assert row[6] == row[0] + INTERVAL_MS - 1
    assert rows[-2][5] == "1.000"
    assert rows[-1][1:6] == ["60000.00"] * 4 + ["0.000"]


def test_exchange_info_lists_the_limits(desk: Desk) -> None:
    info = desk.public("/fapi/v1/exchangeInfo")
    limits = {(r["rateLimitType"], r["intervalNum"]): r["limit"] for r in info["rateLimits"]}
    assert limits == {("REQUEST_WEIGHT", 1): 2400, ("ORDERS", 1): 1200, ("ORDERS", 10): 300}
    assert (info["futuresType"], info["timezone"]) == ("U_MARGINED", "UTC")
    assert len(info["symbols"]) == 2
