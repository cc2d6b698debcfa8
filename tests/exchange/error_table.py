"""Every error the exchange is known to answer with, and what each one means for an order.

One row: code (0: none), HTTP status, ccxt's class, our outcome, the message. R is
refused with proof, U is unknown. Unknown are: what may have been executed, what says nothing about
a new order (settings, look-ups, cancels), and what says that an order with our id is there.
"""

from typing import NamedTuple

from exchange.errors import Outcome


class Row(NamedTuple):
    code: int
    status: int
    ccxt_class: str
    outcome: Outcome
    message: str

    @property
    def body(self) -> object:
        """The answer's body; without a code the message is the body, as it is."""
        return {"code": self.code, "msg": self.message} if self.code else self.message


R, U = Outcome.REFUSED, Outcome.UNKNOWN

RATE = "Too many requests; current limit is 2400 requests per minute."
BANNED = "Way too many requests; IP(1.2.3.4) banned until 1789837999000(ms)."
INTERNAL = "Internal error; unable to process your request. Please try again."
SEND_STATUS = "Timeout waiting for response from backend server. Send status unknown; \
execution status unknown."
THROTTLED = "Request throttled by system-level protection. Reduce-only/close-position orders are \
exempt. Please try again."
OVERLOADED = (
    "Server is currently overloaded with other requests. Please try again in a few minutes."
)
ORDERS = "Too many new orders; current limit is 300 orders per TEN_SECONDS."
GTE = "Time in Force (TIF) GTE can only be used with open positions. Please ensure that positions \
are available."
RISK = "Symbol is under position risk control, only reduce-only order is allowed."
QUANT = "Futures Trading Quantitative Rules violated, only reduceOnly order is allowed, please try \
again later."
MULTI_ASSETS = "Unable to adjust to isolated-margin mode under the Multi-Assets mode."
ALGO_API = "Order type not supported for this endpoint. Please use the Algo Order API endpoints \
instead."
RESTRICTED = "Restricted account permission: can only place reduceOnly order on the symbol."

GENERAL = [
    Row(-1000, 500, "OperationFailed", U, "An unknown error occured while processing the request."),
    Row(-1001, 503, "OperationFailed", U, INTERNAL),
    Row(-1001, 500, "OperationFailed", U, INTERNAL),
    Row(-1002, 401, "AuthenticationError", R, "You are not authorized to execute this request."),
    Row(-1003, 429, "DDoSProtection", U, RATE),
    Row(-1003, 418, "DDoSProtection", U, BANNED),
    Row(-1003, 400, "RateLimitExceeded", U, RATE),
    Row(-1004, 400, "OperationRejected", U, "This IP is already on the white list"),
    Row(-1006, 503, "OperationFailed", U, "An unexpected response was received from the message \
bus. Execution status unknown."),
    Row(-1007, 408, "RequestTimeout", U, SEND_STATUS),
    Row(-1007, 503, "RequestTimeout", U, SEND_STATUS),
    Row(-1008, 503, "OperationFailed", U, THROTTLED),
    Row(-1008, 503, "OperationFailed", U, OVERLOADED),
    Row(-1013, 400, "BadRequest", R, "INVALID_MESSAGE"),
    Row(-1013, 400, "InvalidOrder", R, "Filter failure: LOT_SIZE"),
    Row(-1014, 400, "InvalidOrder", R, "Unsupported order combination."),
    Row(-1015, 429, "DDoSProtection", U, ORDERS),
    Row(-1015, 400, "RateLimitExceeded", U, ORDERS),
    Row(-1016, 400, "BadRequest", R, "This service is no longer available."),
    Row(-1020, 400, "BadRequest", R, "This operation is not supported."),
    Row(-1021, 400, "InvalidNonce", R, "Timestamp for this request is outside of the recvWindow."),
    Row(-1021, 400, "InvalidNonce", R, "Timestamp for this request was 1000ms ahead of the \
server's time."),
    Row(-1022, 400, "AuthenticationError", R, "Signature for this request is not valid."),
    Row(-1102, 400, "BadRequest", R, "Mandatory parameter 'timestamp' was not sent, was \
empty/null, or malformed."),
    Row(-1102, 400, "BadRequest", R, "Param 'algoid' or 'clientalgoid' must be sent, but both \
were empty/null!"),
    Row(-1104, 400, "BadRequest", R, "Not all sent parameters were read; read '8' parameter(s) \
but was sent '9'."),
    Row(-1106, 400, "BadRequest", R, "Parameter 'reduceonly' sent when not required."),
    Row(-1109, 400, "PermissionDenied", R, "Invalid account."),
    Row(-1111, 400, "BadRequest", R, "Precision is over the maximum defined for this asset."),
    Row(-1115, 400, "BadRequest", R, "Invalid timeInForce."),
    Row(-1116, 400, "BadRequest", R, "Invalid orderType."),
    Row(-1117, 400, "BadRequest", R, "Invalid side."),
    Row(-1121, 400, "BadSymbol", R, "Invalid symbol."),
    Row(-1128, 400, "BadRequest", R, "Combination of optional parameters invalid."),
    Row(-1130, 400, "BadRequest", R, "Data sent for parameter 'quantity' is not valid."),
]  # fmt: skip

