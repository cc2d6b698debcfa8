"""What the account holds: account, balance, positionRisk, and the settings reads.

Version 3 shows symbols with a position or an open order only; version 2 shows every symbol.
"""

from simulator.engine.engine import Engine
from simulator.engine.model import BUY
from simulator.wire import account_rows as rows
from simulator.wire.figures import bare, fixed, money
from simulator.wire.order_rows import Row
from simulator.wire.params import Params
from simulator.wire.venue import Venue


def _valued(engine: Engine, symbol: str) -> rows.Valued:
    position = engine.position(symbol)
    leverage = engine.settings(symbol).leverage
    return rows.value(position, engine.contract(symbol), leverage, engine.last_ticks(symbol) or 0)


def _open_symbols(engine: Engine) -> list[str]:
    """Symbols with a position or an open plain order, in the contracts' order."""
    busy = {order.symbol for order in engine.open_orders()}
    return [s for s in engine.contracts if s in busy or engine.position(s) is not None]


def _wanted(engine: Engine, params: Params, default: list[str]) -> list[str]:
    symbol = params.text("symbol")
    return [engine.contract(symbol).symbol] if symbol else default


def _totals(engine: Engine, held: list[rows.Valued]) -> rows.Totals:
    return rows.totals(engine.books, held, engine.order_margin_e8(), engine.available_e8())


def _held(engine: Engine) -> list[rows.Valued]:
    return [_valued(engine, symbol) for symbol in engine.books.positions]


def _open_notionals(engine: Engine, symbol: str) -> tuple[int, int]:
    """Notional of open buy and sell orders, 1e-8 USDT."""
    unit = engine.contract(symbol).unit_e8
    bids = asks = 0
    for order in engine.open_orders(symbol):
        notional = (order.lots - order.filled_lots) * order.price_ticks * unit
        if order.side == BUY:
            bids += notional
        else:
            asks += notional
    return bids, asks


def account_v3(venue: Venue, engine: Engine, _params: Params) -> object:
    """GET v3 account."""
    shown = [_valued(engine, symbol) for symbol in _open_symbols(engine)]
    sums = _totals(engine, [valued for valued in shown if valued.lots])
    return {
        **rows.totals_row(sums),
        "assets": [rows.asset_row(sums)],
        "positions": [
            rows.account_position_row(valued, venue.figures[valued.contract.symbol])
            for valued in shown
        ],
    }


def account_v2(venue: Venue, engine: Engine, _params: Params) -> object:
    """GET v2 account: a row for every symbol."""
    sums = _totals(engine, _held(engine))
    return {
        **_permissions(engine),
        **rows.totals_row(sums),
        "assets": [{**rows.asset_row(sums), "marginAvailable": True}],
        "positions": [_account_position_v2(venue, engine, s) for s in engine.contracts],
    }


def _account_position_v2(venue: Venue, engine: Engine, symbol: str) -> Row:
    valued, settings = _valued(engine, symbol), engine.settings(symbol)
    figures = venue.figures[symbol]
    bids, asks = _open_notionals(engine, symbol)
    order_margin = engine.order_margin_e8(symbol)
    return {
        "symbol": symbol,
        "initialMargin": bare(money(valued.initial_e8 + order_margin)),
        "maintMargin": bare(money(valued.maintenance_e8)),
        "unrealizedProfit": money(valued.profit_e8),
        "positionInitialMargin": bare(money(valued.initial_e8)),
        "openOrderInitialMargin": bare(money(order_margin)),
        "leverage": str(settings.leverage),
        "isolated": settings.margin_type == "ISOLATED",
        "entryPrice": rows.entry_price(valued, figures),
        "breakEvenPrice": rows.break_even_price(valued, venue.exchange.costs),
        "maxNotional": rows.max_notional(valued.contract, settings.leverage),
        "positionSide": "BOTH",
        "positionAmt": figures.quantity(valued.lots),
        "notional": bare(money(valued.notional_e8)),
        "isolatedWallet": bare(money(valued.margin_e8)),
        "updateTime": valued.updated_ms,
        "bidNotional": bare(money(bids)),
        "askNotional": bare(money(asks)),
    }


