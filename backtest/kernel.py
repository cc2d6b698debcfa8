"""The walk over the candles: written once, interpreted as it is and compiled by numba.

It calls the rules of `strategy/` and the fills of the embedded exchange and adds only their order:
an open (funding, liquidation, resting orders, then what the close before decided), then the rest
of the candle. Plain integers and columns: no objects, strings or exceptions in here.
"""

from backtest.layout import (
    BREAKEVEN,
    ENDED,
    ENTRY,
    LAPSED,
    MOVED,
    NEXT,
    OVER_CAP,
    REFUSED,
    REFUSED_MARGIN,
    REFUSED_NOTIONAL,
    REFUSED_TIER,
    REVERTED,
    SIDE,
    STOP_LEVEL,
    STREAK,
    TOTAL,
    WALLET,
    WIDTH,
    WRITTEN,
    Candles,
    Payments,
    Store,
    Terms,
    Tiers,
)
from backtest.position import close_position, open_position, play_open, play_rest
from simulator.engine.fills import assumed_e8, below_minimum, beyond_cap, opening_cost_e8
from strategy.decide import (
    CLOSE_REVERTED,
    ENTER_LONG,
    ENTER_SHORT,
    MOVE_STOP,
    bars_since,
    decide_flat,
    decide_in_position,
)
from strategy.protection import breakeven_level, through
from strategy.sizing import SIZE_OK, balance_share_e8, quantity_lots, size_refusal

#: Candles since the last trade, not counted yet: below any cooldown.
UNKNOWN = -1


def walk(
    candles: Candles, payments: Payments, tiers: Tiers, terms: Terms, state: Store, trades: Store,
    end: int,
) -> int:  # fmt: skip
    """Play the candles from state[NEXT] to before index `end`; returns the new state[NEXT].

    It stops earlier when `trades` has no room for another trade (take them, set state[WRITTEN] to
    0, call again) and when the wallet leaves its bounds (state[OVER_CAP]). Nothing is ordered at
    the last close; a position of the end stays in `state`.
    """
    slots, opens, highs, lows, closes = candles
    length, threshold, cooldown = terms.ma_length, terms.threshold_ppm, terms.cooldown_bars
    first, room = terms.first, len(trades) // WIDTH
    i, total, streak = state[NEXT], state[TOTAL], state[STREAK]
    slot = slots[i - 1] if i > 0 else slots[0] - 2
    close = closes[i - 1] if i > 0 else 0
    held, waited = state[SIDE] != 0, UNKNOWN
    end = end if state[WRITTEN] < room else i
    while True:  # `while i < end` would never be made quick by Python 3.11
        if i >= end:
            break
        before, slot, busy = slot, slots[i], held
        if held:
            play_open(i, slot, opens[i], payments, terms, state, trades)
            if state[SIDE] != 0:
                average = total if streak >= length else 0
                obey(i, slot, opens[i], close, average, terms, state, trades)
        elif i > first:  # what was closed at an open ended after the close that decides here
            average = total if streak >= length else 0
            # What is over is over until another trade ends. Slots are times counted in candles.
            waited = waited if waited >= cooldown else bars_since(before, state[ENDED], 1)
            action = decide_flat(waited, cooldown, close, average, length, threshold)
            side = 1 if action == ENTER_LONG else -1 if action == ENTER_SHORT else 0
            if side != 0:
                lots = size(side, close, slot != before + 1, opens[i], terms, state)
                if lots > 0:
                    open_position(
                        side, lots, i, slot, opens[i], payments, tiers, terms, state, trades
                    )
                    busy = True
                elif state[OVER_CAP] != 0:
                    break
        if busy:
            if state[SIDE] != 0:
                play_rest(i, slot, highs[i], lows[i], terms, state, trades)
            held, waited = state[SIDE] != 0, UNKNOWN
            end = i + 1 if state[WRITTEN] >= room else end  # no room for another trade
        close = closes[i]
        if slot != before + 1:
            total, streak = 0, 0
        total, streak = total + close, streak + 1
        if streak > length:
            total -= closes[i - length]
        i += 1
    state[NEXT], state[TOTAL], state[STREAK] = i, total, streak
    return i


def obey(
    index: int, slot: int, opened: int, close: int, average: int, terms: Terms, state: Store,
    trades: Store,
) -> None:  # fmt: skip
    """At an open, do to the position what the close before decided."""
    side, entry = state[SIDE], state[ENTRY]
    action = decide_in_position(
        side, entry, 1, True, state[MOVED] != 0, close, average, terms.ma_length,
        terms.breakeven_trigger_ppm,
    )  # fmt: skip
    if action == CLOSE_REVERTED:
        close_position(REVERTED, index, slot, opened, terms, state, trades)
    elif action == MOVE_STOP:
        stop = state[STOP_LEVEL] = breakeven_level(side, entry, 1, terms.breakeven_offset_ppm)
        state[MOVED] = 1
        if through(side, opened, stop):
            close_position(BREAKEVEN, index, slot, opened, terms, state, trades)


def size(side: int, close: int, late: bool, opened: int, terms: Terms, state: Store) -> int:
    """Lots to enter with at an open; 0 = no trade, and the counters say why.

    `late`: the candle after the signal is missing, so the exchange took no order in time.
    """
    wallet_e8 = state[WALLET]
    if wallet_e8 > terms.wallet_e8_max or wallet_e8 < -terms.wallet_e8_max:
        state[OVER_CAP] = 1
        return 0
    lots = quantity_lots(
        balance_share_e8(wallet_e8, terms.symbols), terms.risk_ppm, terms.stop_loss_ppm,
        terms.exposure_max_permille, close, terms.unit_e8, terms.market_max_lots,
    )  # fmt: skip
    refusal = size_refusal(
        lots, side, close, terms.unit_e8, terms.min_lots, terms.min_notional_e8,
        terms.stop_loss_ppm, terms.profit_target_ppm,
    )  # fmt: skip
    if refusal != SIZE_OK:
        state[REFUSED + refusal] += 1
        return 0
    notional_e8 = lots * opened * terms.unit_e8
    if late:
        state[LAPSED] += 1
    elif below_minimum(notional_e8, terms.min_notional_e8):
        state[REFUSED_NOTIONAL] += 1
    elif beyond_cap(notional_e8, terms.notional_max_e8):
        state[REFUSED_TIER] += 1
    elif wallet_e8 < opening_cost_e8(
        side, assumed_e8(side, notional_e8), notional_e8, terms.leverage, terms.fee_ppm
    ):
        state[REFUSED_MARGIN] += 1
    else:
        return lots
    return 0
