"""A trade in the kernel from entry to exit: what is booked when something fills.

Prices, fees and levels are computed by the functions of the embedded exchange and of the strategy;
here stands only where the results are kept. Compiled with the kernel: no objects, no exceptions.
"""

from backtest.layout import (
    AMBIGUOUS,
    BREAKEVEN,
    DUE,
    ENDED,
    ENTRY,
    ENTRY_INDEX,
    FEES,
    FUNDING,
    LIQUIDATION,
    LOTS,
    MARGIN,
    MOVED,
    SIDE,
    SIGNAL_INDEX,
    STOP_LEVEL,
    T_ENTERED,
    T_ENTRY,
    T_EXIT,
    T_FEES,
    T_FUNDING,
    T_GROSS,
    T_LEFT,
    T_LOTS,
    T_REASON,
    T_SIDE,
    T_SIGNAL,
    T_WALLET,
    TARGET_LEVEL,
    WALLET,
    WIDTH,
    WRITTEN,
    Payments,
    Store,
    Terms,
    Tiers,
)
from simulator.engine.fills import (
    LIQUIDATED,
    NONE,
    STOP,
    TARGET,
    candle_fill,
    fee_e8,
    funding_e8,
    liquidation_ticks,
    margin_e8,
    open_fill,
    pnl_e8,
    slipped,
    tier_of,
)
from strategy.protection import stop_level, target_level, through


def play_open(
    index: int,
    slot: int,
    opened: int,
    payments: Payments,
    terms: Terms,
    state: Store,
    trades: Store,
) -> None:
    """What an open does to a position: funding, then liquidation, stop or target."""
    if payments.at[state[DUE]] <= index:
        pay_due(index, opened, payments, terms, state)
    code, price = open_fill(
        state[SIDE], opened, state[STOP_LEVEL], state[TARGET_LEVEL], state[LIQUIDATION]
    )
    if code != NONE:
        fill(index, slot, code, price, terms, state, trades)


def play_rest(
    index: int, slot: int, high: int, low: int, terms: Terms, state: Store, trades: Store
) -> None:
    """What the rest of a candle does to a position: stop, liquidation or target."""
    side, stop, target = state[SIDE], state[STOP_LEVEL], state[TARGET_LEVEL]
    code, price = candle_fill(
        side, high, low, stop, target, state[LIQUIDATION], terms.stop_range_ppm
    )
    if code != NONE:
        if code == STOP and candle_fill(side, high, low, 0, target, 0, 0)[0] == TARGET:
            state[AMBIGUOUS] += 1
        fill(index, slot, code, price, terms, state, trades)


def pay_due(index: int, opened: int, payments: Payments, terms: Terms, state: Store) -> None:
    """Pay every funding time up to the open of candle `index`, each rounded by itself."""
    due = state[DUE]
    while payments.at[due] <= index:
        mark = payments.marks[due] if payments.marks[due] > 0 else opened
        notional_e8 = state[LOTS] * mark * terms.unit_e8
        paid_e8 = funding_e8(state[SIDE], notional_e8, payments.rates_e8[due])
        state[FUNDING] += paid_e8
        state[WALLET] -= paid_e8
        due += 1
    state[DUE] = due


def open_position(
    side: int, lots: int, index: int, slot: int, opened: int, payments: Payments, tiers: Tiers,
    terms: Terms, state: Store, trades: Store,
) -> None:  # fmt: skip
    """A market entry at the open of candle `index`, protected at once."""
    entry = slipped(side, opened, terms.slippage_ppm)
    notional_e8 = entry * lots * terms.unit_e8
    fee = fee_e8(notional_e8, terms.fee_ppm)
    margin = margin_e8(notional_e8, terms.leverage)
    tier = tier_of(notional_e8, tiers.caps_e8)
    state[LIQUIDATION] = liquidation_ticks(
        side,
        lots * terms.unit_e8,
        notional_e8,
        margin + tiers.cums_e8[tier],
        tiers.maintenance_bp[tier],
    )
    state[SIDE], state[LOTS], state[ENTRY] = side, lots, entry
    state[SIGNAL_INDEX], state[ENTRY_INDEX] = index - 1, index
    state[MOVED], state[MARGIN], state[FEES], state[FUNDING] = 0, margin, fee, 0
    state[WALLET] -= fee
    while payments.at[state[DUE]] <= index:  # who enters at an open does not pay at it
        state[DUE] += 1
    stop = state[STOP_LEVEL] = stop_level(side, entry, 1, terms.stop_loss_ppm)
    target = state[TARGET_LEVEL] = target_level(side, entry, 1, terms.profit_target_ppm)
    if through(side, opened, stop):
        close_position(STOP, index, slot, opened, terms, state, trades)
    elif through(-side, opened, target):
        close_position(TARGET, index, slot, opened, terms, state, trades)


def fill(
    index: int, slot: int, code: int, price: int, terms: Terms, state: Store, trades: Store
) -> None:
    """The position is closed by what the exchange says fills."""
    if code == LIQUIDATED:
        state[WALLET] -= state[MARGIN]
        end_trade(LIQUIDATED, index, slot, price, -state[MARGIN], state, trades)
    elif code == STOP and state[MOVED] != 0:
        close_position(BREAKEVEN, index, slot, price, terms, state, trades)
    else:
        close_position(code, index, slot, price, terms, state, trades)


def close_position(
    reason: int, index: int, slot: int, price: int, terms: Terms, state: Store, trades: Store
) -> None:
    """A taker order closes the position from `price`, slipped."""
    side, lots = state[SIDE], state[LOTS]
    ticks = slipped(-side, price, terms.slippage_ppm)
    fee = fee_e8(ticks * lots * terms.unit_e8, terms.fee_ppm)
    gross = pnl_e8(side, state[ENTRY] * lots, ticks * lots, terms.unit_e8)
    state[FEES] += fee
    state[WALLET] += gross - fee
    end_trade(reason, index, slot, ticks, gross, state, trades)


def end_trade(
    reason: int, index: int, slot: int, exit_ticks: int, gross: int, state: Store, trades: Store
) -> None:
    """Write the record of the trade that has just ended; the account is flat."""
    row = state[WRITTEN] * WIDTH
    trades[row + T_SIDE] = state[SIDE]
    trades[row + T_LOTS] = state[LOTS]
    trades[row + T_SIGNAL] = state[SIGNAL_INDEX]
    trades[row + T_ENTERED] = state[ENTRY_INDEX]
    trades[row + T_ENTRY] = state[ENTRY]
    trades[row + T_LEFT] = index
    trades[row + T_EXIT] = exit_ticks
    trades[row + T_REASON] = reason
    trades[row + T_GROSS] = gross
    trades[row + T_FEES] = state[FEES]
    trades[row + T_FUNDING] = state[FUNDING]
    trades[row + T_WALLET] = state[WALLET]
    state[WRITTEN] += 1
    state[ENDED] = slot
    state[SIDE] = 0
