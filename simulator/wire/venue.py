"""What every endpoint gets besides its parameters: the exchange, its clock, its armed faults.

Also the figures of each symbol, and what an armed read lag hides. Must not answer requests.
"""

from collections.abc import Callable
from fnmatch import fnmatchcase

import msgspec

from simulator.engine.engine import Engine
from simulator.engine.model import AlgoOrder, Order
from simulator.exchange import EmbeddedExchange
from simulator.faults import Book, Fault, Faults
from simulator.market.model import Candle
from simulator.wire.clocks import ClockError, ServerClock
from simulator.wire.figures import Figures

KlineWriter = Callable[[Candle], msgspec.Raw]


class Venue:
    """One embedded exchange as the endpoints see it."""

    def __init__(
        self, exchange: EmbeddedExchange, faults: Faults, clock: ServerClock | None
    ) -> None:
        """Without a `clock` time stamps are held against the exchange's own time."""
        self.exchange = exchange
        self.faults = faults
        self._clock = clock
        self.figures = {
            symbol: Figures(contract) for symbol, contract in exchange.contracts.items()
        }

        self._stale: list[tuple[str, int, Engine]] = []
        self._kline_writers: dict[tuple[str, int], KlineWriter] = {}

    def kline_rows(
        self, symbol: str, interval_ms: int, make: Callable[[Figures, int], KlineWriter]
    ) -> KlineWriter:
        """The writer of this symbol's candles, made once."""
        key = (symbol, interval_ms)
        writer = self._kline_writers.get(key)
        if writer is None:
            writer = self._kline_writers[key] = make(self.figures[symbol], interval_ms)
        return writer

    def stamp_ms(self, engine: Engine) -> int:
        """The time that a request's `timestamp` and the rate limits go by, ms."""
        now_ms = self._clock.stamp_ms() if self._clock else engine.now_ms
        return now_ms + self.faults.skew_ms

    def set_clock(self, now_ms: int) -> int:
        """Moves a stopped clock and plays up to it; returns the time. Raises ClockError."""
        if self._clock is None:
            raise ClockError("this exchange's clock belongs to the program around it")
        self._clock.set(now_ms)
        return self.exchange.now_ms()

    def disarm(self) -> None:
        """Forgets every fault and every mischief in store; late children are matched at once."""
        self.faults.disarm_all()
        self._stale.clear()
        with self.exchange.request() as engine:
            engine.calm_down()

    def keep_stale(self, fault: Fault) -> None:
        """From now on, and for a while, some reads are answered from what is true now."""
        until_ms = self.exchange.played_to_ms() + fault.lag_ms
        self._stale.append((fault.reads, until_ms, self.exchange.copy()))

    def read_from(self, method: str, path: str, engine: Engine) -> Engine:
        """The engine that a request is answered from: the true one, or a stale copy."""
        if method == "GET":
            for reads, until_ms, copy in self._stale:
                if engine.now_ms < until_ms and fnmatchcase(path, reads):
                    return copy
        return engine

    def sees(self, order: Order, engine: Engine, in_list: bool = False) -> bool:
        """Whether a read may show a plain order now: no armed lag hides it."""
        return not self.faults.hides("plain", order.order_id, engine.now_ms, in_list)

    def sees_algo(self, algo: AlgoOrder, engine: Engine, in_list: bool = False) -> bool:
        """The same for a conditional order."""
        return not self.faults.hides("algo", algo.algo_id, engine.now_ms, in_list)

    def hide_order(self, fault: Fault, value: object) -> None:
        """Arms a read lag for the order that an answer is about, if it is about one."""
        if not isinstance(value, dict):
            return
        book: Book = "algo" if "algoId" in value else "plain"
        order_id = value.get("algoId", value.get("orderId"))
        if isinstance(order_id, int):
            until_ms = self.exchange.now_ms() + fault.lag_ms
            self.faults.hide(book, order_id, until_ms, fault.lists)
