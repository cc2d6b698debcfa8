"""The nightly check: what the exchange booked yesterday against what the journal says.

Realised profit and commission are compared fill by fill (income rows name the fill), funding row
by row, each in its own asset. A difference fails the run: someone should look.
"""

from collections.abc import Sequence
from fractions import Fraction

from exchange.ids import is_liquidation, parse_id
from exchange.views import Row, money_e8
from job.booking import payment, tell_funding
from job.firing import Firing
from job.settling import read_fills
from state.journal import Event, day_of
from strategy.instrument import money_text
from strategy.units import DAY_MS

#: Rounding of single rows may differ on the exchange; the sums must agree to the cent. Of what fees
#: are paid in besides (BNB), a cent's worth is less than this as long as one costs below 10,000.
CENT_E8 = {"USDT": 1_000_000}
CENT_OF_OTHERS_E8 = 100

Sums = dict[tuple[str, str], int]
#: By the key of a fill in the journal: how much of the exchange's fill is ours.
Shares = dict[str, Fraction]


def check_yesterday(firing: Firing) -> list[str]:
    """Compare the last full UTC day. Returns one line per difference.

    Funding of a trade that is still open is journalled here, so that the day is whole. Raises
    VenueError or OSError when something cannot be read.
    """
    start_ms = firing.exchange_now_ms() // DAY_MS * DAY_MS - DAY_MS
    rows = firing.gateway.income_rows_since(start_ms, start_ms + DAY_MS - 1)
    symbols = set(firing.job.config.symbols)
    rows = [row for row in rows if row["symbol"] in symbols]
    journal, day = firing.job.journal, day_of(start_ms)
    events = [*journal.events("fill", day), *journal.events("funding", day)]
    known = {str(event["key"]): _share(event) for event in events if "key" in event}
    theirs, unknown = _booked(rows, known)
    forgotten = _forgotten(firing, unknown, start_ms, known)
    ours = _journalled(events, firing, rows, known)
    lines = [
        f"books: {kind} of {asset} is {money_text(theirs.get((kind, asset), 0))} on the exchange, "
        f"{money_text(ours.get((kind, asset), 0))} in the journal"
        for kind, asset in sorted({*theirs, *ours})
        if abs(theirs.get((kind, asset), 0) - ours.get((kind, asset), 0))
        >= CENT_E8.get(asset, CENT_OF_OTHERS_E8)
    ]
    return lines + forgotten


def _share(event: Event) -> Fraction:
    """Our part of the fill that an event tells of: all of it but for mixed hand-made closes."""
    if "of_quantity" not in event:
        return Fraction(1)
    return Fraction(event["quantity"]) / Fraction(event["of_quantity"])


def _booked(rows: Sequence[Row], known: Shares) -> tuple[Sums, set[str]]:
    """The exchange's sums over fills that are journalled, and the symbols of other fills."""
    sums: Sums = {}
    others: set[str] = set()
    for row in rows:
        kind, share = str(row["incomeType"]), Fraction(1)
        if kind in ("REALIZED_PNL", "COMMISSION", "INSURANCE_CLEAR"):
            key = f"fill-{row['symbol']}-{row['tradeId']}"
            if key not in known:
                others.add(str(row["symbol"]))
                continue
            kind = "COMMISSION" if kind == "COMMISSION" else "REALIZED_PNL"
            share = known[key]
        elif kind != "FUNDING_FEE":
            continue
        place = (kind, str(row["asset"]))
        sums[place] = sums.get(place, 0) + round(money_e8(row["income"]) * share)
    return sums, others


def _forgotten(firing: Firing, symbols: set[str], start_ms: int, known: Shares) -> list[str]:
    """Fills of a stranger belong in no journal of ours; a fill of our own that is not there does.

    What of the day's fills is ours and unknown is told by symbol.
    """
    lines = []
    for work in firing.works:
        if work.symbol not in symbols or not work.usable:
            continue
        fills = read_fills(firing, work, start_ms)
        missing = [
            fill
            for fill in fills
            if fill.time_ms < start_ms + DAY_MS
            and (parse_id(fill.client_id) or is_liquidation(fill.client_id))
            and f"fill-{fill.symbol}-{fill.trade_id}" not in known
        ]
        if missing:
            lines.append(f"books: {len(missing)} fills of {work.symbol} are not in the journal")
    return lines


def _journalled(
    events: Sequence[Event], firing: Firing, rows: Sequence[Row], known: Shares
) -> Sums:
    """The journal's sums; funding it does not know yet is added to it first."""
    sums: Sums = {}

    def add(kind: str, asset: str, amount_e8: int) -> None:
        sums[kind, asset] = sums.get((kind, asset), 0) + amount_e8

    for event in events:
        if event["event"] == "fill":
            add("COMMISSION", event["fee_asset"], -money_e8(event["fee"]))
            if money_e8(event["realized"]):
                add("REALIZED_PNL", "USDT", money_e8(event["realized"]))
        elif event["event"] == "funding":
            add("FUNDING_FEE", "USDT", -money_e8(event["paid"]))
    for row in rows:
        if row["incomeType"] == "FUNDING_FEE" and (paid := payment(row)).key not in known:
            tell_funding(firing, paid)
            add("FUNDING_FEE", "USDT", -paid.paid_e8)
    return sums
