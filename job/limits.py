"""The limits: what forbids an entry although the rules ask for it. They never touch an exit.

Those of the day and of losses in a row are brakes: once reached they hold, whatever happens after
(`state.brakes`). The others forbid the entry of one signal, and hold until the next close. Where a
limit needs a read, it is made only here, when an entry is about to leave.
"""

from job.config import Limits
from job.deciding import Decision
from job.firing import Firing, Work
from job.market_guards import PPM, Refusal, market_refusals
from job.tally import (
    UNREADABLE,
    day_start,
    entries_of,
    losses_in_a_row,
    result_e8,
    why_unreadable,
)
from state.brakes import brake_on, put_on
from state.model import Brake
from state.reconcile import Standing
from strategy.instrument import money_text
from strategy.units import DAY_MS, E8, THOUSAND
from strategy.words import percent

Decided = list[tuple[Work, Decision]]


def permitted(firing: Firing, entries: Decided) -> Decided:
    """The entries that no limit forbids, in the order of the configuration; the rest is told."""
    if not entries:
        return []
    why, room = _not_summed(firing), None
    try:
        latch(firing)
        room = _Room(firing)
    except UNREADABLE as error:
        why = f"the journal cannot be read for the limits ({why_unreadable(error)})"
    if why or room is None:
        for work, _ in entries:
            work.report.reason = f"no entry: {why}"
        return []
    refusals = market_refusals(firing, entries)
    allowed = []
    for work, decision in entries:
        brake = brake_on(firing.notes, work.symbol, firing.exchange_now_ms())
        if brake is not None:
            work.report.reason = f"no entry: {brake.reason}"
            continue
        refusal = refusals.get(work.symbol) or room.refusal(work, decision)
        if refusal is None:
            room.take(work, decision)
            allowed.append((work, decision))
        else:
            _forbid(firing, work, refusal)
    return allowed


def _not_summed(firing: Firing) -> str:
    """Whose trades may have ended without being in the journal: until they are, nobody knows what
    the day has come to. Empty: nobody's, or no limit asks.
    """
    limits = firing.job.config.limits
    if not (limits.daily_loss_ppm or limits.losses_in_a_row):
        return ""
    unknown = [work.symbol for work in firing.works if _may_have_ended(work)]
    return f"what {unknown[0]} has won or lost is not known yet" if unknown else ""


def _may_have_ended(work: Work) -> bool:
    notes = work.notes
    if not work.usable:
        return notes.trade is not None or notes.intent is not None
    return work.blind or work.standing is Standing.LAGGING or not notes.looked_back


def latch(firing: Firing) -> None:
    """Put on the brakes that the journal says are due. Raises OSError when it cannot be read."""
    limits, now_ms = firing.job.config.limits, firing.exchange_now_ms()
    today_ms = day_start(now_ms)
    if limits.daily_loss_ppm and firing.wallet_e8 is not None:
        reason = day_is_lost(limits, result_e8(firing, today_ms), firing.wallet_e8)
        _brake(firing, "max_daily_loss_perc", reason, today_ms + DAY_MS)
    if limits.trades_a_day and len(entries_of(firing, today_ms)) >= limits.trades_a_day:
        reason = f"today's trades have reached max_trades_a_day {limits.trades_a_day}"
        _brake(firing, "max_trades_a_day", reason, today_ms + DAY_MS)
    most = limits.losses_in_a_row
    if most and losses_in_a_row(firing, most) >= most:
        reason = f"lost trades in a row have reached max_losses_in_a_row {most}"
        _brake(firing, "max_losses_in_a_row", reason, 0)


def latch_after_trades(firing: Firing) -> None:
    """The same when a trade has ended in this firing: a limit that was reached stays reached."""
    if not any(symbol.ended for symbol in firing.report.symbols):
        return
    try:
        latch(firing)
    except UNREADABLE as error:
        firing.report.notices.append(f"the limits could not be looked at ({why_unreadable(error)})")


