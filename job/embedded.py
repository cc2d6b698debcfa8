"""The embedded exchange inside the job's own process: which prices, which books, which clock.

Only this, what keeps its books and the replay know the simulator. The gateway does not: its session
gets a transport that answers in place of the network.
"""

from dataclasses import dataclass
from typing import Any

import requests

from job.config import Config, ConfigFaultsError
from job.outside import Clock, VirtualClock
from job.paper_place import paper_of
from simulator import paper, rules
from simulator.engine.ledger import opened_books
from simulator.engine.model import Contract, Costs
from simulator.exchange import EmbeddedExchange
from simulator.market.candle_file import read_candles
from simulator.market.files import FileMarket
from simulator.market.model import Market
from simulator.market.public import PublicMarket
from simulator.market.synthetic import SyntheticMarket
from simulator.market.text_file import FileFaultsError, UnreadableFileError
from simulator.wire.app import make_app
from simulator.wire.mount import WsgiAdapter
from simulator.wire.signing import DEFAULT_CREDENTIALS


@dataclass(frozen=True)
class Embedded:
    """The exchange in this process and the clock that the job shares with it."""

    exchange: EmbeddedExchange
    clock: Clock

    @property
    def prices(self) -> str:
        """What people must be told of the prices: "synthetic", or nothing."""
        label = self.exchange.market.label
        return label if label == SyntheticMarket.label else ""

    def mount(self, client: Any) -> None:
        """Let the client's session end here: nothing can leave the machine."""
        adapter = WsgiAdapter(make_app(self.exchange, DEFAULT_CREDENTIALS))
        client.session.mount("https://", adapter)
        client.session.mount("http://", adapter)


def open_embedded(
    config: Config, clock: Clock, *, advance: bool = False, keep: bool = True
) -> Embedded:
    """The configured embedded exchange with its books as saved last.

    With a table of price files the clock is the files' own: it stands at the books' time, and
    `advance` (a `run`) moves it to the next candle. Without `keep` the books stay as they are on
    disk, whatever is played here. Raises ConfigFaultsError.
    """
    contracts = contracts_of(config)
    market = market_of(config, contracts)
    account = paper.PaperAccount(paper_of(config), config.account, paper_venue(config, market))
    try:
        books = account.load()
    except paper.PaperError as error:
        raise ConfigFaultsError([f"paper: {error}"]) from None
    if isinstance(market, FileMarket):
        clock = _file_clock(config, market, books.played_to_ms if books else None, advance=advance)
    if books is None:
        books = opened_books(config.balance_e8, clock.now_ms())
    exchange = EmbeddedExchange(
        market,
        contracts,
        costs_of(config),
        clock.now_ms,
        books,
        save=account.save if keep else None,
    )
    if advance and isinstance(market, FileMarket):
        books.revision += 1  # where the files stand is kept, also when nothing else changes
    return Embedded(exchange, clock)


def paper_venue(config: Config, market: Market) -> str:
    """What a paper account is bound to: an account begun on one market is none on another."""
    if isinstance(market, SyntheticMarket):
        return f"embedded, synthetic prices, seed {config.seed}"
    return "embedded, public prices" if isinstance(market, PublicMarket) else "embedded, files"


def contracts_of(config: Config) -> list[Contract]:
    """Rules of the configured symbols, then of the built-in ones. Raises ConfigFaultsError."""
    symbols = [*config.symbols, *(s for s in rules.BUILT_IN_SYMBOLS if s not in config.symbols)]
    try:
        return rules.contracts_for(symbols, config.rules)
    except rules.RulesError as error:
        raise ConfigFaultsError([f"rules: {error}"]) from None


def costs_of(config: Config) -> Costs:
    """What trading costs on the embedded exchange."""
    return Costs(
        fee_ppm=config.fee_ppm,
        slippage_ppm=config.slippage_ppm,
        funding=config.funding,
        funding_rate_e8=config.funding_rate_e8,
        stop_range_ppm=config.stop_range_ppm,
    )


def market_of(config: Config, contracts: list[Contract]) -> Market:
    """Where prices come from. Raises ConfigFaultsError."""
    ticks = {contract.symbol: contract.tick_e8 for contract in contracts}
    steps = {contract.symbol: contract.step_e8 for contract in contracts}
    if config.prices == "binance":
        return PublicMarket(requests.Session(), ticks, steps)
    if config.prices == "synthetic":
        return SyntheticMarket(config.seed, ticks, steps)
    assert isinstance(config.prices, dict)
    missing = [symbol for symbol in config.symbols if symbol not in config.prices]
    if missing:
        raise ConfigFaultsError([f"prices: there is no file for {symbol}" for symbol in missing])
    interval_ms = min(parameters.interval_ms for parameters in config.symbols.values())
    try:
        candles = {
            symbol: read_candles(
                config.prices[symbol], ticks[symbol], steps[symbol], interval_ms=interval_ms
            ).candles
            for symbol in config.symbols
        }
    except (FileFaultsError, UnreadableFileError) as error:
        raise ConfigFaultsError([f"prices: {error}"]) from None
    label = "file " + ", ".join(config.prices[symbol].name for symbol in config.symbols)
    return FileMarket(interval_ms, candles, label)


def _file_clock(
    config: Config, market: FileMarket, played_to_ms: int | None, *, advance: bool
) -> VirtualClock:
    """The clock of recorded prices: the first run decides as soon as an average exists."""
    first_ms, end_ms = market.span_ms()
    warm = max(parameters.ma_length for parameters in config.symbols.values())
    start_ms = first_ms + warm * market.interval_ms
    if played_to_ms is None:
        now_ms = start_ms
    else:
        now_ms = played_to_ms // market.interval_ms * market.interval_ms
        now_ms += market.interval_ms if advance else 0
    if now_ms >= end_ms and advance:
        raise ConfigFaultsError(
            ["prices: the candle files have been played to their end; name longer ones"]
        )
    return VirtualClock(max(now_ms, played_to_ms or 0))
