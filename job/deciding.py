"""Step 6: what the rules say about each symbol, and whether an entry may leave at all.

`answer` is PURE: from the question to the decision through the functions of `strategy/`. Around
it, the question is put together from what the run has read, and the answer goes into the report.
Nothing is asked of the exchange here and nothing is sent.
"""

from collections.abc import Iterable
from typing import NamedTuple

from job.firing import Firing, Work, each
from job.question import VERSION, Answer, Question, Record, window
from job.report import clock_text, duration_text
from state.brakes import brake_on
from state.protection import ours
from state.reconcile import Standing
from strategy import decide as actions
from strategy import words
from strategy.indicator import closes_total
from strategy.instrument import Instrument
from strategy.parameters import Parameters
from strategy.sizing import SIZE_OK, balance_share_e8, quantity_lots, size_refusal

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
    if work.notes.trade is not None and work.notes.trade.exit_leg:
        return NOTHING  # its close was tried in this run already, and will be in the next
    asked = question(firing, work)
    answered = answer(asked)
    work.record = Record(work.symbol, asked.signal_ms, asked, answered)
    report = work.report
    report.candle_ms = asked.signal_ms
    report.close, report.average = answered.close, answered.average
    report.deviation, report.reason = answered.deviation, answered.reason
    return Decision(answered.action, answered.side, answered.lots)


def question(firing: Firing, work: Work) -> Question:
    """All that the decision may depend on, in one value that the journal keeps."""
    parameters, job = work.parameters, firing.job
    return Question(
        now_ms=firing.exchange_now_ms(),
        parameters=parameters,
        market=work.instrument,
        window=window(work.candles, work.signal, parameters.ma_length, parameters.interval_ms),
        wallet_e8=firing.wallet_e8,
        symbols=len(job.config.symbols),
        entry_window_ms=None if job.ignore_window else job.config.entry_window_ms,
        trade=work.notes.trade if work.standing is Standing.OURS else None,
        ended_ms=work.notes.ended_ms,
        forbidden=entry_refusal(firing, work),
        position=work.position,
        resting=list(work.resting),
    )


def recorded(works: Iterable[Work]) -> dict[str, object]:
    """The fields by which the journal keeps what was decided and from what (see `explain`)."""
    records = [work.record for work in works if work.record is not None]
    return {"version": VERSION, "decisions": records}


def answer(asked: Question) -> Answer:
    """What the rules of the strategy make of it. The same question has the same answer for ever."""
    parameters, market, close = asked.parameters, asked.market, asked.close
    total, waited = average_total(asked), candles_waited(asked)
    action = rules_say(asked, total, waited)
    reason = words.decision_sentence(action, parameters, close, total, waited)
    side, lots = ENTRIES.get(action, 0), 0
    late = "" if asked.trade else too_late(asked, asked.now_ms)
    refusal = late or (asked.forbidden if side else "")
    if refusal:
        action, side, reason = actions.HOLD, 0, f"no entry: {refusal}"
    if side:
        balance_e8 = balance_share_e8(asked.wallet_e8 or 0, asked.symbols)
        lots, code = entry_size(parameters, market, balance_e8, close, side)
        if code != SIZE_OK:
            reason = words.size_sentence(code, lots, close, market)
            action, side, lots = actions.HOLD, 0, 0
    return Answer(
        action=action,
        side=side,
        lots=lots,
        reason=reason,
        close=market.price_text(close),
        average=average_text(market, total, parameters.ma_length) if total else "",
        deviation=words.deviation_text(close, total, parameters.ma_length) if total else "",
    )


def average_total(asked: Question) -> int:
    """Sum of the average's closes; 0 when there is no average: too few candles, or a gap."""
    closes, length = asked.window.closes, asked.parameters.ma_length
    if len(closes) < length or asked.window.opened_ms:
        return 0
    return closes_total(closes, len(closes), length)


def candles_waited(asked: Question) -> int:
    """Candles from the one in which the last trade ended to the one that decides."""
    if not asked.ended_ms:
        return actions.NEVER_TRADED
    return actions.bars_since(asked.signal_ms, asked.ended_ms, asked.parameters.interval_ms)


def rules_say(asked: Question, total: int, waited: int) -> int:
    """The code of the rules for the signal candle, before time, switches and size are asked."""
    trade, parameters = asked.trade, asked.parameters
    return actions.decide(
        trade.side if trade else 0,
        trade.entry_quote if trade else 0,
        trade.entry_lots if trade else 1,
        trade is not None and asked.closed_ms > trade.first_fill_ms,
        trade is not None and trade.stop_moved,
        waited,
        asked.close,
        total,
        parameters.ma_length,
        parameters.threshold_ppm,
        parameters.breakeven_trigger_ppm,
        parameters.cooldown_bars,
    )


def average_text(market: Instrument, total: int, length: int) -> str:
    """The average of so many closes, with one decimal more than a price has, where it needs it."""
    if total % length == 0:
        return market.average_text(total, length)
    decimals = len(market.price_text(0).partition(".")[2]) + 1
    return f"{total / length * market.tick_e8 / 1e8:.{decimals}f}"


def entry_refusal(firing: Firing, work: Work) -> str:
    """Why no entry may be made for this symbol now, whatever the rules say; empty: it may."""
    signal_ms = work.candles[work.signal].open_time_ms
    decided = work.notes.last_signal_ms >= signal_ms and not work.entry_again
    brake = brake_on(firing.notes, work.symbol, firing.exchange_now_ms())
    refusals = [
        (decided, "this candle was decided already"),
        (work.entry_ban != "", work.entry_ban),
        (brake is not None, brake.reason if brake else ""),
        (work.notes.intent is not None, "an earlier entry's outcome is not known yet"),
        (firing.job.budget.rate_limited_now, "the exchange is limiting our requests"),
        (firing.wallet_e8 is None, "the balance is not known"),
        (bool(ours(work.resting, work.symbol)), "an order of ours still rests"),
        (not firing.may_save, "the notes cannot be used, so nothing may be opened"),
    ]
    return next((text for holds, text in refusals if holds), "")


def too_late(asked: Question, now_ms: int) -> str:
    """Is the entry window over? Then since when, and when the next one is."""
    interval, window_ms = asked.parameters.interval_ms, asked.entry_window_ms
    since_close = now_ms - asked.closed_ms
    if window_ms is None or since_close <= window_ms:
        return ""
    opens = now_ms // interval * interval + interval
    return (
        f"{duration_text(since_close)} after the close (limit {window_ms // 1000} s); "
        f"next window {clock_text(opens)} to {clock_text(opens + window_ms)}"
    )


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