def day_is_lost(limits: Limits, result: int, wallet_e8: int) -> str:
    """Why the day is over, empty while it is not. The balance at 00:00 is the one without it."""
    opened_e8 = wallet_e8 - result
    if result >= 0 or -result * PPM < limits.daily_loss_ppm * opened_e8:
        return ""
    return (
        f"today's fills, fees and funding come to {money_text(result, 2)} USDT of "
        f"{money_text(opened_e8, 2)} (max_daily_loss_perc {percent(limits.daily_loss_ppm)})"
    )


def _brake(firing: Firing, limit: str, reason: str, until_ms: int, symbol: str = "") -> None:
    if not reason:
        return
    now_ms = firing.exchange_now_ms()
    before = firing.notes.brakes
    brake = Brake(limit, reason, now_ms, until_ms, symbol)
    firing.notes = put_on(firing.notes, brake, now_ms)
    if brake in firing.notes.brakes and brake not in before:
        firing.tell("brake", limit=limit, reason=reason, until_ms=until_ms, symbol=symbol)


def _forbid(firing: Firing, work: Work, refusal: Refusal) -> None:
    """No entry for this signal, whatever the next second shows."""
    work.report.reason = f"no entry: {refusal.reason}"
    if refusal.limit:
        interval_ms = work.parameters.interval_ms
        next_close_ms = work.candles[work.signal].open_time_ms + 2 * interval_ms
        _brake(firing, refusal.limit, refusal.reason, next_close_ms, work.symbol)


class _Room:
    """What is taken of places, exposure and the day's trades, counted up as entries take more."""

    def __init__(self, firing: Firing) -> None:
        self._limits = firing.job.config.limits
        self._wallet_e8 = firing.wallet_e8 or 0
        works = firing.works
        self._places = sum(1 for work in works if _takes_place(work))
        self._entered = 0
        if self._limits.trades_a_day:
            self._entered = len(entries_of(firing, day_start(firing.exchange_now_ms())))
        self._unknown = [w.symbol for w in works if w.market is None]
        self._notional_e8 = sum(_notional_e8(w) for w in works if w.market is not None)

    def refusal(self, work: Work, decision: Decision) -> Refusal | None:
        """What this entry would not fit into any more: a limit and its words; None when it fits."""
        limits = self._limits
        if self._places >= limits.open_positions:
            text = f"{limits.open_positions} positions are open or being opened already"
            return Refusal("max_open_positions", text)
        if limits.trades_a_day and self._entered >= limits.trades_a_day:
            text = f"today's trades have reached max_trades_a_day {limits.trades_a_day}"
            return Refusal("max_trades_a_day", text)
        if not limits.exposure_permille:
            return None
        if self._unknown:
            return Refusal("", f"what {self._unknown[0]} holds is not known (max_total_exposure)")
        total_e8 = self._notional_e8 + _entry_notional_e8(work, decision)
        if total_e8 * THOUSAND <= limits.exposure_permille * self._wallet_e8:
            return None
        return Refusal(
            "max_total_exposure",
            f"all positions together would be worth {money_text(total_e8, 2)} USDT, more than "
            f"{limits.exposure_permille / THOUSAND:g} times the balance (max_total_exposure)",
        )

    def take(self, work: Work, decision: Decision) -> None:
        """An entry is about to take its part."""
        self._places += 1
        self._entered += 1
        self._notional_e8 += _entry_notional_e8(work, decision)


def _takes_place(work: Work) -> bool:
    """Is a trade of ours open or coming, or a position whose fills could not be read?"""
    notes = work.notes
    open_or_coming = notes.trade is not None or notes.intent is not None
    return open_or_coming or (work.blind and work.position is not None)


def _entry_notional_e8(work: Work, decision: Decision) -> int:
    return decision.lots * work.candles[work.signal].close * work.instrument.unit_e8


def _notional_e8(work: Work) -> int:
    """What the symbol holds at its entry price, strangers' part included, or may come to hold."""
    market, intent, position = work.instrument, work.notes.intent, work.position
    coming_e8 = intent.lots * intent.close * market.unit_e8 if intent else 0
    if position is None:
        return coming_e8
    held = position.entry_price * E8 * position.lots * market.step_e8
    return max(coming_e8, int(held / E8))
