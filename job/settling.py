"""Step 4: from fills to what is true: notes set right, ended trades told to the journal.

Reads the fills (and the orders they belong to) only where the notes and the exchange disagree;
`state.reconcile` decides what they mean.
"""

from collections.abc import Sequence
from decimal import Decimal

from exchange import views
from exchange.views import Fill
from job.books import tell_funding
from job.firing import Firing, Work
from job.report import utc_text
from job.sweeping import list_orders, read_position
from state.ledger import Share, TradeLedger
from state.reconcile import Standing, Truth, fills_needed_since, reconcile
from strategy.instrument import Instrument, money_text
from strategy.words import SIDES

#: After the fence, how long the answer "no such order" may still be a read that lags, ms.
SETTLE_MARGIN_MS = 1_000
#: Up to so many orders are looked up one by one; more are listed at once.
LOOK_UPS_MAX = 4
#: A market order is at most this much older than its fill.
ORDER_BEFORE_FILL_MS = 60_000


def settle(firing: Firing, work: Work) -> None:
    """Find out what is true of one symbol and write it into its notes (in memory).

    While it is not known, the symbol is not usable: nothing is decided or swept for it.
    """
    work.usable = False
    truth, fills = _find_truth(firing, work)
    if truth.standing is Standing.FOREIGN and truth.ended:
        # our trade has ended while we were reading: what the first wave saw is no longer so
        read_position(firing, work)
        list_orders(firing, work)
        truth, fills = _find_truth(firing, work)
    work.notes, work.standing, work.over = truth.notes, truth.standing, truth.over
    if truth.ended:
        tell_ended(firing, work, truth.ended)
    _settle_intent(firing, work, fills)
    work.usable = True
    if work.standing is Standing.LAGGING:
        work.fail("the position is gone but its fills are not visible yet; next run settles them")
    if work.standing is Standing.FOREIGN:
        position, market = work.position, work.instrument
        held = f"{market.quantity_text(position.lots)}" if position else "?"
        work.report.position = f"FOREIGN position of {held}, not opened by this job: left alone"


def _find_truth(firing: Firing, work: Work) -> tuple[Truth, list[Fill] | None]:
    since = fills_needed_since(
        work.notes,
        work.parameters,
        work.position,
        work.resting,
        work.symbol,
        firing.exchange_now_ms(),
    )
    fills = None if since is None else read_fills(firing, work, since)
    truth = reconcile(
        work.notes, work.parameters, work.instrument, work.position, work.resting, fills
    )
    return truth, fills


def read_fills(firing: Firing, work: Work, since_ms: int) -> list[Fill]:
    """The symbol's fills since then, each with the client id of its order."""
    rows = firing.gateway.fill_rows_since(work.symbol, since_ms, firing.exchange_now_ms())
    return [
        views.fill(row, client_id, work.instrument)
        for row, client_id in zip(rows, _client_ids(firing, work, rows), strict=True)
    ]


def _client_ids(firing: Firing, work: Work, rows: Sequence[views.Row]) -> list[str]:
    """Fills carry no client id: it stands in their orders. An order that is gone has none ("")."""
    wanted = {int(row["orderId"]) for row in rows}
    known: dict[int, str] = {}
    if len(wanted) > LOOK_UPS_MAX:
        orders = firing.gateway.order_rows_since(
            work.symbol, int(rows[0]["time"]) - ORDER_BEFORE_FILL_MS, int(rows[-1]["time"])
        )
        known = {int(order["orderId"]): str(order["clientOrderId"]) for order in orders}
    for order_id in wanted - known.keys():
        order = firing.gateway.order_row(work.symbol, order_id=order_id)
        known[order_id] = str(order["clientOrderId"]) if order else ""
    return [known[int(row["orderId"])] for row in rows]


