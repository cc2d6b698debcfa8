"""What the exchange quotes at this moment: mark price, funding, bid and ask. Public reads.

Only a run that is about to enter, and has a limit that needs them, asks for them.
"""

from exchange.client import call_dict
from exchange.gateway import Gateway
from exchange.views import Row


def mark_row(gateway: Gateway, symbol: str) -> Row:
    """Mark price and next funding of a symbol. Raises VenueError."""
    method = gateway.client.fapiPublicGetPremiumIndex
    return call_dict(method, f"read the {symbol} mark price", symbol=symbol)


def book_row(gateway: Gateway, symbol: str) -> Row:
    """Best bid and ask of a symbol. Raises VenueError."""
    method = gateway.client.fapiPublicGetTickerBookTicker
    return call_dict(method, f"read {symbol} bid and ask", symbol=symbol)
