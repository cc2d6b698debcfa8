"""From the user's file, environment and --set options to one checked Config.

`--set` wins over the environment, the environment over the file. Every fault is named at once,
one line each: the setting, its value and what would be right. Knows no exchange.
"""

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from exchange.ids import LOCAL
from job import settings
from state.s3_address import S3Address, is_s3, parse_address
from strategy import parameters
from strategy.parameters import ParameterFaultsError, Parameters

ENVIRONMENT_PREFIX = "REVERT_"
CONFIG_VARIABLE = "REVERT_CONFIG"
#: AWS sets it in every Lambda function; two names differ where nobody has given one.
LAMBDA_MARK, ON_LAMBDA = "AWS_LAMBDA_FUNCTION_NAME", "lambda"
SYMBOL_DEFAULT = "BTCUSDT"
SYMBOL_SHAPE = re.compile(r"[A-Z0-9]{5,18}")
#: What a run that has waited for the close needs at least.
WORK_MS = 20_000
TAKER_FEE_PPM = 500
TABLES = ("strategy", "symbols", "prices")


class ConfigFaultsError(Exception):
    """The configuration is refused. `faults` has one line each."""

    def __init__(self, faults: list[str]) -> None:
        """Keep every fault."""
        super().__init__("; ".join(faults))
        self.faults = faults


class Limits(NamedTuple):
    """What forbids entries, and nothing else. 0: no such limit."""

    open_positions: int
    exposure_permille: int = 0
    daily_loss_ppm: int = 0
    losses_in_a_row: int = 0
    trades_a_day: int = 0
    price_gap_ppm: int = 0
    spread_ppm: int = 0
    funding_e8: int = 0


@dataclass(frozen=True)
class Config:
    """A checked configuration: whole numbers with their units, absolute paths."""

    venue: str
    venue_url: str | None
    account: str
    owner: str
    credentials: str | None  # ssm:NAME or secretsmanager:NAME; None: the environment has them
    state: Path | S3Address
    journal: Path | S3Address
    paper: Path | S3Address
    evidence: Path | S3Address
    trade_without_evidence: bool
    report: Path | S3Address
    entry_window_ms: int
    early_wait_ms: int
    start_before_close_ms: int
    deadline_ms: int
    limits: Limits
    sns_topic: str | None
    webhook_format: str
    prices: str | dict[str, Path]
    balance_e8: int
    rules: Path | None
    fee_ppm: int
    slippage_ppm: int
    stop_range_ppm: int
    funding: bool
    funding_rate_e8: int
    seed: int
    common: Parameters  # [strategy] by itself
    symbols: dict[str, Parameters]

    @property
    def taker_fee_ppm(self) -> int:
        """What a market order pays, of its notional: Binance's first tier where it is not ours."""
        return self.fee_ppm if self.venue == "embedded" else TAKER_FEE_PPM


def load(
    environment: Mapping[str, str],
    home: Path,
    config_file: str | None = None,
    assignments: Sequence[str] = (),
    without: Sequence[str] = (),
) -> Config:
    """The configuration. `home` is the folder of handler.py; relative paths start at the file's
    folder, else there. Settings named in `without` are left out, wherever they stand.
    Raises ConfigFaultsError.
    """
    faults: list[str] = []
    path = _config_path(environment, home, config_file, faults)
    values = _from_file(path, faults) if path else {}
    for name, value in sorted(environment.items()):
        if name.startswith(ENVIRONMENT_PREFIX) and name != CONFIG_VARIABLE:
            keys = name.removeprefix(ENVIRONMENT_PREFIX).split("__")
            _assign(values, _spelled(keys), value, name, faults)
    for assignment in assignments:
        key, equals, value = assignment.partition("=")
        if equals:
            _assign(values, key.strip().split("."), value.strip(), f"--set {key}", faults)
        else:
            faults.append(f"--set {assignment}: must be key=value")
    values = {name: value for name, value in values.items() if name not in without}
    default_owner = ON_LAMBDA if LAMBDA_MARK in environment else LOCAL
    config = _checked(values, path, home, default_owner, faults)
    if faults or config is None:
        raise ConfigFaultsError(faults)
    return config


