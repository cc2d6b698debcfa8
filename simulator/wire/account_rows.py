"""Positions, the account's totals and settings, in Binance's shapes.

Everything that depends on a price takes it as an argument (the mark, in ticks). Isolated one-way
arithmetic: isolated margin shown = isolated wallet + open profit or loss.
"""

from typing import NamedTuple

from simulator.engine.fills import divided_half_even
from simulator.engine.model import Books, Contract, Costs, Position, Settings
from simulator.wire.figures import Figures, bare, dotted, fixed, money
from simulator.wire.order_rows import MARGIN_ASSET, Row

_PPM = 1_000_000


class Valued(NamedTuple):
    """A position, or none (all zero), at a mark price. Money in 1e-8 USDT.

    `lots` and `notional_e8` are negative for a short; `quote` is the sum of ticks x lots.
    """

    contract: Contract
    mark_ticks: int
    lots: int
    quote: int
    margin_e8: int
    liquidation_ticks: int
    updated_ms: int
    notional_e8: int
    profit_e8: int
    initial_e8: int
    maintenance_e8: int


def value(position: Position | None, contract: Contract, leverage: int, mark_ticks: int) -> Valued:
    """Values a symbol's position."""
    if position is None:
        return Valued(contract, mark_ticks, 0, 0, 0, 0, 0, 0, 0, 0, 0)
    unit, side = contract.unit_e8, position.side
    size_e8 = mark_ticks * position.lots * unit
    bracket = contract.bracket_of(size_e8)
    return Valued(
        contract=contract,
        mark_ticks=mark_ticks,
        lots=side * position.lots,
        quote=position.quote,
        margin_e8=position.margin_e8,
        liquidation_ticks=position.liquidation_ticks,
        updated_ms=position.updated_ms,
        notional_e8=side * size_e8,
        profit_e8=side * (mark_ticks * position.lots - position.quote) * unit,
        initial_e8=divided_half_even(size_e8, leverage),
        maintenance_e8=divided_half_even(size_e8 * bracket.maintenance_bp, 10_000) - bracket.cum_e8,
    )


def entry_price(valued: Valued, figures: Figures) -> str:
    """The average entry, unpadded: "60000.0"; "0.0" when flat."""
    return dotted(figures.average(valued.quote, abs(valued.lots)))


def break_even_price(valued: Valued, costs: Costs) -> str:
    """The entry moved by the taker fee of the way in: "60030.0"; "0.0" when flat."""
    if not valued.lots:
        return "0.0"
    fee_ppm = costs.fee_ppm if valued.lots > 0 else -costs.fee_ppm
    top = valued.quote * valued.contract.tick_e8 * (_PPM + fee_ppm)
    return dotted(fixed(divided_half_even(top, abs(valued.lots) * _PPM), 8))


def liquidation_price(valued: Valued, figures: Figures) -> str:
    """The price of the liquidation; "0" when there is none."""
    ticks = valued.liquidation_ticks
    return figures.price(ticks) if ticks else "0"


def position_row(valued: Valued, figures: Figures, costs: Costs, orders: tuple[int, int]) -> Row:
    """An element of positionRisk v3. `orders`: open buy and sell notional, 1e-8 USDT."""
    bids_e8, asks_e8 = orders
    return {
        "symbol": valued.contract.symbol,
        "positionSide": "BOTH",
        "positionAmt": figures.quantity(valued.lots),
        "entryPrice": entry_price(valued, figures),
        "breakEvenPrice": break_even_price(valued, costs),
        "markPrice": money(valued.mark_ticks * valued.contract.tick_e8),
        "unRealizedProfit": money(valued.profit_e8),
        "liquidationPrice": liquidation_price(valued, figures),
        "isolatedMargin": money(valued.margin_e8 + valued.profit_e8),
        "notional": money(valued.notional_e8),
        "marginAsset": MARGIN_ASSET,
        "isolatedWallet": money(valued.margin_e8),
        "initialMargin": money(valued.initial_e8),
        "maintMargin": money(valued.maintenance_e8),
        "positionInitialMargin": money(valued.initial_e8),
        "openOrderInitialMargin": "0",
        "adl": 1,
        "bidNotional": bare(money(bids_e8)),
        "askNotional": bare(money(asks_e8)),
        "updateTime": valued.updated_ms,
    }


