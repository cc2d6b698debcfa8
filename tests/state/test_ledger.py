"""From fills to trades: one row for every way a trade can go."""

from typing import NamedTuple

import pytest

from exchange.ids import (
    CLOSE_EMERGENCY,
    CLOSE_FLATTEN,
    CLOSE_MOVED_STOP,
    CLOSE_REVERTED,
    CLOSE_STOP,
    CLOSE_TARGET,
    ENTRY,
    MOVED_STOP,
    STOP,
    TARGET,
)
from state.ledger import Share, TradeLedger, closing_reason, open_trade, walk
from tests.state.making import (
    ENTRY_MS,
    LIQUIDATION,
    MARKET,
    SIGNAL_MS,
    STRANGER,
    SYMBOL,
    Row,
    order_id,
    tape,
)

IN = (ENTRY, 1, 1000, 10)
OUT = (CLOSE_REVERTED, -1, 1005, 10)


class Seen(NamedTuple):
    """What a test says of a trade: lots in, lots out by fill, lots open, why it ended."""

    entered: int
    exits: list[int]
    open_lots: int
    reason: str


def seen(trade: TradeLedger) -> Seen:
    lots = [share.lots for share in trade.exits]
    return Seen(trade.entry_lots, lots, trade.open_lots, trade.reason)


ONE_TRADE: dict[str, tuple[list[Row], Seen]] = {
    "still open": ([IN], Seen(10, [], 10, "")),
    "plain": ([IN, OUT], Seen(10, [10], 0, "reverted")),
    "a short": (
        [(ENTRY, -1, 1000, 10), (TARGET, 1, 980, 10)], Seen(10, [10], 0, "target")),
    "entered in parts": (
        [(ENTRY, 1, 1000, 4), (ENTRY, 1, 1001, 6), OUT], Seen(10, [10], 0, "reverted")),
    "closed in parts": (
        [IN, (STOP, -1, 990, 3), (STOP, -1, 989, 7)], Seen(10, [3, 7], 0, "stop")),
    "closed in part so far": ([IN, (STOP, -1, 990, 3)], Seen(10, [3], 7, "")),
    "the last order that closes gives the reason": (
        [IN, (TARGET, -1, 1020, 3), (CLOSE_REVERTED, -1, 1000, 7)],
        Seen(10, [3, 7], 0, "reverted")),
    "a close for more than there is takes what there is": (
        [IN, (CLOSE_REVERTED, -1, 1000, 12)], Seen(10, [10], 0, "reverted")),
    "a second close finds nothing": ([IN, OUT, OUT], Seen(10, [10], 0, "reverted")),
    "closed by hand": ([IN, (STRANGER, -1, 1000, 10)], Seen(10, [10], 0, "manual")),
    "closed by hand, in the browser": ([IN, ("", -1, 1000, 10)], Seen(10, [10], 0, "manual")),
    "turned around by hand": ([IN, (STRANGER, -1, 1000, 25)], Seen(10, [10], 0, "manual")),
    "turned around, then more by hand": (
        [IN, (STRANGER, -1, 1000, 25), (STRANGER, 1, 1000, 40), (STRANGER, -1, 1000, 40)],
        Seen(10, [10], 0, "manual")),
    "lessened by hand, then our stop": (
        [IN, (STRANGER, -1, 1000, 4), (STOP, -1, 990, 6)], Seen(10, [4, 6], 0, "stop")),
    "lessened by hand, still open": ([IN, (STRANGER, -1, 1000, 4)], Seen(10, [4], 6, "")),
    "enlarged by hand": ([IN, (STRANGER, 1, 1000, 5)], Seen(10, [], 10, "")),
    "enlarged by hand, then our close": (
        [IN, (STRANGER, 1, 1000, 5), OUT], Seen(10, [10], 0, "reverted")),
    "enlarged, the stranger takes theirs back first": (
        [IN, (STRANGER, 1, 1000, 5), (STRANGER, -1, 1000, 5)], Seen(10, [], 10, "")),
    "enlarged, the stranger takes back more than theirs": (
        [IN, (STRANGER, 1, 1000, 5), (STRANGER, -1, 1000, 8)], Seen(10, [3], 7, "")),
    "enlarged, the stranger takes back in parts": (
        [IN, (STRANGER, 1, 1000, 5), (STRANGER, -1, 1000, 3), (STRANGER, -1, 1000, 3)],
        Seen(10, [1], 9, "")),
    "enlarged, the stranger closes everything": (
        [IN, (STRANGER, 1, 1000, 5), (STRANGER, -1, 1000, 15)], Seen(10, [10], 0, "manual")),
    "enlarged, all liquidated": (
        [IN, (STRANGER, 1, 1000, 5), (LIQUIDATION, -1, 900, 15)],
        Seen(10, [10], 0, "liquidated")),
    "a liquidation takes ours first": (
        [IN, (STRANGER, 1, 1000, 5), (LIQUIDATION, -1, 900, 3)], Seen(10, [3], 7, "")),
    "liquidated": ([IN, (LIQUIDATION, -1, 900, 10)], Seen(10, [10], 0, "liquidated")),
    "an exit before the entry is another trade's": (
        [(STOP, -1, 990, 5), IN, OUT], Seen(10, [10], 0, "reverted")),
    "a stranger before the entry is nobody's": (
        [(STRANGER, 1, 990, 5), IN, (STRANGER, -1, 990, 5)], Seen(10, [5], 5, "")),
}  # fmt: skip


