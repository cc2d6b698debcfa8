"""Bringing about what `happenings.py` describes, on the exchange behind the wire."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

from simulator.engine.engine import Engine
from simulator.engine.model import USDT_E8, Contract
from simulator.engine.refused import Refused
from simulator.happenings import (
    BnbFees,
    Happening,
    Liquidate,
    Partial,
    RejectTrigger,
    Request,
    Rules,
    Skew,
    SlowTrigger,
    Trigger,
)
from simulator.wire import routes
from simulator.wire.answer import WireError
from simulator.wire.params import Params
from simulator.wire.venue import Venue

#: What the account is given to pay fees from, in 1e-8 BNB.
_BNB_GIVEN_E8 = 10 * USDT_E8


def happen(venue: Venue, what: Happening, matched: dict[str, str] | None = None) -> None:
    """Let it happen now. `matched`: the parameters of the request it happens beside.

    Raises WireError when it cannot happen, e.g. a refused manual order.
    """
    try:
        with venue.exchange.request() as engine:
            _happen(venue, engine, what, matched or {})
    except Refused as error:
        raise WireError(error.code, error.message) from error


def _happen(venue: Venue, engine: Engine, what: Happening, matched: dict[str, str]) -> None:
    mischief = engine.mischief
    match what:
        case Partial(permille, times):
            mischief.fill_permille += [permille] * times
        case RejectTrigger(times):
            mischief.rejected_triggers += times
        case SlowTrigger(lag_ms, times):
            mischief.child_lags_ms += [lag_ms] * times
        case BnbFees(price):
            if price and not mischief.bnb_price_e8:
                engine.give_bnb(_BNB_GIVEN_E8)
            mischief.bnb_price_e8 = price * USDT_E8
        case Skew(skew_ms):
            venue.faults.skew_ms = skew_ms
        case Liquidate(symbol):
            engine.liquidate(symbol)
        case Rules():
            engine.change_contract(_changed(engine.contract(what.symbol), what))
        case Trigger(algo_id, client_id):
            algo_id = algo_id or int(matched.get("algoId", 0))
            engine.trigger_algo(algo_id, client_id or matched.get("clientAlgoId", ""))
        case Request():
            _ask(venue, engine, what)


def _ask(venue: Venue, engine: Engine, request: Request) -> None:
    route = routes.ROUTES.get((request.method, request.path))
    if route is None:
        raise WireError(-5000, f"Path {request.path}, Method {request.method} is invalid", 404)
    route.endpoint(venue, engine, Params(request.params))


def _changed(contract: Contract, rules: Rules) -> Contract:
    """The contract with other filters, in the row that clients see and in the checks."""
    if "PRICE_FILTER" in rules.filters:  # prices would have to follow the new tick
        raise WireError(-1130, "another tick is not modelled")
    filters = [
        {**row, **rules.filters.get(row["filterType"], {})} for row in contract.row["filters"]
    ]
    row: dict[str, Any] = {**contract.row, "filters": filters}
    if rules.status:
        row["status"] = rules.status
    by_type = {row["filterType"]: row for row in filters}
    lot, market = by_type["LOT_SIZE"], by_type["MARKET_LOT_SIZE"]
    step = Decimal(lot["stepSize"])
    return replace(
        contract,
        row=row,
        quantity_decimals=min(contract.quantity_decimals, _places(step)),
        min_lots=_lots(contract, lot["minQty"]),
        max_lots=_lots(contract, lot["maxQty"]),
        market_max_lots=_lots(contract, market["maxQty"]),
        min_notional_e8=int(Decimal(by_type["MIN_NOTIONAL"]["notional"]) * USDT_E8),
    )


def _lots(contract: Contract, quantity: str) -> int:
    return int(Decimal(quantity) * USDT_E8) // contract.step_e8


def _places(step: Decimal) -> int:
    exponent = step.normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0
