"""The trades as texts: the rows of the trades file, the same as the job's replay writes.

Exact: whole numbers become decimals, nothing is rounded. Must not compute anything new.
"""

from collections.abc import Callable, Iterator
from pathlib import Path

from backtest import layout
from backtest.history import History
from backtest.lane import Outcome
from job.trades import COLUMNS
from simulator.engine import fills
from simulator.engine.model import Contract
from strategy.instrument import scaled_text

REASONS = {
    fills.STOP: "stop",
    fills.TARGET: "target",
    fills.LIQUIDATED: "liquidated",
    layout.BREAKEVEN: "breakeven",
    layout.REVERTED: "reverted",
}
Row = tuple[str, ...]


def trade_rows(outcome: Outcome, history: History, contract: Contract) -> Iterator[Row]:
    """One row a trade, columns as in job.trades.COLUMNS, in order of exit."""
    times_ms, trades = history.times_ms, outcome.trades
    price_text, quantity_text = _grained(contract.tick_e8), _grained(contract.step_e8)
    for at in range(0, len(trades), layout.WIDTH):
        (side, lots, signal, entered, entry, left, exit_ticks, reason,
         gross, fees, funding, wallet) = trades[at : at + layout.WIDTH]  # fmt: skip
        yield (
            contract.symbol,
            "long" if side > 0 else "short",
            quantity_text(lots),
            str(times_ms[signal]),
            str(times_ms[entered]),
            price_text(entry),
            str(times_ms[left]),
            price_text(exit_ticks),
            REASONS[reason],
            decimal_text(gross, 8),
            decimal_text(fees, 8),
            decimal_text(funding, 8),
            decimal_text(gross - fees - funding, 8),
            decimal_text(wallet, 8),
        )


def _grained(grain_e8: int) -> Callable[[int], str]:
    """How so many ticks or lots are written on the wire."""
    places = len(scaled_text(0, grain_e8).partition(".")[2])
    finest_e8 = 10 ** (8 - places)
    return lambda amount: decimal_text(amount * grain_e8 // finest_e8, places)


def decimal_text(amount: int, places: int) -> str:
    """`amount` x 10^-places with all its places, as strategy.instrument writes it but faster."""
    digits = str(abs(amount)).rjust(places + 1, "0")
    sign = "-" if amount < 0 else ""
    return f"{sign}{digits[:-places]}.{digits[-places:]}" if places else sign + digits


def write_rows(path: Path, rows: Iterator[Row]) -> None:
    """Write the trades file; no text in it needs quotes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="", encoding="utf-8") as file:
        file.write(",".join(COLUMNS) + "\n")
        file.writelines(",".join(row) + "\n" for row in rows)
