"""The only place that knows Binance's REST: one gateway over ccxt's `binanceusdm`.

There is no second class for paper trading. The gateway talks to a venue at an address (live,
demo or the embedded exchange) and never knows which of them is paper.
"""
