"""The engine: one isolated one-way account on several symbols, played candle by candle.

The face of the room: every method is one line of delegation, so that this file is the list of
what can be asked. PURE: no clock (times come in through `advance`), no file, no wire format.
Refusals are raised as `Refused` and change nothing.
"""

from collections.abc import Mapping, Sequence

from simulator.engine import account, conditional, placing, playing
from simulator.engine.core import Core
from simulator.engine.funding import FundingSchedule
from simulator.engine.mischief import Mischief
from simulator.engine.model import (
    AlgoOrder,
    Books,
    Contract,
    Costs,
    Fill,
    Income,
    MarginType,
    Order,
    Position,
    Settings,
    Side,
)
from simulator.engine.requests import AlgoRequest, OrderRequest
from simulator.market.model import Market


class Engine:
    """One account. See `EmbeddedExchange` for the way to one that is played up to now."""

    def __init__(
        self,
        market: Market,
        contracts: Sequence[Contract],
        costs: Costs,
        books: Books,
        funding: FundingSchedule,
    ) -> None:
        """The order of `contracts` is the order in which symbols are played.

        Raises ValueError when the books hold a symbol that is not among the contracts.
        """
        self._core = Core(market, contracts, costs, books, funding)

    # --- the account -------------------------------------------------------------------------

    @property
    def books(self) -> Books:
        """The account, to be read."""
        return self._core.books

    @property
    def contracts(self) -> Mapping[str, Contract]:
        """The contracts by symbol, in the order in which they are played."""
        return self._core.contracts

    @property
    def now_ms(self) -> int:
        """The time everything has been played up to: the exchange's now."""
        return self._core.books.played_to_ms

    def contract(self, symbol: str) -> Contract:
        """The contract; Refused -1121 when there is none."""
        return self._core.contract(symbol)

    def advance(self, now_ms: int) -> None:
        """Play every candle up to and with `now_ms`; nothing when that time is already past."""
        playing.advance(self._core, now_ms)

    def standing_ticks(self, symbol: str) -> int | None:
        """The price orders are filled at now; None while the candle is missing (closed)."""
        return self._core.standing_ticks(self.contract(symbol).symbol)

    def last_ticks(self, symbol: str) -> int | None:
        """The standing price, or the last close before it; None when there is neither."""
        return self._core.last_ticks(self.contract(symbol).symbol)

    def position(self, symbol: str) -> Position | None:
        """The open position, None when flat."""
        return self._core.books.positions.get(symbol)

    def settings(self, symbol: str) -> Settings:
        """Leverage and margin type as set or by default."""
        return self._core.settings(self.contract(symbol))

    def unrealised_e8(self, symbol: str) -> int:
        """Open profit at the last price, 0 when flat."""
        return account.unrealised_e8(self._core, symbol)

    def order_margin_e8(self, symbol: str = "") -> int:
        """Initial margin of open limit orders that may open or enlarge; "" = of all symbols."""
        return account.order_margin_e8(self._core, symbol)

    def available_e8(self) -> int:
        """availableBalance: wallet - isolated margins - margin of open orders, at least 0."""
        return account.available_e8(self._core)

    def deposit(self, amount_e8: int) -> None:
        """A transfer into the account (out of it when negative)."""
        account.deposit(self._core, amount_e8)

    # --- settings ----------------------------------------------------------------------------

    def set_leverage(self, symbol: str, leverage: int) -> Settings:
        """Refused: -1121, -4028 (not 1 to the symbol's maximum), -4161, -2027."""
        return account.set_leverage(self._core, symbol, leverage)

    def set_margin_type(self, symbol: str, margin_type: MarginType) -> Settings:
        """Refused: -1121, -4046 (no change), -4168, -4047 (open orders), -4048 (position)."""
        return account.set_margin_type(self._core, symbol, margin_type)

    def set_dual_side(self, dual_side: bool) -> None:
        """Refused: -4059 (no change), -4067 (open orders), -4068 (position). With the hedge
        mode on, every order is refused (-4061): this account trades one-way only.
        """
        account.set_dual_side(self._core, dual_side)

    def set_multi_assets(self, multi_assets: bool) -> None:
        """Refused: -4171 (no change), -4167 (a symbol is on isolated margin)."""
        account.set_multi_assets(self._core, multi_assets)

    def move_margin(self, symbol: str, amount_e8: int) -> None:
        """positionMargin: into the position's margin, out of it when negative.

        Refused: -1121, -4054 (no position), -4051 (not that much there).
        """
        account.move_margin(self._core, symbol, amount_e8)

    # --- plain orders ------------------------------------------------------------------------

    def place(self, request: OrderRequest) -> Order:
        """Fill a MARKET order at the standing price; fill or rest a LIMIT order.

        Refused, in this order: -1121 symbol, -4141 candle missing, -4003/-4004/-4005 quantity,
        -4013/-4002/-4016/-4024 price, -4061 position side, -4116 open client id, -2022
        reduce-only, -4164 notional, -2027 bracket, -2019 margin, -2025 open orders.
        """
        return placing.place(self._core, request)

    def modify(
        self, symbol: str, side: Side, lots: int, price_ticks: int, order_id: int, client_id: str
    ) -> Order:
        """PUT order: another quantity and price for an open LIMIT order (same id).

        Refused as `place`, and -2013 (no such open order), -5027 (no change), -1106 (side).
        """
        return placing.modify(self._core, symbol, side, lots, price_ticks, order_id, client_id)

    def cancel(self, symbol: str, order_id: int = 0, client_id: str = "") -> Order:
        """Cancel an open plain order. Refused: -1121, -2011 (not open, or not there)."""
        return placing.cancel(self._core, symbol, order_id, client_id)

    def cancel_all(self, symbol: str) -> list[Order]:
        """Cancel all open plain orders of the symbol; conditional ones stay. Refused: -1121."""
        return placing.cancel_all(self._core, symbol)

    def order(self, symbol: str, order_id: int = 0, client_id: str = "") -> Order:
        """A plain order, open or ended; by client id the open one, else the newest.
        Refused: -1121, -2013.
        """
        return placing.find(self._core, symbol, order_id, client_id)

    def open_orders(self, symbol: str = "") -> list[Order]:
        """Open plain orders, oldest first; "" = of all symbols."""
        return [o for o in self._core.books.orders if symbol in ("", o.symbol)]

    def all_orders(self, symbol: str = "") -> list[Order]:
        """Open and ended plain orders, ascending by order id."""
        return self._core.plain.all(symbol)

    # --- conditional orders ------------------------------------------------------------------

    def place_algo(self, request: AlgoRequest) -> AlgoOrder:
        """Store a conditional order.

        Refused, in this order: -1121, -4141, -4137/-1106 (closePosition with quantity or
        reduceOnly), -4003/-4004/-4005, -4013/-4002 (trigger), -4061, -4116, -4045 (200 open),
        -4509/-4130 (closePosition, GTE_GTC), -2021 (would trigger at once), -4164.
        """
        return conditional.place(self._core, request)

    def cancel_algo(self, algo_id: int = 0, client_id: str = "") -> AlgoOrder:
        """Cancel an open conditional order. Refused: -2011 (not open, or not there)."""
        return conditional.cancel(self._core, algo_id, client_id)

    def cancel_all_algos(self, symbol: str) -> list[AlgoOrder]:
        """Cancel all open conditional orders of the symbol. Refused: -1121."""
        return conditional.cancel_all(self._core, symbol)

    def algo(self, algo_id: int = 0, client_id: str = "") -> AlgoOrder:
        """A conditional order, open or ended. Refused: -2013."""
        return conditional.find(self._core, algo_id, client_id)

    def open_algos(self, symbol: str = "") -> list[AlgoOrder]:
        """Open conditional orders, oldest first; "" = of all symbols."""
        return [o for o in self._core.books.algos if symbol in ("", o.symbol)]

    def all_algos(self, symbol: str = "") -> list[AlgoOrder]:
        """Open and ended conditional orders, ascending by algo id."""
        return self._core.algos.all(symbol)

    # --- mischief ----------------------------------------------------------------------------

    @property
    def mischief(self) -> Mischief:
        """What the venue is about to do wrong."""
        return self._core.mischief

    def calm_down(self) -> None:
        """Nothing is in store any more; late children are matched now."""
        conditional.match_late_children(self._core, everyone=True)
        self._core.mischief = Mischief()

    def trigger_algo(self, algo_id: int = 0, client_id: str = "") -> AlgoOrder:
        """Fire an open conditional order at its own price, now. Refused: -2011."""
        return conditional.trigger_now(self._core, algo_id, client_id)

    def liquidate(self, symbol: str) -> None:
        """Close the symbol's position as the venue does, now. Refused: -1121, -4054 (flat)."""
        account.liquidate(self._core, symbol)

    def change_contract(self, contract: Contract) -> None:
        """Other rules for a symbol, from now on. Refused: -1121."""
        self._core.contract(contract.symbol)
        self._core.contracts[contract.symbol] = contract

    def give_bnb(self, amount_e8: int) -> None:
        """BNB to pay fees from."""
        self._core.books.bnb_e8 += amount_e8
        self._core.changed()

    # --- what happened -----------------------------------------------------------------------

    def fills(
        self, symbol: str = "", start_ms: int = 0, end_ms: int | None = None, order_id: int = 0
    ) -> list[Fill]:
        """Fills with `start_ms` <= time <= `end_ms`, ascending; `order_id` 0 = of any order."""
        return account.fills(self._core, symbol, start_ms, end_ms, order_id)

    def incomes(
        self, symbol: str = "", start_ms: int = 0, end_ms: int | None = None
    ) -> list[Income]:
        """Incomes with `start_ms` <= time <= `end_ms`, ascending; "" = of all symbols."""
        return account.incomes(self._core, symbol, start_ms, end_ms)
