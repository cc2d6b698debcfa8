"""A symbol's rules from a live row of exchangeInfo; what cannot be traded is named."""

import copy
import json
from typing import Any

import pytest

from exchange.rules import UnusableSymbolError, instrument_from_row, is_trading
from tests.exchange.instruments import BTC

LIVE = json.loads("""
{"symbol":"BTCUSDT","pair":"BTCUSDT","contractType":"PERPETUAL","deliveryDate":4133404800000,
"onboardDate":1569398400000,"status":"TRADING","maintMarginPercent":"2.5000",
"requiredMarginPercent":"5.0000","baseAsset":"BTC","quoteAsset":"USDT","marginAsset":"USDT",
"pricePrecision":2,"quantityPrecision":3,"baseAssetPrecision":8,"quotePrecision":8,
"underlyingType":"COIN","underlyingSubType":["PoW"],"triggerProtect":"0.0500",
"liquidationFee":"0.012500","marketTakeBound":"0.05","maxMoveOrderLimit":10000,
"filters":[
{"filterType":"PRICE_FILTER","minPrice":"556.80","maxPrice":"4529764","tickSize":"0.10"},
{"filterType":"LOT_SIZE","minQty":"0.001","maxQty":"1000","stepSize":"0.001"},
{"filterType":"MARKET_LOT_SIZE","minQty":"0.001","maxQty":"120","stepSize":"0.001"},
{"filterType":"MAX_NUM_ORDERS","limit":200},{"filterType":"MIN_NOTIONAL","notional":"50"},
{"filterType":"PERCENT_PRICE","multiplierUp":"1.0500","multiplierDown":"0.9500",
"multiplierDecimal":"4"},
{"filterType":"POSITION_RISK_CONTROL","positionControlSide":"NONE"}],
"orderTypes":["LIMIT","MARKET","STOP","STOP_MARKET","TAKE_PROFIT","TAKE_PROFIT_MARKET",
"TRAILING_STOP_MARKET"],"timeInForce":["GTC","IOC","FOK","GTX","GTD"],
"permissionSets":["GRID","COPY"]}
""")


def with_filter(kind: str, **changes: object) -> dict[str, Any]:
    row: dict[str, Any] = copy.deepcopy(LIVE)
    for entry in row["filters"]:
        if entry["filterType"] == kind:
            entry.update(changes)
    return row


def without_filter(kind: str) -> dict[str, Any]:
    return {**LIVE, "filters": [row for row in LIVE["filters"] if row["filterType"] != kind]}


def test_a_live_row() -> None:
    made = instrument_from_row(LIVE)
    assert made == BTC
    assert (made.tick_e8, made.step_e8, made.unit_e8) == (10_000_000, 100_000, 10_000)
    assert (made.min_lots, made.market_max_lots, made.min_notional_e8) == (1, 120_000, 50 * 10**8)


def test_the_narrower_of_the_two_lot_filters_decides() -> None:
    coarse = with_filter("MARKET_LOT_SIZE", stepSize="0.010", minQty="0.05", maxQty="9.999")
    made = instrument_from_row(coarse)
    assert (made.step_e8, made.min_lots, made.market_max_lots) == (1_000_000, 5, 999)
    coarse = with_filter("LOT_SIZE", stepSize="0.010", minQty="0.055", maxQty="9.999")
    made = instrument_from_row(coarse)
    assert (made.step_e8, made.min_lots, made.market_max_lots) == (1_000_000, 6, 999)


def test_steps_are_compared_as_numbers() -> None:
    row = with_filter("LOT_SIZE", stepSize="10", minQty="10", maxQty="90")
    for entry in row["filters"]:
        if entry["filterType"] == "MARKET_LOT_SIZE":
            entry.update(stepSize="5", minQty="5", maxQty="1000")
    made = instrument_from_row(row)
    assert (made.step_e8, made.min_lots, made.market_max_lots) == (10 * 10**8, 1, 9)


@pytest.mark.parametrize(
    "row",
    [
        {**LIVE, "contractType": "CURRENT_QUARTER"},
        {**LIVE, "contractType": "TRADIFI_PERPETUAL"},
        {**LIVE, "contractType": ""},
        {**LIVE, "marginAsset": "USDC"},
        {key: value for key, value in LIVE.items() if key != "contractType"},
        {key: value for key, value in LIVE.items() if key != "marginAsset"},
    ],
)
def test_a_contract_of_another_kind_is_refused(row: dict[str, Any]) -> None:
    with pytest.raises(UnusableSymbolError, match="BTCUSDT is not a perpetual with USDT margin"):
        instrument_from_row(row)


@pytest.mark.parametrize("kind", ["PRICE_FILTER", "LOT_SIZE", "MARKET_LOT_SIZE", "MIN_NOTIONAL"])
def test_a_missing_filter_is_named(kind: str) -> None:
    with pytest.raises(UnusableSymbolError, match=f"BTCUSDT: .*{kind}"):
        instrument_from_row(without_filter(kind))


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (with_filter("PRICE_FILTER", tickSize="0.000001"), "tick 0.000001 x step 0.001"),
        (with_filter("PRICE_FILTER", tickSize="0"), "must be above 0"),
        (with_filter("PRICE_FILTER", tickSize="0.000000001"), "tick 0.000000001"),
        (with_filter("PRICE_FILTER", tickSize="fine"), "unusable"),
        (with_filter("PRICE_FILTER", tickSize=None), "unusable"),
        (with_filter("LOT_SIZE", stepSize="fine"), "unusable"),
        (with_filter("MIN_NOTIONAL", notional="5 USDT"), "unusable"),
        (with_filter("MIN_NOTIONAL", notional="NaN"), "unusable"),
        (with_filter("LOT_SIZE", minQty=None), "unusable"),
        ({**LIVE, "filters": [{}]}, "unusable"),
        ({**LIVE, "filters": None}, "unusable"),
        ({key: value for key, value in LIVE.items() if key != "filters"}, "unusable"),
    ],
)
def test_rules_that_fit_no_whole_numbers_are_refused(row: dict[str, Any], words: str) -> None:
    with pytest.raises(UnusableSymbolError, match=words):
        instrument_from_row(row)


@pytest.mark.parametrize(
    ("status", "trading"),
    [("TRADING", True), ("SETTLING", False), ("PENDING_TRADING", False), ("CLOSE", False)],
)
def test_whether_a_symbol_trades(status: str, trading: bool) -> None:
    assert is_trading({**LIVE, "status": status}) is trading


def test_a_symbol_without_a_status_does_not_trade() -> None:
    assert not is_trading({})
