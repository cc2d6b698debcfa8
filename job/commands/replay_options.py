"""The options of `replay`. Knows argparse only: every run builds the parser."""

import argparse

EXAMPLE = """example:
  python handler.py replay --candles BTCUSDT=BTCUSDT-5m-2025-03.csv --trades out.csv
  python handler.py replay --candles BTC.csv.gz --from 2025-03-10 --set threshold_perc=1
"""


def add_options(parser: argparse.ArgumentParser) -> None:
    """The options of `replay`."""
    add = parser.add_argument
    add(
        "--candles",
        action="append",
        required=True,
        metavar="[SYMBOL=]FILE",
        help="candle file (CSV, .gz, .zip); repeatable, one a symbol",
    )
    add(
        "--funding",
        action="append",
        default=[],
        metavar="[SYMBOL=]FILE",
        help="funding rates: funding_time,funding_rate",
    )
    add(
        "--mark",
        action="append",
        default=[],
        metavar="[SYMBOL=]FILE",
        help="mark prices, used for funding: open_time,open,high,low,close",
    )
    add("--rules", metavar="FILE", help="a saved exchangeInfo, for symbols that are not built in")
    add("--from", dest="start", metavar="TIME", help="first candle that may decide (ISO, UTC)")
    add("--to", dest="end", metavar="TIME", help="where the candles end (exclusive)")
    add("--balance", metavar="USDT", help="what the account begins with")
    add("--trades", metavar="FILE", help="write the trades as CSV")
    add(
        "--out",
        metavar="DIR",
        help="an empty folder, to keep state, journal, paper account, trades",
    )
    add("--allow-gaps", action="store_true", help="go on with missing candles and bad rows")
