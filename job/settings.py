"""The job's own settings (the strategy's are in `strategy.parameters`): one table, one parser.

Each row says how a setting is read, what it is by default and what it means; the table in
docs/settings.md and the template are tested against it.
"""

import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any, NamedTuple

from state.s3_address import is_s3, parse_address
from strategy.parameters import NAMES, decimal_of
from strategy.units import E8, PPM_PER_PERCENT

PPM_PER_BP = 100
IN_AWS = r"(ssm|secretsmanager):[A-Za-z0-9/_.:@+=-]{1,1000}"
VENUES = ("embedded", "demo", "live")
PRICE_SOURCES = ("synthetic", "binance")


class Setting(NamedTuple):
    """One setting. `read` turns the user's value into the program's or raises ValueError."""

    name: str
    default: object
    read: Callable[[object], Any]
    meaning: str


def text(value: object) -> str:
    """A text that is not empty."""
    if not isinstance(value, str) or not value.strip():
        raise ValueError("must be a text")
    return value.strip()


def name(value: object) -> str:
    """A short name that may stand in file names and lines."""
    given = text(value)
    if len(given) > 40 or not all(ch.isascii() and (ch.isalnum() or ch in "-_.") for ch in given):
        raise ValueError("must be at most 40 letters, digits, '-', '_' or '.'")
    return given


def place(value: object) -> str:
    """A file or folder, or an s3:// address."""
    given = text(value)
    if is_s3(given):
        parse_address(given)
    return given


def in_aws(value: object) -> str:
    """The name of a parameter or secret in AWS. The fault tells nothing of a wrong value."""
    if not isinstance(value, str) or not re.fullmatch(IN_AWS, value):
        raise ValueError("must be ssm:/name or secretsmanager:name, the name of what AWS holds")
    return value


def topic(value: object) -> str:
    """The ARN of an SNS topic."""
    given = text(value)
    if not re.fullmatch(r"arn:aws[\w-]*:sns:[\w-]+:\d{12}:[\w.-]+", given):
        raise ValueError("must be like arn:aws:sns:eu-central-1:123456789012:name")
    return given


def choice(*allowed: str) -> Callable[[object], str]:
    """One of some words."""

    def read(value: object) -> str:
        if value not in allowed:
            raise ValueError(f"must be one of {', '.join(allowed)}")
        return str(value)

    return read


def switch(value: object) -> bool:
    """true or false, also as text."""
    words = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value.strip().lower() in words:
        return words[value.strip().lower()]
    raise ValueError("must be true or false")


def number(scale: int, at_least: str, at_most: str | None = None) -> Callable[[object], int]:
    """A number in bounds, in whole units of 1/scale."""

    def read(value: object) -> int:
        amount = decimal_of(value)
        if amount < Decimal(at_least) or (at_most is not None and amount > Decimal(at_most)):
            bounds = f"at least {at_least}" + (f", at most {at_most}" if at_most else "")
            raise ValueError(f"must be {bounds}")
        scaled = amount * scale
        if scaled != scaled.to_integral_value():
            grain = "a whole number" if scale == 1 else f"a multiple of {1 / Decimal(scale):f}"
            raise ValueError(f"must be {grain}")
        return int(scaled)

    return read


def prices(value: object) -> object:
    """A price source, or a table of candle files by symbol."""
    if isinstance(value, dict):
        if not value or not all(isinstance(file, str) and file for file in value.values()):
            raise ValueError('must name a file for each symbol, e.g. BTCUSDT = "candles.csv"')
        return dict(value)
    return choice(*PRICE_SOURCES)(value)


