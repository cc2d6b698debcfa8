"""The rules of the strategy: pure functions of whole numbers, each written once.

Nothing here knows a clock, a file, an exchange or the rest of the project. The live job calls
these functions as they are and the backtester compiles the very same ones, so they stay inside
plain integers: no objects, no closures over settings, no floats.
"""

#: Which rules these are. Evidence of `walkforward` carries the number, and on live the job opens
#: nothing on evidence of another: what other rules earned shows nothing. Raise it by one with every
#: change after which a trade may come out otherwise: its signal, size, levels, fills, fees or
#: funding, or what a walk forward counts. Leave it where every trade stays what it was: other
#: names, other words, more speed. A test of the house asks which of the two it is, whenever such
#: a source has changed (tests/house/rules_pinned.py).
RULES_VERSION = 1
