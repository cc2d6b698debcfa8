"""From the words of a command line to an exchange ready to be served, or every fault at once.

Reads the files that are named; opens no port, and takes the machine's clocks as arguments.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import NamedTuple

from simulator.engine.ledger import opened_books
from simulator.engine.model import USDT_E8, Contract, Costs
from simulator.exchange import EmbeddedExchange
from simulator.market.candle_file import CandleFile, read_candles
from simulator.market.files import FileMarket
from simulator.market.model import Market
from simulator.market.series_file import read_funding, read_marks
from simulator.market.synthetic import DEFAULT_SEED, SyntheticMarket
from simulator.market.text_file import FileFaultsError, UnreadableFileError
from simulator.rules import BUILT_IN_SYMBOLS, RulesError, contracts_for
from simulator.wire.clocks import Clock, RunningClock, ServerClock, StoppedClock

_PPM_PER_PERCENT = 10_000
_PPM_PER_BP = 100
_RATE_E8_PER_PERCENT = 1_000_000
_BALANCE_MAX = 1_000_000_000


class StartFaultsError(ValueError):
    """The options cannot be used; `faults` names every reason, one line each."""

    def __init__(self, faults: Sequence[str]) -> None:
        """`faults` holds at least one."""
        super().__init__("\n".join(faults))
        self.faults = tuple(faults)


class Options(NamedTuple):
    """The command line's words, unread. Files by SYMBOL=FILE, settings by NAME=VALUE."""

    candles: Sequence[str] = ()
    funding: Sequence[str] = ()
    marks: Sequence[str] = ()
    symbols: Sequence[str] = ()
    rules: Path | None = None
    balance: str = "10000"
    clock: str | None = None
    settings: Sequence[str] = ()
    allow_gaps: bool = False


class Started(NamedTuple):
    """An exchange and the clock it goes by."""

    exchange: EmbeddedExchange
    clock: ServerClock


def start(options: Options, wall_ms: Clock, monotonic_ms: Clock) -> Started:
    """Builds the exchange that the options describe. Raises StartFaultsError."""
    faults: list[str] = []
    paths = _by_symbol("--candles", options.candles, faults)
    contracts = _contracts(options, paths, faults)
    costs = _costs(options.settings, faults)
    balance_e8 = _whole("--balance", options.balance, USDT_E8, (0, _BALANCE_MAX), faults)
    if balance_e8 == 0 and not any(fault.startswith("--balance") for fault in faults):
        faults.append("--balance must be above 0")
    market = _market(contracts, paths, options.allow_gaps, faults)
    funding = _series("--funding", options.funding, contracts, faults, _funding_reader)
    marks = _series("--mark", options.marks, contracts, faults, _mark_reader)
    clock = _clock(options.clock, market, (wall_ms, monotonic_ms), faults)
    if faults:
        raise StartFaultsError(faults)
    exchange = EmbeddedExchange(
        market,
        contracts,
        costs,
        clock,
        opened_books(balance_e8, clock()),
        funding=funding,
        marks=marks,
    )
    return Started(exchange, clock)


def _by_symbol(option: str, words: Iterable[str], faults: list[str]) -> dict[str, Path]:
    """SYMBOL=FILE, each symbol once."""
    found: dict[str, Path] = {}
    for word in words:
        symbol, equals, path = word.partition("=")
        if not (symbol and equals and path):
            faults.append(f"{option} {word}: write SYMBOL=FILE, as in BTCUSDT=candles.csv")
        elif symbol in found:
            faults.append(f"{option} {word}: {symbol} is given twice")
        else:
            found[symbol] = Path(path)
    return found


def _contracts(options: Options, paths: Mapping[str, Path], faults: list[str]) -> list[Contract]:
    """The rules of the symbols that have prices: those with files, else the synthetic ones."""
    if options.symbols and paths:
        faults.append("--symbol is for synthetic prices; with --candles the files name the symbols")
    symbols = list(paths) or list(dict.fromkeys(options.symbols)) or list(BUILT_IN_SYMBOLS)
    try:
        return contracts_for(symbols, options.rules)
    except RulesError as error:
        faults.append(str(error))
        return []


