"""What the checks share: the job, the symbol with its tiny size, the trades they have opened.

Every order carries an id with our prefix, so that a guard or run knows it as ours whatever
becomes of the canary. Their signal candles are minutes that no candle of the job opens on.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TypeVar

from exchange import ids, views
from exchange.gateway import Gateway, Submit
from job.firing import Job
from strategy.instrument import Instrument
from strategy.parameters import Parameters
from strategy.units import E8

T = TypeVar("T")
POLL_MS = 200
#: How long an answer that should have come is waited for, to measure how late it is.
PATIENCE_MS = 10_000
MINUTE_MS = 60_000
#: The canary buys: one side is enough to learn how the exchange behaves.
SIDE = 1
#: An entry of so much of the minimum notional passes although the price moves, in percent.
NOTIONAL_PERCENT = 150


@dataclass
class Held:
    """A position that the canary has opened, and what it knows of its entry."""

    signal_ms: int
    lots: int
    order_id: int
    fills: list[views.Row] = field(default_factory=list)
    attempts: int = 0


@dataclass
class Bench:
    """One canary at work. Prices in ticks, times ms by the exchange's clock."""

    job: Job
    symbol: str
    trigger_wait_ms: int
    began_ms: int = 0
    market: Instrument | None = None
    price: int = 0
    lots: int = 0
    taken: set[int] = field(default_factory=set)  # signal candles that have orders already
    own: set[int] = field(default_factory=set)  # those of this canary's orders
    trade: Held | None = None
    stop_id: str = ""
    target_id: str = ""
    second_id: str = ""
    cancelled: views.RestingOrder | None = None
    fired: list[str] = field(default_factory=list)

    @property
    def gateway(self) -> Gateway:
        """The exchange."""
        return self.job.gateway

    @property
    def parameters(self) -> Parameters:
        """The symbol's settings."""
        return self.job.config.symbols[self.symbol]

    @property
    def instrument(self) -> Instrument:
        """The symbol's rules, once they were read."""
        assert self.market is not None
        return self.market

    @property
    def held(self) -> Held:
        """The trade that the entry's check has opened."""
        assert self.trade is not None
        return self.trade

    def now_ms(self) -> int:
        """The exchange's clock as well as it is known."""
        return self.job.budget.exchange_now_ms()

    def next_signal_ms(self) -> int:
        """A past minute for the ids of one more trade, on which no candle of the symbol opens and
        no order of an earlier canary was made: two entries of one candle look like two deployments.
        """
        interval_ms = self.parameters.interval_ms
        signal_ms = self.began_ms // interval_ms * interval_ms
        while signal_ms % interval_ms == 0 or signal_ms in self.taken:
            signal_ms -= MINUTE_MS
        self.taken.add(signal_ms)
        self.own.add(signal_ms)
        return signal_ms

    def entry_id(self, signal_ms: int) -> str:
        """The id of an entry, with the number of this deployment: another one's is left alone."""
        tag = ids.owner_tag(self.job.config.owner)
        return ids.client_id(self.symbol, signal_ms, ids.ENTRY, tag)

    def is_own(self, order: views.RestingOrder) -> bool:
        """Is it an order of a trade of this canary?"""
        parsed = ids.parse_id(order.client_id)
        return parsed is not None and parsed.signal_ms in self.own

    def order_id(self, leg: str) -> str:
        """A new id for an order of the open trade."""
        self.held.attempts += 1
        return ids.client_id(self.symbol, self.held.signal_ms, leg, self.held.attempts)

    def quantity(self, lots: int) -> str:
        """Lots as the wire writes them."""
        return self.instrument.quantity_text(lots)

    def between_steps(self, lots: int) -> str:
        """A quantity that lies half a step above `lots`, so one that must be refused."""
        half_e8 = Decimal(self.instrument.step_e8) / 2
        return f"{(lots * self.instrument.step_e8 + half_e8) / E8:f}"

    def set_size(self, price: int) -> None:
        """The smallest size that the exchange takes at this price, with some to spare."""
        market = self.instrument
        worth_e8 = price * market.unit_e8
        by_notional = -(-market.min_notional_e8 * NOTIONAL_PERCENT // (100 * worth_e8))
        self.price, self.lots = price, max(market.min_lots, by_notional)

    def protect(self, leg: str, kind: str, trigger: int, client_id: str = "") -> tuple[str, Submit]:
        """A resting order of the open trade; its id and how it ended."""
        chosen = client_id or self.order_id(leg)
        submit = self.gateway.protect(
            self.symbol,
            -SIDE,
            kind,
            self.quantity(self.held.lots),
            self.instrument.price_text(trigger),
            chosen,
        )
        return chosen, submit

    def resting(self) -> dict[str, views.RestingOrder]:
        """The conditional book by client id."""
        rows = self.gateway.conditional_order_rows(self.symbol)
        found = [views.conditional_order(row, self.instrument) for row in rows]
        return {order.client_id: order for order in found}

    def plain(self) -> dict[str, views.RestingOrder]:
        """The plain book by client id."""
        rows = self.gateway.plain_order_rows(self.symbol)
        found = [views.plain_order(row, self.instrument) for row in rows]
        return {order.client_id: order for order in found}

    def position(self) -> views.Position | None:
        """The symbol's position."""
        rows = self.gateway.position_rows(self.symbol)
        own = [row for row in rows if row["symbol"] == self.symbol]
        found = [views.position(row, self.instrument) for row in own]
        return next((position for position in found if position is not None), None)

    def until(
        self,
        read: Callable[[], T],
        enough: Callable[[T], bool],
        patience_ms: int = PATIENCE_MS,
        poll_ms: int = POLL_MS,
    ) -> tuple[T, int]:
        """Read again and again until it is enough or patience ends; the last read, and how long
        after the beginning it was, in ms.
        """
        began_ms = self.job.clock.now_ms()
        while True:
            found = read()
            waited_ms = self.job.clock.now_ms() - began_ms
            if enough(found) or waited_ms >= patience_ms:
                return found, waited_ms
            self.job.clock.sleep_ms(poll_ms)