@pytest.mark.parametrize(("rows", "expected"), ONE_TRADE.values(), ids=list(ONE_TRADE))
def test_one_trade(rows: list[Row], expected: Seen) -> None:
    trades = walk(tape(*rows))
    assert [seen(trade) for trade in trades] == [expected]
    assert open_trade(trades) is (trades[0] if expected.open_lots else None)


@pytest.mark.parametrize(
    ("who", "reason"),
    [
        (order_id(STOP), "stop"),
        (order_id(TARGET), "target"),
        (order_id(MOVED_STOP), "breakeven"),
        (order_id(CLOSE_REVERTED), "reverted"),
        (order_id(CLOSE_STOP), "stop"),
        (order_id(CLOSE_TARGET), "target"),
        (order_id(CLOSE_MOVED_STOP), "breakeven"),
        (order_id(CLOSE_EMERGENCY), "emergency"),
        (order_id(CLOSE_FLATTEN), "flattened"),
        (order_id(ENTRY), "manual"),  # an entry that closes is no close of ours
        (STRANGER, "manual"),
        ("", "manual"),
        (LIQUIDATION, "liquidated"),
        ("adl_autoclose", "liquidated"),
        ("settlement_autoclose-1", "liquidated"),
    ],
)
def test_the_order_that_closed_gives_the_reason(who: str, reason: str) -> None:
    assert closing_reason(who) == reason


def test_no_fills_are_no_trades() -> None:
    assert walk([]) == []
    assert open_trade([]) is None
    assert walk(tape((STOP, -1, 990, 5), (STRANGER, 1, 990, 5))) == []


def test_trades_follow_each_other_and_a_stranger_s_lots_are_not_carried_over() -> None:
    first = tape(IN, (STRANGER, 1, 1000, 5), OUT)
    later_ms = SIGNAL_MS + 600_000
    second = tape((ENTRY, -1, 1000, 7), (STRANGER, 1, 990, 7), start_ms=later_ms + 300_000,
                  signal_ms=later_ms)  # fmt: skip
    trades = walk([*first, *second])
    assert [seen(trade) for trade in trades] == [
        Seen(10, [10], 0, "reverted"),
        Seen(7, [7], 0, "manual"),
    ]
    assert [(trade.side, trade.signal_ms) for trade in trades] == [(1, SIGNAL_MS), (-1, later_ms)]


