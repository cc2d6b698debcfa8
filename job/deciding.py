"""Step 6: what the rules say about each symbol, and whether an entry may leave at all.

PURE but for what it writes into the reports: it asks nothing of the exchange and sends nothing.
"""

from typing import NamedTuple

from exchange.candles import contiguous
from job.firing import Firing, Work, each
from job.report import clock_text, duration_text
from state.protection import ours
from state.reconcile import Standing
from strategy import decide as actions
from strategy import words
from strategy.indicator import closes_total
from strategy.instrument import Instrument
from strategy.parameters import Parameters
from strategy.sizing import SIZE_OK, quantity_lots, size_refusal

ENTRIES = {actions.ENTER_LONG: 1, actions.ENTER_SHORT: -1}


class Decision(NamedTuple):
    """What to do for a symbol: a code of `strategy.decide`, and for an entry its size."""

    action: int
    side: int = 0
    lots: int = 0


NOTHING = Decision(actions.HOLD)


def decide_all(firing: Firing) -> list[tuple[Work, Decision]]:
    """A decision for every symbol; one that fails does not stop the others."""
    decided: dict[str, Decision] = {}

    def decide(firing: Firing, work: Work) -> None:
        decided[work.symbol] = decide_symbol(firing, work)

    each(firing, firing.works, decide)
    return [(work, decided.get(work.symbol, NOTHING)) for work in firing.works]


def decide_symbol(firing: Firing, work: Work) -> Decision:
    """Apply the rules to the newest closed candle; the sentence goes into the report."""
    if not work.usable or work.signal < 0 or not work.final:
        if not work.report.error:
            work.fail("no closed candle could be read")
        return NOTHING
    if work.blind or work.standing in (Standing.FOREIGN, Standing.LAGGING):
        return NOTHING
    action = _apply_rules(work)
    side = ENTRIES.get(action, 0)
    late = too_late(firing, work) if work.standing is Standing.FLAT else ""
    refusal = late or (entry_refusal(firing, work) if side else "")
    if refusal:
        work.report.reason = f"no entry: {refusal}"
        return NOTHING
    return _size(firing, work, action, side) if side else Decision(action)


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
    signal_ms = work.candles[work.signal].open_time_ms
    refusals = [
        (work.notes.last_signal_ms >= signal_ms, "this candle was decided already"),
        (work.entry_ban != "", work.entry_ban),
        (work.notes.intent is not None, "an earlier entry's outcome is not known yet"),
        (firing.job.budget.rate_limited_now, "the exchange is limiting our requests"),
        (firing.wallet_e8 is None, "the balance is not known"),
        (bool(ours(work.resting, work.symbol)), "an order of ours still rests"),
        (not firing.may_save, "the notes cannot be used, so nothing may be opened"),
    ]
    return next((text for holds, text in refusals if holds), "")


def too_late(firing: Firing, work: Work) -> str:
    """Is the entry window over? Then since when, and when the next one is."""
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
    close = work.candles[work.signal].close
    balance_e8 = (firing.wallet_e8 or 0) // len(firing.job.config.symbols)
    lots, refusal = entry_size(work.parameters, work.instrument, balance_e8, close, side)
    if refusal != SIZE_OK:
        work.report.reason = words.size_sentence(refusal, lots, close, work.instrument)
        return NOTHING
    return Decision(action, side, lots)


def entry_size(
    parameters: Parameters, market: Instrument, balance_e8: int, close: int, side: int
) -> tuple[int, int]:
    """Lots of an entry at this close (ticks), and SIZE_OK or the code of its refusal."""
    lots = quantity_lots(
        balance_e8,
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
    return lots, refusal
