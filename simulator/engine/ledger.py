"""Bookings: what a fill, a liquidation, a funding time or a transfer does to the account.

The only place where wallet, positions, fills and incomes change. After every booking the
account is checked: wallet = transfers + realised - fees - funding, to the last 1e-8.
"""

from typing import NamedTuple

from simulator.engine import fills
from simulator.engine.core import Core
from simulator.engine.model import (
    BNB,
    USDT,
    USDT_E8,
    Books,
    Contract,
    Fill,
    Income,
    IncomeType,
    Order,
    Position,
    Side,
)


class BooksDoNotBalance(AssertionError):
    """The account contradicts itself: a fault of this program."""


def opened_books(balance_e8: int, now_ms: int) -> Books:
    """A new account with its opening balance, paid in at `now_ms`."""
    books = Books(opened_ms=now_ms, played_to_ms=now_ms)
    transfer(books, balance_e8, now_ms)
    return books


def transfer(books: Books, amount_e8: int, time_ms: int) -> None:
    """Money into the account (out of it when negative)."""
    books.transfers_e8 += amount_e8
    _income(books, "TRANSFER", amount_e8, time_ms)
    books.revision += 1
    check(books)


def check(books: Books) -> None:
    """Raises BooksDoNotBalance unless every change of the wallet is accounted for."""
    owed = books.transfers_e8 + books.realised_e8 - books.fees_e8 - books.funding_e8
    if books.wallet_e8 != owed:
        raise BooksDoNotBalance(f"wallet {books.wallet_e8} is not {owed} (1e-8 USDT)")


def _income(
    books: Books,
    kind: IncomeType,
    amount_e8: int,
    time_ms: int,
    symbol: str = "",
    fill_id: int = 0,
    asset: str = USDT,
) -> None:
    """Change the wallet and write down why. Nothing is written for nothing."""
    if amount_e8 == 0:
        return
    if asset == USDT:
        books.wallet_e8 += amount_e8
    else:
        books.bnb_e8 += amount_e8
    income = Income(books.next_income_id, kind, amount_e8, time_ms, symbol, fill_id, asset)
    books.incomes.append(income)
    books.next_income_id += 1


class Execution(NamedTuple):
    """How an order, or the rest of it, is filled."""

    #: Slippage included.
    ticks: int
    time_ms: int
    #: The price that stood, before slippage.
    standing: int
    maker: bool


def book_fill(core: Core, order: Order, how: Execution) -> None:
    """Fill the rest of the order. First what it closes, then, as a fill of its own, what it
    opens.
    """
    lots = order.lots - order.filled_lots
    position = core.books.positions.get(order.symbol)
    closing = 0
    if position is not None and position.side != order.side:
        closing = min(lots, position.lots)
        quote = fills.divided_half_even(position.quote * closing, position.lots)
        unit_e8 = core.contracts[order.symbol].unit_e8
        realised_e8 = fills.pnl_e8(position.side, quote, how.ticks * closing, unit_e8)
        _book(core, order, how, closing, realised_e8)
        _reduce(core, position, closing, quote, how.time_ms)
    if lots > closing:
        _book(core, order, how, lots - closing, 0)
        _enlarge(core, order, how, lots - closing)
    check(core.books)


def _book(core: Core, order: Order, how: Execution, lots: int, realised_e8: int) -> None:
    """One row of userTrades, its commission and its profit."""
    books = core.books
    notional_e8 = how.ticks * lots * core.contracts[order.symbol].unit_e8
    fee_e8, asset = _fee(core, notional_e8)
    fill = Fill(
        books.next_fill_id,
        order.order_id,
        order.symbol,
        order.side,
        how.ticks,
        lots,
        how.time_ms,
        fee_e8,
        realised_e8=realised_e8,
        maker=how.maker,
        fee_asset=asset,
    )
    books.next_fill_id += 1
    books.fills.append(fill)
    books.fees_e8 += fee_e8 if asset == USDT else 0
    books.realised_e8 += realised_e8
    _income(books, "COMMISSION", -fee_e8, how.time_ms, order.symbol, fill.fill_id, asset)
    _income(books, "REALIZED_PNL", realised_e8, how.time_ms, order.symbol, fill.fill_id)
    order.filled_lots += lots
    order.filled_quote += how.ticks * lots
    order.updated_ms = how.time_ms
    core.changed()


def _fee(core: Core, notional_e8: int) -> tuple[int, str]:
    """The commission and its asset: USDT, or BNB with 10 % off."""
    fee_e8 = fills.fee_e8(notional_e8, core.costs.fee_ppm)
    price_e8 = core.mischief.bnb_price_e8
    if not price_e8:
        return fee_e8, USDT
    return fills.divided_half_even(fee_e8 * 9 * USDT_E8, 10 * price_e8), BNB