def _config_path(
    environment: Mapping[str, str], home: Path, given: str | None, faults: list[str]
) -> Path | None:
    named = given or environment.get(CONFIG_VARIABLE)
    if named:
        path = Path(named).absolute()
        if not path.is_file():
            origin = "--config" if given else CONFIG_VARIABLE
            faults.append(f"{origin} = {named}: there is no such file")
            return None
        return path
    beside = home / "config.toml"
    return beside if beside.is_file() else None


def _from_file(path: Path, faults: list[str]) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        faults.append(f"{path}: cannot be read as TOML: {error}")
        return {}


def _spelled(keys: list[str]) -> list[str]:
    """Environment keys are upper case; symbols are as well in the settings."""
    table = keys[0].lower()
    if table in ("symbols", "prices") and len(keys) > 1:
        return [table, keys[1], *(key.lower() for key in keys[2:])]
    return [key.lower() for key in keys]


def _assign(
    values: dict[str, Any], keys: list[str], value: str, origin: str, faults: list[str]
) -> None:
    if len(keys) == 1 and keys[0] in parameters.NAMES:
        keys = ["strategy", keys[0]]
    table = values
    for key in keys[:-1]:
        nested = table.get(key)
        if not isinstance(nested, dict):
            nested = table[key] = {}
        table = nested
    if not all(keys):
        faults.append(f"{origin} = {value!r}: the name is incomplete")
        return
    table[keys[-1]] = value


def _checked(
    values: dict[str, Any],
    path: Path | None,
    home: Path,
    default_owner: str,
    faults: list[str],
) -> Config | None:
    known = {*settings.BY_NAME, *TABLES, "symbol"}
    faults += [
        # the value is not shown: somebody may have put a key here
        f"{name}: no such setting{settings.meant(name)}; see docs/settings.md"
        for name in sorted(set(values) - known)
    ]
    read = _read_settings(values, faults)
    symbols = _symbols(values, faults)
    _cross_check(values, read, faults)
    if faults:
        return None
    base = path.parent if path else home
    venue = read["venue"]
    prices = read["prices"]
    if isinstance(prices, dict):
        prices = {symbol: _located(file, base) for symbol, file in prices.items()}
    return Config(
        venue=venue,
        venue_url=read["venue_url"],
        account=read["account"],
        owner=read["owner"] or default_owner,
        credentials=read["credentials"],
        **_places(read, base),
        trade_without_evidence=read["trade_without_evidence"],
        entry_window_ms=read["entry_window_s"],
        early_wait_ms=read["early_wait_s"],
        start_before_close_ms=read["start_before_close_s"],
        deadline_ms=read["deadline_s"],
        limits=_limits(read),
        sns_topic=read["sns_topic"],
        webhook_format=read["webhook_format"],
        funding=read["funding"],
        seed=read["seed"],
        prices=prices,
        balance_e8=read["balance"],
        rules=_located(read["rules"], base) if read["rules"] else None,
        fee_ppm=read["fee_perc"],
        slippage_ppm=read["slippage_bps"],
        stop_range_ppm=read["stop_slippage_range_perc"],
        funding_rate_e8=read["funding_rate_perc"],
        common=symbols.pop(""),
        symbols=symbols,
    )


def _places(read: Mapping[str, Any], base: Path) -> dict[str, Any]:
    """Where everything lies; what is not named lies in var/<venue>, the page beside notes in S3."""
    venue = read["venue"]
    state = _place(read["state"] or f"var/{venue}/state.json", base)
    page = f"var/{venue}/report.html"
    if isinstance(state, S3Address):
        page = str(state.beside("report.html"))
    return {
        "state": state,
        "journal": _place(read["journal"] or f"var/{venue}/journal", base),
        "report": _place(read["report"] or page, base),
        "paper": _place(read["paper"] or f"var/{venue}/paper.json", base),
        "evidence": _place(read["evidence"] or "evidence.json", base),
    }


def _limits(read: Mapping[str, Any]) -> Limits:
    return Limits(
        open_positions=read["max_open_positions"],
        exposure_permille=read["max_total_exposure"],
        daily_loss_ppm=read["max_daily_loss_perc"],
        losses_in_a_row=read["max_losses_in_a_row"],
        trades_a_day=read["max_trades_a_day"],
        price_gap_ppm=read["max_price_gap_perc"],
        spread_ppm=read["max_spread_perc"],
        funding_e8=read["max_funding_perc"],
    )


