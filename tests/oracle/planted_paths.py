"""Planted scripts about the way of a price: opens, touches, gaps in time, one trade after another.

They must stay readable as a price path; numbers that belong to money are in `planted_money.py`.
"""

from collections.abc import Iterator
from dataclasses import replace

from tests.oracle.planted import Dice, Planted, Series, wander
from tests.oracle.planted_base import (
    CALM,
    EIGHT_MS,
    ENTERED,
    GAINED,
    HOME,
    MINUTE_MS,
    NO_FUNDING,
    PARAMS,
    REVERTED,
    SIGNAL,
    both,
    one,
)


def opens() -> Iterator[Planted]:
    """Opens at or beyond a level."""
    yield from both("open-through-stop", ENTERED.flat(98_000), "long stop at the open")
    yield one("open-on-stop", ENTERED.flat(98_020), "long stop at the open")
    yield one("open-a-tick-off-stop", ENTERED.flat(98_021), "long entry")
    short = ENTERED.mirrored(HOME)  # filled at 100989, stop 101999, target 98969
    yield one("open-on-stop-short", short.flat(101_999), "short stop at the open")
    yield one("open-a-tick-off-stop-short", short.flat(101_998), "short entry")
    yield one("open-on-target", ENTERED.flat(100_990), "long target at the open")
    yield one("open-on-target-short", short.flat(98_969), "short target at the open")
    yield from both("open-through-target", ENTERED.flat(101_100), "long target at the open")
    yield from both("open-through-liquidation", ENTERED.flat(89_000), "long liquidated at the open")
    yield from both(
        "open-through-stop-when-exit-decided",
        REVERTED.flat(98_000),
        "long stop at the open",
    )
    yield from both(
        "open-through-target-when-exit-decided",
        REVERTED.flat(101_100),
        "long target at the open",
    )
    yield from both("reverted", REVERTED.flat(99_900), "long reverted at the open")
    # The last ten closes all stand at 99000: the close equals the SMA, and equal counts.
    yield from both(
        "reverted-by-equality-in-a-halt",
        ENTERED.flat(99_000, 9, volume=0),
        "long reverted at the open",
    )


def rushes() -> Iterator[Planted]:
    """Stops that fill on the way to the worst price of their candle."""
    # 98020 - 97019 = 1001; half of it are 500.5 ticks, the worse one 97519, slipped 97509.
    # Half of the way to 80000 is 89010: beyond the liquidation at 89467.
    for name, low, branch in (
        ("stop-slides", 97_019, "long stop within"),
        ("stop-slides-into-liquidation", 80_000, "long liquidated within"),
    ):
        for case in both(name, ENTERED.bar(99_000, 99_100, low, 98_500), branch):
            yield replace(case, costs={**NO_FUNDING, "stop_slippage_range_perc": "50"})


def within() -> Iterator[Planted]:
    """Levels touched inside a candle."""
    yield from both("stop-within", ENTERED.bar(99_000, 99_000, 98_000, 98_900), "long stop within")
    on_stop = ENTERED.bar(99_000, 99_000, 98_020, 98_900)
    yield one("low-on-stop", on_stop, "long stop within")
    yield one("low-a-tick-off-stop", ENTERED.bar(99_000, 99_000, 98_021, 98_900), "long entry")
    on_target = ENTERED.bar(99_000, 100_990, 99_000, 99_000)
    yield one("high-on-target", on_target, "long target within")
    yield from both("stop-in-entry-candle", SIGNAL.bar(99_000, 99_000, 97_900, 98_000))
    yield from both(
        "target-within", ENTERED.bar(99_000, 101_100, 99_000, 99_000), "long target within"
    )
    yield from both(
        "target-in-entry-candle", SIGNAL.bar(99_000, 101_100, 99_000, 101_000), "long target within"
    )
    yield from both(
        "stop-and-target-within",
        ENTERED.bar(99_000, 101_100, 98_000, 99_000),
        "long stop and target within one candle",
        "long stop within",
    )
    series = ENTERED.bar(99_000, 101_100, 88_000, 99_000)
    for case in both("liquidation-and-target-within", series, "long liquidated within"):
        far = {**PARAMS, "stop_loss_perc": "20"}  # 20 % at 10x: behind the liquidation price
        yield replace(case, params=far, within_bounds=False)


