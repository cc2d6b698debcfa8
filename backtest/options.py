"""The options of `python -m backtest`, and the settings that --set may name.

Settings are read by the job's own tables, so the same text means the same and is refused with the
same words. The configuration file and the environment are not read: a backtest is what its command
line says.
"""

import argparse
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from job import settings
from job.commands.moment import moment_ms
from simulator.engine.model import Costs
from strategy import parameters
from strategy.parameters import ParameterFaultsError, Parameters


class UsageError(Exception):
    """What was asked for cannot be done. `faults` has one line each."""

    def __init__(self, faults: Sequence[str]) -> None:
        """Keep every fault."""
        super().__init__("; ".join(faults))
        self.faults = list(faults)


def add_run_options(parser: argparse.ArgumentParser) -> None:
    """Candles, what they are traded with, and where the results go."""
    add_common_options(parser)
    add = parser.add_argument
    add("--trades", type=Path, metavar="FILE", help="write the trades as CSV")
    add("--html", type=Path, metavar="FILE",
        help="write a page with the charts; it opens offline, the ladder is in it")  # fmt: skip
    add("--ladder", action="store_true",
        help="play it again with worse fills: slippage of 0, 1, 2, 5 bp, and stops that fill "
        "0, 10, 50 %% of the way to their candle's worst price")  # fmt: skip
    add("--minutes", type=Path, metavar="FILE",
        help="1-minute candles of the same span: what came first where a candle held both stop "
        "and target")  # fmt: skip
    add("--json", action="store_true", help="the summary as one JSON line on stdout")


def add_common_options(parser: argparse.ArgumentParser) -> None:
    """What every command over a candle file takes."""
    add = parser.add_argument
    add("candles", type=Path, metavar="CANDLES", help="candle file (CSV, .gz, .zip)")
    add("--symbol", required=True, help="e.g. BTCUSDT")
    add("--funding", type=Path, metavar="FILE", help="funding rates: funding_time,funding_rate")
    add("--mark", type=Path, metavar="FILE",
        help="mark prices, used for funding: open_time,open,high,low,close")  # fmt: skip
    add("--rules", type=Path, metavar="FILE",
        help="a saved exchangeInfo, for symbols that are not built in")  # fmt: skip
    add("--set", action="append", default=[], metavar="KEY=VALUE",
        help="a setting of the strategy or a cost; repeatable")  # fmt: skip
    add("--balance", default="10000", metavar="USDT", help="what the account begins with [10000]")
    add("--symbols", default="1", metavar="N",
        help="symbols that share the balance, as configured for the job [1]")  # fmt: skip
    add("--from", dest="start", metavar="TIME", help="first candle that may decide (ISO, UTC)")
    add("--to", dest="end", metavar="TIME", help="where the candles end (exclusive)")
    add("--allow-gaps", action="store_true", help="go on with missing candles and bad rows")
    add("--cache", type=Path, metavar="DIR", help="where compiled code is kept")


def add_grid_options(parser: argparse.ArgumentParser) -> None:
    """What every command that tries a grid takes."""
    add_common_options(parser)
    add = parser.add_argument
    add("--grid", action="append", default=[], metavar="NAME=VALUES",
        help="values of a setting: 0.2,1,2 or 0.2:2:0.1 with its end; repeatable")  # fmt: skip
    add("--workers", type=int, metavar="N", help="threads that work at a time [one a core]")
    add("--dask", metavar="ADDRESS", help="let the workers of a Dask scheduler do it")
    add("--json", action="store_true", help="the summary as one JSON line on stdout")


def add_sweep_options(parser: argparse.ArgumentParser) -> None:
    """A grid, and where every result goes."""
    add_grid_options(parser)
    add = parser.add_argument
    add("--out", type=Path, metavar="FILE", help="write every result as CSV")
    add(
        "--html",
        type=Path,
        metavar="FILE",
        help="write a page with a heat map of every two settings",
    )


