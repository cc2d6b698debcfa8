"""What the checker looks at: the exchange's own books and the journal's lines, as plain facts.

Nothing of the job's is asked. The facts can come from an exchange in this process or from
`GET /sim/state` of one behind a socket. Must not judge.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

from simulator.engine.model import Books

E8 = 10**8
PREFIX = "rv1-"


class Hit(NamedTuple):
    """One fill. Prices in ticks, quantities in lots, money in 1e-8."""

    fill_id: int
    client_id: str
    symbol: str
    side: int
    ticks: int
    lots: int
    time_ms: int
    fee_e8: int
    fee_asset: str
    realised_e8: int


class Resting(NamedTuple):
    """A conditional order's whole life; `ended_ms` 0 while it rests."""

    client_id: str
    symbol: str
    side: int
    stop: bool
    trigger: int
    lots: int
    reduce_only: bool
    by_last_price: bool
    created_ms: int
    ended_ms: int
    cancelled: bool


class Sent(NamedTuple):
    """A plain order that was accepted."""

    client_id: str
    symbol: str
    lots: int
    filled_lots: int
    time_ms: int
    is_open: bool


@dataclass
class Facts:
    """The exchange's side of the story."""

    now_ms: int
    wallet_e8: int
    opened_e8: int
    positions: dict[str, int]  # signed lots
    hits: list[Hit]
    conditionals: list[Resting]
    orders: list[Sent]
    funding_e8: int = 0  # positive when paid


@dataclass
class Journalled:
    """The job's side of the story. `torn` counts lines that are not JSON."""

    events: list[dict[str, Any]] = field(default_factory=list)
    torn: int = 0
    text: str = ""

    def of(self, kind: str) -> list[dict[str, Any]]:
        """The events of one kind, in order."""
        return [event for event in self.events if event.get("event") == kind]


def facts_of_books(books: Books, opened_e8: int) -> Facts:
    """From the books of an exchange in this process."""
    names = {o.order_id: o.client_id for o in (*books.orders, *books.ended_orders)}
    return Facts(
        now_ms=books.played_to_ms,
        wallet_e8=books.wallet_e8,
        opened_e8=opened_e8,
        positions={s: p.side * p.lots for s, p in books.positions.items() if p.lots},
        hits=[
            Hit(f.fill_id, names.get(f.order_id, ""), f.symbol, f.side, f.ticks, f.lots,
                f.time_ms, f.fee_e8, f.fee_asset, f.realised_e8)
            for f in books.fills
        ],
        conditionals=[
            Resting(a.client_id, a.symbol, a.side, a.type == "STOP_MARKET", a.trigger_ticks, a.lots,
                    a.reduce_only, a.working_type == "CONTRACT_PRICE" and not a.price_protect,
                    a.created_ms, 0 if a.status == "NEW" else a.updated_ms,
                    a.status == "CANCELED")
            for a in (*books.algos, *books.ended_algos)
        ],
        orders=[
            Sent(o.client_id, o.symbol, o.lots, o.filled_lots, o.time_ms,
                 o.status in ("NEW", "PARTIALLY_FILLED"))
            for o in (*books.orders, *books.ended_orders)
        ],
        funding_e8=books.funding_e8,
    )  # fmt: skip


class Grid(NamedTuple):
    """How a symbol's texts become whole numbers."""

    tick: Decimal
    step: Decimal


def facts_of_state(state: Mapping[str, Any], grids: Mapping[str, Grid], opened_e8: int) -> Facts:
    """From the answer of `GET /sim/state`."""
    ended, resting = state["ended_orders"], state["orders"]
    names = {row["orderId"]: row["clientOrderId"] for row in (*ended, *resting)}
    hits = []
    for row in state["fills"]:
        grid = grids[row["symbol"]]
        hits.append(
            Hit(row["id"], names.get(row["orderId"], ""), row["symbol"], _side(row),
                _whole(row["price"], grid.tick), _whole(row["qty"], grid.step), row["time"],
                _e8(row["commission"]), row["commissionAsset"], _e8(row["realizedPnl"]))
        )  # fmt: skip
    return Facts(
        now_ms=state["now"],
        wallet_e8=_e8(state["wallet"]),
        opened_e8=opened_e8,
        positions={
            row["symbol"]: _whole(row["positionAmt"], grids[row["symbol"]].step)
            for row in state["positions"]
            if Decimal(row["positionAmt"])
        },
        hits=hits,
        conditionals=[
            _resting(row, grids[row["symbol"]])
            for row in (*state["algo_orders"], *state["ended_algo_orders"])
        ],
        orders=[
            Sent(row["clientOrderId"], row["symbol"],
                 _whole(row["origQty"], grids[row["symbol"]].step),
                 _whole(row["executedQty"], grids[row["symbol"]].step), row["time"],
                 row["status"] in ("NEW", "PARTIALLY_FILLED"))
            for row in (*resting, *ended)
        ],
        funding_e8=-sum(
            _e8(row["income"]) for row in state["incomes"] if row["incomeType"] == "FUNDING_FEE"
        ),
    )  # fmt: skip


def _resting(row: Mapping[str, Any], grid: Grid) -> Resting:
    return Resting(
        row["clientAlgoId"], row["symbol"], _side(row), row["orderType"] == "STOP_MARKET",
        _whole(row["triggerPrice"], grid.tick), _whole(row["quantity"], grid.step),
        row["reduceOnly"], row["workingType"] == "CONTRACT_PRICE" and not row["priceProtect"],
        row["createTime"], 0 if row["algoStatus"] == "NEW" else row["updateTime"],
        row["algoStatus"] == "CANCELED",
    )  # fmt: skip


def _side(row: Mapping[str, Any]) -> int:
    return 1 if row["side"] == "BUY" else -1


def _whole(text: str, unit: Decimal) -> int:
    return int((Decimal(text) / unit).to_integral_value())


def _e8(text: str) -> int:
    return int(Decimal(text) * E8)


def read_journal(folder: Path) -> Journalled:
    """Every line of every day."""
    found = Journalled()
    for path in sorted(folder.glob("*.jsonl")):
        text = path.read_text(encoding="utf-8", errors="replace")
        found.text += text
        for line in text.splitlines():
            try:
                found.events.append(json.loads(line))
            except ValueError:
                found.torn += bool(line.strip())
    return found


def sum_e8(records: Sequence[Mapping[str, Any]], name: str) -> int:
    """The exact sum of a money column; where it is missing there was none."""
    return sum(_e8(record.get(name, "0")) for record in records)
