"""The venue of the oracle: the wallet, the position, and how candles fill orders.

It plays a candle in two steps, its open and what lies within, and must not decide anything.
"""

from bisect import bisect_right
from collections.abc import Sequence
from fractions import Fraction
from math import ceil, floor

from tests.oracle.candles import Candle, Funding, Mark
from tests.oracle.result import Event, Position, Row, trade_row
from tests.oracle.rules import Rules
from tests.oracle.settings import MINUTE_MS, Settings

FUNDING_STEP_MS = 8 * 60 * MINUTE_MS
CENTIMICRO = Fraction(1, 10**8)  # the smallest amount of money, in USDT


def to_tick_half_up(price: Fraction, tick: Fraction) -> Fraction:
    """`price` on the nearest tick; half way goes up."""
    return floor(price / tick + Fraction(1, 2)) * tick


def to_money(amount: Fraction) -> Fraction:
    """`amount` of USDT on 10^-8; half way goes to the even one."""
    return round(amount / CENTIMICRO) * CENTIMICRO  # round() of a Fraction is half to even


class Venue:
    """One account with one symbol. Prices and money are USDT, quantities coins, all exact.

    `wallet`: realised money. `position`: the trade that lasts, or None. `ended_ms`: open time
    of the candle the last trade ended in. `rows` and `events`: what has happened so far.
    """

    def __init__(
        self,
        settings: Settings,
        rules: Rules,
        wallet: Fraction,
        funding: Sequence[Funding] | None,
        marks: Sequence[Mark] | None,
    ) -> None:
        self.settings, self.rules, self.wallet = settings, rules, wallet
        self.payments = [
            (row.time_ms - row.time_ms % MINUTE_MS, Fraction(row.rate)) for row in funding or []
        ]
        self.payment_times = [time_ms for time_ms, _ in self.payments]
        self.default_payments = funding is None
        self.marks = {mark.open_ms: Fraction(mark.open) for mark in marks or []}
        self.position: Position | None = None
        self.ended_ms: int | None = None
        self.rows: list[Row] = []
        self.events: list[Event] = []

    def note(self, time_ms: int, branch: str) -> None:
        """Write down a branch taken at `time_ms`."""
        self.events.append(Event(time_ms, branch))

    def play_open(self, candle: Candle, before: Candle) -> None:
        """The open: funding, liquidation, resting orders. `before`: the candle before it."""
        self.pay_funding(before, candle)
        self.fill_at_open(candle)

    def pay_funding(self, before: Candle, candle: Candle) -> None:
        """Pay what has come due since the open of the candle before."""
        position = self.position
        if position is None or not self.settings.funding:
            return
        for time_ms, rate in self.payments_due(before.open_ms, candle.open_ms):
            mark = self.marks.get(time_ms, Fraction(candle.open))
            source = "a mark row" if time_ms in self.marks else "the candle's open"
            mark = to_tick_half_up(mark, self.rules.tick)
            paid = to_money(position.side * position.quantity * mark * rate)
            position.funding += paid
            self.wallet -= paid
            if time_ms == candle.open_ms:
                where = "at the open"
            elif time_ms < before.open_ms + self.settings.interval_ms:
                where = "inside the candle before"
            else:
                where = "on a missing candle"
            self.note(candle.open_ms, f"funding {where}")
            self.note(candle.open_ms, f"funding mark from {source}")
            self.note(candle.open_ms, "funding paid" if paid > 0 else "funding received")

    def payments_due(self, after_ms: int, until_ms: int) -> list[tuple[int, Fraction]]:
        """Payments with after < time <= until."""
        if self.default_payments:
            first_ms = (after_ms // FUNDING_STEP_MS + 1) * FUNDING_STEP_MS
            times = range(first_ms, until_ms + 1, FUNDING_STEP_MS)
            return [(time_ms, self.settings.funding_rate) for time_ms in times]
        low = bisect_right(self.payment_times, after_ms)
        high = bisect_right(self.payment_times, until_ms)
        return self.payments[low:high]

    def fill_at_open(self, candle: Candle) -> None:
        """Liquidation, stop or target, if the open is at or beyond it."""
        position, price = self.position, Fraction(candle.open)
        if position is None:
            return
        if position.side * (price - position.liquidation) <= 0:
            self.liquidate(candle, "at the open")
        elif position.side * (price - position.stop) <= 0:
            self.close(candle, price, "breakeven" if position.moved else "stop", "at the open")
        elif position.side * (price - position.target) >= 0:
            self.close(candle, price, "target", "at the open")

    def play_rest(self, candle: Candle) -> None:
        """High and low: stop, then liquidation, then target."""
        position = self.position
        if position is None:
            return
        low, high = Fraction(candle.low), Fraction(candle.high)
        worst, best = (low, high) if position.side > 0 else (high, low)
        target_touched = position.side * (best - position.target) >= 0
        stopped = self.stopped_at(position, worst)
        if (
            stopped is not None
            and self.settings.stop_range
            and (position.side * (stopped - position.liquidation) <= 0)
        ):
            self.liquidate(candle, "within")
        elif stopped is not None:
            if target_touched:
                self.note(candle.open_ms, f"{position.word} stop and target within one candle")
            reason = "breakeven" if position.moved else "stop"
            self.close(candle, stopped, reason, "within")
        elif position.side * (worst - position.liquidation) <= 0:
            self.liquidate(candle, "within")
        elif target_touched:
            self.close(candle, position.target, "target", "within")

    def stopped_at(self, position: Position, worst: Fraction) -> Fraction | None:
        """Where a stop that is touched fills: its share of the way to the candle's worst price,
        on the tick that is worse. None: not touched.
        """
        way = position.side * (position.stop - worst)
        if way < 0:
            return None
        ticks = ceil(way * self.settings.stop_range / self.rules.tick)
        return position.stop - position.side * ticks * self.rules.tick

    def slipped(self, price: Fraction, taker_side: int) -> Fraction:
        """What a taker gets: buys above, sells below, on the tick against him."""
        moved = price * (1 + taker_side * self.settings.slippage) / self.rules.tick
        return (ceil(moved) if taker_side > 0 else floor(moved)) * self.rules.tick

    def fee(self, quantity: Fraction, price: Fraction) -> Fraction:
        """The taker fee of one fill."""
        return to_money(quantity * price * self.settings.fee)

    def close(self, candle: Candle, price: Fraction, reason: str, where: str) -> None:
        """A taker order closes the position from `price`, slipped."""
        position = self.position
        assert position is not None
        exit_price = self.slipped(price, -position.side)
        fee = self.fee(position.quantity, exit_price)
        gross = position.side * (exit_price - position.entry) * position.quantity
        position.fees += fee
        self.end(candle, exit_price, reason, gross, gross - fee, where)

    def liquidate(self, candle: Candle, where: str) -> None:
        """The venue takes the position and its margin."""
        position = self.position
        assert position is not None
        lost = -position.margin
        self.end(candle, position.liquidation, "liquidated", lost, lost, where)

    def end(
        self,
        candle: Candle,
        exit_price: Fraction,
        reason: str,
        gross: Fraction,
        change: Fraction,
        where: str,
    ) -> None:
        """The trade has ended: book the change of the wallet and write its row."""
        position = self.position
        assert position is not None
        self.wallet += change
        row = trade_row(
            self.rules,
            position,
            exit_ms=candle.open_ms,
            exit_price=exit_price,
            reason=reason,
            gross=gross,
            wallet=self.wallet,
        )
        self.rows.append(row)
        self.note(candle.open_ms, f"{position.word} {reason} {where}")
        self.position = None
        self.ended_ms = candle.open_ms

    def level(self, price: Fraction, distance: Fraction) -> Fraction:
        """The level `distance` (a signed ratio) away from `price`, on the nearest tick."""
        return to_tick_half_up(price * (1 + distance), self.rules.tick)

    def move_stop(self, candle: Candle) -> None:
        """The stop goes to break-even; already through at this open: closed there."""
        position, price = self.position, Fraction(candle.open)
        assert position is not None
        position.stop = self.level(position.entry, position.side * self.settings.offset)
        position.moved = True
        self.note(candle.open_ms, f"{position.word} stop moved")
        if position.side * (price - position.stop) <= 0:
            self.close(candle, price, "breakeven", "at placement")

    def enter(self, side: int, quantity: Fraction, closed: Candle, candle: Candle) -> bool:
        """A market entry at the open of `candle`, protected at once. False: refused."""
        notional = quantity * Fraction(candle.open)
        if notional < self.rules.notional_min:
            self.note(candle.open_ms, "refused: notional below the minimum at the open")
            return False
        if notional > self.rules.cap_at(self.settings.leverage):
            self.note(candle.open_ms, "refused: bracket cap -2027")
            return False
        if self.margin_needed(side, notional) > self.wallet:
            self.note(candle.open_ms, "refused: margin above the wallet -2019")
            return False
        self.position = position = self.filled(side, quantity, closed, candle)
        self.wallet -= position.fees
        self.note(candle.open_ms, f"{position.word} entry")
        if side * (Fraction(candle.open) - position.stop) <= 0:
            self.close(candle, Fraction(candle.open), "stop", "at placement")
        elif side * (Fraction(candle.open) - position.target) >= 0:
            self.close(candle, Fraction(candle.open), "target", "at placement")
        return True

    def margin_needed(self, side: int, notional: Fraction) -> Fraction:
        """What Binance wants free for a market order: a buy is assumed 0.05 % above the price."""
        assumed = to_money(notional * Fraction(10_005, 10_000)) if side > 0 else notional
        margin = to_money(assumed / self.settings.leverage)
        return margin + (assumed - notional) + to_money(assumed * self.settings.fee)

    def filled(self, side: int, quantity: Fraction, closed: Candle, candle: Candle) -> Position:
        """The position right after its entry fill, with its levels."""
        entry = self.slipped(Fraction(candle.open), side)
        fee = self.fee(quantity, entry)
        margin = to_money(quantity * entry / self.settings.leverage)
        bracket = self.rules.bracket_of(quantity * entry)
        liquidation = (margin + bracket.cum - side * quantity * entry) / (
            quantity * bracket.mmr - side * quantity
        )
        return Position(
            side=side,
            quantity=quantity,
            entry=entry,
            signal_ms=closed.open_ms,
            entry_ms=candle.open_ms,
            stop=self.level(entry, -side * self.settings.stop),
            target=self.level(entry, side * self.settings.target),
            liquidation=to_tick_half_up(liquidation, self.rules.tick),
            margin=margin,
            fees=fee,
        )
