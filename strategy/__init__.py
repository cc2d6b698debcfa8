"""The rules of the strategy: pure functions of whole numbers, each written once.

Nothing here knows a clock, a file, an exchange or the rest of the project. The live job calls
these functions as they are and the backtester compiles the very same ones, so they stay inside
plain integers: no objects, no closures over settings, no floats.
"""
