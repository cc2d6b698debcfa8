"""Whatever ours and strangers do in whatever order, the books of our trades balance."""

from hypothesis import given
from hypothesis import strategies as st

from exchange.ids import CLOSE_REVERTED, ENTRY, STOP, is_liquidation, parse_id
from state.ledger import open_trade, walk
from tests.state.making import LIQUIDATION, MARKET, STRANGER, Row, tape

ROW = st.tuples(
    st.sampled_from([ENTRY, STOP, CLOSE_REVERTED, STRANGER, STRANGER, LIQUIDATION]),
    st.sampled_from([1, -1]),
    st.integers(900, 1100),
    st.integers(1, 12),
)


def one_sided(rows: list[Row]) -> list[Row]:
    """As the exchange would have it: entries on one side, our closes on the other."""
    return [
        (who, {ENTRY: 1, STOP: -1, CLOSE_REVERTED: -1, LIQUIDATION: -1}.get(who, side), price, lots)
        for who, side, price, lots in rows
    ]


@given(st.lists(ROW, max_size=14))
def test_the_books_of_every_trade_balance(rows: list[Row]) -> None:
    fills = tape(*one_sided(rows))
    trades = walk(fills)
    for trade in trades:
        closed = sum(share.lots for share in trade.exits)
        assert trade.open_lots == trade.entry_lots - closed >= 0
        assert (trade.reason == "") == (trade.open_lots > 0) == (trade.ended_ms == 0)
        assert all(share.fill.side == -trade.side for share in trade.exits)
        assert all(0 < share.lots <= share.fill.lots for share in trade.exits)
        if trade.reason not in ("", "liquidated"):
            by_price = trade.side * (trade.exit_quote - trade.entry_quote)
            assert trade.gross_e8(MARKET.unit_e8) == by_price * MARKET.unit_e8
    assert all(trade.open_lots == 0 for trade in trades[:-1])
    assert open_trade(trades) in (None, *trades[-1:])


@given(st.lists(ROW, max_size=14))
def test_every_entry_of_ours_is_in_exactly_one_trade_and_no_stranger_is(rows: list[Row]) -> None:
    fills = tape(*one_sided(rows))
    entered = [fill for trade in walk(fills) for fill in trade.entries]
    assert entered == [fill for fill in fills if (own := parse_id(fill.client_id)) and
                       own.leg == ENTRY]  # fmt: skip


@given(st.lists(ROW, max_size=14))
def test_our_open_lots_never_exceed_the_position(rows: list[Row]) -> None:
    """Reduce-only orders as the exchange trims them: the position follows from the fills."""
    position, ours = 0, []
    for who, side, price, lots in one_sided(rows):
        if who == ENTRY and position < 0:
            continue  # a foreign position: no entry
        trimmed = lots if who in (ENTRY, STRANGER) else min(lots, max(position, 0))
        if is_liquidation(who):
            trimmed = max(position, 0)
        if trimmed:
            ours.append((who, side, price, trimmed))
            position += side * trimmed
        running = open_trade(walk(tape(*ours)))
        assert (running.open_lots if running else 0) <= max(position, 0)
