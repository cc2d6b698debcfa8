"""The embedded exchange's data: what a contract is, what an account holds.

Everything an account needs to go on exactly where it stopped is in `Books`, which is persistable
as JSON. Prices are whole ticks, quantities whole lots (quantity steps), money whole 1e-8 USDT,
times UTC ms, sides +1 (buy, long) and -1 (sell, short). The module knows no rule and no wire
format: Decimal strings, "BUY"/"SELL" and "algoStatus" are made of these by the wire.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal

import msgspec

from simulator.engine.fills import tier_of

BUY: Final = 1
SELL: Final = -1

USDT: Final = "USDT"
BNB: Final = "BNB"
#: One USDT in whole 1e-8.
USDT_E8 = 100_000_000
#: Ended orders, fills and incomes older than this are forgotten, as Binance does.
HISTORY_MS = 90 * 86_400_000
#: Open conditional orders an account may have, over all symbols.
ALGO_ORDERS_MAX = 200
#: Open plain orders an account may have on one symbol (MAX_NUM_ORDERS).
PLAIN_ORDERS_MAX = 200
#: Leverage of a symbol nobody has set yet, as on a new Binance account.
LEVERAGE_DEFAULT = 20

Side = Literal[1, -1]
OrderStatus = Literal["NEW", "PARTIALLY_FILLED", "FILLED", "CANCELED", "REJECTED", "EXPIRED"]
AlgoStatus = Literal[
    "NEW", "TRIGGERING", "TRIGGERED", "FINISHED", "CANCELED", "REJECTED", "EXPIRED"
]
OrderType = Literal["MARKET", "LIMIT"]
AlgoType = Literal["STOP_MARKET", "TAKE_PROFIT_MARKET"]
TimeInForce = Literal["GTC", "GTE_GTC"]
WorkingType = Literal["CONTRACT_PRICE", "MARK_PRICE"]
MarginType = Literal["ISOLATED", "CROSSED"]
IncomeType = Literal["TRANSFER", "REALIZED_PNL", "COMMISSION", "FUNDING_FEE", "INSURANCE_CLEAR"]


@dataclass(frozen=True, slots=True)
class Bracket:
    """One maintenance tier: notionals above `floor_e8`, up to and with `cap_e8`."""

    number: int
    leverage_max: int
    floor_e8: int
    cap_e8: int
    #: Maintenance margin ratio in whole 1e-4 (0.0065 = 65).
    maintenance_bp: int
    #: The tier's deduction, so that maintenance is continuous over the tiers.
    cum_e8: int


@dataclass(frozen=True, slots=True)
class Contract:
    """The rules of one perpetual, in whole ticks, lots and 1e-8 USDT."""

    symbol: str
    #: Price step and quantity step, in 1e-8.
    tick_e8: int
    step_e8: int
    #: U: what one tick of one lot is worth, in 1e-8 USDT (tick x step).
    unit_e8: int
    price_min_ticks: int
    price_max_ticks: int
    min_lots: int
    max_lots: int
    market_max_lots: int
    min_notional_e8: int
    #: PERCENT_PRICE: a buy limit is at most standing price x up, a sell limit at least x down.
    price_up_ppm: int
    price_down_ppm: int
    #: Decimals of prices and quantities on the wire; more of them are refused (-1111).
    price_decimals: int
    quantity_decimals: int
    #: Ascending, without holes.
    brackets: tuple[Bracket, ...]
    #: The symbol's row of exchangeInfo as the wire shows it.
    row: Mapping[str, Any] = field(repr=False, compare=False)

    @property
    def leverage_max(self) -> int:
        """The highest leverage any tier allows."""
        return self.brackets[0].leverage_max

    def bracket_of(self, notional_e8: int) -> Bracket:
        """The tier of a notional (a tier's cap belongs to it); the last tier above them all."""
        return self.brackets[tier_of(notional_e8, [bracket.cap_e8 for bracket in self.brackets])]

    def notional_max_e8(self, leverage: int) -> int:
        """The largest position notional at `leverage`: the cap of the highest tier that allows
        it (Binance's maxNotionalValue); 0 when no tier does.
        """
        return max((b.cap_e8 for b in self.brackets if b.leverage_max >= leverage), default=0)


@dataclass(frozen=True, slots=True)
class Costs:
    """What trading costs on the embedded exchange."""

    #: Taker fee, also charged to resting limit orders (0.05 % = 500).
    fee_ppm: int = 500
    #: How far a fill is moved against the taker (1 bp = 100).
    slippage_ppm: int = 100
    #: False: funding is never paid.
    funding: bool = True
    #: Rate at 00:00, 08:00 and 16:00 where no series is given (0.01 % = 10_000).
    funding_rate_e8: int = 10_000
    #: How far a stop within a candle fills on the way to the candle's worst price (10 % = 100_000).
    stop_range_ppm: int = 0


class Settings(msgspec.Struct, omit_defaults=True, forbid_unknown_fields=True):
    """What the account has set for one symbol. CROSSED is remembered and shown, but every
    position is played as isolated: cross margin is not modelled.
    """

    leverage: int = LEVERAGE_DEFAULT
    margin_type: MarginType = "CROSSED"


class Position(msgspec.Struct, forbid_unknown_fields=True):
    """An open one-way position; a flat symbol has none."""

    symbol: str
    side: Side
    lots: int
    #: Sum of ticks x lots of its entries: average entry = quote / lots, in ticks.
    quote: int
    #: Isolated margin (Binance's isolatedWallet): entry notional / leverage + `extra_e8`.
    margin_e8: int
    #: Nearest tick; 0 = it cannot be liquidated.
    liquidation_ticks: int
    #: Margin moved in or out by hand, or kept over a change of leverage.
    extra_e8: int
    opened_ms: int
    updated_ms: int
    #: Funding times up to and with this one are settled or were before the position.
    funded_to_ms: int
    #: The price that stood when it was opened, before slippage.
    seen_ticks: int


class Order(msgspec.Struct, omit_defaults=True, forbid_unknown_fields=True):
    """A plain order: MARKET or LIMIT, also what a triggered conditional order became."""

    order_id: int
    client_id: str
    symbol: str
    side: Side
    type: OrderType
    #: origQty; of a trimmed reduce-only order what was left of it.
    lots: int
    time_ms: int
    updated_ms: int
    #: Limit price; 0 for MARKET.
    price_ticks: int = 0
    status: OrderStatus = "NEW"
    filled_lots: int = 0
    #: Sum of ticks x lots of its fills: average price = filled_quote / filled_lots.
    filled_quote: int = 0
    reduce_only: bool = False
    close_position: bool = False
    time_in_force: TimeInForce = "GTC"
    #: The price that stood when it was placed.
    seen_ticks: int = 0


class AlgoOrder(msgspec.Struct, omit_defaults=True, forbid_unknown_fields=True):
    """A conditional order. It lives in a store of its own; its child is a plain order."""

    algo_id: int
    client_id: str
    symbol: str
    side: Side
    type: AlgoType
    trigger_ticks: int
    #: 0 for close_position.
    lots: int
    created_ms: int
    updated_ms: int
    status: AlgoStatus = "NEW"
    reduce_only: bool = False
    close_position: bool = False
    time_in_force: TimeInForce = "GTC"
    working_type: WorkingType = "CONTRACT_PRICE"
    price_protect: bool = False
    #: 0 until it triggers.
    triggered_ms: int = 0
    #: The child's order id, fills and quote; 0 without a child.
    actual_order_id: int = 0
    actual_lots: int = 0
    actual_quote: int = 0
    #: Why it was REJECTED or EXPIRED, in Binance's words.
    reason: str = ""
    #: The price that stood when it was placed.
    seen_ticks: int = 0


class Fill(msgspec.Struct, omit_defaults=True, forbid_unknown_fields=True):
    """One trade of the account (a row of userTrades)."""

    fill_id: int
    order_id: int
    symbol: str
    side: Side
    ticks: int
    lots: int
    time_ms: int
    #: Commission, >= 0, in 1e-8 of `fee_asset`.
    fee_e8: int
    #: Of the lots this fill closed; of a liquidation minus the isolated margin.
    realised_e8: int = 0
    maker: bool = False
    fee_asset: str = USDT


class Income(msgspec.Struct, omit_defaults=True, forbid_unknown_fields=True):
    """One change of the wallet (a row of income): positive = received. BNB is no wallet's."""

    income_id: int
    type: IncomeType
    amount_e8: int
    time_ms: int
    #: "" for TRANSFER.
    symbol: str = ""
    #: 0 where there is no trade.
    fill_id: int = 0
    asset: str = USDT


class Books(msgspec.Struct, omit_defaults=True, forbid_unknown_fields=True):
    """One account, whole. `wallet = transfers + realised - fees - funding`, always."""

    #: When the account was opened, and the time everything has been played up to.
    opened_ms: int
    played_to_ms: int
    wallet_e8: int = 0
    transfers_e8: int = 0
    realised_e8: int = 0
    fees_e8: int = 0
    #: Positive when paid.
    funding_e8: int = 0
    #: What is left of the BNB that fees are paid from, in 1e-8 BNB; may fall below zero.
    bnb_e8: int = 0
    dual_side: bool = False
    multi_assets: bool = False
    #: By symbol; a symbol without an entry has the defaults.
    settings: dict[str, Settings] = {}
    positions: dict[str, Position] = {}
    #: Open plain orders, oldest first; then the ended ones, in the order they ended.
    orders: list[Order] = []
    ended_orders: list[Order] = []
    #: The same for conditional orders.
    algos: list[AlgoOrder] = []
    ended_algos: list[AlgoOrder] = []
    #: Ascending in time and id.
    fills: list[Fill] = []
    incomes: list[Income] = []
    next_order_id: int = 100_000_001
    next_algo_id: int = 4_000_000_000_000_001
    next_fill_id: int = 1_000_001
    next_income_id: int = 9_000_000_001
    #: Goes up with every change, so that a reader knows whether there is something to save.
    revision: int = 0
