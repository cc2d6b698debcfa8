"""`check`: is everything ready to trade? One line for each question, exit 1 when one is not.

It changes nothing on the exchange and leaves the notes as they are.
"""

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from exchange.candles import newest_closed
from exchange.errors import VenueError
from exchange.rules import UnusableSymbolError, instrument_from_row, is_trading
from exchange.views import candle
from job.config import Config
from job.deciding import entry_size
from job.evidence import judge_all
from job.firing import Job
from job.opening import notes_fault, owner_fault
from job.output import tell
from job.outside import Outside
from job.reading import mode_refusal
from job.report import stamped, utc_text
from job.wiring import build
from state.codec import UnreadableNotesError
from state.s3_address import S3Address
from state.store import replace_file
from strategy import words
from strategy.instrument import Instrument, money_text
from strategy.parameters import Parameters
from strategy.sizing import SIZE_OK, balance_share_e8

#: A clock that is further off than this is told; signing corrects it all the same.
CLOCK_OFF_MS_MAX = 1_000
TAKER_FEE_PPM = 500


class Answer(NamedTuple):
    """One question's answer."""

    ok: bool
    text: str


class NotReadyError(Exception):
    """The answer is no; the text says why and what to do."""


def check(config: Config, outside: Outside, *, as_json: bool) -> int:
    """Ask everything, print the answers."""
    job = build(config, outside, keep=False)
    questions: list[tuple[str, Callable[[], str]]] = [
        ("venue", lambda: _venue(job)),
        ("account", lambda: _account(job)),
        ("mode", lambda: _mode(job)),
        *((f"{symbol} rules", _bound(_rules, job, symbol)) for symbol in config.symbols),
        *((f"{symbol} size", _bound(_size, job, symbol)) for symbol in config.symbols),
        *((f"{symbol} evidence", _bound(_evidence, job, symbol)) for symbol in _live(config)),
        ("state", lambda: _state(job)),
        ("journal", lambda: _journal(job)),
    ]
    if config.venue == "embedded" and config.venue_url is None:
        questions.append(("paper", lambda: _writable(config.paper)))
    answers = {name: _ask(question) for name, question in questions}
    ready = all(answer.ok for answer in answers.values())
    lines = [
        f"{'ok    ' if answer.ok else 'FAILED'} {name}: {answer.text}"
        for name, answer in answers.items()
    ]
    lines += _truth(config)
    now = job.clock.now_ms()
    machine = {
        "command": "check",
        "venue": config.venue,
        "account": config.account,
        "time": utc_text(now),
        "ok": ready,
        "checks": {name: answer._asdict() for name, answer in answers.items()},
    }
    tell(stamped(lines, now, config.venue, job.prices), machine, as_json=as_json)
    return 0 if ready else 1


def _bound(question: Callable[[Job, str], str], job: Job, symbol: str) -> Callable[[], str]:
    return lambda: question(job, symbol)


def _ask(question: Callable[[], str]) -> Answer:
    try:
        return Answer(True, question())
    except (VenueError, NotReadyError, UnusableSymbolError) as error:
        return Answer(False, str(error))
    except UnreadableNotesError as error:
        return Answer(False, str(error))
    except OSError as error:
        return Answer(False, f"{error.strerror}: {error.filename}")


def _venue(job: Job) -> str:
    before = job.clock.now_ms()
    server = job.gateway.server_time_ms()
    offset = server - (before + job.clock.now_ms()) // 2
    job.budget.clock_offset_ms = offset
    if abs(offset) > CLOCK_OFF_MS_MAX:
        raise NotReadyError(f"this clock is {offset} ms off the exchange's: set it (e.g. with NTP)")
    return f"reachable, clock {offset:+} ms"


def _account(job: Job) -> str:
    return f"the key works, balance {money_text(job.gateway.wallet_e8(), 2)} USDT"


