"""What the planted scripts share: the usual trade, and how a script becomes a case.

Prices are BTC ticks of 0.1 unless said. Unless said, ten candles make the SMA, 0.5 % opens a
trade, the stop is 1 % and the target 2 % away. Most cases are played twice, the second
time reflected around `HOME`, long for short. It must not compute what the oracle
computes: the numbers were found by hand, once, and stand here as numbers.

The long of `ENTERED`: filled at 99010 (open 99000 and 1 bp), stop 98020, target 100990,
break-even at a close of 99407 or more, stop then 99109; liquidation 89467.
"""

from collections.abc import Iterator

from tests.oracle.planted import START_MS, Planted, Series

HOME = 100_000
MINUTE_MS = 60_000
EIGHT_MS = START_MS + 7 * 60 * MINUTE_MS  # 08:00 UTC, a funding time
PARAMS = {
    "ma_length": "10",
    "threshold_perc": "0.5",
    "stop_loss_perc": "1",
    "profit_target_perc": "2",
    "cooldown_bars": "2",
}
NO_FUNDING = {"funding": "false"}

CALM = Series().flat(HOME, 9)
SIGNAL = CALM.bar(HOME, HOME, 99_000, 99_000)  # candle 9 closes 0.9 % under its SMA
ENTERED = SIGNAL.flat(99_000)  # candle 10: entry at its open, still open at its close
GAINED = ENTERED.bar(99_000, 99_500, 99_000, 99_500)  # break-even decided at its close
REVERTED = ENTERED.bar(99_000, 99_950, 99_000, 99_900)  # exit decided at its close


def one(name: str, series: Series, *expects: str) -> Planted:
    """One case with the usual parameters, without funding."""
    return Planted(name, series.candles(), PARAMS, NO_FUNDING, expects)


def both(name: str, series: Series, *expects: str) -> Iterator[Planted]:
    """The case and its mirror image."""
    yield one(name, series, *expects)
    swapped = [branch.replace("long", "short") for branch in expects]
    yield one(f"{name}-short", series.mirrored(HOME), *swapped)
