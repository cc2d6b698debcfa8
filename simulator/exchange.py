"""The embedded exchange as the wire uses it: engine, market, clock and persistence in one.

Every request first plays the account up to the clock, does one thing, and leaves its books saved
before the answer does. It speaks no wire format and knows no file: both are handed in.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from threading import RLock

import msgspec

from simulator.engine import candles as candle_rows
from simulator.engine.engine import Engine
from simulator.engine.funding import FundingInfo, FundingSchedule, TimedRates, TimedTicks
from simulator.engine.model import Books, Contract, Costs
from simulator.market.model import Candle, Market


class BooksNotSaved(RuntimeError):
    """An earlier save failed: what this exchange holds is ahead of what is kept. Load again."""


class EmbeddedExchange:
    """One account on one market, safe to use from several threads.

    ```python
    with exchange.request() as engine:      # locked; played up to the clock
        order = engine.place(OrderRequest("BTCUSDT", BUY, "MARKET", lots=20))
    # saved, when something changed
    ```
    Everything read inside one `request()` belongs to one moment. Nested requests are one.
    """

    def __init__(
        self,
        market: Market,
        contracts: Sequence[Contract],
        costs: Costs,
        clock: Callable[[], int],
        books: Books,
        save: Callable[[Books], None] | None = None,
        funding: Mapping[str, TimedRates] | None = None,
        marks: Mapping[str, TimedTicks] | None = None,
    ) -> None:
        """`clock` gives UTC ms; a clock that goes back is held at the books' time.

        `books` is the account (see `simulator.engine.ledger.opened_books` for a new one) and
        belongs to this exchange from now on. `save` is called with it after each request that
        changed more than the time played up to. `funding` and `marks` are series by symbol,
        ascending: [(time_ms, rate_e8)] and [(open_time_ms, price in ticks)].
        Raises ValueError when the books hold a symbol that is not among the contracts.
        """
        self.market = market
        self.costs = costs
        self._clock = clock
        self._save = save
        self._lock = RLock()
        self._depth = 0
        self._schedule = FundingSchedule(costs, funding or {}, marks or {})
        self._engine = Engine(market, contracts, costs, books, self._schedule)
        self._saved_revision = books.revision
        self._broken = False

    @property
    def contracts(self) -> Mapping[str, Contract]:
        """The contracts by symbol, in their order."""
        return self._engine.contracts

    @contextmanager
    def request(self) -> Iterator[Engine]:
        """The engine, locked, played up to the clock; saved on leaving when it changed, also
        after a refusal. Raises BooksNotSaved once a save has failed.
        """
        with self._lock:
            if self._broken:
                raise BooksNotSaved("an earlier save failed; load the account again")
            if self._depth == 0:
                self._engine.advance(self._clock())
            self._depth += 1
            try:
                yield self._engine
            finally:
                self._depth -= 1
                if self._depth == 0:
                    self._keep()

    def _keep(self) -> None:
        books = self._engine.books
        if self._save is None or books.revision == self._saved_revision:
            return
        self._broken = True
        self._save(books)
        self._broken = False
        self._saved_revision = books.revision

    def copy(self) -> Engine:
        """An engine on a copy of the books as they are now; what happens to it is lost."""
        with self._lock:
            books = msgspec.json.decode(msgspec.json.encode(self._engine.books), type=Books)
            contracts = list(self._engine.contracts.values())
            return Engine(self.market, contracts, self.costs, books, self._schedule)

    def played_to_ms(self) -> int:
        """The time played up to, without playing on."""
        return self._engine.now_ms

    def now_ms(self) -> int:
        """The exchange's time: the clock, never before what was played already."""
        with self.request() as engine:
            return engine.now_ms

    def klines(
        self,
        symbol: str,
        interval_ms: int,
        start_ms: int | None = None,
        end_ms: int | None = None,
        limit: int = 500,
    ) -> list[Candle]:
        """Candles of `interval_ms`, ascending, both ends by open time and included, cut by the
        clock. The last row is the forming candle if it exists; of a base candle that runs only
        its open is known (o = h = l = c = open, volume 0). Without `start_ms` the newest `limit`
        candles, else the first; rows for those of them that are not missing.

        Raises Refused -1121 for an unknown symbol, -1120 for an interval that is not a whole
        number of the market's candles or does not divide a week.
        """
        with self.request() as engine:
            engine.contract(symbol)
            return candle_rows.klines(
                self.market,
                symbol,
                engine.now_ms,
                candle_rows.Window(interval_ms, start_ms, end_ms, limit),
            )

    def last_ticks(self, symbol: str) -> int | None:
        """The last price in ticks: what stands now, or where its candle is missing the last
        close before; None when there never was one. Raises Refused -1121.
        """
        with self.request() as engine:
            return engine.last_ticks(symbol)

    def mark_ticks(self, symbol: str) -> int | None:
        """The mark price: here the last price. A mark series serves funding only."""
        return self.last_ticks(symbol)

    def funding_info(self, symbol: str) -> FundingInfo:
        """Next funding time and last rate. Raises Refused -1121."""
        with self.request() as engine:
            engine.contract(symbol)
            return self._schedule.info(symbol, engine.now_ms)
