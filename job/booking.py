"""What an ended trade leaves in the journal: its fills, its funding, and the record of it."""

from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

from exchange import views
from exchange.errors import as_promised
from job.firing import Firing, Work
from job.report import utc_text
from state.ledger import Share, TradeLedger
from strategy.instrument import Instrument, money_text
from strategy.words import SIDES


class Ended(NamedTuple):
    """A trade that has ended, with what had to be read to book it."""

    trade: TradeLedger
    funding: Sequence["Payment"]
    wallet_e8: int


class Payment(NamedTuple):
    """One funding payment; `paid_e8` is below 0 when it was received."""

    key: str  # in the journal
    symbol: str
    at_ms: int
    paid_e8: int


def read_ended(firing: Firing, work: Work, ended: Sequence[TradeLedger]) -> list[Ended]:
    """Read what the books need to know of trades that have ended. Raises VenueError."""
    if not ended:
        return []
    funding = [_payments(firing, work, trade) for trade in ended]
    if firing.wallet_e8 is None:
        firing.wallet_e8 = firing.gateway.wallet_e8()
    wallet_e8 = firing.wallet_e8
    return [Ended(trade, rows, wallet_e8) for trade, rows in zip(ended, funding, strict=True)]


def tell_ended(firing: Firing, work: Work, ended: Sequence[Ended]) -> None:
    """Queue the journal's events of trades that have ended. Reads nothing."""
    for trade, funding, wallet_e8 in ended:
        _tell_trade(firing, work, trade, funding, wallet_e8)


def tell_open(firing: Firing, work: Work, trade: TradeLedger) -> None:
    """Queue a trade's fills so far, also while it is open: a day's books want its own fills."""
    tell_fills(firing, work, [Share(fill, fill.lots) for fill in trade.entries])
    tell_fills(firing, work, trade.exits)


def _payments(firing: Firing, work: Work, trade: TradeLedger) -> list[Payment]:
    """What the trade paid or received: not at its entry, but at its end."""
    rows = firing.gateway.funding_rows_since(work.symbol, trade.first_fill_ms, trade.ended_ms)
    with as_promised(f"read {work.symbol} funding"):
        paid = [payment(row) for row in rows]
    return [each for each in paid if each.at_ms > trade.first_fill_ms]


def _tell_trade(
    firing: Firing,
    work: Work,
    trade: TradeLedger,
    paid: Sequence[Payment],
    wallet_e8: int,
) -> None:
    tell_open(firing, work, trade)
    for each in paid:
        tell_funding(firing, each)
    funding_e8 = sum(each.paid_e8 for each in paid)
    record = trade_record(trade, work.instrument, funding_e8, wallet_e8)
    key = f"trade-{work.symbol}-{trade.signal_ms}"
    firing.tell("trade", key=key, at_ms=trade.ended_ms, **record)
    net = Decimal(str(record["net"]))
    work.report.ended.append(
        f"{SIDES[trade.side]} of {record['quantity']} ended {utc_text(trade.ended_ms)} by "
        f"{record['reason']} at {record['exit_price']}, net {net:.2f} USDT"
    )


def tell_fills(firing: Firing, work: Work, shares: Sequence[Share]) -> None:
    """Journal fills, each exactly once; `of_quantity` where a stranger's part was in it too."""
    market = work.instrument
    for share in shares:
        fill = share.fill
        whole = {} if share.lots == fill.lots else {"of_quantity": market.quantity_text(fill.lots)}
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
            **whole,
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


def payment(row: views.Row) -> Payment:
    """A funding payment from a row of /income."""
    return Payment(
        key=f"funding-{row['symbol']}-{row['tranId']}",
        symbol=str(row["symbol"]),
        at_ms=int(row["time"]),
        paid_e8=-views.money_e8(row["income"]),
    )


def tell_funding(firing: Firing, paid: Payment) -> None:
    """Journal one funding payment, exactly once. `paid` is positive when paid."""
    firing.tell(
        "funding",
        key=paid.key,
        at_ms=paid.at_ms,
        symbol=paid.symbol,
        paid=money_text(paid.paid_e8),
    )