PROCESSING = [
    Row(-2010, 400, "InvalidOrder", R, "NEW_ORDER_REJECTED"),
    Row(-2011, 400, "OrderNotFound", U, "Unknown order sent."),
    Row(-2013, 400, "OrderNotFound", U, "Order does not exist."),
    Row(-2014, 401, "AuthenticationError", R, "API-key format invalid."),
    Row(-2015, 401, "AuthenticationError", R, "Invalid API-key, IP, or permissions for action."),
    Row(-2015, 401, "AuthenticationError", R, "Invalid API-key, IP, or permissions for action, \
request ip: 1.2.3.4"),
    Row(-2017, 400, "PermissionDenied", R, "API Keys are locked on this account."),
    Row(-2018, 400, "InsufficientFunds", R, "Balance is insufficient."),
    Row(-2019, 400, "InsufficientFunds", R, "Margin is insufficient."),
    Row(-2020, 400, "OperationFailed", R, "Unable to fill."),
    Row(-2021, 400, "OrderImmediatelyFillable", R, "Order would immediately trigger."),
    Row(-2022, 400, "InvalidOrder", R, "ReduceOnly Order is rejected."),
    Row(-2023, 400, "OperationFailed", R, "User in liquidation mode now."),
    Row(-2024, 400, "InsufficientFunds", R, "Position is not sufficient."),
    Row(-2025, 400, "OperationRejected", R, "Reach max open order limit."),
    Row(-2026, 400, "InvalidOrder", R, "This OrderType is not supported when reduceOnly."),
    Row(-2027, 400, "OperationRejected", R, "Exceeded the maximum allowable position at current \
leverage."),
    Row(-2028, 400, "OperationRejected", R, "Leverage is smaller than permitted: insufficient \
margin balance."),
]  # fmt: skip

FILTERS = [
    Row(-4003, 400, "BadRequest", R, "Quantity less than zero."),
    Row(-4003, 400, "BadRequest", R, "Quantity less than or equal to zero."),
    Row(-4004, 400, "BadRequest", R, "Quantity less than min quantity."),
    Row(-4005, 400, "BadRequest", R, "Quantity greater than max quantity."),
    Row(-4013, 400, "BadRequest", R, "Price less than min price."),
    Row(-4014, 400, "BadRequest", R, "Price not increased by tick size."),
    Row(-4015, 400, "BadRequest", R, "Client order id length should not be more than 36 chars"),
    Row(-4016, 400, "BadRequest", R, "Limit price can't be higher than 63000."),
    Row(-4023, 400, "BadRequest", R, "Qty not increased by step size."),
    Row(-4024, 400, "BadRequest", R, "Limit price can't be lower than 57000."),
    Row(-4028, 400, "BadRequest", R, "Leverage 130 is not valid"),
    Row(-4045, 400, "OperationRejected", R, "Reach max stop order limit."),
    Row(-4046, 400, "MarginModeAlreadySet", U, "No need to change margin type."),
    Row(-4047, 400, "OperationRejected", U, "Margin type cannot be changed if there exists open \
orders."),
    Row(-4048, 400, "OperationRejected", U, "Margin type cannot be changed if there exists \
position."),
    Row(-4050, 400, "InsufficientFunds", R, "Cross balance insufficient."),
    Row(-4051, 400, "InsufficientFunds", R, "Isolated balance insufficient."),
    Row(-4059, 400, "OperationRejected", U, "No need to change position side."),
    Row(-4060, 400, "BadRequest", R, "Invalid position side."),
    Row(-4061, 400, "OperationRejected", R, "Order's position side does not match user's \
setting."),
    Row(-4062, 400, "BadRequest", R, "Invalid or improper reduceOnly value."),
    Row(-4067, 400, "OperationRejected", U, "Position side cannot be changed if there exists open \
orders."),
    Row(-4068, 400, "OperationRejected", U, "Position side cannot be changed if there exists \
position."),
    Row(-4082, 400, "BadRequest", R, "Invalid number of batch place orders."),
    Row(-4087, 400, "PermissionDenied", R, "User can only place reduce only order"),
    Row(-4088, 400, "PermissionDenied", R, "User can not place order currently"),
    Row(-4105, 400, "ExchangeError", R, RISK),
    Row(-4106, 400, "ExchangeError", R, RISK),
    Row(-4107, 400, "ExchangeError", R, RISK),
    Row(-4109, 400, "ExchangeError", R, "This account is inactive. Please activate it before \
trading."),
]  # fmt: skip