def _mode(job: Job) -> str:
    refusal = mode_refusal(job.gateway.account_mode())
    if refusal:
        raise NotReadyError(refusal)
    return "one-way, single-asset"


def _rules(job: Job, symbol: str) -> str:
    row = job.gateway.exchange_info().get(symbol)
    if row is None:
        raise NotReadyError(f"the exchange has no symbol {symbol}")
    market = instrument_from_row(row)
    if not is_trading(row):
        raise NotReadyError(f"{symbol} is not open for trading")
    return f"tick {market.price_text(1)}, step {market.quantity_text(1)}"


def _size(job: Job, symbol: str) -> str:
    """Would an entry at the last close be large enough?"""
    parameters = job.config.symbols[symbol]
    market = instrument_from_row(job.gateway.exchange_info()[symbol])
    close = _last_close(job, symbol, parameters, market)
    balance = balance_share_e8(job.gateway.wallet_e8(), len(job.config.symbols))
    lots, refusal = entry_size(parameters, market, balance, close, side=1)
    if refusal != SIZE_OK:
        raise NotReadyError(words.size_sentence(refusal, lots, close, market))
    return f"{market.quantity_text(lots)} at {market.price_text(close)}"


def _last_close(job: Job, symbol: str, parameters: Parameters, market: Instrument) -> int:
    rows = [candle(row, market) for row in job.gateway.klines(symbol, parameters.interval, 3)]
    newest = newest_closed(rows, parameters.interval_ms, job.gateway.server_time_ms())
    if newest.place < 0:
        raise NotReadyError("no closed candle could be read")
    return rows[newest.place].close


def _live(config: Config) -> list[str]:
    """The symbols that are traded with real money."""
    return list(config.symbols) if config.venue == "live" else []


def _evidence(job: Job, symbol: str) -> str:
    judgement = judge_all(job.config)[symbol]
    if not judgement.allowed:
        raise NotReadyError(f"{judgement.text}; no position is opened")
    return judgement.text


def _state(job: Job) -> str:
    notes = job.store.load()
    if notes is not None:
        fault = notes_fault(notes, job.config) or owner_fault(notes, job.config)
        if fault:
            raise NotReadyError(fault)
    told = _writable(job.config.state)
    return told if notes else f"{told}, no notes yet"


def _journal(job: Job) -> str:
    next(job.journal.events("trade"), None)
    place = job.config.journal
    return _writable(place / "x" if isinstance(place, Path) else place)


def _writable(place: Path | S3Address) -> str:
    """Can a file be made beside this one? An object in S3 is only ever written by a firing."""
    if not isinstance(place, Path):
        return f"readable ({place}); the first run shows whether it can be written"
    probe = place.with_name(f".{place.name}.check")
    replace_file(probe, b"")
    probe.unlink()
    return "writable"


def _truth(config: Config) -> list[str]:
    """What a trade risks, and what this strategy has done so far."""
    lines = []
    for symbol, parameters in config.symbols.items():
        lines.append(f"trades {symbol}: {words.parameters_text(parameters)}")
        exposure_ppm = min(
            parameters.risk_ppm * 1_000_000 // parameters.stop_loss_ppm,
            parameters.exposure_max_permille * 1_000,
        )
        price_ppm = exposure_ppm * parameters.stop_loss_ppm // 1_000_000
        fee_ppm = config.fee_ppm if config.venue == "embedded" else TAKER_FEE_PPM
        fees_ppm = 2 * fee_ppm * exposure_ppm // 1_000_000
        lines.append(
            f"risk   {symbol}: a stop costs about {(price_ppm + fees_ppm) / 10_000:.2f} % of its "
            f"balance ({price_ppm / 10_000:.2f} price + {fees_ppm / 10_000:.2f} fees); a gap can "
            f"cost the whole isolated margin, {exposure_ppm / 10_000 / parameters.leverage:.0f} %"
        )
    lines.append(
        "truth  with the default parameters and taker fees this strategy has lost money on real "
        "data: see README.md"
    )
    return lines
