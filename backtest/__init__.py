"""The fast lane over years of candles: the same rules that trade, walked by one function.

Nothing here knows a clock, an exchange or the job's notes, and nothing here is a second copy of a
rule: what decides is in `strategy/`, what fills is in `simulator/engine/fills.py`.
"""
