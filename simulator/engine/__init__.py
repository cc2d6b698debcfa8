"""The engine of the embedded exchange: one account, played over candles. PURE.

It must not read a clock, a file, the environment or the wire; nothing of the project but
`simulator.market.model` is imported here.
"""
