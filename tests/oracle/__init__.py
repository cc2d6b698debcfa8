"""The oracle: a slow, obviously right second reading of the trading rules, for the tests only.

It shares no code with the product and must never import it: two programs that agree
to the last digit are worth something only as long as neither has seen the other.
"""
