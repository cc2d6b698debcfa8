"""What an account asks of the engine: orders to place, already in whole ticks and lots."""

from typing import NamedTuple

from simulator.engine.model import AlgoType, OrderType, Side, TimeInForce, WorkingType


class OrderRequest(NamedTuple):
    """A plain order to place. `client_id` "" lets the exchange choose one."""

    symbol: str
    side: Side
    type: OrderType
    lots: int
    #: Limit price; 0 for MARKET.
    price_ticks: int = 0
    reduce_only: bool = False
    client_id: str = ""
    position_side: str = "BOTH"


class AlgoRequest(NamedTuple):
    """A conditional order to place. `lots` is 0 if and only if `close_position`."""

    symbol: str
    side: Side
    type: AlgoType
    trigger_ticks: int
    lots: int = 0
    reduce_only: bool = False
    close_position: bool = False
    time_in_force: TimeInForce = "GTC"
    working_type: WorkingType = "CONTRACT_PRICE"
    price_protect: bool = False
    client_id: str = ""
    position_side: str = "BOTH"
