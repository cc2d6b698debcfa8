"""Step 6: what the rules say about each symbol, and whether an entry may leave at all.

PURE but for what it writes into the reports: it asks nothing of the exchange and sends nothing.
"""

from typing import NamedTuple

from exchange.candles import contiguous
from job.firing import Firing, Work
from job.report import clock_text, duration_text
from state.protection import ours
from state.reconcile import Standing
from strategy import decide as actions
from strategy import words
from strategy.indicator import closes_total
from strategy.sizing import SIZE_OK, quantity_lots, size_refusal

ENTRIES = {actions.ENTER_LONG: 1, actions.ENTER_SHORT: -1}


class Decision(NamedTuple):
    """What to do for a symbol: a code of `strategy.decide`, and for an entry its size."""

    action: int
    side: int = 0
    lots: int = 0


def decide_symbol(firing: Firing, work: Work) -> Decision:
    """Apply the rules to the newest closed candle; the sentence goes into the report."""
    if not work.usable or work.signal < 0 or not work.final:
        if not work.report.error:
            work.fail("no closed candle could be read")
        return Decision(actions.HOLD)
    if work.blind or work.standing in (Standing.FOREIGN, Standing.LAGGING):
        return Decision(actions.HOLD)
    action = _apply_rules(work)
    side = ENTRIES.get(action, 0)
    if work.standing is Standing.FLAT:
        refusal = entry_refusal(firing, work)
        if refusal and (side or refusal == _too_late(firing, work)):
            work.report.reason = f"no entry: {refusal}"
            return Decision(actions.WAIT_INSIDE)
    if side == 0:
        return Decision(action)
    return _size(firing, work, action, side)


def _apply_rules(work: Work) -> int:
    """The code of the rules for the symbol's signal candle."""
    parameters, candle = work.parameters, work.candles[work.signal]
    length, interval = parameters.ma_length, parameters.interval_ms
    end = work.signal + 1
    total = 0
    if contiguous(work.candles, end, length, interval):
        total = closes_total([row.close for row in work.candles], end, length)
    trade = work.notes.trade if work.standing is Standing.OURS else None
    ended = work.notes.ended_ms
    waited = actions.NEVER_TRADED
    if ended:
        waited = actions.bars_since(candle.open_time_ms, ended, interval)
    action = actions.decide(
        trade.side if trade else 0,
        trade.entry_quote if trade else 0,
        trade.entry_lots if trade else 1,
        trade is not None and candle.open_time_ms + interval > trade.first_fill_ms,
        trade is not None and trade.stop_moved,
        waited,
        candle.close,
        total,
        length,
        parameters.threshold_ppm,
        parameters.breakeven_trigger_ppm,
        parameters.cooldown_bars,
    )
    report, market = work.report, work.instrument
    report.candle_ms = candle.open_time_ms
    report.close = market.price_text(candle.close)
    if total:
        report.average = (
            market.average_text(total, length)
            if total % length == 0
            else (f"{total / length * market.tick_e8 / 1e8:.2f}")
        )
        report.deviation = words.deviation_text(candle.close, total, length)
    report.reason = words.decision_sentence(action, parameters, candle.close, total, waited)
    return action


def entry_refusal(firing: Firing, work: Work) -> str:
    """Why no entry may be made for this symbol now, whatever the rules say; empty: it may."""
    late = _too_late(firing, work)
    signal_ms = work.candles[work.signal].open_time_ms
    refusals = {
        late: bool(late),
        "this candle was decided already": work.notes.last_signal_ms >= signal_ms,
        work.entry_ban: bool(work.entry_ban),
        "an earlier entry's outcome is not known yet": work.notes.intent is not None,
        "the exchange is limiting our requests": firing.job.budget.rate_limited_now,
        "the balance is not known": firing.wallet_e8 is None,
        "an order of ours still rests": bool(ours(work.resting, work.symbol)),
        "the notes cannot be used, so nothing may be opened": not firing.may_save,
    }
    return next((text for text, holds in refusals.items() if holds), "")


def _too_late(firing: Firing, work: Work) -> str:
    """Is the entry window over? Then when the next one is."""
    interval = work.parameters.interval_ms
    window = firing.job.config.entry_window_ms
    now = firing.exchange_now_ms()
    since_close = now - work.candles[work.signal].open_time_ms - interval
    if since_close <= window or firing.job.ignore_window:
        return ""
    opens = now // interval * interval + interval
    return (
        f"{duration_text(since_close)} after the close (limit {window // 1000} s); "
        f"next window {clock_text(opens)} to {clock_text(opens + window)}"
    )


def _size(firing: Firing, work: Work, action: int, side: int) -> Decision:
    """The size of the entry, or the sentence why there is none."""
    parameters, market = work.parameters, work.instrument
    close = work.candles[work.signal].close
    balance = (firing.wallet_e8 or 0) // len(firing.job.config.symbols)
    lots = quantity_lots(
        balance,
        parameters.risk_ppm,
        parameters.stop_loss_ppm,
        parameters.exposure_max_permille,
        close,
        market.unit_e8,
        market.market_max_lots,
    )
    refusal = size_refusal(
        lots,
        side,
        close,
        market.unit_e8,
        market.min_lots,
        market.min_notional_e8,
        parameters.stop_loss_ppm,
        parameters.profit_target_ppm,
    )
    if refusal != SIZE_OK:
        work.report.reason = words.size_sentence(refusal, lots, close, market)
        return Decision(actions.WAIT_INSIDE)
    return Decision(action, side, lots)
