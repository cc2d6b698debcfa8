"""Steps 7 and 8: write every intent down, then send. Exits first, entries in groups after them."""

import msgspec

from exchange import ids
from exchange.client import RECV_WINDOW_MS
from job.closing import close_position
from job.deciding import ENTRIES, Decision, entry_refusal, recorded, too_late
from job.entering import enter
from job.firing import Firing, Work, each
from job.limits import Decided, permitted
from job.protecting import repair
from job.reading import measure_clock
from state.model import Intent
from state.protection import repairs
from state.reconcile import Standing
from strategy import decide as actions
from strategy.protection import breakeven_level, tighter
from strategy.words import risk_sentence

#: Entries that share one plan write, so that each is protected before its fence falls.
ENTRY_GROUP = 10

#: An entry is begun only with this much of the run's time left: fence, fills, stop, read-back.
PROTECT_MS = 15_000


def act(firing: Firing, decided: Decided) -> None:
    """Carry the decisions out. LostRaceError when the write ahead shows another run at work."""
    exits = [work for work, decision in decided if _plan_exit(work, decision)]
    if exits:
        firing.save_before_exits()  # reduce-only orders may leave even when it is not
        each(firing, exits, _send_exit)
    entries = permitted(firing, [(w, d) for w, d in decided if d.action in ENTRIES])
    for first in range(0, len(entries), ENTRY_GROUP):
        group = entries[first : first + ENTRY_GROUP]
        said = {work.symbol: work.report.reason for work, _ in group}
        _enter_group(firing, group)
        refused = [(work, decision) for work, decision in group if work.clock_refused]
        if refused and measure_clock(firing):
            for work, _ in refused:  # proof that nothing was executed: once more, written ahead
                work.entry_again, work.report.reason = True, said[work.symbol]
            _enter_group(firing, refused)


def _plan_exit(work: Work, decision: Decision) -> bool:
    """Write a decided close or stop move into the trade's notes; False: nothing to send."""
    trade = work.notes.trade
    if trade is None or work.standing is not Standing.OURS:
        return False
    if decision.action == actions.CLOSE_REVERTED:
        work.note(trade=msgspec.structs.replace(trade, exit_leg=ids.CLOSE_REVERTED))
        return True
    if decision.action != actions.MOVE_STOP:
        return False
    offset = work.parameters.breakeven_offset_ppm
    level = breakeven_level(trade.side, trade.entry_quote, trade.entry_lots, offset)
    moved = msgspec.structs.replace(trade, stop_moved=True)
    if tighter(trade.side, level, trade.stop):
        moved = msgspec.structs.replace(moved, stop=level)
    work.note(trade=moved)
    return moved.stop != trade.stop


def _send_exit(firing: Firing, work: Work) -> None:
    trade = work.notes.trade
    assert trade is not None
    if trade.exit_leg:
        close_position(firing, work, trade.exit_leg)
    else:  # the recorded level has moved: the resting stop is now too wide and gets replaced
        repair(firing, work, repairs(trade, work.symbol, work.resting))


def _enter_group(firing: Firing, group: Decided) -> None:
    """One plan write, then the orders: the save is the permission to act."""
    planned = []
    for work, decision in group:
        assert work.record is not None
        # Time has passed since the decision. What is tested here is what will be signed: a process
        # that freezes in between cannot plan later than its window.
        signed_ms = firing.exchange_now_ms()
        refusal = too_late(work.record.asked, signed_ms) or entry_refusal(firing, work)
        if firing.job.budget.left_ms() < PROTECT_MS:
            refusal = "too little time is left to see it protected"
        if refusal:
            work.report.reason = f"no entry: {refusal}"
            continue
        work.note(**_plan(firing, work, decision, signed_ms))
        planned.append(work)
        # with the record: should this run die, it is known all the same why it wanted to enter
        side, lots = decision.side, decision.lots
        firing.tell("plan", symbol=work.symbol, side=side, lots=lots, **recorded([work]))
    if planned and firing.save_if_possible():
        each(firing, planned, enter)
        for work in planned:
            if work.notes.trade is not None:
                risk = risk_sentence(work.parameters, firing.job.config.taker_fee_ppm)
                work.report.orders.append(risk)
        return
    for work in planned:
        work.note(intent=None)
        work.report.reason = "no entry: it could not be written down first"


def _plan(firing: Firing, work: Work, decision: Decision, signed_ms: int) -> dict[str, object]:
    """The intent: the timestamp in it is the one that is signed, so the fence is known."""
    candle = work.candles[work.signal]
    signal_ms = candle.open_time_ms
    intent = Intent(
        client_id=ids.client_id(work.symbol, signal_ms, ids.ENTRY, firing.owner.tag),
        signal_ms=signal_ms,
        side=decision.side,
        lots=decision.lots,
        close=candle.close,
        timestamp_ms=signed_ms,
        recv_window_ms=RECV_WINDOW_MS,
    )
    return {"intent": intent, "last_signal_ms": signal_ms}
