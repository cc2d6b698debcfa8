"""Which endpoint answers which method and path, what it weighs, and who may ask.

One row an endpoint; weights are those of Binance's documentation or measured live.
"""

from collections.abc import Callable
from typing import NamedTuple

from simulator.engine.engine import Engine
from simulator.wire import account, algo_orders, batch, history, orders, public, settings
from simulator.wire.params import Params
from simulator.wire.venue import Venue

Endpoint = Callable[[Venue, Engine, Params], object]
Weight = Callable[[Params], int]


class Route(NamedTuple):
    """An endpoint of Binance's. `order_count`: what it adds to the order counts."""

    endpoint: Endpoint
    weight: Weight
    signed: bool
    order_count: int = 0


def _fix(weight: int) -> Weight:
    return lambda _params: weight


def _by_symbol(one: int, every: int) -> Weight:
    return lambda params: one if params.text("symbol") else every


def _klines(params: Params) -> int:
    limit = params.whole("limit", 500)
    return 1 if limit < 100 else 2 if limit < 500 else 5 if limit <= 1000 else 10


def _public(endpoint: Endpoint, weight: int | Weight) -> Route:
    return Route(endpoint, _fix(weight) if isinstance(weight, int) else weight, signed=False)


def _signed(endpoint: Endpoint, weight: int | Weight, order_count: int = 0) -> Route:
    weigh = _fix(weight) if isinstance(weight, int) else weight
    return Route(endpoint, weigh, signed=True, order_count=order_count)


ROUTES: dict[tuple[str, str], Route] = {
    ("GET", "/fapi/v1/ping"): _public(public.ping, 1),
    ("GET", "/fapi/v1/time"): _public(public.server_time, 1),
    ("GET", "/fapi/v1/exchangeInfo"): _public(public.exchange_info, 1),
    ("GET", "/fapi/v1/klines"): _public(public.klines, _klines),
    ("GET", "/fapi/v1/premiumIndex"): _public(public.premium_index, _by_symbol(1, 10)),
    ("GET", "/fapi/v1/fundingInfo"): _public(public.funding_info, 0),
    ("GET", "/fapi/v1/ticker/price"): _public(public.ticker_price, _by_symbol(1, 2)),
    ("GET", "/fapi/v2/ticker/price"): _public(public.ticker_price, _by_symbol(1, 2)),
    ("GET", "/fapi/v1/ticker/bookTicker"): _public(public.book_ticker, _by_symbol(2, 5)),
    ("POST", "/fapi/v1/order"): _signed(orders.place_order, 0, order_count=1),
    ("PUT", "/fapi/v1/order"): _signed(orders.modify_order, 1, order_count=1),
    ("GET", "/fapi/v1/order"): _signed(orders.get_order, 1),
    ("DELETE", "/fapi/v1/order"): _signed(orders.cancel_order, 1),
    ("POST", "/fapi/v1/batchOrders"): _signed(batch.place_orders, 5, order_count=5),
    ("DELETE", "/fapi/v1/batchOrders"): _signed(batch.cancel_orders, 1),
    ("GET", "/fapi/v1/openOrder"): _signed(orders.get_open_order, 1),
    ("GET", "/fapi/v1/openOrders"): _signed(orders.open_orders, _by_symbol(1, 40)),
    ("GET", "/fapi/v1/allOrders"): _signed(history.all_orders, 5),
    ("DELETE", "/fapi/v1/allOpenOrders"): _signed(orders.cancel_all_orders, 1),
    ("POST", "/fapi/v1/algoOrder"): _signed(algo_orders.place_algo, 0, order_count=1),
    ("GET", "/fapi/v1/algoOrder"): _signed(algo_orders.get_algo, 1),
    ("DELETE", "/fapi/v1/algoOrder"): _signed(algo_orders.cancel_algo, 1),
    ("GET", "/fapi/v1/openAlgoOrders"): _signed(algo_orders.open_algos, _by_symbol(1, 40)),
    ("GET", "/fapi/v1/allAlgoOrders"): _signed(algo_orders.all_algos, 5),
    ("DELETE", "/fapi/v1/algoOpenOrders"): _signed(algo_orders.cancel_all_algos, 1),
    ("GET", "/fapi/v1/userTrades"): _signed(history.user_trades, 5),
    ("GET", "/fapi/v1/income"): _signed(history.income, 30),
    ("GET", "/fapi/v1/forceOrders"): _signed(history.force_orders, _by_symbol(20, 50)),
    ("GET", "/fapi/v2/account"): _signed(account.account_v2, 5),
    ("GET", "/fapi/v3/account"): _signed(account.account_v3, 5),
    ("GET", "/fapi/v2/balance"): _signed(account.balance, 5),
    ("GET", "/fapi/v3/balance"): _signed(account.balance, 5),
    ("GET", "/fapi/v2/positionRisk"): _signed(account.position_risk_v2, 5),
    ("GET", "/fapi/v3/positionRisk"): _signed(account.position_risk_v3, 5),
    ("GET", "/fapi/v1/accountConfig"): _signed(account.account_config, 5),
    ("GET", "/fapi/v1/symbolConfig"): _signed(account.symbol_config, 5),
    ("GET", "/fapi/v1/leverageBracket"): _signed(account.leverage_bracket, 1),
    ("GET", "/fapi/v1/commissionRate"): _signed(account.commission_rate, 20),
    ("GET", "/sapi/v1/account/apiRestrictions"): _signed(account.api_restrictions, 1),
    ("GET", "/fapi/v1/positionSide/dual"): _signed(settings.get_position_mode, 30),
    ("POST", "/fapi/v1/positionSide/dual"): _signed(settings.set_position_mode, 1),
    ("GET", "/fapi/v1/multiAssetsMargin"): _signed(settings.get_assets_mode, 30),
    ("POST", "/fapi/v1/multiAssetsMargin"): _signed(settings.set_assets_mode, 1),
    ("POST", "/fapi/v1/leverage"): _signed(settings.set_leverage, 1),
    ("POST", "/fapi/v1/marginType"): _signed(settings.set_margin_type, 1),
    ("POST", "/fapi/v1/positionMargin"): _signed(settings.move_margin, 1),
}
