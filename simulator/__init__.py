"""The embedded exchange: a Binance USD-M futures venue for paper runs, replays and tests.

`engine` plays one account over candles, `market` says where prices come from, `wire` speaks
Binance's REST over both. Nothing here may import the job's side (exchange, state, strategy).
"""