def account_position_row(valued: Valued, figures: Figures) -> Row:
    """An element of account v3's `positions`."""
    return {
        "symbol": valued.contract.symbol,
        "positionSide": "BOTH",
        "positionAmt": figures.quantity(valued.lots),
        "unrealizedProfit": money(valued.profit_e8),
        "isolatedMargin": money(valued.margin_e8 + valued.profit_e8),
        "notional": money(valued.notional_e8),
        "isolatedWallet": money(valued.margin_e8),
        "initialMargin": money(valued.initial_e8),
        "maintMargin": money(valued.maintenance_e8),
        "updateTime": valued.updated_ms,
    }


class Totals(NamedTuple):
    """The account's sums, 1e-8 USDT."""

    wallet: int
    profit: int
    initial: int
    order_margin: int
    maintenance: int
    isolated: int
    available: int
    updated_ms: int

    @property
    def cross(self) -> int:
        """What isolated positions do not hold."""
        return self.wallet - self.isolated


def totals(books: Books, valued: list[Valued], order_margin_e8: int, available_e8: int) -> Totals:
    """Sums over the open positions. `updated_ms` is never 0: ccxt skips an asset that has it."""
    return Totals(
        wallet=books.wallet_e8,
        profit=sum(one.profit_e8 for one in valued),
        initial=sum(one.initial_e8 for one in valued),
        order_margin=order_margin_e8,
        available=available_e8,
        maintenance=sum(one.maintenance_e8 for one in valued),
        isolated=sum(one.margin_e8 for one in valued),
        updated_ms=books.incomes[-1].time_ms if books.incomes else books.opened_ms,
    )


def totals_row(sums: Totals) -> Row:
    """The top level of account v2 and v3."""
    return {
        "totalInitialMargin": money(sums.initial + sums.order_margin),
        "totalMaintMargin": money(sums.maintenance),
        "totalWalletBalance": money(sums.wallet),
        "totalUnrealizedProfit": money(sums.profit),
        "totalMarginBalance": money(sums.wallet + sums.profit),
        "totalPositionInitialMargin": money(sums.initial),
        "totalOpenOrderInitialMargin": money(sums.order_margin),
        "totalCrossWalletBalance": money(sums.cross),
        "totalCrossUnPnl": money(0),
        "availableBalance": money(sums.available),
        "maxWithdrawAmount": money(sums.available),
    }


def asset_row(sums: Totals) -> Row:
    """The USDT element of account v3's `assets`."""
    return {
        "asset": MARGIN_ASSET,
        "walletBalance": money(sums.wallet),
        "unrealizedProfit": money(sums.profit),
        "marginBalance": money(sums.wallet + sums.profit),
        "maintMargin": money(sums.maintenance),
        "initialMargin": money(sums.initial + sums.order_margin),
        "positionInitialMargin": money(sums.initial),
        "openOrderInitialMargin": money(sums.order_margin),
        "crossWalletBalance": money(sums.cross),
        "crossUnPnl": money(0),
        "availableBalance": money(sums.available),
        "maxWithdrawAmount": money(sums.available),
        "updateTime": sums.updated_ms,
    }


def balance_row(sums: Totals) -> Row:
    """The element of balance v2 and v3."""
    return {
        "accountAlias": "embedded",
        "asset": MARGIN_ASSET,
        "balance": money(sums.wallet),
        "crossWalletBalance": money(sums.cross),
        "crossUnPnl": money(0),
        "availableBalance": money(sums.available),
        "maxWithdrawAmount": money(sums.available),
        "marginAvailable": True,
        "updateTime": sums.updated_ms,
    }


def max_notional(contract: Contract, leverage: int) -> str:
    """The largest notional at this leverage: "12000000"."""
    return bare(money(contract.notional_max_e8(leverage)))


def config_row(contract: Contract, settings: Settings) -> Row:
    """An element of symbolConfig."""
    return {
        "symbol": contract.symbol,
        "marginType": settings.margin_type,
        "isAutoAddMargin": False,
        "leverage": settings.leverage,
        "maxNotionalValue": max_notional(contract, settings.leverage),
    }


def bracket_row(contract: Contract) -> Row:
    """An element of leverageBracket: numbers, not strings."""
    return {
        "symbol": contract.symbol,
        "notionalCoef": 1.0,
        "brackets": [
            {
                "bracket": bracket.number,
                "initialLeverage": bracket.leverage_max,
                "notionalCap": bracket.cap_e8 // 100_000_000,
                "notionalFloor": bracket.floor_e8 // 100_000_000,
                "maintMarginRatio": bracket.maintenance_bp / 10_000,
                "cum": bracket.cum_e8 / 100_000_000,
            }
            for bracket in contract.brackets
        ],
    }
