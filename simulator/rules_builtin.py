"""The symbols whose rules need no file: their exchangeInfo rows and maintenance tiers.

Data only, in Binance's own words and shapes; `simulator/rules.py` makes contracts of it. Rules
change: a file of today's exchangeInfo wins over what stands here.
"""

from typing import Any, NamedTuple


class _Row(NamedTuple):
    """What differs from symbol to symbol."""

    price_decimals: int
    quantity_decimals: int
    max_price: str
    tick: str
    #: Step and minimum quantity.
    step: str
    max_quantity: str
    market_max_quantity: str
    min_notional: str
    sub_type: str
    liquidation_fee: str


_ROWS = {
    "BTCUSDT": _Row(2, 3, "4529764", "0.10", "0.001", "1000", "120", "50", "PoW", "0.012500"),
    "ETHUSDT": _Row(2, 3, "306177", "0.01", "0.001", "10000", "2000", "20", "Layer-1", "0.012500"),
    "SOLUSDT": _Row(4, 2, "6857", "0.0100", "0.01", "1000000", "5000", "5", "Layer-1", "0.015000"),
    "XRPUSDT": _Row(
        4, 1, "100000", "0.0001", "0.1", "10000000", "2000000", "5", "Payment", "0.012500"
    ),
}

#: By symbol: bracket, highest leverage, cap (its floor is the cap before), ratio, cum.
TIERS = {
    "BTCUSDT": """
        1 150       300000 .004         0
        2 100       800000 .005       300
        3  75      3000000 .0065     1500
        4  50     12000000 .01      12000
        5  25     70000000 .02     132000
        6  20    100000000 .025    482000
        7  10    230000000 .05    2982000
        8   5    480000000 .1    14482000
        9   4    600000000 .125  26482000
       10   3    800000000 .15   41482000
       11   2   1200000000 .25  121482000
       12   1   1800000000 .5   421482000""",
    "ETHUSDT": """
        1 150       300000 .004         0
        2 100       800000 .005       300
        3  75      3000000 .0065     1500
        4  50     12000000 .01      12000
        5  25     50000000 .02     132000
        6  20     65000000 .025    382000
        7  10    150000000 .05    2007000
        8   5    320000000 .1     9507000
        9   4    400000000 .125  17507000
       10   3    530000000 .15   27507000
       11   2    800000000 .25   80507000
       12   1   1200000000 .5   280507000""",
    "SOLUSDT": """
        1 100        50000 .005         0
        2  75       400000 .0065       75
        3  50      1000000 .01       1475
        4  25      4000000 .02      11475
        5  20      8000000 .025     31475
        6  10     40000000 .05     231475
        7   5     80000000 .1     2231475
        8   4    100000000 .125   4231475
        9   2    200000000 .25   16731475
       10   1    400000000 .5    66731475""",
    "XRPUSDT": """
        1 100        40000 .005         0
        2  75        80000 .006        40
        3  50       150000 .01        360
        4  40       400000 .0125      735
        5  25      1000000 .02       3735
        6  20      2000000 .025      8735
        7  10     10000000 .05      58735
        8   5     20000000 .1      558735
        9   4     25000000 .125   1058735
       10   2     50000000 .25    4183735
       11   1    100000000 .5    16683735""",
}

#: The tiers of a symbol whose file brings none: the smallest of the four, so that a simulated
#: position is never larger, nor liquidated later, than a real one is likely to be.
STAND_IN = "XRPUSDT"

SYMBOLS = tuple(_ROWS)


def exchange_info_row(symbol: str) -> dict[str, Any]:
    """The symbol's row of exchangeInfo, with Binance's keys and types."""
    row = _ROWS[symbol]
    return {
        "symbol": symbol,
        "pair": symbol,
        "contractType": "PERPETUAL",
        "deliveryDate": 4133404800000,
        "onboardDate": 1569398400000,
        "status": "TRADING",
        "maintMarginPercent": "2.5000",
        "requiredMarginPercent": "5.0000",
        "baseAsset": symbol.removesuffix("USDT"),
        "quoteAsset": "USDT",
        "marginAsset": "USDT",
        "pricePrecision": row.price_decimals,
        "quantityPrecision": row.quantity_decimals,
        "baseAssetPrecision": 8,
        "quotePrecision": 8,
        "underlyingType": "COIN",
        "underlyingSubType": [row.sub_type],
        "triggerProtect": "0.0500",
        "liquidationFee": row.liquidation_fee,
        "marketTakeBound": "0.05",
        "maxMoveOrderLimit": 10000,
        "filters": _filters(row),
        "orderTypes": [
            "LIMIT",
            "MARKET",
            "STOP",
            "STOP_MARKET",
            "TAKE_PROFIT",
            "TAKE_PROFIT_MARKET",
            "TRAILING_STOP_MARKET",
        ],
        "timeInForce": ["GTC", "IOC", "FOK", "GTX", "GTD"],
        "permissionSets": ["GRID", "COPY"],
    }


def _filters(row: _Row) -> list[dict[str, Any]]:
    """The lowest price is one tick, lower than Binance's: made-up markets may be cheap, and the
    backtest knows no such bound.
    """
    return [
        {
            "filterType": "PRICE_FILTER",
            "minPrice": row.tick,
            "maxPrice": row.max_price,
            "tickSize": row.tick,
        },
        {
            "filterType": "LOT_SIZE",
            "minQty": row.step,
            "maxQty": row.max_quantity,
            "stepSize": row.step,
        },
        {
            "filterType": "MARKET_LOT_SIZE",
            "minQty": row.step,
            "maxQty": row.market_max_quantity,
            "stepSize": row.step,
        },
        {"filterType": "MAX_NUM_ORDERS", "limit": 200},
        {"filterType": "MIN_NOTIONAL", "notional": row.min_notional},
        {
            "filterType": "PERCENT_PRICE",
            "multiplierUp": "1.0500",
            "multiplierDown": "0.9500",
            "multiplierDecimal": "4",
        },
        {"filterType": "POSITION_RISK_CONTROL", "positionControlSide": "NONE"},
    ]
