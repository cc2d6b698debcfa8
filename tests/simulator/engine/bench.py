"""A market of hand-written candles and an account on it, for the tests of the engine."""

from collections.abc import Sequence
from typing import Any

from simulator.engine.engine import Engine
from simulator.engine.funding import FundingSchedule
from simulator.engine.ledger import opened_books
from simulator.engine.model import (
    BUY,
    SELL,
    AlgoOrder,
    AlgoType,
    Books,
    Contract,
    Costs,
    Order,
    Position,
    Side,
)
from simulator.engine.requests import AlgoRequest, OrderRequest
from simulator.market.model import Candle
from simulator.rules import contracts_for

MINUTE_MS = 60_000
STEP_MS = 5 * MINUTE_MS
HOUR_MS = 60 * MINUTE_MS
#: 2024-01-01 00:00 UTC + 5 minutes: a funding time lies just before.
T0 = 1_704_067_200_000 + STEP_MS
BTC = "BTCUSDT"
FREE = Costs(fee_ppm=0, slippage_ppm=0, funding=False)

#: open, high, low, close in ticks; None = the candle is missing.
Bar = tuple[int, int, int, int] | None


def flat(ticks: int) -> Bar:
    """A candle that does not move."""
    return (ticks, ticks, ticks, ticks)


class Bars:
    """A market made of bars, the first one at T0."""

    label = "bars"
    interval_ms = STEP_MS

    def __init__(self, bars: dict[str, Sequence[Bar]], first_ms: int = T0) -> None:
        self.rows = {
            symbol: {
                first_ms + i * STEP_MS: Candle(first_ms + i * STEP_MS, *bar, volume=10)
                for i, bar in enumerate(rows)
                if bar is not None
            }
            for symbol, rows in bars.items()
        }
        #: Ticker prices of their own by symbol: as live public prices have.
        self.ticker: dict[str, int] = {}

    def candles(self, symbol: str, first_ms: int, end_ms: int) -> list[Candle]:
        rows = self.rows.get(symbol, {})
        return [rows[time] for time in sorted(rows) if first_ms <= time < end_ms]

    def last_price(self, symbol: str, now_ms: int) -> int | None:
        if symbol in self.ticker:
            return self.ticker[symbol]
        candle = self.rows.get(symbol, {}).get(now_ms // STEP_MS * STEP_MS)
        return candle.open if candle is not None else None


class Bench:
    """One account, played by hand: `at(2)` is the open of the third bar."""

    def __init__(
        self,
        bars: Sequence[Bar] | dict[str, Sequence[Bar]],
        costs: Costs = FREE,
        wallet: int = 10_000,
        **series: Any,
    ) -> None:
        table = bars if isinstance(bars, dict) else {BTC: bars}
        self.market = Bars(table)
        self.contracts: list[Contract] = contracts_for(table)
        self.costs = costs
        self.schedule = FundingSchedule(costs, series.get("rates", {}), series.get("marks", {}))
        self.engine = self.made(opened_books(wallet * 10**8, T0))

    def made(self, books: Books) -> Engine:
        """An engine that goes on with these books."""
        return Engine(self.market, self.contracts, self.costs, books, self.schedule)

    def at(self, bar: float) -> "Bench":
        """Go to the open of a bar, or to a point inside one."""
        self.engine.advance(T0 + round(bar * STEP_MS))
        return self

    def to_end(self) -> "Bench":
        """Play everything there is."""
        last = max(max(rows) for rows in self.market.rows.values() if rows)
        self.engine.advance(last + STEP_MS)
        return self

    def market_order(self, side: Side, lots: int, symbol: str = BTC, **more: Any) -> Order:
        return self.engine.place(OrderRequest(symbol, side, "MARKET", lots, **more))

    def limit(self, side: Side, lots: int, ticks: int, symbol: str = BTC, **more: Any) -> Order:
        return self.engine.place(OrderRequest(symbol, side, "LIMIT", lots, ticks, **more))

    def algo(
        self, kind: AlgoType, side: Side, ticks: int, lots: int, symbol: str = BTC, **more: Any
    ) -> AlgoOrder:
        more.setdefault("reduce_only", True)
        return self.engine.place_algo(AlgoRequest(symbol, side, kind, ticks, lots, **more))

    def stop(self, side: Side, ticks: int, lots: int, **more: Any) -> AlgoOrder:
        return self.algo("STOP_MARKET", side, ticks, lots, **more)

    def target(self, side: Side, ticks: int, lots: int, **more: Any) -> AlgoOrder:
        return self.algo("TAKE_PROFIT_MARKET", side, ticks, lots, **more)

    def trade(self, side: Side, lots: int, stop: int = 0, target: int = 0) -> None:
        """A position with its protection, now."""
        self.market_order(side, lots)
        closing: Side = SELL if side == BUY else BUY
        if stop:
            self.stop(closing, stop, lots, client_id=f"stop-{stop}")
        if target:
            self.target(closing, target, lots, client_id=f"target-{target}")

    @property
    def books(self) -> Books:
        return self.engine.books

    @property
    def position(self) -> Position | None:
        return self.engine.position(BTC)

    @property
    def wallet(self) -> int:
        return self.books.wallet_e8

    def last_fill(self) -> tuple[int, int, int]:
        """Price, lots and time (in bars) of the newest fill."""
        fill = self.books.fills[-1]
        return fill.ticks, fill.lots, fill.time_ms - T0

    def status_of(self, client_id: str) -> str:
        return self.engine.algo(client_id=client_id).status
