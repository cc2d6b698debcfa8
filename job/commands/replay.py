"""`python handler.py replay`: files and options to a replay, and its result to the terminal."""

import argparse
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from job.commands.moment import moment_ms
from job.commands.progress import Progress
from job.config import Config, ConfigFaultsError
from job.embedded import contracts_of
from job.replay import Replayed, Series, file_span, play, set_stage
from job.report import stamped, utc_text
from job.trades import write_trades
from simulator.engine.model import Contract
from simulator.market.candle_file import read_candles
from simulator.market.files import FileMarket
from simulator.market.series_file import read_funding, read_marks
from simulator.market.text_file import FileFaultsError, UnreadableFileError
from strategy.instrument import money_text
from strategy.parameters import Parameters
from strategy.words import risk_sentence

SeriesReader = Callable[[Path, int], Series]


def replay_command(config: Config, options: argparse.Namespace) -> tuple[Replayed, list[str]]:
    """Run it. Returns the result and its lines. Raises ConfigFaultsError for what is not usable."""
    symbols = _symbols(config, options.candles)
    config = replace(config, symbols=symbols)
    if options.trades:
        _writable(Path(options.trades))
    contracts = {contract.symbol: contract for contract in contracts_of(config)}
    intervals = {parameters.interval_ms for parameters in symbols.values()}
    market = _market(_files(options.candles, config), contracts, min(intervals), options)
    funding = _series(
        _files(options.funding, config), lambda path, _: read_funding(path), contracts
    )
    marks = _series(_files(options.mark, config), read_marks, contracts)
    first_ms, end_ms = file_span(
        market, _time(options.start, "--from"), _time(options.end, "--to")
    )  # fmt: skip
    if end_ms - first_ms < 2 * market.interval_ms:
        raise ConfigFaultsError(["--candles: fewer than two candles are left between from and to"])
    with tempfile.TemporaryDirectory(prefix="revert-replay-") as temporary:
        folder = _folder(options.out) or Path(temporary)
        known = market.until(end_ms)  # what lies after the end, the exchange must not know
        stage = set_stage(config, folder, known, first_ms, funding, marks)
        result = play(stage, first_ms, end_ms, Progress("replay"))
        if options.trades:
            write_trades(Path(options.trades), result.rows)
    texts = [f"candles {utc_text(first_ms)} to {utc_text(end_ms)} of {market.label}"]
    texts += [
        f"{symbol}: {risk_sentence(parameters, config.taker_fee_ppm)}"
        for symbol, parameters in symbols.items()
    ]
    texts += result.sentences()
    texts += [f"trades in {file}" for file in (options.trades,) if file]
    texts += [f"state, journal, paper account and trades in {options.out}"] if options.out else []
    return result, list(stamped(texts, end_ms, "embedded"))


def machine_report(result: Replayed) -> dict[str, Any]:
    """The result for a machine; money as exact texts."""
    return {
        "command": "replay",
        "venue": "embedded",
        "runs": result.runs,
        "runs_not_ok": result.not_ok,
        "trades": len(result.rows),
        "balance": money_text(result.opened_e8),
        "wallet": money_text(result.wallet_e8),
        "still_open": result.still_open,
        "broken": result.broken,
    }


def _symbols(config: Config, given: list[str]) -> dict[str, Parameters]:
    """The symbols to replay: those that candles are given for, in the configuration's order.

    A symbol that is not configured by name takes the parameters of [strategy].
    """
    named = list(_files(given, config))
    configured = [symbol for symbol in config.symbols if symbol in named]
    added = [symbol for symbol in named if symbol not in config.symbols]
    return {
        symbol: config.symbols.get(symbol, config.common) for symbol in [*configured, *added]
    }  # fmt: skip


def _files(given: list[str], config: Config) -> dict[str, Path]:
    """SYMBOL=FILE options by symbol; a bare FILE belongs to the one configured symbol."""
    files: dict[str, Path] = {}
    for option in given:
        symbol, equals, file = option.partition("=")
        if not equals:
            if len(config.symbols) != 1:
                raise ConfigFaultsError(
                    [f"{option}: say which symbol it is for, e.g. BTCUSDT={option}"]
                )
            symbol, file = next(iter(config.symbols)), option
        if symbol in files:
            raise ConfigFaultsError([f"{option}: {symbol} has a file already"])
        files[symbol] = Path(file)
    return files


def _market(
    files: Mapping[str, Path],
    contracts: Mapping[str, Contract],
    interval_ms: int,
    options: argparse.Namespace,
) -> FileMarket:
    candles = {}
    faults = []
    for symbol, path in files.items():
        contract = contracts[symbol]
        try:
            read = read_candles(
                path, contract.tick_e8, contract.step_e8, allow_gaps=options.allow_gaps
            )
        except (FileFaultsError, UnreadableFileError) as error:
            faults.append(f"--candles {symbol}: {error}")
            continue
        if read.interval_ms != interval_ms:
            faults.append(
                f"--candles {symbol}={path}: holds candles of {read.interval_ms // 60_000} min, "
                f"the setting interval says {interval_ms // 60_000} min"
            )
        candles[symbol] = read.candles
    if faults:
        raise ConfigFaultsError(faults)
    return FileMarket(interval_ms, candles, ", ".join(path.name for path in files.values()))


def _series(
    files: Mapping[str, Path], read: SeriesReader, contracts: Mapping[str, Contract]
) -> dict[str, Series]:
    series = {}
    for symbol, path in files.items():
        if symbol not in contracts:
            raise ConfigFaultsError([f"{symbol}={path}: there are no candles for {symbol}"])
        try:
            series[symbol] = read(path, contracts[symbol].tick_e8)
        except (FileFaultsError, UnreadableFileError) as error:
            raise ConfigFaultsError([f"{symbol}: {error}"]) from None
    return series


def _folder(out: str | None) -> Path | None:
    if out is None:
        return None
    folder = Path(out)
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise ConfigFaultsError([f"--out {out}: must be an empty folder or not exist yet"])
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigFaultsError([f"--out {out}: cannot be made: {error.strerror}"]) from None
    return folder


def _writable(file: Path) -> None:
    """Found out before the replay, not after it; no empty file stays if that is interrupted."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        there = file.exists()
        file.open("a").close()
        if not there:
            file.unlink()
    except OSError as error:
        raise ConfigFaultsError([f"--trades {file}: cannot be written: {error.strerror}"]) from None


def _time(text: str | None, option: str) -> int | None:
    """The moment that an option names, ms; None where it is not given."""
    try:
        return None if text is None else moment_ms(text)
    except ValueError as error:
        raise ConfigFaultsError([f"{option} {text}: {error}"]) from None
