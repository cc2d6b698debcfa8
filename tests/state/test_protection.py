"""What must rest for a trade and what must not: one row for every way an order can be wrong."""

import pytest

from exchange.ids import (
    CLOSE_REVERTED,
    ENTRY,
    MOVED_STOP,
    PREFIX,
    STOP,
    TARGET,
    client_id,
)
from exchange.views import PLAIN, STOP_MARKET, TAKE_PROFIT_MARKET, RestingOrder
from state.model import Trade
from state.protection import (
    Repairs,
    is_stop,
    is_target,
    moved_stop,
    ours,
    repairs,
    tightest_stop,
)
from tests.state.making import (
    SIGNAL_MS,
    STRANGER,
    SYMBOL,
    a_short,
    a_trade,
    order_id,
    protected,
    resting,
)

LONG, SHORT = a_trade(), a_short()
BOTH = pytest.mark.parametrize("trade", [LONG, SHORT], ids=["long", "short"])


def nearer(trade: Trade, ticks: int) -> int:
    """A level that lies nearer to the market than the recorded stop."""
    return trade.stop + trade.side * ticks


@BOTH
def test_stop_and_target_in_place_need_nothing(trade: Trade) -> None:
    found = repairs(trade, SYMBOL, protected(trade))
    assert found == Repairs(place_stop=False, place_target=False, surplus=())
    assert not found.needed


@BOTH
def test_nothing_resting_needs_both(trade: Trade) -> None:
    found = repairs(trade, SYMBOL, [])
    assert found == Repairs(place_stop=True, place_target=True, surplus=())
    assert found.needed


@BOTH
@pytest.mark.parametrize("missing", [STOP, TARGET])
def test_the_missing_one_is_placed(trade: Trade, missing: str) -> None:
    there = resting(TARGET if missing == STOP else STOP, trade)
    found = repairs(trade, SYMBOL, [there])
    assert found == Repairs(missing == STOP, missing == TARGET, ())
    assert found.needed


WRONG: dict[str, dict[str, object]] = {
    "too few": {"lots": 9},
    "too many": {"lots": 11},
    "would enlarge": {"side": "own"},
    "not reduce-only": {"reduce_only": False},
    "by mark price or with price protection": {"by_last_price": False},
    "in the plain book": {"book": PLAIN},
    "of another kind": {"kind": "LIMIT"},
    "of another trade": {"client_id": "older"},
}


@BOTH
@pytest.mark.parametrize("leg", [STOP, TARGET])
@pytest.mark.parametrize("changes", WRONG.values(), ids=list(WRONG))
def test_an_order_that_does_not_do_is_placed_anew_and_is_surplus(
    trade: Trade, leg: str, changes: dict[str, object]
) -> None:
    made = {"side": trade.side, "client_id": order_id(leg, signal_ms=SIGNAL_MS - 300_000)}
    order = resting(leg, trade, **{name: made.get(name, value) for name, value in changes.items()})
    other = resting(TARGET if leg == STOP else STOP, trade)
    assert repairs(trade, SYMBOL, [order, other]) == Repairs(leg == STOP, leg == TARGET, (order,))


@BOTH
def test_a_wider_stop_is_replaced(trade: Trade) -> None:
    wide = resting(STOP, trade, trigger=nearer(trade, -1))
    target = resting(TARGET, trade)
    assert repairs(trade, SYMBOL, [wide, target]) == Repairs(True, False, (wide,))


@BOTH
def test_a_tighter_stop_stays(trade: Trade) -> None:
    tight = resting(STOP, trade, trigger=nearer(trade, 1))
    assert not repairs(trade, SYMBOL, [tight, resting(TARGET, trade)]).needed


@BOTH
def test_of_two_stops_the_tighter_stays_whatever_their_order(trade: Trade) -> None:
    old, moved = resting(STOP, trade), resting(MOVED_STOP, trade, trigger=nearer(trade, 5))
    target = resting(TARGET, trade)
    assert repairs(trade, SYMBOL, [old, moved, target]).surplus == (old,)
    assert repairs(trade, SYMBOL, [target, moved, old]).surplus == (old,)