def _market(
    contracts: Sequence[Contract],
    paths: Mapping[str, Path],
    allow_gaps: bool,
    faults: list[str],
) -> Market:
    ticks = {contract.symbol: contract.tick_e8 for contract in contracts}
    steps = {contract.symbol: contract.step_e8 for contract in contracts}
    if not paths:
        return SyntheticMarket(DEFAULT_SEED, ticks, steps)
    files: dict[str, CandleFile] = {}
    for symbol, tick_e8 in ticks.items():
        try:
            files[symbol] = read_candles(
                paths[symbol], tick_e8, steps[symbol], allow_gaps=allow_gaps
            )
        except (FileFaultsError, UnreadableFileError) as error:
            faults.append(f"--candles {symbol}: {error}")
    intervals = {file.interval_ms for file in files.values()}
    if len(intervals) > 1:
        faults.append("--candles: the files have different intervals")
    label = "file " + ", ".join(path.name for path in paths.values())
    interval_ms = min(intervals, default=60_000)
    if len(intervals) != 1:
        return FileMarket(interval_ms, {}, label)  # only to look for further faults
    return FileMarket(interval_ms, {name: file.candles for name, file in files.items()}, label)


def _funding_reader(_contract: Contract, path: Path) -> list[tuple[int, int]]:
    return read_funding(path)


def _mark_reader(contract: Contract, path: Path) -> list[tuple[int, int]]:
    return read_marks(path, contract.tick_e8)


def _series(
    option: str,
    words: Iterable[str],
    contracts: Sequence[Contract],
    faults: list[str],
    read: Callable[[Contract, Path], list[tuple[int, int]]],
) -> dict[str, list[tuple[int, int]]]:
    known = {contract.symbol: contract for contract in contracts}
    found: dict[str, list[tuple[int, int]]] = {}
    for symbol, path in _by_symbol(option, words, faults).items():
        if symbol not in known:
            faults.append(f"{option} {symbol}={path}: there are no prices of {symbol}")
            continue
        try:
            found[symbol] = read(known[symbol], path)
        except (FileFaultsError, UnreadableFileError) as error:
            faults.append(f"{option} {symbol}: {error}")
    return found


def _clock(
    word: str | None, market: Market, machine: tuple[Clock, Clock], faults: list[str]
) -> ServerClock:
    """Real, stopped at a time, or (files and nothing said) stopped where all files have begun."""
    wall_ms, monotonic_ms = machine
    if word is None and isinstance(market, FileMarket):
        return StoppedClock(market.span_ms()[0], monotonic_ms)
    if word in (None, "real"):
        return RunningClock(wall_ms)
    try:
        moment = datetime.fromisoformat(str(word))
    except ValueError:
        faults.append(f"--clock {word}: write real, or a time as in 2025-10-10T20:00:00Z")
        return RunningClock(wall_ms)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    epoch = datetime(1970, 1, 1, tzinfo=UTC)
    now_ms = round((moment - epoch).total_seconds() * 1000)
    if now_ms < 0:
        faults.append(f"--clock {word}: before 1970")
    return StoppedClock(now_ms, monotonic_ms)


def _costs(words: Iterable[str], faults: list[str]) -> Costs:
    """The costs of `--set`, with the defaults of `Costs`."""
    costs: dict[str, int] = {}
    funding = True
    for word in words:
        name, _, value = word.partition("=")
        if name == "fee_perc":
            costs["fee_ppm"] = _whole(name, value, _PPM_PER_PERCENT, (0, 1), faults)
        elif name == "slippage_bps":
            costs["slippage_ppm"] = _whole(name, value, _PPM_PER_BP, (0, 1000), faults)
        elif name == "stop_slippage_range_perc":
            costs["stop_range_ppm"] = _whole(name, value, _PPM_PER_PERCENT, (0, 100), faults)
        elif name == "funding_rate_perc":
            costs["funding_rate_e8"] = _whole(name, value, _RATE_E8_PER_PERCENT, (-3, 3), faults)
        elif name == "funding" and value.lower() in ("true", "false"):
            funding = value.lower() == "true"
        else:
            faults.append(
                f"--set {word}: write fee_perc=0.05, slippage_bps=1, funding=true, "
                "funding_rate_perc=0.01 or stop_slippage_range_perc=0"
            )
    return Costs(funding=funding, **costs)


def _whole(name: str, text: str, scale: int, bounds: tuple[int, int], faults: list[str]) -> int:
    """A number in whole 1/scale within bounds, both included."""
    lowest, highest = bounds
    try:
        value = Decimal(text)
        scaled = value * scale
        if not value.is_finite():
            raise InvalidOperation
    except InvalidOperation:
        faults.append(f"{name} {text!r}: not a number")
        return lowest
    if not lowest <= value <= highest:
        faults.append(f"{name} {text}: must be from {lowest} to {highest}")
    elif scaled != int(scaled):
        faults.append(f"{name} {text}: finer than 1/{scale}")
    else:
        return int(scaled)
    return lowest
