"""What `check` asks the exchange. Changes nothing there.

Each question returns what came, or raises NotReadyError or what the gateway raises.
"""

from collections.abc import Callable, Mapping

from exchange.candles import newest_closed
from exchange.connections import HOSTS
from exchange.errors import ACCESS, VenueError
from exchange.rules import instrument_from_row, is_trading
from exchange.views import Row, candle
from job.deciding import entry_size
from job.firing import Job
from job.mode import mode_refusal
from job.readiness.answer import NotReadyError
from job.reading import CLOCK_OFF_MS_MAX, server_offset_ms
from strategy import words
from strategy.instrument import Instrument, money_text
from strategy.parameters import Parameters
from strategy.sizing import SIZE_OK, balance_share_e8

#: Asks for the rules of all symbols: one long answer, so it is asked for once and kept.
Info = Callable[[], Mapping[str, Row]]
#: What a key of ours must and must not be able to do: field, right value, what to do.
PERMISSIONS = (
    ("enableFutures", True, "switch futures trading on for the key"),
    ("enableWithdrawals", False, "switch withdrawals off for the key"),
    ("enableInternalTransfer", False, "switch internal transfers off for the key"),
    ("permitsUniversalTransfer", False, "switch universal transfers off for the key"),
    ("ipRestrict", True, "bind the key to this machine's address"),
)


def venue(job: Job) -> str:
    """Does the exchange answer, and is this clock right?"""
    try:
        offset = server_offset_ms(job)
    except VenueError as error:
        where = job.config.venue_url or HOSTS.get(job.config.venue)
        if error.code or error.status or where is None:
            raise
        raise NotReadyError(f"{error}: can {where} be reached from here?") from None
    job.budget.clock_offset_ms = offset
    if abs(offset) > CLOCK_OFF_MS_MAX:
        raise NotReadyError(f"this clock is {offset} ms off the exchange's: set it (e.g. with NTP)")
    return f"reachable, clock {offset:+} ms"


def account(job: Job) -> str:
    """Does the key read the account?"""
    try:
        balance_e8 = job.gateway.wallet_e8()
    except VenueError as error:
        if error.code in ACCESS:
            raise NotReadyError(
                f"{error}: is the key of venue {job.config.venue}, may it trade futures, and is "
                "this machine's address in its list?"
            ) from None
        raise
    return f"the key works, balance {money_text(balance_e8, 2)} USDT"


def permissions(job: Job) -> str:
    """Can the key do what it must, and nothing that would hurt if it were stolen?"""
    if job.config.venue == "demo":
        return "not asked: the demo does not tell what a key may do"
    told = job.gateway.key_permissions()
    wrong = [remedy for field, right, remedy in PERMISSIONS if not _is(told, field, right)]
    if wrong:
        raise NotReadyError("; ".join(wrong))
    return "futures on, withdrawals and transfers off, bound to an address"


def _is(told: Row, field: str, right: bool) -> bool:
    """What the exchange does not tell is not as it should be."""
    return told.get(field) is right


def mode(job: Job) -> str:
    """Can an account in this mode be traded?"""
    refusal = mode_refusal(job.gateway.account_mode())
    if refusal:
        raise NotReadyError(refusal)
    return "one-way, single-asset"


def rules(info: Info, symbol: str) -> str:
    """Is the symbol there and open for trading?"""
    row = _row(info, symbol)
    market = instrument_from_row(row)
    if not is_trading(row):
        raise NotReadyError(f"{symbol} is not open for trading")
    return f"tick {market.price_text(1)}, step {market.quantity_text(1)}"


def _row(info: Info, symbol: str) -> Row:
    row = info().get(symbol)
    if row is None:
        raise NotReadyError(f"the exchange has no symbol {symbol}")
    return row


def size(job: Job, info: Info, symbol: str) -> str:
    """Would an entry at the last close be large enough?"""
    parameters = job.config.symbols[symbol]
    market = instrument_from_row(_row(info, symbol))
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