def _reduce(core: Core, position: Position, lots: int, quote: int, time_ms: int) -> None:
    """Take `lots` and their share of the entry `quote` off a position."""
    if lots == position.lots:
        del core.books.positions[position.symbol]
        return
    left = position.lots - lots
    position.extra_e8 = fills.divided_half_even(position.extra_e8 * left, position.lots)
    position.lots = left
    position.quote -= quote
    position.updated_ms = time_ms
    settle_margin(core, position)


def _enlarge(core: Core, order: Order, how: Execution, lots: int) -> None:
    """Open a position, or add to one."""
    position = core.books.positions.get(order.symbol)
    if position is None:
        position = Position(
            symbol=order.symbol,
            side=order.side,
            lots=0,
            quote=0,
            margin_e8=0,
            liquidation_ticks=0,
            extra_e8=0,
            opened_ms=how.time_ms,
            updated_ms=how.time_ms,
            funded_to_ms=how.time_ms // core.interval_ms * core.interval_ms,
            seen_ticks=how.standing,
        )
        core.books.positions[order.symbol] = position
    position.lots += lots
    position.quote += how.ticks * lots
    position.updated_ms = how.time_ms
    settle_margin(core, position)


def entry_margin_e8(core: Core, position: Position) -> int:
    """Entry notional / leverage, before anything was moved by hand."""
    contract = core.contracts[position.symbol]
    notional_e8 = position.quote * contract.unit_e8
    return fills.margin_e8(notional_e8, core.settings(contract).leverage)


def settle_margin(core: Core, position: Position) -> None:
    """Isolated margin and liquidation price of the position as it is now."""
    position.margin_e8 = entry_margin_e8(core, position) + position.extra_e8
    position.liquidation_ticks = liquidation_of(
        core.contracts[position.symbol], position, position.margin_e8
    )


def liquidation_of(contract: Contract, position: Position, margin_e8: int) -> int:
    """The liquidation price, in ticks, that a margin would give; 0 = none."""
    notional_e8 = position.quote * contract.unit_e8
    bracket = contract.bracket_of(notional_e8)
    return fills.liquidation_ticks(
        position.side,
        position.lots * contract.unit_e8,
        notional_e8,
        margin_e8 + bracket.cum_e8,
        bracket.maintenance_bp,
    )


def book_liquidation(core: Core, position: Position, time_ms: int) -> None:
    """The venue closes the position at its liquidation price: the isolated margin is lost,
    there is no fee. The order is the venue's own; its fill carries the whole loss, and so does
    one INSURANCE_CLEAR (no REALIZED_PNL row).
    """
    books = core.books
    side: Side = -1 if position.side > 0 else 1
    order = Order(
        books.next_order_id,
        f"autoclose-{time_ms}-{books.next_order_id}",
        position.symbol,
        side,
        "LIMIT",
        position.lots,
        time_ms,
        time_ms,
        price_ticks=position.liquidation_ticks,
        status="FILLED",
        filled_lots=position.lots,
        filled_quote=position.lots * position.liquidation_ticks,
    )
    books.next_order_id += 1
    core.plain.add_ended(order)
    fill = Fill(
        books.next_fill_id,
        order.order_id,
        position.symbol,
        side,
        position.liquidation_ticks,
        position.lots,
        time_ms,
        0,
        realised_e8=-position.margin_e8,
    )
    books.next_fill_id += 1
    books.fills.append(fill)
    books.realised_e8 -= position.margin_e8
    _income(books, "INSURANCE_CLEAR", -position.margin_e8, time_ms, position.symbol, fill.fill_id)
    del books.positions[position.symbol]
    core.changed()
    check(books)


def book_funding(core: Core, position: Position, upto_ms: int, open_ticks: int) -> None:
    """Pay every funding time that fell due up to the open at `upto_ms`. It leaves or enters the
    wallet; the isolated margin stays.
    """
    due = core.funding.due(position.symbol, position.funded_to_ms, upto_ms)
    position.funded_to_ms = upto_ms
    unit_e8 = core.contracts[position.symbol].unit_e8
    for time_ms, rate_e8 in due:
        mark = core.funding.mark_ticks(position.symbol, time_ms)
        ticks = open_ticks if mark is None else mark
        paid_e8 = fills.funding_e8(position.side, position.lots * ticks * unit_e8, rate_e8)
        core.books.funding_e8 += paid_e8
        _income(core.books, "FUNDING_FEE", -paid_e8, upto_ms, position.symbol)
        core.changed()
    check(core.books)
