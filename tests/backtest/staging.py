"""From the oracle's planted cases to the kernel: columns, setups, and what came out as texts."""

from decimal import Decimal
from fractions import Fraction
from functools import cache
from pathlib import Path

from backtest import layout
from backtest.history import History, history_of
from backtest.lane import Outcome
from backtest.options import read_settings
from backtest.rows import trade_rows
from backtest.setup import Setup
from job.trades import COLUMNS
from simulator.engine.model import Contract
from simulator.market.model import Candle
from simulator.rules import contract_from, contracts_for
from strategy.instrument import money_text
from strategy.units import PPM_PER_PERCENT
from tests.job.staging import exchange_info_row
from tests.oracle.candles import Candle as Row
from tests.oracle.planted import Planted
from tests.oracle.result import Result
from tests.oracle.rules import RULES, Rules

DATA = Path(__file__).parents[3] / "shared" / "data"


def staged(case: Planted) -> tuple[History, Setup]:
    """What the kernel needs for a case."""
    contract = contract_of(case.rules)
    assignments = [f"{name}={text}" for name, text in [*case.params.items(), *case.costs.items()]]
    far_stop = case.params.get("stop_loss_perc", "") if not case.within_bounds else ""
    if far_stop:  # refused by the settings: slipped in behind their back
        assignments.append("stop_loss_perc=1")
    parameters, costs = read_settings(assignments)
    if far_stop:
        far = int(Decimal(far_stop) * PPM_PER_PERCENT)
        parameters = parameters._replace(stop_loss_ppm=far)
    setup = Setup(
        contract=contract,
        parameters=parameters,
        costs=costs,
        balance_e8=int(Decimal(case.balance) * 10**8),
        rates=_rates(case),
        marks=_marks(case, contract.tick_e8),
        start_ms=case.first_ms or 0,
        symbols=case.symbols,
    )
    end_ms = case.end_ms
    rows = [row for row in case.candles if end_ms is None or row.open_ms < end_ms]
    return columns(rows, case.rules, parameters.interval_ms), setup


@cache
def contract_of(rules: Rules) -> Contract:
    """The contract of an oracle's rules: the built-in one where they are the built-in ones."""
    if rules == RULES.get(rules.symbol):
        return contracts_for([rules.symbol])[0]
    return contract_from(exchange_info_row(rules))


def columns(rows: list[Row], rules: Rules, interval_ms: int) -> History:
    """Decimal candles as columns of ticks."""
    tick = Decimal(rules.tick.numerator) / rules.tick.denominator
    candles = [
        Candle(
            row.open_ms,
            int(row.open / tick),
            int(row.high / tick),
            int(row.low / tick),
            int(row.close / tick),
            0,
        )
        for row in rows
    ]
    return history_of(interval_ms, candles)


def table(outcome: Outcome, history: History, setup: Setup) -> list[dict[str, str]]:
    """The trades as the oracle writes them."""
    rows = trade_rows(outcome, history, setup.contract)
    return [dict(zip(COLUMNS, row, strict=True)) for row in rows]


def assert_same(outcome: Outcome, case: Planted, result: Result) -> None:
    """Rows, wallet, open trade and counters are the oracle's."""
    history, setup = staged(case)
    state = outcome.state
    assert table(outcome, history, setup) == result.rows
    assert money_text(state[layout.WALLET]) == result.wallet
    opened = result.open_trade
    assert state[layout.SIDE] == (opened.side if opened else 0)
    if opened is not None:
        contract = setup.contract
        for place, value, grain in (
            (layout.LOTS, opened.quantity, contract.step_e8),
            (layout.ENTRY, opened.entry, contract.tick_e8),
            (layout.STOP_LEVEL, opened.stop, contract.tick_e8),
            (layout.TARGET_LEVEL, opened.target, contract.tick_e8),
            (layout.LIQUIDATION, max(opened.liquidation, Fraction(0)), contract.tick_e8),
            (layout.MARGIN, opened.margin, 1),
            (layout.FEES, opened.fees, 1),
            (layout.FUNDING, opened.funding, 1),
        ):
            assert Fraction(state[place] * grain, 10**8) == value
        assert history.times_ms[state[layout.SIGNAL_INDEX]] == opened.signal_ms
        assert history.times_ms[state[layout.ENTRY_INDEX]] == opened.entry_ms
    for place, branches in COUNTERS.items():
        assert state[place] == sum(result.branches[branch] for branch in branches)


COUNTERS = {
    layout.AMBIGUOUS: (
        "long stop and target within one candle",
        "short stop and target within one candle",
    ),
    layout.LAPSED: ("missing candle: entry lapsed",),
    layout.REFUSED + 1: ("refused: quantity below the minimum",),
    layout.REFUSED + 2: ("refused: notional below the minimum at the close",),
    layout.REFUSED + 3: ("refused: stop nearer than 2 ticks",),
    layout.REFUSED + 4: ("refused: target nearer than 2 ticks",),
    layout.REFUSED_NOTIONAL: ("refused: notional below the minimum at the open",),
    layout.REFUSED_TIER: ("refused: bracket cap -2027",),
    layout.REFUSED_MARGIN: ("refused: margin above the wallet -2019",),
}


def _rates(case: Planted) -> list[tuple[int, int]] | None:
    if case.funding is None:
        return None
    return [(row.time_ms, int(row.rate * 10**8)) for row in case.funding]


def _marks(case: Planted, tick_e8: int) -> list[tuple[int, int]] | None:
    if case.marks is None:
        return None
    half_up = Decimal("0.5")
    return [(row.open_ms, int(row.open * 10**8 / tick_e8 + half_up)) for row in case.marks]