def breakeven() -> Iterator[Planted]:
    """The moved stop, wherever it fills."""
    yield from both("gain-then-stop-open", GAINED.flat(98_000), "long stop at the open")
    yield from both("gain-then-target-open", GAINED.flat(101_100), "long target at the open")
    yield from both(
        "moved-stop-through-at-once", GAINED.flat(99_050), "long breakeven at placement"
    )
    on_it = GAINED.flat(99_109)
    yield one("moved-stop-on-the-open", on_it, "long breakeven at placement")
    yield one("moved-stop-a-tick-off", GAINED.flat(99_110), "long stop moved")
    yield from both(
        "moved-stop-within",
        GAINED.bar(99_500, 99_500, 99_050, 99_300),
        "long stop moved",
        "long breakeven within",
    )
    held = GAINED.bar(99_500, 99_500, 99_300, 99_450)
    yield from both("moved-stop-at-open", held.flat(99_000), "long breakeven at the open")
    yield from both("moved-only-once", held.flat(99_450, 2), "long stop moved")
    for case in both("breakeven-off", held.flat(99_000), "long entry"):
        yield replace(case, params={**PARAMS, "breakeven_trigger_perc": "0"})
    # Without slippage the long is filled at 99000: 99396 is a gain of exactly 0.4 %.
    exact = {**NO_FUNDING, "slippage_bps": "0"}
    reached = ENTERED.flat(99_396).flat(99_396)
    yield replace(one("gain-equal", reached, "long stop moved"), costs=exact)
    yield replace(one("gain-a-tick-short", ENTERED.flat(99_395, 2)), costs=exact)
    for count in (1, 3):
        yield from both(
            f"gain-then-{count}-missing",
            GAINED.hole(count).bar(99_500, 99_500, 99_050, 99_300),
            "missing candle: stop move refused",
            "missing candle: stop move done later",
            "long breakeven within",
        )
    yield from both(
        "gain-then-missing-then-through",
        GAINED.hole().flat(99_050),
        "missing candle: stop move done later",
        "long breakeven at placement",
    )


def missing() -> Iterator[Planted]:
    """Missing candles: flat, after a signal, in a position, at an exit."""
    lapsed = ("missing candle: entry lapsed", "missing candle: entry too late")
    for count in (1, 4):
        yield from both(f"signal-then-{count}-missing", SIGNAL.hole(count).flat(99_000, 2), *lapsed)
        yield from both(
            f"exit-then-{count}-missing",
            REVERTED.hole(count).flat(99_900, 2),
            "missing candle: exit refused",
            "missing candle: exit done later",
            "long reverted at the open",
        )
    flat = CALM.hole(2).flat(HOME, 4).bar(HOME, HOME, 99_000, 99_000).flat(99_000)
    yield from both("missing-while-flat", flat, "no SMA while flat")
    whole_again = CALM.hole(2).flat(HOME, 9).bar(HOME, HOME, 99_000, 99_000).flat(99_000)
    yield from both("missing-long-ago", whole_again, "long entry")
    yield from both(
        "exit-then-missing-then-stop",
        REVERTED.hole().flat(98_000),
        "missing candle: exit refused",
        "long stop at the open",
    )
    yield from both(
        "missing-in-position-then-stop", ENTERED.hole(3).flat(98_000), "long stop at the open"
    )
    # 99950 lies above any SMA: without one there is no reversion, but break-even goes on.
    yield from both(
        "missing-in-position-then-gain",
        ENTERED.hole(2).bar(99_000, 99_950, 99_000, 99_950).flat(99_950, 2),
        "no SMA in a position",
        "break-even without an SMA",
        "long stop moved",
    )
    yield from both(
        "missing-after-entry-candle-reverting",
        SIGNAL.bar(99_000, 99_950, 99_000, 99_900).hole().flat(99_900),
        "missing candle: exit refused",
        "long reverted at the open",
    )


