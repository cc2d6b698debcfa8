"""Step 10: position, protection and balance in words, from what the run knows at its end."""

from job.firing import Firing, Work
from job.report import utc_text
from state.brakes import brakes_on
from state.model import Brake
from state.protection import ours, repairs
from state.reconcile import Standing
from strategy.instrument import money_text
from strategy.words import SIDES, count_text


def tell_symbols(firing: Firing) -> None:
    """Fill the reports' positions and the balance."""
    if firing.wallet_e8 is not None:
        firing.report.balance = money_text(firing.wallet_e8 - firing.fees_since_e8, 2)
    for work in firing.works:
        if work.usable:
            _tell_position(work)
    now_ms = firing.exchange_now_ms()
    on = brakes_on(firing.notes, now_ms)
    firing.report.brakes = [brake_text(brake) for brake in on if not brake.symbol]
    firing.report.told_at_ms = firing.job.clock.now_ms()


def brake_text(brake: Brake) -> str:
    """A brake in words: since when and until when, why, and what it leaves alone."""
    who = f"{brake.symbol} " if brake.symbol else ""
    until = utc_text(brake.until_ms) if brake.until_ms else "`resume`"
    return (
        f"{who}NO ENTRIES since {utc_text(brake.since_ms)} until {until}: {brake.reason}; "
        "what is open keeps its stop and target, exits go on"
    )


def _tell_position(work: Work) -> None:
    trade, market, report = work.notes.trade, work.market, work.report
    others = len(work.resting) - len(ours(work.resting, work.symbol))
    report.others = f"{count_text(others, 'order')} not ours: left alone" if others else ""
    if work.standing is Standing.FLAT:
        report.position = "flat"
    if trade is None or market is None or work.standing is not Standing.OURS:
        return
    entry = market.average_text(trade.entry_quote, trade.entry_lots)
    report.position = f"{SIDES[trade.side]} {market.quantity_text(trade.lots)} from {entry}"
    left = repairs(trade, work.symbol, work.resting)
    stop = f"stop {market.price_text(trade.stop)}" + (" (moved)" if trade.stop_moved else "")
    target = f"target {market.price_text(trade.target)}"
    if left.place_stop:
        report.unprotected = True
        work.fail("UNPROTECTED: no valid stop rests on the exchange")
        return
    report.protection = f"{stop}, {target}" + (" MISSING" if left.place_target else "")
