"""`python -m simulator`: the embedded exchange as a server on loopback.

The machine's clocks enter here and nowhere else in this room. Must not decide anything: options
are read by `starting.py`, requests by `wire/`.
"""

import argparse
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NoReturn

from simulator.starting import Options, StartFaultsError, start
from simulator.wire.app import make_app
from simulator.wire.clocks import RunningClock
from simulator.wire.serve import Server
from simulator.wire.signing import DEFAULT_CREDENTIALS, Credentials

_EXAMPLE = """\
example:
  python -m simulator --port 8900 --balance 10000
  curl 'http://127.0.0.1:8900/fapi/v1/ticker/price?symbol=BTCUSDT'
  curl http://127.0.0.1:8900/sim/state

recorded candles, the clock moved by hand:
  python -m simulator --candles BTCUSDT=BTCUSDT-5m-2025-10.zip --clock 2025-10-10T20:00:00Z
  curl -d '{"now": 1760127000000}' http://127.0.0.1:8900/sim/clock
"""


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        """One line, no usage: the faults are what people need to see."""
        self.exit(2, f"{message}\n")


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="python -m simulator",
        description="A Binance USD-M futures venue on 127.0.0.1: REST, one account, "
        "synthetic or recorded prices.",
        epilog=_EXAMPLE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    add = parser.add_argument
    _add_files(parser, "--candles", "recorded candles (.csv, .gz, .zip); else synthetic ones")
    add("--port", type=int, default=8900, help="port on 127.0.0.1; 0 takes a free one [8900]")
    add("--balance", default="10000", metavar="USDT", help="opening balance [10000]")
    add(
        "--clock",
        metavar="real|TIME",
        help="real, or a time (UTC, ISO) at which it stands until POST /sim/clock moves it "
        "[real; with --candles: where all files have begun]",
    )
    add("--rules", type=Path, metavar="FILE", help="a saved exchangeInfo, for other symbols")
    _add_files(parser, "--funding", "funding rates (funding_time,funding_rate)")
    _add_files(parser, "--mark", "mark prices for funding (open_time,open,high,low,close)")
    add(
        "--set",
        nargs="+",
        action="extend",
        default=[],
        metavar="NAME=VALUE",
        help="fee_perc [0.05], slippage_bps [1], funding [true], funding_rate_perc [0.01], "
        "stop_slippage_range_perc [0]",
    )
    add(
        "--symbol",
        action="append",
        default=[],
        help="which symbols have synthetic prices [the four that are built in]",
    )
    add("--allow-gaps", action="store_true", help="accept candle files with gaps and bad rows")
    add("--no-limits", action="store_true", help="never answer 429 or 418")
    add("--key", default=DEFAULT_CREDENTIALS.key, help="API key [embedded]")
    add("--secret", default=DEFAULT_CREDENTIALS.secret, help="its HMAC secret [embedded]")
    return parser


def _add_files(parser: argparse.ArgumentParser, name: str, meaning: str) -> None:
    parser.add_argument(
        name, action="append", default=[], metavar="SYMBOL=FILE", help=meaning + "; repeatable"
    )


def _server(arguments: Sequence[str]) -> tuple[Server, str]:
    """The server, bound but not yet answering, and the line that announces it."""
    given = _parser().parse_args(arguments)
    options = Options(
        candles=given.candles,
        funding=given.funding,
        marks=given.mark,
        symbols=given.symbol,
        rules=given.rules,
        balance=given.balance,
        clock=given.clock,
        settings=given.set,
        allow_gaps=given.allow_gaps,
    )
    started = start(options, _wall_ms, _monotonic_ms)
    app = make_app(
        started.exchange,
        Credentials(given.key, given.secret),
        clock=started.clock,
        enforce_limits=not given.no_limits,
    )
    server = Server(app, given.port)
    kind = "real clock" if isinstance(started.clock, RunningClock) else "stopped clock"
    prices = started.exchange.market.label
    symbols = " ".join(started.exchange.contracts)
    return server, f"embedded exchange on {server.url} ({symbols}; {prices}; {kind})"


def _wall_ms() -> int:
    return time.time_ns() // 1_000_000


def _monotonic_ms() -> int:
    return time.monotonic_ns() // 1_000_000


def main(arguments: Sequence[str], say: Callable[[str], object]) -> int:
    """Serves until interrupted. Returns the exit status: 2 with one line per fault."""
    try:
        server, line = _server(arguments)
    except StartFaultsError as error:
        for fault in error.faults:
            print(fault, file=sys.stderr)
        return 2
    except (OSError, OverflowError) as error:
        why = getattr(error, "strerror", None) or error
        print(f"--port {_parser().parse_args(arguments).port}: {why}", file=sys.stderr)
        return 2
    with server:
        say(line)
        try:
            server.serve_forever(poll_interval=0.1)
        except KeyboardInterrupt:
            return 0
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], lambda line: print(line, flush=True)))
