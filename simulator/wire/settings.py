"""Account settings: position mode, assets mode, leverage, margin type, isolated margin."""

from typing import cast

from simulator.engine.engine import Engine
from simulator.engine.model import MarginType
from simulator.wire.account_rows import max_notional
from simulator.wire.answer import WireError
from simulator.wire.params import Params, invalid, missing
from simulator.wire.venue import Venue

_SUCCESS = {"code": 200, "msg": "success"}
_ADD, _REDUCE = 1, 2


def get_position_mode(_venue: Venue, engine: Engine, _params: Params) -> object:
    """GET positionSide/dual."""
    return {"dualSidePosition": engine.books.dual_side}


def set_position_mode(_venue: Venue, engine: Engine, params: Params) -> object:
    """POST positionSide/dual."""
    engine.set_dual_side(params.need_flag("dualSidePosition"))
    return _SUCCESS


def get_assets_mode(_venue: Venue, engine: Engine, _params: Params) -> object:
    """GET multiAssetsMargin."""
    return {"multiAssetsMargin": engine.books.multi_assets}


def set_assets_mode(_venue: Venue, engine: Engine, params: Params) -> object:
    """POST multiAssetsMargin."""
    engine.set_multi_assets(params.need_flag("multiAssetsMargin"))
    return _SUCCESS


def set_leverage(_venue: Venue, engine: Engine, params: Params) -> object:
    """POST leverage."""
    symbol, leverage = params.need("symbol"), params.need_whole("leverage")
    settings = engine.set_leverage(symbol, leverage)
    return {
        "leverage": settings.leverage,
        "maxNotionalValue": max_notional(engine.contract(symbol), settings.leverage),
        "symbol": symbol,
    }


def set_margin_type(_venue: Venue, engine: Engine, params: Params) -> object:
    """POST marginType."""
    symbol, word = params.need("symbol"), params.need("marginType")
    if word not in ("ISOLATED", "CROSSED"):
        raise invalid("marginType")
    engine.set_margin_type(symbol, cast(MarginType, word))
    return _SUCCESS


def move_margin(_venue: Venue, engine: Engine, params: Params) -> object:
    """POST positionMargin: 1 adds, 2 takes away."""
    symbol, amount = params.need("symbol"), params.need_decimal("amount")
    kind = params.need_whole("type")
    if kind not in (_ADD, _REDUCE):
        raise missing("type")
    amount_e8 = amount.scaleb(8)
    if amount_e8 != int(amount_e8):
        raise invalid("amount")
    if amount_e8 <= 0:
        raise WireError(-4055, "Amount must be positive.")
    engine.move_margin(symbol, int(amount_e8) if kind == _ADD else -int(amount_e8))
    return {
        "amount": float(amount),
        "code": 200,
        "msg": "Successfully modify position margin.",
        "type": kind,
    }
