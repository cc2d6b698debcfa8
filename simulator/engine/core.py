"""What the parts of the engine share: the books, their indexes, the market and the rules.

It holds and looks up; it decides nothing and books nothing.
"""

from bisect import bisect_left
from collections.abc import Sequence

from simulator.engine.funding import FundingSchedule
from simulator.engine.mischief import Mischief
from simulator.engine.model import (
    HISTORY_MS,
    LEVERAGE_DEFAULT,
    AlgoOrder,
    Books,
    Contract,
    Costs,
    Order,
    Settings,
)
from simulator.engine.refused import refused
from simulator.engine.shelf import Shelf
from simulator.market.model import Market

#: How far back the last close is looked for, in candles, in widening steps.
_LOOK_BACK_CANDLES = (1, 300, 30_000)
_DAY_MS = 86_400_000


class Core:
    """Shared by all parts of one engine."""

    def __init__(
        self,
        market: Market,
        contracts: Sequence[Contract],
        costs: Costs,
        books: Books,
        funding: FundingSchedule,
    ) -> None:
        """Raises ValueError when the books hold a symbol that is not among the contracts."""
        self.market = market
        self.interval_ms = market.interval_ms
        self.contracts = {contract.symbol: contract for contract in contracts}
        self.costs = costs
        self.books = books
        self.funding = funding
        self.mischief = Mischief()
        self.plain: Shelf[Order] = Shelf(books.orders, books.ended_orders, lambda o: o.order_id)
        self.algos: Shelf[AlgoOrder] = Shelf(books.algos, books.ended_algos, lambda o: o.algo_id)
        strange = sorted(self._busy() - self.contracts.keys())
        if strange:
            raise ValueError(f"the account holds {', '.join(strange)}, whose rules are not loaded")

    def changed(self) -> None:
        """Note that the books have something to save."""
        self.books.revision += 1

    def contract(self, symbol: str) -> Contract:
        """The contract. Refused: -1121."""
        contract = self.contracts.get(symbol)
        if contract is None:
            raise refused(-1121)
        return contract

    def settings(self, contract: Contract) -> Settings:
        """Leverage and margin type, as set or by default."""
        settings = self.books.settings.get(contract.symbol)
        if settings is None:
            return Settings(leverage=min(LEVERAGE_DEFAULT, contract.leverage_max))
        return settings

    def _busy(self) -> set[str]:
        books = self.books
        busy = set(books.positions)
        busy.update(order.symbol for order in books.orders)
        busy.update(order.symbol for order in books.algos)
        return busy

    def busy_symbols(self) -> list[str]:
        """Symbols on which something can happen: a position or an open order. In order."""
        books = self.books
        if not (books.positions or books.orders or books.algos):
            return []
        busy = self._busy()
        return [symbol for symbol in self.contracts if symbol in busy]

    def standing_ticks(self, symbol: str) -> int | None:
        """The price that stands now; None while the candle is missing."""
        return self.market.last_price(symbol, self.books.played_to_ms)

    def last_ticks(self, symbol: str) -> int | None:
        """The standing price, or the last close before it; None when there is neither."""
        standing = self.standing_ticks(symbol)
        if standing is not None:
            return standing
        running_ms = self.books.played_to_ms // self.interval_ms * self.interval_ms
        for count in _LOOK_BACK_CANDLES:
            first_ms = running_ms - count * self.interval_ms
            rows = self.market.candles(symbol, first_ms, running_ms)
            if rows:
                return rows[-1].close
        return None

    def price_now(self, symbol: str) -> int:
        """The price orders are filled at. Refused: -4141 while the candle is missing."""
        standing = self.standing_ticks(symbol)
        if standing is None:
            raise refused(-4141)
        return standing

    def forget_old(self, before_ms: int, now_ms: int) -> None:
        """Once a day: drop what is older than the history Binance keeps.

        `before_ms` and `now_ms` are the times played up to before and after this advance.
        """
        if before_ms // _DAY_MS == now_ms // _DAY_MS:
            return
        cut_ms = now_ms // _DAY_MS * _DAY_MS - HISTORY_MS
        self.plain.forget(cut_ms)
        self.algos.forget(cut_ms)
        books = self.books
        del books.fills[: bisect_left(books.fills, cut_ms, key=lambda row: row.time_ms)]
        del books.incomes[: bisect_left(books.incomes, cut_ms, key=lambda row: row.time_ms)]
