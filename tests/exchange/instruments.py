"""The contracts of the live captures: BTC in 0.10 and 0.001, DOT in 0.0001 and 0.1."""

from strategy.instrument import instrument

BTC = instrument(
    "BTCUSDT", tick="0.10", step="0.001", min_quantity="0.001", market_max="120", min_notional="50"
)
DOT = instrument(
    "DOTUSDT", tick="0.0001", step="0.1", min_quantity="0.1", market_max="50000", min_notional="5"
)
