"""The whole numbers that money and prices are counted in.

Percentages are parts per million (0.2 % = 2000 ppm), exposure is per mille, money is
10^-8 USDT (`_e8`), prices are ticks, quantities are lots (quantity steps), times ms UTC.
"""

MILLION = 1_000_000
THOUSAND = 1_000
E8 = 100_000_000
PPM_PER_PERCENT = 10_000
DAY_MS = 24 * 3_600_000