ORDERING = [
    Row(-4116, 400, "InvalidOrder", U, "ClientOrderId is duplicated."),
    Row(-4117, 400, "OperationRejected", U, "Stop order is in triggering process. Please try \
again later."),
    Row(-4118, 400, "OperationRejected", R, "ReduceOnly Order Failed. Please check your existing \
position and open orders"),
    Row(-4120, 400, "InvalidOrder", R, ALGO_API),
    Row(-4129, 400, "ExchangeError", R, GTE),
    Row(-4509, 400, "ExchangeError", R, GTE),
    Row(-4130, 400, "ExchangeError", U, "An open stop or take profit order with GTE and \
closePosition in the direction is existing."),
    Row(-4131, 400, "OperationRejected", R, "The counterparty's best price does not meet the \
PERCENT_PRICE filter limit"),
    Row(-4136, 400, "InvalidOrder", R, "Target strategy invalid for orderType MARKET, \
closePosition true"),
    Row(-4137, 400, "BadRequest", R, "Quantity must be zero with closePosition equals true"),
    Row(-4138, 400, "BadRequest", R, "Reduce only must be true with closePosition equals true"),
    Row(-4140, 400, "BadRequest", R, "Invalid symbol status for opening position"),
    Row(-4141, 400, "OperationRejected", R, "Symbol is closed"),
    Row(-4142, 400, "OrderImmediatelyFillable", R, "REJECT: take profit or stop order will be \
triggered immediately"),
    Row(-4161, 400, "ExchangeError", R, "Leverage reduction is not supported in Isolated Margin \
Mode with open positions"),
    Row(-4164, 400, "InvalidOrder", R, "Order's notional must be no smaller than 50 (unless you \
choose reduce only)"),
    Row(-4168, 400, "BadRequest", R, MULTI_ASSETS),
    Row(-4183, 400, "BadRequest", R, "Limit price can't be higher than 63000."),
    Row(-4184, 400, "BadRequest", R, "Limit price can't be lower than 57000."),
    Row(-4210, 400, "BadRequest", R, "Stop price can't be higher than 63000."),
    Row(-4211, 400, "BadRequest", R, "Stop price can't be lower than 57000."),
    Row(-4189, 400, "ExchangeError", R, RESTRICTED),
    Row(-4192, 400, "PermissionDenied", R, "Trade forbidden due to Cooling-off Period."),
    Row(-4202, 400, "PermissionDenied", R, "Leverage above 20x needs verification"),
    Row(-4205, 400, "PermissionDenied", R, "Leverage above 20x 60 days after registration"),
    Row(-4209, 400, "OperationRejected", R, "Leverage adjustment failed. Current symbol max \
leverage limit is 75x"),
    Row(-4400, 400, "PermissionDenied", R, QUANT),
    Row(-4401, 400, "PermissionDenied", R, QUANT),
    Row(-4411, 400, "ExchangeError", R, "Please sign TradFi-Perps agreement contract."),
    Row(-4531, 400, "OperationRejected", R, "Position mode change requires syncing UM and CM."),
    Row(-5000, 404, "ExchangeError", R, "Path /fapi/v1/ordre, Method POST is invalid"),
    Row(-5021, 400, "OrderNotFillable", R, "Due to the order could not be filled immediately, the \
FOK order has been rejected."),
    Row(-5022, 400, "OrderNotFillable", R, "Due to the order could not be executed as maker, the \
Post Only order will be rejected."),
    Row(-5027, 400, "OperationRejected", U, "No need to modify the order."),
    Row(-5028, 400, "BadRequest", R, "Timestamp for this request is outside of the ME \
recvWindow."),
    Row(-5041, 400, "OperationFailed", R, "No depth matches this BBO order"),
    Row(-5047, 400, "InvalidOrder", U, "The original order is not a reduce-only order"),
]  # fmt: skip

HTML = "<html><head><title>Error</title></head><body>Request blocked.</body></html>"
WITHOUT_CODE = [
    Row(0, 503, "ExchangeNotAvailable", U, '{"msg":"Unknown error, please check your request or \
try again later."}'),
    Row(0, 503, "ExchangeNotAvailable", U, '{"msg":"Service Unavailable."}'),
    Row(0, 503, "ExchangeNotAvailable", U, f'{{"msg":"{THROTTLED}"}}'),
    *(Row(0, status, "ExchangeNotAvailable", U, text)
      for status in (400, 403, 404, 500, 502, 503) for text in (HTML, "")),
    *(Row(0, status, "RequestTimeout", U, text) for status in (408, 504) for text in (HTML, "")),
    *(Row(0, status, "DDoSProtection", U, text) for status in (418, 429) for text in (HTML, "")),
    Row(0, 451, "ExchangeNotAvailable", U, '{"code":0,"msg":"Service unavailable from a \
restricted location according to b. Eligibility"}'),
    # no such answer is known; a proof must not be read into them
    Row(-2019, 200, "InsufficientFunds", U, "Margin is insufficient."),
    Row(-2019, 500, "InsufficientFunds", U, "Margin is insufficient."),
    Row(-2019, 503, "InsufficientFunds", U, "Margin is insufficient."),
    Row(-2019, 408, "InsufficientFunds", U, "Margin is insufficient."),
    Row(-2019, 418, "DDoSProtection", U, "Margin is insufficient."),
    Row(-2019, 429, "DDoSProtection", U, "Margin is insufficient."),
    Row(-9999, 400, "ExchangeError", U, "A code that nobody has heard of."),
]  # fmt: skip

TABLE = [*GENERAL, *PROCESSING, *FILTERS, *ORDERING, *WITHOUT_CODE]
