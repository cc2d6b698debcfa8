"""Checks that need no order: clock, candles, account, rules, settings, an untouched symbol."""

from exchange.candles import newest_closed
from exchange.rules import UnusableSymbolError, instrument_from_row, is_trading
from exchange.views import candle
from job.canary.bench import Bench
from job.canary.contract import DifferentError, UnsettledError, demand
from job.mode import mode_refusal
from job.reading import CANDLE_WAIT_MS, CLOCK_OFF_MS_MAX, server_offset_ms
from job.report import utc_text
from strategy.instrument import money_text

#: A close that is further away than this is not waited for.
CLOSE_WAIT_MS_MAX = 6 * 60_000
CANDLE_PATIENCE_MS = 30_000


def clock_offset(bench: Bench) -> str:
    """How far is this machine's clock off the exchange's?"""
    offset = server_offset_ms(bench.job)
    bench.job.budget.clock_offset_ms = offset
    bench.began_ms = bench.now_ms()
    return demand(abs(offset) <= CLOCK_OFF_MS_MAX, f"{offset:+} ms")


def balance(bench: Bench) -> str:
    """Does the key read the account, and is there money?"""
    wallet_e8 = bench.gateway.wallet_e8()
    return demand(wallet_e8 > 0, f"{money_text(wallet_e8, 2)} USDT")


def modes(bench: Bench) -> str:
    """Can an account in this mode be traded?"""
    refusal = mode_refusal(bench.gateway.account_mode())
    return demand(not refusal, refusal or "one-way, single-asset")


def rules(bench: Bench) -> str:
    """Are the symbol's rules there and understood?"""
    row = bench.gateway.exchange_info().get(bench.symbol)
    if row is None:
        raise DifferentError(f"the exchange has no symbol {bench.symbol}")
    try:
        market = instrument_from_row(row)
    except UnusableSymbolError as error:
        raise DifferentError(str(error)) from None
    demand(is_trading(row), f"status {row.get('status')}")
    bench.market = market
    least = money_text(market.min_notional_e8, 0)
    return f"tick {market.price_text(1)}, step {market.quantity_text(1)}, at least {least} USDT"


def candle_lateness(bench: Bench) -> str:
    """How long after the close is its candle final? Waits for the next close."""
    interval_ms = bench.parameters.interval_ms
    close_ms = bench.now_ms() // interval_ms * interval_ms + interval_ms
    if close_ms - bench.now_ms() > CLOSE_WAIT_MS_MAX:
        raise UnsettledError(f"the next close is at {utc_text(close_ms)}: run it shortly before")
    bench.job.clock.sleep_ms(close_ms - bench.now_ms())

    def newest_final_ms() -> int:
        rows = bench.gateway.klines(bench.symbol, bench.parameters.interval, 3)
        candles = [candle(row, bench.instrument) for row in rows]
        newest = newest_closed(candles, interval_ms, bench.now_ms())
        bench.set_size(candles[-1].close)
        return candles[newest.place].open_time_ms if newest.final else 0

    expected_ms = close_ms - interval_ms
    found_ms, _ = bench.until(
        newest_final_ms, lambda found: found == expected_ms, CANDLE_PATIENCE_MS
    )
    late_ms = bench.now_ms() - close_ms
    came = f"{late_ms} ms after the close of {utc_text(close_ms)}"
    demand(found_ms == expected_ms, f"not yet there {came}")
    return demand(late_ms <= CANDLE_WAIT_MS, came)


def price_and_size(bench: Bench) -> str:
    """The last price, and the smallest size that the exchange takes there."""
    rows = bench.gateway.klines(bench.symbol, bench.parameters.interval, 1)
    bench.set_size(candle(rows[-1], bench.instrument).close)
    return f"{bench.quantity(bench.lots)} at {bench.instrument.price_text(bench.price)}"


def untouched(bench: Bench) -> str:
    """Is there neither position nor order on the symbol?"""
    position = bench.position()
    orders = [*bench.plain(), *bench.resting()]
    held = f"a position of {bench.quantity(position.lots)}" if position else ""
    found = [text for text in (held, *orders) if text]
    return demand(not found, ", ".join(found) or "no position, no order")


def settings(bench: Bench) -> str:
    """Do isolated margin and the configured leverage hold once they are set?"""
    bench.gateway.set_isolated(bench.symbol)
    bench.gateway.set_leverage(bench.symbol, bench.parameters.leverage)
    row = bench.gateway.symbol_mode(bench.symbol)
    if row is None:
        raise DifferentError("the exchange tells no settings of the symbol")
    came = f"{row['marginType']}, leverage {row['leverage']}"
    return demand(came == f"ISOLATED, leverage {bench.parameters.leverage}", came)
