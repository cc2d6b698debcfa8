"""The real job, once per candle, on a virtual clock against the embedded exchange.

The same `run` as live, through the same gateway, with recorded candles as the market. It works in
a folder of its own and never touches the configured notes, journal or paper account. After every
firing the exchange's own books are checked; a broken invariant ends the replay.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

from exchange.client import make_client
from exchange.gateway import Gateway
from exchange.views import money_e8
from job.budget import Budget
from job.checking import broken_invariants
from job.config import Config
from job.credentials import EMBEDDED
from job.embedded import Embedded, contracts_of, costs_of, paper_venue
from job.firing import Job
from job.outside import VirtualClock
from job.report import Report, utc_text
from job.run import guard, run
from job.trades import trade_rows, write_trades
from job.wiring import in_order
from simulator.engine.ledger import opened_books
from simulator.engine.model import Books, Contract
from simulator.exchange import EmbeddedExchange
from simulator.market.files import FileMarket
from simulator.market.model import Market
from simulator.paper import FileStore as PaperFile
from simulator.paper import PaperAccount
from state.journal import FileJournal
from state.lock import claim
from state.store import FileStore
from strategy.instrument import money_text
from strategy.words import count_text

Series = list[tuple[int, int]]


@dataclass
class Replayed:
    """What a replay came to."""

    runs: int = 0
    not_ok: int = 0
    broken: list[str] = field(default_factory=list)
    rows: list[dict[str, str]] = field(default_factory=list)
    still_open: list[str] = field(default_factory=list)
    wallet_e8: int = 0
    opened_e8: int = 0

    def sentences(self) -> list[str]:
        """The result in words."""
        net = self.wallet_e8 - self.opened_e8
        was, now, change = (
            money_text(amount, 2) for amount in (self.opened_e8, self.wallet_e8, net)
        )
        trades = count_text(len(self.rows), "trade")
        texts = [f"{self.runs} runs, {trades}, wallet {was} -> {now} USDT ({change})"]
        if self.rows:
            gross, fees, funding = (
                sum(money_e8(row[column]) for row in self.rows)
                for column in ("gross", "fees", "funding")
            )
            way = "received" if funding < 0 else "paid"
            texts.append(
                f"trades: gross {money_text(gross, 2)}, fees {money_text(fees, 2)}, "
                f"funding {way} {money_text(abs(funding), 2)}, "
                f"net {money_text(gross - fees - funding, 2)} USDT"
            )
        if self.not_ok:
            texts.append(f"{self.not_ok} runs were not ok (see the journal)")
        texts += [f"still open at the end: {position}" for position in self.still_open]
        texts += [f"BROKEN INVARIANT {text}" for text in self.broken]
        return texts


@dataclass(frozen=True)
class Stage:
    """A replay set up in its folder: the job, the exchange beside it, and the clock of both."""

    job: Job
    embedded: Embedded
    clock: VirtualClock
    folder: Path
    account: PaperAccount
    books: Books


def set_stage(
    config: Config,
    folder: Path,
    market: Market,
    start_ms: int,
    funding: Mapping[str, Series] | None = None,
    marks: Mapping[str, Series] | None = None,
) -> Stage:
    """Everything a replay needs, in `folder`: notes, journal, lock and paper account."""
    clock = VirtualClock(start_ms)
    config = replace(
        config,
        venue="embedded",  # whatever the configuration is for: nothing here trades with money
        state=folder / "state.json",
        journal=folder / "journal",
        paper=folder / "paper.json",
    )
    contracts: list[Contract] = contracts_of(config)
    books = opened_books(config.balance_e8, start_ms)
    exchange = EmbeddedExchange(
        market, contracts, costs_of(config), clock.now_ms, books, funding=funding, marks=marks
    )
    embedded = Embedded(exchange, clock)
    budget = Budget(clock, config.deadline_ms)
    client = make_client("embedded", EMBEDDED, EMBEDDED, budget.exchange_now_ms, watch=budget)
    embedded.mount(client)
    nonces = _counter()
    job = Job(
        config=config,
        gateway=Gateway(client),
        store=FileStore(folder / "state.json", nonces, durable=False),
        journal=FileJournal(
            folder / "journal", {"venue": config.venue, "account": config.account}, durable=False
        ),
        clock=clock,
        claim=partial(claim, folder / "state.json.lock"),
        together=in_order,
        new_nonce=nonces,
        budget=budget,
        prices=embedded.prices,
    )
    account = PaperAccount(
        PaperFile(folder / "paper.json", durable=False), config.account, paper_venue(config, market)
    )
    return Stage(job, embedded, clock, folder, account, books)


def play(
    stage: Stage,
    first_ms: int,
    end_ms: int,
    progress: Callable[[int, int], None] | None = None,
    watch: Callable[[Report], None] | None = None,
) -> Replayed:
    """Fire at every close of the candles that open from `first_ms` to before the last one.

    `end_ms` is where the last candle ends. At its close nothing is ordered: a guard only books
    what filled in it. Missing candles are fired at too.
    """
    interval_ms = min(p.interval_ms for p in stage.job.config.symbols.values())
    result = Replayed(opened_e8=stage.job.config.balance_e8)
    firings = range(first_ms + interval_ms, end_ms, interval_ms)
    for number, at_ms in enumerate(firings):
        stage.clock.move_to(at_ms)
        report = run(stage.job)
        result.runs += 1
        result.not_ok += not report.ok
        if watch is not None:
            watch(report)
        result.broken += [
            f"after {utc_text(at_ms)}: {text}"
            for text in broken_invariants(stage.embedded.exchange)
        ]
        if result.broken:
            break
        if progress is not None:
            progress(number + 1, len(firings))
    stage.clock.move_to(end_ms)
    if not result.broken:
        report = guard(stage.job)
        if watch is not None:
            watch(report)
    _conclude(stage, result)
    return result


def _conclude(stage: Stage, result: Replayed) -> None:
    """Collect trades and what is still open; leave the paper account and the CSV behind."""
    intervals = {symbol: p.interval_ms for symbol, p in stage.job.config.symbols.items()}
    journal = FileJournal(stage.folder / "journal", {})
    result.rows = trade_rows(journal.events("trade"), intervals)
    with stage.embedded.exchange.request() as engine:
        result.wallet_e8 = engine.books.wallet_e8
        stage.account.save(engine.books)
    notes = stage.job.store.load()
    for symbol, kept in (notes.symbols if notes else {}).items():
        if kept.trade is not None:
            side = "long" if kept.trade.side > 0 else "short"
            result.still_open.append(f"{symbol} {side} since {utc_text(kept.trade.first_fill_ms)}")
    write_trades(stage.folder / "trades.csv", result.rows)


def file_span(market: FileMarket, from_ms: int | None, to_ms: int | None) -> tuple[int, int]:
    """First candle that may decide and end of the last candle, within the files' common span."""
    first_ms, end_ms = market.span_ms()
    if from_ms is not None:
        first_ms = max(first_ms, -(-from_ms // market.interval_ms) * market.interval_ms)
    if to_ms is not None:
        end_ms = min(end_ms, -(-to_ms // market.interval_ms) * market.interval_ms)
    return first_ms, end_ms


def _counter() -> Callable[[], str]:
    """Nonces that are the same in every replay."""
    count = 0

    def next_text() -> str:
        nonlocal count
        count += 1
        return f"{count:012x}"

    return next_text
