"""A recorded decision, made again: is it still the same, and by what arithmetic?

PURE: from the journal's record to lines. The answer comes from `job.deciding.answer`, the very
function that decided then; the figures beside it are the two sides of the comparisons that the
named rule makes. Decides nothing itself.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

import msgspec

from job.deciding import (
    ENTRIES,
    answer,
    average_text,
    average_total,
    candles_waited,
    rules_say,
    too_late,
)
from job.question import VERSION, Answer, Question
from job.report import clock_text, utc_text
from strategy import decide as actions
from strategy.indicator import distance_from_average
from strategy.instrument import money_text
from strategy.protection import breakeven_level, stop_level, target_level
from strategy.sizing import balance_share_e8
from strategy.units import MILLION, THOUSAND
from strategy.words import SIDES, count_text, percent

#: Which function of the rules an action comes from: where a reader looks it up.
RULES = {
    actions.HOLD: "strategy/signals.py reverted",
    actions.HOLD_BEFORE_ENTRY: "strategy/decide.py decide_in_position",
    actions.HOLD_NO_AVERAGE: "strategy/decide.py decide_in_position",
    actions.MOVE_STOP: "strategy/signals.py breakeven_reached",
    actions.CLOSE_REVERTED: "strategy/signals.py reverted",
    actions.WAIT_COOLDOWN: "strategy/decide.py decide_flat",
    actions.WAIT_NO_AVERAGE: "strategy/decide.py decide_flat",
    actions.WAIT_INSIDE: "strategy/signals.py entry_side",
    actions.ENTER_LONG: "strategy/signals.py entry_side",
    actions.ENTER_SHORT: "strategy/signals.py entry_side",
}
#: What may say no after them.
LATE = "job/deciding.py too_late"
FORBIDDEN = "job/deciding.py entry_refusal"
SIZE = "strategy/sizing.py size_refusal"


#: What a record can end in that somebody, or a dying disk, has changed.
DAMAGE = (ArithmeticError, LookupError, TypeError, ValueError)  # ValidationError is a ValueError


class UnreadableRecordError(ValueError):
    """The record cannot be decided again by this version; the text says why."""


class Redecided(NamedTuple):
    """A recorded decision beside the one that the rules of today make of the same question."""

    symbol: str
    asked: Question
    then: bytes  # the answer as the journal holds it
    now: bytes

    @property
    def same(self) -> bool:
        """To the byte?"""
        return self.then == self.now


def redecide(event: Mapping[str, Any]) -> list[Redecided]:
    """Decide every symbol of a recorded run again. Raises UnreadableRecordError."""
    if event.get("version") != VERSION:
        told = event.get("version", "none")
        raise UnreadableRecordError(f"its record has version {told}, this program knows {VERSION}")
    try:
        return [_redecided(record) for record in event["decisions"]]
    except DAMAGE as error:
        raise UnreadableRecordError(f"its record is damaged ({error!r})") from None


def _redecided(record: Mapping[str, Any]) -> Redecided:
    asked = msgspec.convert(record["asked"], Question)
    then, now = msgspec.json.encode(record["answered"]), msgspec.json.encode(answer(asked))
    return Redecided(record["symbol"], asked, then, now)


def decided_otherwise(events: Iterable[Mapping[str, Any]]) -> tuple[list[str], list[str]]:
    """Decide a day's runs again. Returns a line for every decision that came out otherwise, and
    one line about the runs that could not be decided again, if there are such.
    """
    lines, unreadable, why = [], 0, ""
    for event in events:
        try:
            decided = redecide(event)
        except UnreadableRecordError as error:
            unreadable, why = unreadable + 1, str(error)
            continue
        lines += [
            f"explain: {event['run']} {each.symbol} would be decided otherwise today: "
            f"`handler.py explain {event['run']}` shows it"
            for each in decided
            if not each.same
        ]
    told = f"{count_text(unreadable, 'run')} of yesterday could not be decided again: {why}"
    return lines, [told] if unreadable else []


def explanation(decided: Redecided) -> Iterator[str]:
    """The arithmetic of one decision, line by line; the last line is the comparison."""
    asked, symbol = decided.asked, decided.symbol
    late_ms = asked.now_ms - asked.closed_ms
    yield (
        f"{symbol} candle {utc_text(asked.signal_ms)[:16]} closed {clock_text(asked.closed_ms)}, "
        f"decided {late_ms / 1000:.1f} s later"
    )
    yield f"  close      {asked.market.price_text(asked.close)} = {asked.close} ticks"
    yield from _average(asked)
    yield from _in_position(asked) if asked.trade else _flat(asked)
    now = msgspec.json.decode(decided.now, type=Answer)
    yield f"  decision   {now.reason}"
    yield f"  rule       {_last_word(asked, now)}"
    if decided.same:
        yield "  check      decided again from the record: the same to the byte"
    else:
        yield f"  check      DIFFERS: then {decided.then.decode()}, now {decided.now.decode()}"


def _action(asked: Question) -> int:
    return rules_say(asked, average_total(asked), candles_waited(asked))


def _last_word(asked: Question, now: Answer) -> str:
    """Where a reader finds what had the last word, in the order in which `answer` asks."""
    action = _action(asked)
    if not asked.trade and too_late(asked, asked.now_ms):
        return LATE
    if action in ENTRIES and now.action not in ENTRIES:
        return FORBIDDEN if asked.forbidden else SIZE
    return RULES[action]


def _average(asked: Question) -> Iterator[str]:
    total, length = average_total(asked), asked.parameters.ma_length
    if not total:
        held = len(asked.window.moves) + 1
        gap = "with a gap" if asked.window.opened_ms else "of them only"
        yield f"  average    none: {length} contiguous closes are needed, {held} were there, {gap}"
        return
    average = average_text(asked.market, total, length)
    yield f"  average    sum of {length} closes S = {total} ticks; S / {length} = {average}"
    d = distance_from_average(asked.close, total, length)
    yield f"  distance   d = {length} x {asked.close} - {total} = {d} ({100 * d / total:+.4f} %)"


def _flat(asked: Question) -> Iterator[str]:
    parameters, waited = asked.parameters, candles_waited(asked)
    told = "no earlier trade is known" if waited == actions.NEVER_TRADED else f"{waited} waited"
    over = "over" if waited >= parameters.cooldown_bars else "NOT over"
    yield f"  cooldown   {parameters.cooldown_bars} candles, {told}: {over}"
    total = average_total(asked)
    if total:
        d = distance_from_average(asked.close, total, parameters.ma_length)
        threshold = parameters.threshold_ppm
        yield (
            f"  threshold  d x 10^6 = {d * MILLION} against ±{threshold} x S = "
            f"±{threshold * total} ({percent(threshold)} %)"
        )
    limit = asked.entry_window_ms
    late_ms = asked.now_ms - asked.closed_ms
    if limit is not None:
        verdict = "inside" if late_ms <= limit else "LATE"
        yield f"  window     {late_ms} ms after the close, limit {limit} ms: {verdict}"
    if asked.forbidden:
        yield f"  forbidden  {asked.forbidden}"
    action = _action(asked)
    if action in (actions.ENTER_LONG, actions.ENTER_SHORT) and asked.wallet_e8 is not None:
        yield from _size(asked, 1 if action == actions.ENTER_LONG else -1)


def _size(asked: Question, side: int) -> Iterator[str]:
    parameters, market, close = asked.parameters, asked.market, asked.close
    wallet = asked.wallet_e8 or 0
    balance = balance_share_e8(wallet, asked.symbols)
    worth = close * market.unit_e8
    by_risk = balance * parameters.risk_ppm // (worth * parameters.stop_loss_ppm)
    by_exposure = balance * parameters.exposure_max_permille // (worth * THOUSAND)
    yield f"  balance    {money_text(wallet)} / {asked.symbols} = {money_text(balance)}"
    yield (
        f"  size       by risk {by_risk}, by exposure {by_exposure}, at most "
        f"{market.market_max_lots} lots of {market.quantity_text(1)}; at least {market.min_lots} "
        f"lots and {money_text(market.min_notional_e8, 2)} USDT"
    )
    stop = stop_level(side, close, 1, parameters.stop_loss_ppm)
    target = target_level(side, close, 1, parameters.profit_target_ppm)
    yield (
        f"  levels     from the close: stop {market.price_text(stop)}, "
        f"target {market.price_text(target)}; in truth from the fill"
    )


def _in_position(asked: Question) -> Iterator[str]:
    trade, market, parameters = asked.trade, asked.market, asked.parameters
    assert trade is not None
    entry = market.average_text(trade.entry_quote, trade.entry_lots)
    yield (
        f"  position   {SIDES[trade.side]} {market.quantity_text(trade.lots)} from {entry} since "
        f"{utc_text(trade.first_fill_ms)}, stop {market.price_text(trade.stop)}, target "
        f"{market.price_text(trade.target)}"
    )
    after = asked.closed_ms > trade.first_fill_ms
    yield f"  closed     {'after' if after else 'BEFORE'} the entry"
    total = average_total(asked)
    if total:
        d = trade.side * distance_from_average(asked.close, total, parameters.ma_length)
        yield f"  reverted   side x d = {d}: {'yes' if d >= 0 else 'no'}, needs 0 or more"
    trigger = parameters.breakeven_trigger_ppm
    if trigger == 0:
        yield "  breakeven  switched off"
    elif trade.stop_moved:
        yield "  breakeven  the stop was moved already"
    else:
        gain = trade.side * (asked.close * trade.entry_lots - trade.entry_quote) * MILLION
        level = breakeven_level(
            trade.side, trade.entry_quote, trade.entry_lots, parameters.breakeven_offset_ppm
        )
        yield (
            f"  breakeven  gain x 10^6 = {gain} against {trigger} x entry = "
            f"{trigger * trade.entry_quote} ({percent(trigger)} %); would move to "
            f"{market.price_text(level)}"
        )
