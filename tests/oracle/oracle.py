"""The rules of the strategy once more, slow and plain, for one symbol.

Written from the strategy's page alone, in exact fractions, in the words of that page.
It must not import anything of the product, and must not be clever.

Readings (where the page leaves a choice, this is the one taken):

 1. A run fires at every interval boundary up to the open of the last candle; at the boundary
    of a missing candle the venue refuses every order. The newest closed candle is then still
    the one before the gap, so an exit or stop move decided there is decided again, alike, and
    succeeds at the next open that exists, after that open's resting orders. An entry is too
    late at every boundary but the first, since no interval is shorter than its window.
 2. An order decided at the close of t finds the venue after the next open's funding,
    liquidation and resting orders. A trade that ended there ended in t+1: no entry, even with
    cooldown 0, and nothing left to exit.
 3. `to` cuts the data: candles that open at or after it do not exist.
 4. A level is "already through" when the open reaches it (equal counts), for long stop and
    target open <= stop, open >= target; stop is placed, and so tested, before target.
 5. The closing order of a level already through at placement slips like every market order.
 6. A break-even that is refused (missing candle) has not yet happened; one that closes the
    position at once has the reason `breakeven`, and so has a moved stop that fills later.
 7. The mark of a payment is the mark row that opens exactly at the funding minute; a series
    without that row counts as not given for that payment (the candle's open is the mark).
 8. With a funding file only its rows are payments; without one 00:00, 08:00 and 16:00 UTC at
    `funding_rate_perc`. `funding = false` silences both. Several payments due at one open are
    rounded one by one.
 9. A notional equal to a bracket's cap still belongs to that bracket (-2027 says "exceeds");
    the bracket of the liquidation price is that of quantity x entry fill, slippage included.
10. The exchange refuses an entry (-2019) whose initial margin, loss against the price and fee
    are more than the wallet, each rounded to 10^-8 as booked; a buy is assumed 0.05 % dearer.
11. Bounds of parameters are not tested here.
12. Wallet, fees and funding of a trade still open are as paid so far.
13. `side` is written "long" or "short".
"""

from collections import deque
from collections.abc import Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from math import floor

from tests.oracle.candles import Candle, Funding, Mark
from tests.oracle.result import Position, Result, plain
from tests.oracle.rules import Rules
from tests.oracle.settings import Settings, read_settings
from tests.oracle.venue import CENTIMICRO, Venue

ENTRY_WINDOW_MS = 90_000


def replay(
    candles: Sequence[Candle],
    params: Mapping[str, str],
    costs: Mapping[str, str],
    rules: Rules,
    *,
    balance: str | Decimal,
    funding: Sequence[Funding] | None = None,
    marks: Sequence[Mark] | None = None,
    first_ms: int | None = None,
    end_ms: int | None = None,
    symbols: int = 1,
) -> Result:
    """Trade one symbol over `candles` (times rising, gaps allowed).

    `params` and `costs` carry the user's names as decimal text; what is left out has the
    default. `balance` is the wallet at the start in USDT, `symbols` what it is divided by.
    `first_ms`: open time of the first candle that may decide. `end_ms`: exclusive.
    ValueError for unknown settings and for candles off the interval's grid.
    """
    settings = read_settings(params, costs)
    venue = Venue(settings, rules, Fraction(balance), funding, marks)
    job = _Job(settings, rules, venue, symbols)
    kept = [candle for candle in candles if end_ms is None or candle.open_ms < end_ms]
    _walk(kept, settings.interval_ms, venue, job, first_ms if first_ms is not None else 0)
    return Result(venue.rows, venue.position, plain(venue.wallet, 8), venue.events)


def _walk(
    candles: Sequence[Candle], interval_ms: int, venue: Venue, job: "_Job", first_ms: int
) -> None:
    """A run at every interval boundary, whether its candle exists or not."""
    before: Candle | None = None
    for candle in candles:
        if before is not None:
            if (candle.open_ms - before.open_ms) % interval_ms or candle.open_ms <= before.open_ms:
                raise ValueError(f"{candle.open_ms} does not follow {before.open_ms}")
            may_decide = before.open_ms >= first_ms
            if may_decide:
                for missing_ms in range(before.open_ms + interval_ms, candle.open_ms, interval_ms):
                    job.run(before, missing_ms, None)
            venue.play_open(candle, before)
            if may_decide:
                job.run(before, candle.open_ms, candle)
        venue.play_rest(candle)
        job.last_closes.add(candle)
        before = candle


class _LastCloses:
    """The last n closes, as long as they are contiguous in time."""

    def __init__(self, length: int, interval_ms: int) -> None:
        self.length, self.interval_ms = length, interval_ms
        self.closes: deque[Fraction] = deque()
        self.total = Fraction(0)
        self.newest_ms = 0

    def add(self, candle: Candle) -> None:
        if candle.open_ms != self.newest_ms + self.interval_ms:
            self.closes.clear()
            self.total = Fraction(0)
        self.newest_ms = candle.open_ms
        self.closes.append(Fraction(candle.close))
        self.total += self.closes[-1]
        if len(self.closes) > self.length:
            self.total -= self.closes.popleft()

    def mean(self) -> Fraction | None:
        if len(self.closes) < self.length:
            return None
        return self.total / self.length