SETTINGS = (
    Setting("venue", "embedded", choice(*VENUES),
            "where orders go: the embedded exchange, Binance's demo, or real money"),
    Setting("venue_url", None, text,
            "embedded: address of a simulator that was started by hand"),
    Setting("account", "main", name,
            "a name for the account; state, journal and paper account carry it"),
    Setting("owner", None, name,
            "a name for this deployment (default lambda on AWS Lambda, else local): "
            "two never trade one account"),
    Setting("state", None, place,
            "the notes: a file (default var/<venue>/state.json) or s3://bucket/key.json"),
    Setting("journal", None, place,
            "the journal: a folder (default var/<venue>/journal) or s3://bucket/prefix"),
    Setting("paper", None, place,
            "embedded: the exchange's own books, a file (default var/<venue>/paper.json) or s3://"),
    Setting("report", None, place,
            "the page written after each day: a file or s3:// (default var/<venue>/report.html, "
            "with notes in S3 report.html beside them)"),
    Setting("credentials", None, in_aws,
            "where in AWS key and secret lie: ssm:/name or secretsmanager:name; "
            "default: BINANCE_API_KEY and BINANCE_API_SECRET, or their _FILE variants"),
    Setting("evidence", None, place,
            "live: what walkforward found, a file (default evidence.json) or s3://bucket/key.json"),
    Setting("trade_without_evidence", False, switch,
            "live: open positions although no evidence says that they pay"),
    Setting("entry_window_s", 90, number(1000, "1", "240"),
            "seconds after a close within which an entry may leave"),
    Setting("early_wait_s", 15, number(1000, "0", "60"),
            "a run fired this many seconds before a close waits for it"),
    Setting("start_before_close_s", 2, number(1000, "0", "60"),
            "a run that waits for the close has its connections ready so many seconds before it"),
    Setting("deadline_s", 40, number(1000, "10", "240"),
            "seconds after which a run ends itself"),
    Setting("max_open_positions", 10, number(1, "1", "60"),
            "positions open at a time over all symbols"),
    Setting("max_total_exposure", 0, number(1000, "0", "40"),
            "notional of all positions as a multiple of the whole balance; 0: no limit"),
    Setting("max_daily_loss_perc", 0, number(PPM_PER_PERCENT, "0", "100"),
            "loss since 00:00 UTC, percent of the balance then, ends the day's entries; 0: off"),
    Setting("max_losses_in_a_row", 0, number(1, "0", "100"),
            "lost trades one after another that end entries until `resume`; 0: off"),
    Setting("max_trades_a_day", 0, number(1, "0", "1000"),
            "entries since 00:00 UTC over all symbols; 0: no limit"),
    Setting("max_price_gap_perc", 0, number(PPM_PER_PERCENT, "0", "10"),
            "mark price this far from the signal's close, percent, forbids the entry; 0: off"),
    Setting("max_spread_perc", 0, number(PPM_PER_PERCENT, "0", "10"),
            "best ask this far above the best bid, percent, forbids the entry; 0: off"),
    Setting("max_funding_perc", 0, number(E8 // 100, "0", "3"),
            "next funding rate, percent, that the entry would have to pay forbids it; 0: off"),
    Setting("sns_topic", None, topic,
            "notifications: the ARN of an SNS topic (e-mail through it)"),
    Setting("webhook_format", "slack", choice("slack", "discord"),
            "notifications: what the address in WEBHOOK_URL takes"),
    Setting("prices", "synthetic", prices,
            "embedded: synthetic, binance (public live prices), or a table of candle files"),
    Setting("balance", 10000, number(E8, "0", "1000000000"),
            "embedded: USDT the paper account begins with"),
    Setting("rules", None, text, "embedded: a saved exchangeInfo file for other symbols"),
    Setting("fee_perc", "0.05", number(PPM_PER_PERCENT, "0", "1"),
            "embedded: taker fee, percent of the notional"),
    Setting("slippage_bps", "1.0", number(PPM_PER_BP, "0", "1000"),
            "embedded: how far a market order fills against the taker, basis points"),
    Setting("stop_slippage_range_perc", "0", number(PPM_PER_PERCENT, "0", "100"),
            "embedded: how far a stop fills from its price towards its candle's worst one, "
            "percent of that way"),
    Setting("funding", True, switch, "embedded: charge funding"),
    Setting("funding_rate_perc", "0.01", number(E8 // 100, "-3", "3"),
            "embedded: funding rate where no funding file is given, percent"),
    Setting("seed", 7, number(1, "0", "4294967295"),
            "embedded: which synthetic market"),
)  # fmt: skip

COSTS = ("fee_perc", "slippage_bps", "stop_slippage_range_perc", "funding", "funding_rate_perc")
BY_NAME = {setting.name: setting for setting in SETTINGS}
#: Secrets and what goes with them, by environment variable (some also as NAME_FILE), never here.
ENVIRONMENT_ONLY = (
    "BINANCE_API_KEY", "BINANCE_API_SECRET", "TELEGRAM_BOT_TOKEN", "TELEGRAM_CHAT_ID",
    "WEBHOOK_URL", "PING_URL", "GUARD_PING_URL",
)  # fmt: skip


def meant(unknown: str) -> str:
    """What somebody perhaps meant by a name that no setting has, with its table; else nothing."""
    from difflib import get_close_matches  # only a fault needs it

    variable = unknown.upper()
    if variable.removesuffix("_FILE") in ENVIRONMENT_ONLY:
        return f" (it is an environment variable: {variable})"
    near = get_close_matches(unknown, [*sorted(NAMES), *BY_NAME, "symbol", "symbols"], 1)
    table = "strategy." if near and near[0] in NAMES else ""
    return f" (is {table}{near[0]} meant?)" if near else ""
