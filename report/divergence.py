"""Live against the backtest: the same rules over the same candles, trade by trade.

The backtest begins flat at the first recorded decision that found the job flat and its cooldown
over, with the parameters of the newest record. Gaps are floats in basis points, for the eye only;
above 0 live was worse.
"""

from decimal import Decimal
from typing import NamedTuple

from backtest import layout
from backtest.history import History
from backtest.lane import Outcome, backtest
from backtest.rows import REASONS
from backtest.setup import Setup
from job.deciding import candles_waited
from job.question import Answer, Question
from report.facts import Facts
from simulator.engine.model import Contract, Costs
from state.journal import Event

BP = 10_000


class Pair(NamedTuple):
    """A trade that both made. Gaps in bp, above 0: live was worse."""

    signal_ms: int
    entry_bp: float
    exit_bp: float
    funding_bp: float
    reason: str
    reason_in_backtest: str


class Divergence(NamedTuple):
    """Where live and the backtest differ; `why_not` is empty where they could be compared."""

    since_ms: int
    pairs: list[Pair]
    only_live: list[tuple[int, str]]  # signal candle, and how the trade ended
    only_backtest: list[tuple[int, str]]  # signal candle, and what the job said then
    why_not: str = ""

    @property
    def decisions(self) -> int:
        """Decisions to enter that only one of them made."""
        return len(self.only_live) + len(self.only_backtest)


class Traded(NamedTuple):
    """One finished trade of the backtest; prices in ticks, money 10^-8 USDT."""

    side: int
    lots: int
    signal_ms: int
    entry: int
    exit: int
    reason: str
    funding_e8: int


def not_compared(why: str) -> Divergence:
    """No comparison, and why."""
    return Divergence(0, [], [], [], why)


def compare(
    facts: Facts, symbol: str, history: History, contract: Contract, costs: Costs
) -> Divergence:
    """One symbol's trades of the page's days against the backtest's, which charges `costs`.

    From the first decision on that found the job flat; `why_not` says what was missing.
    """
    decided = list(facts.decided(symbol))
    start = _beginning(decided)
    if start is None:
        return not_compared("no recorded decision found the job flat and free to enter")
    if len(history) < 2 or history.times_ms[0] > start.window.first_open_ms:
        return not_compared("the exchange did not give the candles of these days")
    setup = Setup(
        contract=contract,
        parameters=start.parameters,
        costs=costs,
        balance_e8=start.wallet_e8 or 0,
        start_ms=start.signal_ms,
        symbols=start.symbols,
    )
    last_ms = decided[-1][0].closed_ms  # what was not decided live any more is not compared
    outcome = backtest(history, setup, None)
    tested = {trade.signal_ms: trade for trade in traded(outcome, history)}
    entered = tested.keys() | still_open(outcome, history)
    ended = {trade["signal_time"]: trade for trade in facts.trades_of(symbol)}
    live = {ms: trade for ms, trade in ended.items() if ms >= setup.start_ms}
    entered_live = live.keys() | {q.trade.signal_ms for q, _ in decided if q.trade is not None}
    words = {question.signal_ms: answer.reason for question, answer in decided}
    return Divergence(
        setup.start_ms,
        [_pair(live[ms], tested[ms], contract) for ms in sorted(live.keys() & tested.keys())],
        [(ms, f"ended by {live[ms]['reason']}") for ms in sorted(live.keys() - entered)],
        [
            (ms, words.get(ms, "no run decided on this candle"))
            for ms in sorted(entered - entered_live)
            if ms < last_ms
        ],
    )


def _beginning(decided: list[tuple[Question, Answer]]) -> Question | None:
    """From when on both can be walked side by side."""
    if not decided:
        return None
    parameters = decided[-1][0].parameters
    changed = [n for n, (asked, _) in enumerate(decided) if asked.parameters != parameters]
    for asked, _ in decided[max(changed, default=-1) + 1 :]:
        free = candles_waited(asked) >= parameters.cooldown_bars
        if asked.trade is None and free and asked.wallet_e8 is not None:
            return asked
    return None


def traded(outcome: Outcome, history: History) -> list[Traded]:
    """The backtest's trades by name."""
    times_ms, rows = history.times_ms, outcome.trades
    found = []
    for at in range(0, len(rows), layout.WIDTH):
        row = rows[at : at + layout.WIDTH]
        found.append(
            Traded(
                side=row[layout.T_SIDE],
                lots=row[layout.T_LOTS],
                signal_ms=times_ms[row[layout.T_SIGNAL]],
                entry=row[layout.T_ENTRY],
                exit=row[layout.T_EXIT],
                reason=REASONS[row[layout.T_REASON]],
                funding_e8=row[layout.T_FUNDING],
            )
        )
    return found


def still_open(outcome: Outcome, history: History) -> set[int]:
    """The signal candle of the trade that the backtest has not ended, if there is one."""
    state = outcome.state
    return {history.times_ms[state[layout.SIGNAL_INDEX]]} if state[layout.SIDE] else set()


def _pair(live: Event, tested: Traded, contract: Contract) -> Pair:
    side, tick = tested.side, contract.tick_e8
    entry, left = (float(Decimal(live[k]) * 10**8 / tick) for k in ("entry_price", "exit_price"))
    notional = float(Decimal(live["quantity"]) * Decimal(live["entry_price"]))
    tested_notional = tested.lots * tested.entry * contract.unit_e8
    return Pair(
        signal_ms=tested.signal_ms,
        entry_bp=BP * side * (entry - tested.entry) / tested.entry,
        exit_bp=BP * side * (tested.exit - left) / tested.exit,
        funding_bp=BP * (float(live["funding"]) / notional - tested.funding_e8 / tested_notional),
        reason=live["reason"],
        reason_in_backtest=tested.reason,
    )
