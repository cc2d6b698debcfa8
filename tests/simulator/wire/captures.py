"""Answers of live USD-M accounts, byte for byte (September 2026), and of the documentation."""

import json
from typing import Any


def _row(text: str) -> dict[str, Any]:
    row = json.loads(text)
    assert isinstance(row, dict)
    return row


POST_ORDER = _row(
    '{"orderId":33878894217,"symbol":"DOTUSDT","status":"FILLED",'
    '"clientOrderId":"6e8f8d89-5b04-4ede-88bb-52b7d8b2b0d2","price":"0.000000",'
    '"origQty":"4.9","executedQty":"4.9","cumQty":"4.9","timeInForce":"GTC","type":"MARKET",'
    '"reduceOnly":false,"closePosition":false,"side":"BUY","positionSide":"BOTH",'
    '"stopPrice":"0.000000","workingType":"CONTRACT_PRICE","priceProtect":false,'
    '"origType":"MARKET","priceMatch":"NONE","selfTradePreventionMode":"EXPIRE_MAKER",'
    '"goodTillDate":0,"updateTime":1789837689736}'
)
GET_ORDER = _row(
    '{"orderId":33878894217,"symbol":"DOTUSDT","status":"FILLED",'
    '"clientOrderId":"6e8f8d89-5b04-4ede-88bb-52b7d8b2b0d2","price":"0.000000",'
    '"avgPrice":"1.1359000","origQty":"4.9","executedQty":"4.9","cumQuote":"5.5659100",'
    '"timeInForce":"GTC","type":"MARKET","reduceOnly":false,"closePosition":false,"side":"BUY",'
    '"positionSide":"BOTH","stopPrice":"0.000000","workingType":"CONTRACT_PRICE",'
    '"priceProtect":false,"origType":"MARKET","priceMatch":"NONE",'
    '"selfTradePreventionMode":"EXPIRE_MAKER","goodTillDate":0,"time":1789837689736,'
    '"updateTime":1789837689736}'
)
ALL_ORDERS = _row(
    '{"orderId":33877541028,"symbol":"DOTUSDT","status":"FILLED",'
    '"clientOrderId":"60d0f110-7316-4073-a41f-5c5c699a83ed","price":"0","avgPrice":"1.1325000",'
    '"origQty":"4.9","executedQty":"4.9","cumQuote":"5.5492500","cumBase":"0",'
    '"timeInForce":"GTC","type":"MARKET","reduceOnly":false,"closePosition":false,"side":"BUY",'
    '"positionSide":"BOTH","stopPrice":"0","workingType":"CONTRACT_PRICE","priceMatch":"NONE",'
    '"selfTradePreventionMode":"EXPIRE_MAKER","goodTillDate":0,"priceProtect":false,'
    '"origType":"MARKET","time":1789826323607,"updateTime":1789826323607,"pair":"DOTUSDT"}'
)
USER_TRADE = _row(
    '{"symbol":"DOTUSDT","id":1189522421,"orderId":33866374373,"pair":"DOTUSDT","side":"SELL",'
    '"price":"1.135800","qty":"5.3","realizedPnl":"-0.00052999","quoteQty":"6.0197400",'
    '"commission":"0.00000362","commissionAsset":"BNB","time":1789735344545,"buyer":false,'
    '"maker":false,"positionSide":"BOTH","baseQty":"0","marginAsset":"USDT"}'
)
POST_ALGO = _row(
    '{"algoId":4000001910058351,"clientAlgoId":"d0a897fb-5b04-4ac7-b678-2189ad628150",'
    '"algoType":"CONDITIONAL","orderType":"STOP_MARKET","symbol":"DOTUSDT","side":"BUY",'
    '"positionSide":"BOTH","timeInForce":"GTC","quantity":"4.9","algoStatus":"NEW",'
    '"triggerPrice":"1.183700","price":"0.000000","icebergQuantity":null,'
    '"selfTradePreventionMode":"EXPIRE_MAKER","workingType":"CONTRACT_PRICE",'
    '"priceMatch":"NONE","closePosition":false,"priceProtect":false,"reduceOnly":false,'
    '"createTime":1789819033056,"updateTime":1789819033056,"triggerTime":0,"goodTillDate":0}'
)
#: An open one: the above plus three keys, prices unpadded (the order of the keys is not known).
OPEN_ALGO = {
    **POST_ALGO,
    "triggerPrice": "1.1837",
    "price": "0.0",
    "actualOrderId": "",
    "actualQty": "0.0",
    "isActivated": False,
}
FINISHED_ALGO = _row(
    '{"algoId":4000001910368571,"clientAlgoId":"60d0f110-7316-4073-a41f-5c5c699a83ed",'
    '"algoType":"CONDITIONAL","orderType":"STOP_MARKET","symbol":"DOTUSDT","side":"BUY",'
    '"positionSide":"BOTH","timeInForce":"GTC","quantity":"4.9","algoStatus":"FINISHED",'
    '"actualOrderId":"33877541028","actualPrice":"1.1325000","actualQty":"4.9",'
    '"actualType":"MARKET","triggerPrice":"1.132200","price":"0.000000",'
    '"icebergQuantity":null,"tpOrderType":"","selfTradePreventionMode":"EXPIRE_MAKER",'
    '"workingType":"CONTRACT_PRICE","priceMatch":"NONE","closePosition":false,'
    '"priceProtect":false,"reduceOnly":false,"createTime":1789826233630,'
    '"updateTime":1789826323611,"triggerTime":1789826323607,"goodTillDate":0,'
    '"isActivated":false}'
)
CANCELLED_ALGO_ANSWER = _row(
    '{"algoId":4000001910058351,"clientAlgoId":"d0a897fb-5b04-4ac7-b678-2189ad628150",'
    '"code":"200","msg":"success"}'
)
ACCOUNT_ASSET = _row(
    '{"asset":"USDT","walletBalance":"1000.00000000","unrealizedProfit":"5.00000000",'
    '"marginBalance":"1005.00000000","maintMargin":"1.0","initialMargin":"100.0",'
    '"positionInitialMargin":"100.0","openOrderInitialMargin":"0",'
    '"crossWalletBalance":"1000.0","crossUnPnl":"0","availableBalance":"900.0",'
    '"maxWithdrawAmount":"900.0","updateTime":1700000000000}'
)
ACCOUNT_TOTALS = [
    "totalInitialMargin",
    "totalMaintMargin",
    "totalWalletBalance",
    "totalUnrealizedProfit",
    "totalMarginBalance",
    "totalPositionInitialMargin",
    "totalOpenOrderInitialMargin",
    "totalCrossWalletBalance",
    "totalCrossUnPnl",
    "availableBalance",
    "maxWithdrawAmount",
]
ACCOUNT_V3_POSITION = [
    "symbol",
    "positionSide",
    "positionAmt",
    "unrealizedProfit",
    "isolatedMargin",
    "notional",
    "isolatedWallet",
    "initialMargin",
    "maintMargin",
    "updateTime",
]
ACCOUNT_V2_POSITION = [
    "symbol",
    "initialMargin",
    "maintMargin",
    "unrealizedProfit",
    "positionInitialMargin",
    "openOrderInitialMargin",
    "leverage",
    "isolated",
    "entryPrice",
    "breakEvenPrice",
    "maxNotional",
    "positionSide",
    "positionAmt",
    "notional",
    "isolatedWallet",
    "updateTime",
    "bidNotional",
    "askNotional",
]
POSITION_RISK = _row(
    '{"symbol":"BTCUSDT","positionSide":"BOTH","positionAmt":"0.002","entryPrice":"60000.0",'
    '"breakEvenPrice":"60030.0","markPrice":"61000.00000000","unRealizedProfit":"2.00000000",'
    '"liquidationPrice":"54216.86","isolatedMargin":"14.0","notional":"122.00000000",'
    '"marginAsset":"USDT","isolatedWallet":"12.0","initialMargin":"12.2","maintMargin":"0.488",'
    '"positionInitialMargin":"12.2","openOrderInitialMargin":"0","adl":2,"bidNotional":"0",'
    '"askNotional":"0","updateTime":1700000000001}'
)
SYMBOL_CONFIG = _row(
    '{"symbol":"BTCUSDT","marginType":"ISOLATED","isAutoAddMargin":false,"leverage":10,'
    '"maxNotionalValue":"12000000"}'
)
LEVERAGE_ANSWER = _row('{"leverage":10,"maxNotionalValue":"12000000","symbol":"BTCUSDT"}')
COMMISSION_RATE = _row(
    '{"symbol":"BTCUSDT","makerCommissionRate":"0.0002","takerCommissionRate":"0.0005",'
    '"rpiCommissionRate":"0.00005"}'
)
LEVERAGE_BRACKET = _row(
    '{"symbol":"BTCUSDT","notionalCoef":1.0,"brackets":[{"bracket":1,"initialLeverage":150,'
    '"notionalCap":300000,"notionalFloor":0,"maintMarginRatio":0.004,"cum":0.0}]}'
)
INCOME = _row(
    '{"symbol":"BTCUSDT","incomeType":"FUNDING_FEE","income":"-0.37500000","asset":"USDT",'
    '"info":"FUNDING_FEE","time":1700000000000,"tranId":9689322392,"tradeId":""}'
)
PREMIUM_INDEX = _row(
    '{"symbol":"BTCUSDT","markPrice":"61000.00","indexPrice":"61001.0",'
    '"estimatedSettlePrice":"61000.0","lastFundingRate":"0.0001","interestRate":"0.0001",'
    '"nextFundingTime":1700006400000,"time":1700000000000}'
)
KLINE = json.loads('[1700000000000,"1","2","0.5","1.5","10",1700000299999,"15",3,"5","7","0"]')
MARGIN_ANSWER = _row(
    '{"amount":5.0,"code":200,"msg":"Successfully modify position margin.","type":1}'
)
