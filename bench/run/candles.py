"""Prices for the benchmark: every candle opens at one price, and closes there or beside it.

Must not be mistaken for a market.
"""

from simulator.market.model import Candle

INTERVAL_MS = 300_000
HOME_TICKS = 600_000  # 60,000.0 USDT
SWING_TICKS = 1_800  # 0.3 %, up and down in turn: the average stays at home


class Candles:
    """Flat, or (`swinging`) with a close beyond the default threshold in every candle."""

    label = "benchmark"
    interval_ms = INTERVAL_MS

    def __init__(self) -> None:
        self.swinging = False

    def candles(self, symbol: str, first_ms: int, end_ms: int) -> list[Candle]:
        """Any span, the same for every symbol."""
        del symbol
        first = -(-first_ms // INTERVAL_MS) * INTERVAL_MS
        return [self._candle(open_ms) for open_ms in range(first, end_ms, INTERVAL_MS)]

    def _candle(self, open_ms: int) -> Candle:
        swing = SWING_TICKS if open_ms // INTERVAL_MS % 2 else -SWING_TICKS
        close = HOME_TICKS + (swing if self.swinging else 0)
        low, high = sorted((HOME_TICKS, close))
        return Candle(open_ms, HOME_TICKS, high, low, close, 1_000)

    def last_price(self, symbol: str, now_ms: int) -> int | None:
        """The open of the candle that runs."""
        del symbol, now_ms
        return HOME_TICKS