def test_fills_are_put_in_order_by_time_and_then_by_number() -> None:
    fills = tape(IN, (STRANGER, -1, 1000, 3), (STOP, -1, 990, 7))
    at_once = [fill._replace(time_ms=ENTRY_MS) for fill in fills]
    for mixed in (fills[::-1], at_once[::-1], [fills[2], fills[0], fills[1]]):
        assert [seen(trade) for trade in walk(mixed)] == [Seen(10, [3, 7], 0, "stop")]


def test_times_quotes_and_profit_of_a_trade() -> None:
    rows: list[Row] = [(ENTRY, 1, 1000, 4), (ENTRY, 1, 1002, 6), (STOP, -1, 990, 3),
                       (STOP, -1, 985, 7)]  # fmt: skip
    [trade] = walk(tape(*rows))
    assert trade.symbol == SYMBOL
    assert trade.first_fill_ms == ENTRY_MS
    assert trade.ended_ms == ENTRY_MS + 3000
    assert trade.entry_quote == 4 * 1000 + 6 * 1002
    assert trade.exit_quote == 3 * 990 + 7 * 985
    assert trade.gross_e8(MARKET.unit_e8) == (9865 - 10_012) * MARKET.unit_e8


def test_a_trade_that_is_open_has_not_ended() -> None:
    [trade] = walk(tape(IN, (STOP, -1, 990, 3)))
    assert trade.ended_ms == 0


def test_a_short_gains_when_the_price_falls() -> None:
    [trade] = walk(tape((ENTRY, -1, 1000, 10), (TARGET, 1, 980, 10)))
    assert trade.gross_e8(MARKET.unit_e8) == 200 * MARKET.unit_e8


def test_a_liquidation_loses_what_the_exchange_booked() -> None:
    fills = tape(IN, (STRANGER, 1, 1000, 5), (LIQUIDATION, -1, 900, 15))
    [trade] = walk([*fills[:2], fills[2]._replace(realized_e8=-300)])
    assert trade.gross_e8(MARKET.unit_e8) == -200


def test_fees_are_kept_by_asset_and_shared_where_a_fill_was() -> None:
    fills = tape((ENTRY, 1, 1000, 4), (ENTRY, 1, 1000, 6), (STRANGER, 1, 1000, 5),
                 (STRANGER, -1, 1000, 15))  # fmt: skip
    paid = [("USDT", 400), ("BNB", 7), ("USDT", 1), ("BFUSD", 30)]
    changed = [
        fill._replace(fee_asset=asset, fee_e8=fee)
        for fill, (asset, fee) in zip(fills, paid, strict=True)
    ]
    [trade] = walk(changed)
    assert trade.fees_e8() == {"USDT": 400, "BNB": 7, "BFUSD": 20}


def test_fees_of_both_ends_in_one_asset_are_added() -> None:
    [trade] = walk(tape((ENTRY, 1, 1000, 4), (ENTRY, 1, 1000, 6), OUT))
    assert trade.fees_e8() == {"USDT": 400 + 600 + 1000}


@pytest.mark.parametrize(
    ("amount", "lots", "of_lots", "part"),
    [
        (10, 10, 10, 10),
        (7, 1, 2, 4),  # 3.5: half to even
        (5, 1, 2, 2),  # 2.5
        (-5, 1, 2, -2),
        (-7, 1, 2, -4),
        (10, 1, 3, 3),
        (11, 1, 3, 4),
        (-10, 1, 3, -3),
        (0, 1, 3, 0),
    ],
)
def test_a_share_has_its_part_of_fee_and_profit(
    amount: int, lots: int, of_lots: int, part: int
) -> None:
    [fill] = tape((STRANGER, -1, 1000, of_lots))
    share = Share(fill._replace(fee_e8=amount, realized_e8=amount), lots)
    assert (share.fee_e8, share.realized_e8) == (part, part)
