"""What an order that opens or enlarges must pass: notional cap of the leverage, and margin."""

from simulator.engine import account, fills
from simulator.engine.core import Core
from simulator.engine.model import Contract, Side
from simulator.engine.refused import refused


def opening_lots(core: Core, symbol: str, side: Side, lots: int) -> int:
    """How many of an order's lots open or enlarge a position."""
    position = core.books.positions.get(symbol)
    if position is None or position.side == side:
        return lots
    return max(0, lots - position.lots)


def check_exposure(core: Core, contract: Contract, side: Side, lots: int, standing: int) -> None:
    """The whole position at the standing price against the leverage's cap. Refused: -2027."""
    after = abs(account.position_after(core, contract.symbol, side * lots))
    leverage = core.settings(contract).leverage
    if fills.beyond_cap(after * standing * contract.unit_e8, contract.notional_max_e8(leverage)):
        raise refused(-2027)


def check_margin(
    core: Core, contract: Contract, side: Side, lots: int, limit: int, standing: int
) -> None:
    """Initial margin, open loss and fee against what is available. Refused: -2019.

    `lots` is the opening part; `limit` the order's own price, 0 for a market order, whose price
    is assumed. A position the order closes first gives its margin and its open profit or loss
    free.
    """
    standing_e8 = standing * lots * contract.unit_e8
    at_limit_e8 = limit * lots * contract.unit_e8
    assumed_e8 = at_limit_e8 if limit else fills.assumed_e8(side, standing_e8)
    leverage = core.settings(contract).leverage
    cost_e8 = fills.opening_cost_e8(side, assumed_e8, standing_e8, leverage, core.costs.fee_ppm)
    free_e8 = account.free_e8(core)
    position = core.books.positions.get(contract.symbol)
    if position is not None and position.side != side:
        free_e8 += position.margin_e8 + account.unrealised_e8(core, contract.symbol)
    if cost_e8 > free_e8:
        raise refused(-2019)


def check_opening(
    core: Core, contract: Contract, side: Side, lots: int, limit: int, standing: int
) -> None:
    """Both checks for the part of an order that opens; nothing for one that only closes.
    Refused: -2027, -2019.
    """
    opening = opening_lots(core, contract.symbol, side, lots)
    if opening > 0:
        check_exposure(core, contract, side, lots, standing)
        check_margin(core, contract, side, opening, limit, standing)
