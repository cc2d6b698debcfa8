"""The page about the job's own trading: what it did, why, how well, and against what it should do.

Reads the journal, the notes and the exchange; compares with the backtest. Must not trade, change
the notes, or write anything but the page. Nothing that fires imports it.
"""
