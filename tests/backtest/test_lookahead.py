"""No decision knows the future: tried at every candle of an invented and of a real month."""

from array import array
from collections.abc import Callable

import pytest

from backtest import kernel, lane, layout
from backtest.history import History
from backtest.lane import interpreted
from backtest.layout import Candles, Payments, Terms, Tiers
from backtest.reading import read_history
from backtest.setup import Setup, payments_of, terms_of, tiers_of
from simulator.engine.model import Costs
from simulator.market.synthetic import SyntheticMarket
from simulator.rules import contracts_for
from strategy.parameters import parse
from tests.backtest.staging import DATA

MONTH = 30 * 288
INTERVAL_MS = 300_000
BTC = contracts_for(["BTCUSDT"])[0]
SETUP = Setup(BTC, parse({"risk_perc": "0.1"}), Costs(), 10_000 * 10**8)


def invented_month() -> History:
    market = SyntheticMarket(7, {BTC.symbol: BTC.tick_e8}, {BTC.symbol: BTC.step_e8})
    first_ms = 1_748_736_000_000  # 2025-06-01
    candles = market.candles(BTC.symbol, first_ms, first_ms + MONTH * INTERVAL_MS)
    columns = [array("q", column) for column in zip(*candles, strict=True)]
    return History(INTERVAL_MS, *columns[:5])


def real_month() -> History:
    path = DATA / "BTCUSDT-5m-2025-03.csv.gz"
    if not path.is_file():
        pytest.skip("no market data beside the project")
    history, _ = read_history(path, BTC)
    return History(INTERVAL_MS, *(column[:MONTH] for column in history[1:]))


Month = Callable[[], History]
MONTHS = (invented_month, real_month)


@pytest.mark.parametrize("month", MONTHS)
def test_at_every_candle_the_later_ones_need_not_exist(month: Month) -> None:
    history = month()
    whole = [[at // INTERVAL_MS for at in history.times_ms], *map(list, history[2:])]
    known = Candles([], [], [], [], [])
    told = (payments_of(SETUP, history), tiers_of(BTC), terms_of(SETUP, history, 1 << 200))
    state = lane.opening_state(SETUP, history)
    trades = [0] * layout.WIDTH * len(history)
    for place in range(len(history)):
        for column, values in zip(known, whole, strict=True):
            column.append(values[place])  # type: ignore[attr-defined]
        assert kernel.walk(known, *told, state, trades, place + 1) == place + 1
    written = trades[: state[layout.WRITTEN] * layout.WIDTH]
    state[layout.WRITTEN] = 0
    assert len(written) > 300 * layout.WIDTH
    assert (written, state) == interpreted(history, SETUP)[:2]


def opened_by(state: list[int], trades: list[int], place: int) -> tuple[int, ...] | None:
    """Side, lots and entry of a position opened at the open of candle `place`, if there was one."""
    if state[layout.SIDE] and state[layout.ENTRY_INDEX] == place:
        return state[layout.SIDE], state[layout.LOTS], state[layout.ENTRY]
    if state[layout.WRITTEN] and trades[layout.T_ENTERED] == place:
        return trades[layout.T_SIDE], trades[layout.T_LOTS], trades[layout.T_ENTRY]
    return None


def decided(
    state: list[int], trades: list[int], place: int
) -> tuple[tuple[int, ...] | None, bool, int]:
    """What the close before candle `place` decided, as far as it was done at that open."""
    closed = state[layout.WRITTEN] and trades[layout.T_REASON] == layout.REVERTED
    return opened_by(state, trades, place), bool(closed), state[layout.MOVED]


Account = tuple[list[int], list[int]]


def played(
    told: tuple[Candles, Payments, Tiers, Terms], state: list[int], place: int, candle: list[int]
) -> Account:
    """The account and its trades after candle `place`, if it had been this one."""
    after, trades = state.copy(), [0] * layout.WIDTH * 2
    for column, value in zip(told[0][1:], candle, strict=True):
        column[place] = value  # type: ignore[index]
    kernel.walk(*told, after, trades, place + 1)
    return after, trades


@pytest.mark.parametrize("month", MONTHS)
def test_at_every_candle_the_next_one_may_become_another(month: Month) -> None:
    """The same open and then a storm: the same was decided. Another open: the same size."""
    history = month()
    candles = Candles(
        [at // INTERVAL_MS for at in history.times_ms], *(list(column) for column in history[2:])
    )
    told = (
        candles,
        payments_of(SETUP, history),
        tiers_of(BTC),
        terms_of(SETUP, history, 1 << 200),
    )
    state = lane.opening_state(SETUP, history)
    entries = exits = 0
    for place in range(len(history)):
        was = [column[place] for column in candles[1:]]
        storm = played(told, state, place, [was[0], 2 * was[0], was[0] // 2, was[0] // 2])
        elsewhere = played(told, state, place, [price * 11 // 10 for price in was])
        after, trades = played(told, state, place, was)
        assert decided(*storm, place) == decided(after, trades, place)
        opened = opened_by(after, trades, place)
        if not state[layout.SIDE]:
            changed = opened_by(*elsewhere, place)
            assert (changed and changed[:2]) == (opened and opened[:2])
        entries += opened is not None
        exits += decided(after, trades, place)[1]
        state = after
        state[layout.WRITTEN] = 0
    assert entries > 300
    assert exits > 100
