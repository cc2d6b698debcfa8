"""Where the embedded exchange's prices come from: files, an invented market, live public prices.

Must not know accounts, orders or the clock; must not print.
"""