class _Job:
    """What the job decides and orders; `candle` is None where the venue refuses orders."""

    def __init__(self, settings: Settings, rules: Rules, venue: Venue, symbols: int) -> None:
        self.settings, self.rules, self.venue, self.symbols = settings, rules, venue, symbols
        self.last_closes = _LastCloses(settings.ma_length, settings.interval_ms)

    def run(self, closed: Candle, now_ms: int, candle: Candle | None) -> None:
        """One run at `now_ms`, the newest closed candle being `closed`."""
        decision = self.decide(closed)
        if decision in ("long", "short"):
            self.enter(+1 if decision == "long" else -1, closed, now_ms, candle)
        elif decision in ("exit", "stop move") and candle is None:
            self.venue.note(now_ms, f"missing candle: {decision} refused")
        elif decision in ("exit", "stop move") and candle is not None:
            if now_ms != closed.open_ms + self.settings.interval_ms:
                self.venue.note(now_ms, f"missing candle: {decision} done later")
            if decision == "exit":
                self.venue.close(candle, Fraction(candle.open), "reverted", "at the open")
            else:
                self.venue.move_stop(candle)

    def decide(self, closed: Candle) -> str:
        """exit, stop move, long, short or nothing, at the close of `closed`."""
        mean, close = self.last_closes.mean(), Fraction(closed.close)
        if self.venue.position is not None:
            return self.decide_in_position(self.venue.position, closed, mean)
        if mean is None:
            self.venue.note(closed.open_ms, "no SMA while flat")
            return "nothing"
        deviation = (close - mean) / mean
        if abs(deviation) < self.settings.threshold:
            return "nothing"
        side = "long" if deviation < 0 else "short"
        if self.venue.ended_ms is not None:
            waited = (closed.open_ms - self.venue.ended_ms) // self.settings.interval_ms
            if waited < self.settings.cooldown_bars:
                self.venue.note(closed.open_ms, f"cooldown: {side} not taken")
                return "nothing"
            if waited == 0:
                self.venue.note(closed.open_ms, f"{side} in the candle the last trade ended in")
        return side

    def decide_in_position(self, position: Position, closed: Candle, mean: Fraction | None) -> str:
        """exit, stop move or nothing."""
        close = Fraction(closed.close)
        assert closed.open_ms + self.settings.interval_ms > position.entry_ms
        if mean is None:
            self.venue.note(closed.open_ms, "no SMA in a position")
        elif position.side * (close - mean) >= 0:
            return "exit"
        gain = position.side * (close - position.entry) / position.entry
        if position.moved or self.settings.trigger == 0 or gain < self.settings.trigger:
            return "nothing"
        if mean is None:
            self.venue.note(closed.open_ms, "break-even without an SMA")
        return "stop move"

    def enter(self, side: int, closed: Candle, now_ms: int, candle: Candle | None) -> None:
        """Send the entry, or say why not."""
        if now_ms - (closed.open_ms + self.settings.interval_ms) > ENTRY_WINDOW_MS:
            self.venue.note(now_ms, "missing candle: entry too late")
            return
        quantity, bound = self.quantity(closed)
        refusal = self.refusal(side, quantity, Fraction(closed.close))
        if refusal is not None:
            self.venue.note(now_ms, f"refused: {refusal}")
        elif candle is None:
            self.venue.note(now_ms, "missing candle: entry lapsed")
        elif self.venue.enter(side, quantity, closed, candle):
            self.venue.note(now_ms, f"size by {bound}")

    def quantity(self, closed: Candle) -> tuple[Fraction, str]:
        """The quantity to order, and which of the three bounds it is."""
        settings, price = self.settings, Fraction(closed.close)
        balance = floor(self.venue.wallet / self.symbols / CENTIMICRO) * CENTIMICRO
        bounds = {
            "risk": balance * settings.risk / (price * settings.stop),
            "exposure": balance * settings.exposure / price,
            "market maximum": self.rules.quantity_max,
        }
        bound = min(bounds, key=lambda name: bounds[name])
        return floor(bounds[bound] / self.rules.step) * self.rules.step, bound

    def refusal(self, side: int, quantity: Fraction, price: Fraction) -> str | None:
        """Why an order of this size would not be sent at the close `price`, if so."""
        stop = self.venue.level(price, -side * self.settings.stop)
        target = self.venue.level(price, side * self.settings.target)
        if quantity < self.rules.quantity_min:
            return "quantity below the minimum"
        if quantity * price < self.rules.notional_min:
            return "notional below the minimum at the close"
        if abs(stop - price) < 2 * self.rules.tick:
            return "stop nearer than 2 ticks"
        if abs(target - price) < 2 * self.rules.tick:
            return "target nearer than 2 ticks"
        return None