def balance(_venue: Venue, engine: Engine, _params: Params) -> object:
    """GET v2 and v3 balance."""
    return [rows.balance_row(_totals(engine, _held(engine)))]


def position_risk_v3(venue: Venue, engine: Engine, params: Params) -> object:
    """GET v3 positionRisk."""
    shown = _open_symbols(engine)
    return [
        position_row(venue, engine, symbol)
        for symbol in _wanted(engine, params, shown)
        if symbol in shown
    ]


def position_row(venue: Venue, engine: Engine, symbol: str) -> Row:
    """A row of v3 positionRisk, flat or not."""
    order_margin = engine.order_margin_e8(symbol)
    row = rows.position_row(
        _valued(engine, symbol),
        venue.figures[symbol],
        venue.exchange.costs,
        _open_notionals(engine, symbol),
    )
    row["openOrderInitialMargin"] = bare(money(order_margin))
    return row


def position_risk_v2(venue: Venue, engine: Engine, params: Params) -> object:
    """GET v2 positionRisk: a row for every symbol."""
    return [
        _position_v2(venue, engine, symbol)
        for symbol in _wanted(engine, params, list(engine.contracts))
    ]


def _position_v2(venue: Venue, engine: Engine, symbol: str) -> Row:
    v3, settings = position_row(venue, engine, symbol), engine.settings(symbol)
    shared = (
        "symbol positionAmt entryPrice breakEvenPrice markPrice unRealizedProfit "
        "liquidationPrice isolatedMargin notional isolatedWallet positionSide updateTime"
    )
    return {name: v3[name] for name in shared.split()} | {
        "leverage": str(settings.leverage),
        "maxNotionalValue": rows.max_notional(engine.contract(symbol), settings.leverage),
        "marginType": "isolated" if settings.margin_type == "ISOLATED" else "cross",
        "isAutoAddMargin": "false",
    }


def _permissions(engine: Engine) -> Row:
    return {
        "feeTier": 0,
        "feeBurn": False,
        "canTrade": True,
        "canDeposit": True,
        "canWithdraw": True,
        "updateTime": 0,
        "multiAssetsMargin": engine.books.multi_assets,
        "tradeGroupId": -1,
    }


def account_config(_venue: Venue, engine: Engine, _params: Params) -> object:
    """GET accountConfig: both account modes in one request."""
    permissions = _permissions(engine)
    del permissions["feeBurn"]
    return {**permissions, "dualSidePosition": engine.books.dual_side}


def symbol_config(_venue: Venue, engine: Engine, params: Params) -> object:
    """GET symbolConfig, of one symbol or of all; a list either way."""
    return [
        rows.config_row(engine.contract(symbol), engine.settings(symbol))
        for symbol in _wanted(engine, params, list(engine.contracts))
    ]


def leverage_bracket(_venue: Venue, engine: Engine, params: Params) -> object:
    """GET leverageBracket: a bare object when a symbol is sent, else a list."""
    symbol = params.text("symbol")
    if symbol:
        return rows.bracket_row(engine.contract(symbol))
    return [rows.bracket_row(contract) for contract in engine.contracts.values()]


def commission_rate(venue: Venue, engine: Engine, params: Params) -> object:
    """GET commissionRate: what is charged here, which is the taker's rate for every fill."""
    symbol = engine.contract(params.need("symbol")).symbol
    rate = bare(fixed(venue.exchange.costs.fee_ppm, 6))
    return {
        "symbol": symbol,
        "makerCommissionRate": rate,
        "takerCommissionRate": rate,
        "rpiCommissionRate": rate,
    }


def api_restrictions(_venue: Venue, _engine: Engine, _params: Params) -> object:
    """GET apiRestrictions: what a careful owner lets a trading key do."""
    return {
        "ipRestrict": True,
        "createTime": 1_700_000_000_000,
        "enableReading": True,
        "enableWithdrawals": False,
        "enableInternalTransfer": False,
        "enableMargin": False,
        "enableFutures": True,
        "permitsUniversalTransfer": False,
        "enableVanillaOptions": False,
        "enableSpotAndMarginTrading": False,
    }
