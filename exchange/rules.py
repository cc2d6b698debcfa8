"""A symbol's trading rules: from the exchange's row to the few texts that are kept in the notes."""

from exchange.errors import BROKEN_ANSWER
from exchange.views import Row
from strategy.instrument import Instrument, instrument


class UnusableSymbolError(ValueError):
    """The symbol cannot be traded by this job; the text says why."""


def instrument_from_row(row: Row) -> Instrument:
    """An Instrument from a row of exchangeInfo. UnusableSymbolError when it is not for us."""
    symbol = str(row["symbol"])
    if row.get("contractType") != "PERPETUAL" or row.get("marginAsset") != "USDT":
        raise UnusableSymbolError(f"{symbol} is not a perpetual with USDT margin")
    try:
        filters = {str(entry["filterType"]): entry for entry in row["filters"]}
        lot, market_lot = filters["LOT_SIZE"], filters["MARKET_LOT_SIZE"]
        return instrument(
            symbol,
            tick=filters["PRICE_FILTER"]["tickSize"],
            step=max(lot["stepSize"], market_lot["stepSize"], key=float),
            min_quantity=max(lot["minQty"], market_lot["minQty"], key=float),
            market_max=min(lot["maxQty"], market_lot["maxQty"], key=float),
            min_notional=filters["MIN_NOTIONAL"]["notional"],
        )
    except BROKEN_ANSWER as error:
        raise UnusableSymbolError(f"{symbol}: the exchange's rules are unusable: {error}") from None


def is_trading(row: Row) -> bool:
    """Is the symbol open for trading?"""
    return row.get("status") == "TRADING"
