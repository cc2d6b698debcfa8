"""The account's figures and settings: what is available, what is set, what happened."""

from bisect import bisect_left, bisect_right

from simulator.engine import execution, ledger
from simulator.engine import fills as rules
from simulator.engine.core import Core
from simulator.engine.model import Fill, Income, MarginType, Order, Position, Settings
from simulator.engine.refused import refused


def unrealised_e8(core: Core, symbol: str) -> int:
    """Open profit at the last price; 0 when flat."""
    position = core.books.positions.get(symbol)
    ticks = core.last_ticks(symbol) if position is not None else None
    if position is None or ticks is None:
        return 0
    unit_e8 = core.contracts[symbol].unit_e8
    return rules.pnl_e8(position.side, position.quote, ticks * position.lots, unit_e8)


def limit_margin_e8(core: Core, order: Order) -> int:
    """Initial margin an open limit order keeps aside; none for a reduce-only one."""
    if order.reduce_only:
        return 0
    contract = core.contracts[order.symbol]
    left = order.lots - order.filled_lots
    notional_e8 = order.price_ticks * left * contract.unit_e8
    return rules.margin_e8(notional_e8, core.settings(contract).leverage)


def order_margin_e8(core: Core, symbol: str) -> int:
    """Initial margin of open limit orders; symbol "" = of all."""
    return sum(limit_margin_e8(core, o) for o in core.books.orders if symbol in ("", o.symbol))


def free_e8(core: Core) -> int:
    """Wallet - isolated margins - margin of open orders; may be negative."""
    books = core.books
    in_use_e8 = sum(position.margin_e8 for position in books.positions.values())
    return books.wallet_e8 - in_use_e8 - order_margin_e8(core, "")


def available_e8(core: Core) -> int:
    """availableBalance: what is free, at least 0."""
    return max(0, free_e8(core))


def deposit(core: Core, amount_e8: int) -> None:
    """A transfer into the account (out of it when negative), now."""
    ledger.transfer(core.books, amount_e8, core.books.played_to_ms)


def _has_open_orders(core: Core, symbol: str) -> bool:
    """Open orders in either store; symbol "" = on any."""
    books = core.books
    return any(symbol in ("", o.symbol) for o in books.orders) or any(
        symbol in ("", o.symbol) for o in books.algos
    )


def set_leverage(core: Core, symbol: str, leverage: int) -> Settings:
    """Set the leverage. An open position keeps the margin it has."""
    contract = core.contract(symbol)
    old = core.settings(contract)
    if not 1 <= leverage <= contract.leverage_max:
        raise refused(-4028, leverage)
    if leverage == old.leverage:
        return old
    position = core.books.positions.get(symbol)
    if position is not None:
        if leverage < old.leverage:
            raise refused(-4161)
        notional_e8 = position.lots * (core.last_ticks(symbol) or 0) * contract.unit_e8
        if rules.beyond_cap(notional_e8, contract.notional_max_e8(leverage)):
            raise refused(-2027)
    new = Settings(leverage=leverage, margin_type=old.margin_type)
    core.books.settings[symbol] = new
    if position is not None:
        position.extra_e8 = position.margin_e8 - ledger.entry_margin_e8(core, position)
    core.changed()
    return new


def set_margin_type(core: Core, symbol: str, margin_type: MarginType) -> Settings:
    """Set ISOLATED or CROSSED."""
    old = core.settings(core.contract(symbol))
    if old.margin_type == margin_type:
        raise refused(-4046)
    if margin_type == "ISOLATED" and core.books.multi_assets:
        raise refused(-4168)
    if _has_open_orders(core, symbol):
        raise refused(-4047)
    if symbol in core.books.positions:
        raise refused(-4048)
    new = Settings(leverage=old.leverage, margin_type=margin_type)
    core.books.settings[symbol] = new
    core.changed()
    return new


def set_dual_side(core: Core, dual_side: bool) -> None:
    """Switch the hedge mode."""
    books = core.books
    if books.dual_side == dual_side:
        raise refused(-4059)
    if _has_open_orders(core, ""):
        raise refused(-4067)
    if books.positions:
        raise refused(-4068)
    books.dual_side = dual_side
    core.changed()


def set_multi_assets(core: Core, multi_assets: bool) -> None:
    """Switch the multi-assets mode."""
    books = core.books
    if books.multi_assets == multi_assets:
        raise refused(-4171)
    if multi_assets and any(s.margin_type == "ISOLATED" for s in books.settings.values()):
        raise refused(-4167)
    books.multi_assets = multi_assets
    core.changed()


def move_margin(core: Core, symbol: str, amount_e8: int) -> None:
    """Move money into a position's margin, or out of what was added. Never so that the position
    would be liquidated at once.
    """
    contract = core.contract(symbol)
    position = core.books.positions.get(symbol)
    if position is None:
        raise refused(-4054)
    if amount_e8 > available_e8(core) or position.extra_e8 + amount_e8 < 0:
        raise refused(-4051)
    level = ledger.liquidation_of(contract, position, position.margin_e8 + amount_e8)
    ticks = core.last_ticks(symbol)
    if ticks is not None and level and position.side * (ticks - level) <= 0:
        raise refused(-4051)
    position.extra_e8 += amount_e8
    position.updated_ms = core.books.played_to_ms
    ledger.settle_margin(core, position)
    core.changed()


def liquidate(core: Core, symbol: str) -> None:
    """The venue closes the position, now."""
    core.contract(symbol)
    position = core.books.positions.get(symbol)
    if position is None:
        raise refused(-4054)
    execution.liquidate(core, position, core.books.played_to_ms)


def fills(core: Core, symbol: str, start_ms: int, end_ms: int | None, order_id: int) -> list[Fill]:
    """Fills of a time window, ascending."""
    rows = core.books.fills
    first = bisect_left(rows, start_ms, key=lambda row: row.time_ms)
    last = len(rows) if end_ms is None else bisect_right(rows, end_ms, key=lambda r: r.time_ms)
    return [
        row
        for row in rows[first:last]
        if symbol in ("", row.symbol) and order_id in (0, row.order_id)
    ]


def incomes(core: Core, symbol: str, start_ms: int, end_ms: int | None) -> list[Income]:
    """Incomes of a time window, ascending."""
    rows = core.books.incomes
    first = bisect_left(rows, start_ms, key=lambda row: row.time_ms)
    last = len(rows) if end_ms is None else bisect_right(rows, end_ms, key=lambda r: r.time_ms)
    return [row for row in rows[first:last] if symbol in ("", row.symbol)]


def position_after(core: Core, symbol: str, signed_lots: int) -> int:
    """Signed lots of the symbol after an order of `signed_lots`."""
    position: Position | None = core.books.positions.get(symbol)
    return signed_lots + (position.side * position.lots if position is not None else 0)
