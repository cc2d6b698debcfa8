"""Everything that one page shows, put together once: facts, measures, and what is true now."""

from dataclasses import dataclass, replace

from backtest.history import History
from exchange.errors import VenueError
from job.config import Config
from job.embedded import costs_of
from job.firing import Firing, Work
from job.question import Question
from job.results import Results, results_of
from report.divergence import Divergence, compare, not_compared
from report.exchange import REQUESTS_MAX, ROWS_MAX, read_candles
from report.facts import Facts
from report.health import Health, health_of
from simulator import rules
from simulator.engine.model import Contract
from strategy.parameters import Parameters


@dataclass(frozen=True)
class Symbol:
    """One symbol's part. `history` None: the exchange did not give the candles."""

    work: Work
    history: History | None
    divergence: Divergence

    @property
    def name(self) -> str:
        """Such as BTCUSDT."""
        return self.work.symbol


@dataclass(frozen=True)
class Subject:
    """What a page is about."""

    firing: Firing
    facts: Facts
    now_ms: int
    results: Results
    health: Health
    symbols: list[Symbol]


def subject_of(firing: Firing, facts: Facts) -> Subject:
    """Ask the exchange for candles, compare and measure."""
    symbols: list[Symbol] = []
    left = REQUESTS_MAX
    for work in firing.works:
        symbols.append(_symbol(firing, facts, work, left))
        left -= -(-len(symbols[-1].history or ()) // ROWS_MAX)
    names = [work.symbol for work in firing.works]
    return Subject(
        firing=firing,
        facts=facts,
        now_ms=firing.exchange_now_ms(),
        results=results_of(facts.trades),
        health=health_of(facts, names),
        symbols=symbols,
    )


def _symbol(firing: Firing, facts: Facts, work: Work, requests_max: int) -> Symbol:
    newest = next(iter(list(facts.decided(work.symbol))[::-1]), None)
    if newest is None:
        return Symbol(work, None, not_compared("no run of these days decided on it"))
    try:
        history = _history(firing, facts, newest[0], requests_max)
    except VenueError as error:
        return Symbol(work, None, not_compared(f"the candles could not be read: {error}"))
    try:
        contract = _contract(firing.job.config, newest[0])
    except rules.RulesError as error:
        return Symbol(work, history, not_compared(str(error)))
    costs = costs_of(firing.job.config)
    return Symbol(work, history, compare(facts, work.symbol, history, contract, costs))


def _history(firing: Firing, facts: Facts, newest: Question, requests_max: int) -> History:
    """Candles from the first average's first one to the newest closed one."""
    parameters: Parameters = newest.parameters
    first = next(asked for asked, _ in facts.decided(newest.market.symbol))
    return read_candles(
        firing.gateway,
        newest.market,
        parameters.interval,
        parameters.interval_ms,
        first.window.first_open_ms,
        max(firing.exchange_now_ms(), newest.closed_ms),
        requests_max,
    )


def _contract(config: Config, asked: Question) -> Contract:
    """The rules that the job traded by; the tiers are those of the rules file or built in."""
    market = asked.market
    contract = rules.contracts_for([market.symbol], config.rules)[0]
    return replace(
        contract,
        tick_e8=market.tick_e8,
        step_e8=market.step_e8,
        unit_e8=market.unit_e8,
        min_lots=market.min_lots,
        market_max_lots=market.market_max_lots,
        min_notional_e8=market.min_notional_e8,
    )
