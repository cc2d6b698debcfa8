"""The order of the rules, and the cooldown counted in candles."""

from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from strategy import decide as rules
from strategy.decide import NEVER_TRADED, bars_since, decide

MINUTE_MS = 60_000
LENGTH, AVERAGE = 5, 1000


class Case(NamedTuple):
    """A close of 1000 on its average, long from 990 with nothing reached, unless said."""

    side: int = 0
    entry: int = 990
    lots: int = 1
    closed_after_entry: bool = True
    stop_moved: bool = False
    since_end: int = NEVER_TRADED
    close: int = AVERAGE
    total: int = AVERAGE * LENGTH
    threshold_ppm: int = 2_000
    trigger_ppm: int = 4_000
    cooldown: int = 3


def decided(case: Case) -> int:
    return decide(
        case.side,
        case.entry * case.lots,
        case.lots,
        case.closed_after_entry,
        case.stop_moved,
        case.since_end,
        case.close,
        case.total,
        LENGTH,
        case.threshold_ppm,
        case.trigger_ppm,
        case.cooldown,
    )


LONG, SHORT = Case(side=1), Case(side=-1, entry=1010)

IN_POSITION = {
    "long, back at the average: close": (LONG, rules.CLOSE_REVERTED),
    "long, above the average: close": (LONG._replace(close=1001), rules.CLOSE_REVERTED),
    "short, back at the average: close": (SHORT, rules.CLOSE_REVERTED),
    "short, below the average: close": (SHORT._replace(close=999), rules.CLOSE_REVERTED),
    "long, below the average: hold": (LONG._replace(close=991), rules.HOLD),
    "short, above the average: hold": (SHORT._replace(close=1009), rules.HOLD),
    "long, gained the trigger, not back: move": (
        LONG._replace(close=999, entry=994), rules.MOVE_STOP),
    "short, gained the trigger, not back: move": (
        SHORT._replace(close=1001, entry=1006), rules.MOVE_STOP),
    "both reached: reversion goes first": (LONG._replace(entry=900), rules.CLOSE_REVERTED),
    "gained the trigger again: moved only once": (
        LONG._replace(close=999, entry=900, stop_moved=True), rules.HOLD),
    "moved stop, back at the average: close": (
        LONG._replace(stop_moved=True), rules.CLOSE_REVERTED),
    "closed before the entry, back: nothing": (
        LONG._replace(closed_after_entry=False), rules.HOLD_BEFORE_ENTRY),
    "closed before the entry, gained: nothing": (
        LONG._replace(closed_after_entry=False, close=999, entry=900), rules.HOLD_BEFORE_ENTRY),
    "no average: no reversion": (LONG._replace(total=0, entry=999), rules.HOLD_NO_AVERAGE),
    "no average: break-even goes on": (LONG._replace(total=0, entry=900), rules.MOVE_STOP),
    "no average, short: break-even goes on": (
        SHORT._replace(total=0, entry=1100), rules.MOVE_STOP),
    "no average, moved already": (
        LONG._replace(total=0, entry=900, stop_moved=True), rules.HOLD_NO_AVERAGE),
    "break-even switched off": (
        LONG._replace(close=999, entry=500, trigger_ppm=0), rules.HOLD),
    "a position waits for no cooldown": (LONG._replace(since_end=0), rules.CLOSE_REVERTED),
    "a position is never enlarged": (LONG._replace(close=900, entry=901), rules.HOLD),
}  # fmt: skip

FLAT = {
    "on the average: wait": (Case(), rules.WAIT_INSIDE),
    "just inside below: wait": (Case(close=999), rules.WAIT_INSIDE),
    "at the threshold below: long": (Case(close=998), rules.ENTER_LONG),
    "at the threshold above: short": (Case(close=1002), rules.ENTER_SHORT),
    "no average: no entry": (Case(close=900, total=0), rules.WAIT_NO_AVERAGE),
    "in cooldown: no entry": (Case(close=900, since_end=2), rules.WAIT_COOLDOWN),
    "in cooldown and no average: cooldown is said": (
        Case(total=0, since_end=2), rules.WAIT_COOLDOWN),
    "cooldown just over: long": (Case(close=900, since_end=3), rules.ENTER_LONG),
    "cooldown just over: short": (Case(close=1100, since_end=3), rules.ENTER_SHORT),
    "cooldown 0, ended in the same candle: long": (
        Case(close=900, cooldown=0, since_end=0), rules.ENTER_LONG),
    "cooldown 0, ended in a later candle: wait": (
        Case(close=900, cooldown=0, since_end=-1), rules.WAIT_COOLDOWN),
    "cooldown 500, never traded: long": (Case(close=900, cooldown=500), rules.ENTER_LONG),
    "flat, old entry numbers mean nothing": (Case(entry=1, stop_moved=True), rules.WAIT_INSIDE),
    "flat, closed before nothing": (
        Case(close=900, closed_after_entry=False), rules.ENTER_LONG),
}  # fmt: skip


@pytest.mark.parametrize(("case", "action"), IN_POSITION.values(), ids=list(IN_POSITION))
def test_in_a_position(case: Case, action: int) -> None:
    assert decided(case) == action


@pytest.mark.parametrize(("case", "action"), FLAT.values(), ids=list(FLAT))
def test_flat(case: Case, action: int) -> None:
    assert decided(case) == action


def test_every_action_has_a_case_of_its_own() -> None:
    codes = [
        value for name, value in vars(rules).items() if name.isupper() and name != "NEVER_TRADED"
    ]
    assert sorted(codes) == list(range(10))
    assert {action for _, action in [*IN_POSITION.values(), *FLAT.values()]} == set(codes)


@given(
    st.sampled_from([0, 1, -1]),
    st.booleans(),
    st.booleans(),
    st.integers(-1, 5),
    st.integers(1, 3000),
    st.integers(0, 15_000),
)
def test_a_position_is_only_held_or_lessened_and_flat_only_waits_or_enters(
    side: int, after: bool, moved: bool, since: int, close: int, total: int
) -> None:
    case = Case(side, 1000, 1, after, moved, since, close, total)
    in_position = decided(case) in {
        rules.HOLD,
        rules.HOLD_BEFORE_ENTRY,
        rules.HOLD_NO_AVERAGE,
        rules.MOVE_STOP,
        rules.CLOSE_REVERTED,
    }
    assert in_position is (side != 0)


@pytest.mark.parametrize(
    ("candle", "ended_ms", "bars"),
    [
        (10, 10 * 5 * MINUTE_MS, 0),
        (10, 11 * 5 * MINUTE_MS - 1, 0),
        (10, 11 * 5 * MINUTE_MS, -1),
        (10, 10 * 5 * MINUTE_MS - 1, 1),
        (13, 10 * 5 * MINUTE_MS + 1, 3),
        (13, 0, 13),
    ],
    ids=["at its open", "in its last ms", "in the next", "just before", "three later", "long ago"],
)
def test_bars_are_counted_from_the_candle_the_trade_ended_in(
    candle: int, ended_ms: int, bars: int
) -> None:
    assert bars_since(candle * 5 * MINUTE_MS, ended_ms, 5 * MINUTE_MS) == bars


def test_never_traded_outlasts_any_cooldown() -> None:
    assert NEVER_TRADED > 500


def test_candles_are_counted_whole() -> None:
    bars = bars_since(7 * 5 * MINUTE_MS + 1, 5 * 5 * MINUTE_MS + 1, 5 * MINUTE_MS)
    assert (bars, type(bars)) == (2, int)