def sequences() -> Iterator[Planted]:
    """One trade after another: cooldown, used-up closes, a melting wallet."""
    eager = {**PARAMS, "cooldown_bars": "0"}
    # The stop fills in candle 11, whose close signals again.
    stopped = ENTERED.bar(99_000, 99_000, 98_000, 98_050).flat(98_050, 2)
    again = "long in the candle the last trade ended in"
    for case in both("stop-and-entry-in-one-candle", stopped, again):
        yield replace(case, params=eager)
    for case in both("cooldown-of-one", stopped, "cooldown: long not taken", "long entry"):
        yield replace(case, params={**PARAMS, "cooldown_bars": "1"})
    # The close of candle 11 signals, the open of candle 12 stops: that close is used up.
    used_up = ENTERED.bar(99_000, 99_000, 98_050, 98_050).flat(98_000, 3)
    for case in both("stop-at-the-next-open", used_up, "cooldown: long not taken", again):
        yield replace(case, params=eager)
    # The close of candle 11 reverts and deviates to the other side: an exit only.
    turned = ENTERED.bar(99_000, 100_950, 99_000, 100_900).flat(100_900, 2)
    for case in both("reverted-and-opposite-signal", turned, "long reverted at the open"):
        yield replace(case, params=eager)
    cooling = ENTERED.flat(98_000).flat(97_000, 2).flat(96_000, 2).flat(95_000, 2)
    yield from both("cooldown", cooling, "cooldown: long not taken", "long entry")
    gap = ENTERED.flat(98_000).hole(1).flat(97_000, 9).flat(95_000, 2)
    for case in both("cooldown-over-a-gap", gap):
        yield replace(case, params={**PARAMS, "cooldown_bars": "8", "ma_length": "3"})
    melting = wander(Dice(7), Series(), count=400, price=HOME, step_ppm=6000, jump_ppm=20_000)
    ruin = one("melting-wallet", melting, "refused: notional below the minimum at the close")
    eager = {**eager, "ma_length": "3", "threshold_perc": "0.05", "leverage": "50"}
    eager = {**eager, "max_exposure": "40", "risk_perc": "20"}
    yield replace(ruin, params=eager, costs={"fee_perc": "0.3333"})


def edges() -> Iterator[Planted]:
    """Equality, the first and the last candle, other intervals."""
    pair = {**PARAMS, "ma_length": "2"}
    # Two closes c and d: the deviation is (d - c) / (c + d) = -1000 / 200000 = -0.5 % exactly.
    for name, close, branch in (
        ("deviation-equal", 99_500, "long entry"),
        ("deviation-a-tick-short", 99_501, "no SMA while flat"),
    ):
        for case in both(name, Series().flat(100_500).flat(close, 2), branch):
            yield replace(case, params=pair)
    yield from both("signal-at-the-last-close", SIGNAL)
    yield from both("open-at-the-end", ENTERED, "long entry")
    for case in both("end-cuts-the-exit", REVERTED.flat(99_900, 3), "long entry"):
        yield replace(case, end_ms=REVERTED.time_ms(12))
    for case in both("end-inside-the-data", REVERTED.flat(99_900, 3), "long reverted at the open"):
        yield replace(case, end_ms=REVERTED.time_ms(13))
    for index, branch in ((9, "long entry"), (10, "long entry")):
        for case in both(f"first-is-{index}", SIGNAL.flat(98_900, 3), branch):
            yield replace(case, first_ms=SIGNAL.time_ms(index))
    yield from both("too-few-candles", Series().flat(HOME, 8).flat(99_000, 1), "no SMA while flat")
    hourly = replace(ENTERED, interval_ms=60 * MINUTE_MS, start_ms=EIGHT_MS)
    for case in both("hourly", hourly.hole(9).flat(99_000, 2), "funding on a missing candle"):
        yield replace(case, params={**PARAMS, "interval": "1h"}, costs={})
