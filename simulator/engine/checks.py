"""What an order that opens or enlarges must pass: notional cap of the leverage, and margin."""

from simulator.engine import account
from simulator.engine.core import Core
from simulator.engine.model import BUY, Contract, Side
from simulator.engine.refused import refused

_PPM = 1_000_000
#: Binance takes the best ask x 1.0005 as the price of a buying market order.
_MARKET_BUY_PPM = 500


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
    if after * standing * contract.unit_e8 > contract.notional_max_e8(leverage):
        raise refused(-2027)


def check_margin(
    core: Core, contract: Contract, side: Side, lots: int, limit: int, standing: int
) -> None:
    """Initial margin, open loss and fee against what is available. Refused: -2019.

    `lots` is the opening part; `limit` the order's own price, 0 for a market order, whose price
    is assumed: ask x 1.0005 for a buy. A position the order closes first gives its margin and
    its open profit or loss free.
    """
    assumed_ppm = _PPM + (_MARKET_BUY_PPM if limit == 0 and side == BUY else 0)
    price = limit or standing
    leverage = core.settings(contract).leverage
    # Everything is multiplied by 1e12 x leverage, so that nothing is rounded.
    assumed = price * assumed_ppm
    initial = assumed * _PPM
    loss = max(0, side * (assumed - standing * _PPM)) * _PPM * leverage
    fee = assumed * core.costs.fee_ppm * leverage
    cost = (initial + loss + fee) * lots * contract.unit_e8
    free_e8 = account.free_e8(core)
    position = core.books.positions.get(contract.symbol)
    if position is not None and position.side != side:
        free_e8 += position.margin_e8 + account.unrealised_e8(core, contract.symbol)
    if cost > free_e8 * _PPM * _PPM * leverage:
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