def test_of_two_equal_stops_one_stays() -> None:
    first, second = resting(STOP, LONG), resting(STOP, LONG, order_id=2)
    found = repairs(LONG, SYMBOL, [first, second, resting(TARGET, LONG)])
    assert found == Repairs(place_stop=False, place_target=False, surplus=(second,))
    assert found.needed


@pytest.mark.parametrize("ticks", [-1, 1])
def test_a_target_at_another_level_is_replaced(ticks: int) -> None:
    stray = resting(TARGET, LONG, trigger=LONG.target + ticks)
    assert repairs(LONG, SYMBOL, [resting(STOP, LONG), stray]) == Repairs(False, True, (stray,))


def test_of_two_targets_one_stays() -> None:
    first, second = resting(TARGET, LONG), resting(TARGET, LONG, order_id=2)
    assert repairs(LONG, SYMBOL, [resting(STOP, LONG), first, second]).surplus == (second,)


def test_a_stop_where_the_target_belongs_is_neither() -> None:
    stray = resting(STOP, LONG, kind=TAKE_PROFIT_MARKET)
    found = repairs(LONG, SYMBOL, [stray, resting(TARGET, LONG, kind=STOP_MARKET, trigger=980)])
    assert (found.place_stop, found.place_target, len(found.surplus)) == (True, True, 2)


@pytest.mark.parametrize("who", [STRANGER, "", "x-rv1-BTCUSDT-1-SL0", f"{PREFIX}BTCUSDT-1-ZZ0"])
def test_foreign_orders_are_neither_counted_nor_swept(who: str) -> None:
    foreign = resting(STOP, LONG, client_id=who)
    assert repairs(LONG, SYMBOL, [foreign]) == Repairs(True, True, ())
    assert repairs(LONG, SYMBOL, [*protected(LONG), foreign]) == Repairs(False, False, ())


def test_orders_of_another_symbol_are_not_this_one_s() -> None:
    elsewhere = resting(STOP, LONG, symbol="ETHUSDT")
    misnamed = resting(STOP, LONG, client_id=client_id("ETHUSDT", SIGNAL_MS, STOP))
    assert repairs(LONG, SYMBOL, [elsewhere, misnamed]) == Repairs(True, True, ())
    assert ours([elsewhere, misnamed, resting(STOP, LONG)], SYMBOL) == [resting(STOP, LONG)]


@pytest.mark.parametrize("leg", [ENTRY, CLOSE_REVERTED])
def test_any_other_order_of_ours_is_surplus(leg: str) -> None:
    left = resting(leg, LONG, kind="MARKET", book=PLAIN)
    assert repairs(LONG, SYMBOL, [*protected(LONG), left]).surplus == (left,)


def test_without_a_stop_of_ours_there_is_no_tightest() -> None:
    assert tightest_stop(LONG, []) is None
    assert tightest_stop(LONG, [resting(STOP, LONG, lots=9), resting(TARGET, LONG)]) is None


@pytest.mark.parametrize(
    ("order", "stop", "at_any_level", "target"),
    [
        (resting(STOP, LONG), True, True, False),
        (resting(MOVED_STOP, LONG, trigger=1001), True, True, False),
        (resting(STOP, LONG, trigger=989), False, True, False),
        (resting(STOP, LONG, trigger=989, lots=9), False, False, False),
        (resting(TARGET, LONG), False, False, True),
        (resting(STOP, LONG, client_id=STRANGER), False, False, False),
    ],
)
def test_what_counts_as_stop_and_as_target(
    order: RestingOrder, stop: bool, at_any_level: bool, target: bool
) -> None:
    assert is_stop(LONG, order) is stop
    assert is_stop(LONG, order, any_level=True) is at_any_level
    assert is_target(LONG, order) is target


def test_the_moved_stop_is_the_trade_s_own() -> None:
    moved = resting(MOVED_STOP, LONG, trigger=1001)
    older = resting(MOVED_STOP, LONG, client_id=order_id(MOVED_STOP, signal_ms=SIGNAL_MS - 300_000))
    foreign = resting(MOVED_STOP, LONG, client_id=STRANGER)
    assert moved_stop(SIGNAL_MS, [foreign, older, resting(STOP, LONG), moved]) == moved
    assert moved_stop(SIGNAL_MS, [foreign, older, resting(STOP, LONG)]) is None