def _settle_intent(firing: Firing, work: Work, fills: Sequence[Fill] | None) -> None:
    """Drop an entry's intent once it is known what became of it; never send it again."""
    intent = work.notes.intent
    if intent is None:
        return
    arrived = work.notes.trade is not None and work.notes.trade.signal_ms == intent.signal_ms
    if arrived or any(fill.client_id == intent.client_id for fill in fills or ()):
        work.note(intent=None)
        return
    if firing.exchange_now_ms() <= intent.fence_ms + SETTLE_MARGIN_MS:
        return  # it can still arrive: asked again before this run ends, or in the next one
    row = firing.gateway.order_row(work.symbol, client_id=intent.client_id)
    if row is None or views.order_state(row, work.instrument).filled_lots == 0:
        work.note(intent=None)
        work.report.orders.append(f"{intent.client_id} was never executed")
        firing.tell("never-executed", symbol=work.symbol, client_id=intent.client_id)


def tell_ended(firing: Firing, work: Work, ended: Sequence[TradeLedger]) -> None:
    """Journal the fills and the record of trades that have ended, with funding and balance."""
    for trade in ended:
        rows = firing.gateway.funding_rows_since(work.symbol, trade.first_fill_ms, trade.ended_ms)
        paid = [row for row in rows if int(row["time"]) > trade.first_fill_ms]
        wallet = firing.wallet_e8 if firing.wallet_e8 is not None else firing.gateway.wallet_e8()
        tell_fills(firing, work, [Share(fill, fill.lots) for fill in trade.entries])
        tell_fills(firing, work, trade.exits)
        for row in paid:
            tell_funding(firing, row)
        funding_e8 = -sum(views.money_e8(row["income"]) for row in paid)
        record = trade_record(trade, work.instrument, funding_e8, wallet)
        firing.tell(
            "trade",
            key=f"trade-{work.symbol}-{trade.signal_ms}",
            at_ms=trade.ended_ms,
            **record,
        )
        net = Decimal(str(record["net"]))
        work.report.ended.append(
            f"{SIDES[trade.side]} of {record['quantity']} ended {utc_text(trade.ended_ms)} by "
            f"{record['reason']} at {record['exit_price']}, net {net:.2f} USDT"
        )


def tell_fills(firing: Firing, work: Work, shares: Sequence[Share]) -> None:
    """Journal fills, each exactly once."""
    market = work.instrument
    for share in shares:
        fill = share.fill
        firing.tell(
            "fill",
            key=f"fill-{fill.symbol}-{fill.trade_id}",
            at_ms=fill.time_ms,
            symbol=fill.symbol,
            side="buy" if fill.side > 0 else "sell",
            price=market.price_text(fill.price),
            quantity=market.quantity_text(share.lots),
            fee=money_text(share.fee_e8),
            fee_asset=fill.fee_asset,
            realized=money_text(share.realized_e8),
            client_id=fill.client_id,
        )


def trade_record(
    trade: TradeLedger, market: Instrument, funding_e8: int, wallet_e8: int
) -> dict[str, object]:
    """A trade's record: exact texts, times in ms (see `job.trades` for the CSV made of it)."""
    gross = trade.gross_e8(market.unit_e8)
    fees = trade.fees_e8()
    usdt_fees = fees.pop("USDT", 0)
    return {
        "symbol": trade.symbol,
        "side": SIDES[trade.side],
        "quantity": market.quantity_text(trade.entry_lots),
        "signal_time": trade.signal_ms,
        "entry_time": trade.first_fill_ms,
        "entry_price": market.average_text(trade.entry_quote, trade.entry_lots),
        "exit_time": trade.ended_ms,
        "exit_price": market.average_text(trade.exit_quote, trade.entry_lots),
        "reason": trade.reason,
        "gross": money_text(gross),
        "fees": money_text(usdt_fees),
        "fees_in_other_assets": {asset: money_text(fee) for asset, fee in fees.items()},
        "funding": money_text(funding_e8),
        "net": money_text(gross - usdt_fees - funding_e8),
        "balance": money_text(wallet_e8),
    }
