"""The embedded exchange's REST: Binance USD-M futures as one plain WSGI app.

This room translates: strings on the wire to whole ticks and lots, and back. It decides nothing
about orders or money (the engine does), and it must not import anything of the job's.
"""