def add_walkforward_options(parser: argparse.ArgumentParser) -> None:
    """A grid, the windows, and where evidence goes."""
    add_grid_options(parser)
    add = parser.add_argument
    add("--train", default="90d", metavar="DAYS", help="days to choose on [90d]")
    add("--test", default="30d", metavar="DAYS", help="days to trade the choice [30d]")
    add("--out", type=Path, metavar="FILE", help="write the windows as CSV")
    add("--evidence", type=Path, metavar="FILE", help="write what the job asks for on live")
    add("--seed", type=int, default=7, metavar="N", help="of the draws of the luck test [7]")


def add_download_options(parser: argparse.ArgumentParser) -> None:
    """What to fetch, and from where."""
    add = parser.add_argument
    add("symbol", metavar="SYMBOL", help="e.g. BTCUSDT")
    add("--interval", metavar="LENGTH", help="candle length [5m; mark prices: 8h]")
    add("--from", dest="start", required=True, metavar="TIME", help="first candle (ISO, UTC)")
    add("--to", dest="end", metavar="TIME", help="where the candles end (exclusive) [now]")
    add("--out", type=Path, required=True, metavar="FILE", help="CSV, packed when it ends in .gz")
    kinds = parser.add_mutually_exclusive_group()
    kinds.add_argument("--funding", action="store_true", help="funding rates instead of candles")
    kinds.add_argument("--mark", action="store_true", help="mark prices instead of candles")
    add("--allow-gaps", action="store_true", help="take it with missing candles and bad rows")
    add("--url", default="https://fapi.binance.com", metavar="URL", help="the exchange's address")


#: By command.
ADD_OPTIONS: Mapping[str, Callable[[argparse.ArgumentParser], None]] = {
    "run": add_run_options,
    "sweep": add_sweep_options,
    "walkforward": add_walkforward_options,
    "download": add_download_options,
}


def read_settings(assignments: Sequence[str]) -> tuple[Parameters, Costs]:
    """Parameters and costs of --set KEY=VALUE texts. Raises UsageError with every fault."""
    faults: list[str] = []
    chosen: dict[str, str] = {}
    costs: dict[str, Any] = {name: settings.BY_NAME[name].default for name in settings.COSTS}
    for assignment in assignments:
        key, equals, value = (part.strip() for part in assignment.partition("="))
        name = key.removeprefix("strategy.")
        if not equals:
            faults.append(f"--set {assignment}: must be key=value")
        elif name in parameters.NAMES:
            chosen[name] = value
        elif key in costs:
            costs[key] = value
        else:
            known = ", ".join([*sorted(parameters.NAMES), *settings.COSTS])
            faults.append(f"{key} = {value!r}: no such setting here; there are {known}")
    parsed = None
    try:
        parsed = parameters.parse(chosen)
    except ParameterFaultsError as error:
        faults += error.faults
    read = {name: setting_of(name, value, faults) for name, value in costs.items()}
    if faults or parsed is None:
        raise UsageError(faults)
    return parsed, Costs(
        fee_ppm=read["fee_perc"],
        slippage_ppm=read["slippage_bps"],
        funding=read["funding"],
        funding_rate_e8=read["funding_rate_perc"],
        stop_range_ppm=read["stop_slippage_range_perc"],
    )


def setting_of(name: str, value: object, faults: list[str]) -> Any:
    """A setting of the job, read by its own reader; None and one more fault where it is wrong."""
    try:
        return settings.BY_NAME[name].read(value)
    except ValueError as error:
        faults.append(f"{name} = {value!r}: {error}")
        return None


def option_ms(text: str | None, option: str) -> int | None:
    """The moment that an option names, ms; None where it is not given. Raises UsageError."""
    try:
        return None if text is None else moment_ms(text)
    except ValueError as error:
        raise UsageError([f"{option} {text}: {error}"]) from None