def _read_settings(values: Mapping[str, Any], faults: list[str]) -> dict[str, Any]:
    read: dict[str, Any] = {}
    for setting in settings.SETTINGS:
        value = values.get(setting.name, setting.default)
        if value is None:
            read[setting.name] = None
            continue
        try:
            read[setting.name] = setting.read(value)
        except ValueError as error:
            shown = "" if setting.name == "credentials" else f" = {value!r}"  # may hold the key
            faults.append(f"{setting.name}{shown}: {error}")
            read[setting.name] = None
    return read


def _symbols(values: Mapping[str, Any], faults: list[str]) -> dict[str, Parameters]:
    """Each symbol's parameters: [strategy] with the symbol's own table on top; "" is [strategy]."""
    common = _table(values, "strategy", faults)
    tables = _table(values, "symbols", faults)
    short = values.get("symbol")
    if short is not None and tables:
        faults.append(f"symbol = {short!r}: is short for one table [symbols.…]; give one of them")
    if not tables:
        names = str(short if short is not None else SYMBOL_DEFAULT).split(",")
        tables = {name.strip() or " ": {} for name in names}
    parsed: dict[str, Parameters] = {}
    told: set[str] = set()
    for symbol, own in {"": {}, **tables}.items():
        if symbol and not SYMBOL_SHAPE.fullmatch(symbol):
            origin = f"symbols.{symbol}" if short is None else f"symbol = {short!r}"
            several = "" if short is None else ", or several with commas"
            faults.append(f"{origin}: must be a symbol such as BTCUSDT{several}")
            continue
        if not isinstance(own, dict):
            faults.append(f"symbols.{symbol} = {own!r}: must be a table")
            continue
        try:
            parsed[symbol] = parameters.parse({**common, **own}, f"symbols.{symbol}")
        except ParameterFaultsError as error:
            for fault in error.faults:
                told_as = _origin(fault, symbol, own)
                if told_as not in told:
                    told.add(told_as)
                    faults.append(told_as)
    return parsed


def _origin(fault: str, symbol: str, own: Mapping[str, Any]) -> str:
    """Name the table that holds the fault: the symbol's own, else [strategy]."""
    prefix = f"symbols.{symbol}."
    name = re.split(r"[ :]", fault.removeprefix(prefix), maxsplit=1)[0]
    return fault if name in own else "strategy." + fault.removeprefix(prefix)


def _table(values: Mapping[str, Any], name: str, faults: list[str]) -> dict[str, Any]:
    table = values.get(name, {})
    if isinstance(table, dict):
        return table
    short = "; for names alone: symbol = BTCUSDT,ETHUSDT" if name == "symbols" else ""
    faults.append(f"{name} = {table!r}: must be a table{short}")
    return {}


def _cross_check(values: Mapping[str, Any], read: Mapping[str, Any], faults: list[str]) -> None:
    early, deadline = read["early_wait_s"], read["deadline_s"]
    if None not in (early, deadline) and early + WORK_MS > deadline:
        faults.append(
            f"early_wait_s = {early // 1000}: must be at least {WORK_MS // 1000} below "
            f"deadline_s {deadline // 1000}, so that time is left to work"
        )
    if read["venue_url"] is None:
        return
    if read["venue"] != "embedded":
        faults.append(f"venue_url = {read['venue_url']!r}: is for venue embedded only")
    if not re.match(r"https?://(127\.0\.0\.1|localhost|\[::1\])(:\d+)?/?$", read["venue_url"]):
        faults.append(f"venue_url = {read['venue_url']!r}: must be http://127.0.0.1:PORT")
    theirs = [*settings.COSTS, "balance", "prices", "rules", "seed"]
    faults += [
        f"{name} = {values[name]!r}: with venue_url it is the simulator's own, set it there"
        for name in theirs
        if name in values
    ]


def _place(text: str, base: Path) -> Path | S3Address:
    return parse_address(text) if is_s3(text) else _located(text, base)


def _located(file: str, base: Path) -> Path:
    return (base / Path(file).expanduser()).absolute()
