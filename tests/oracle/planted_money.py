"""Planted scripts about amounts: funding, sizes and their refusals, levels too near or through.

They must not depend on one another.
"""

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

from tests.oracle.candles import Funding, Mark
from tests.oracle.planted import Planted, Series
from tests.oracle.planted_base import (
    EIGHT_MS,
    ENTERED,
    HOME,
    MINUTE_MS,
    NO_FUNDING,
    PARAMS,
    SIGNAL,
    both,
    one,
)
from tests.oracle.rules import RULES


def _at(series: Series, index: int, time_ms: int) -> Series:
    """`series` moved in time so that its candle `index` opens at `time_ms`."""
    return replace(series, start_ms=time_ms - index * series.interval_ms)


def _paying(
    name: str,
    series: Series,
    *expects: str,
    rows: tuple[Funding, ...] | None = None,
    marks: tuple[Mark, ...] | None = None,
) -> Iterator[Planted]:
    for case in both(name, series, *expects):
        yield replace(case, costs={}, funding=rows, marks=marks)


def funding() -> Iterator[Planted]:
    """Funding at an open, inside a candle, on a missing one; marks and ties."""
    held = ENTERED.flat(99_000, 3).flat(98_000)

    at_open, rate = "funding at the open", Decimal("0.00007531")
    own_open = "funding mark from the candle's open"
    yield from _paying("funding-at-open", _at(held, 11, EIGHT_MS), at_open, own_open)
    yield from _paying("funding-at-entry", _at(held, 10, EIGHT_MS), "long entry")
    yield from _paying("funding-at-stop-open", _at(held, 14, EIGHT_MS), at_open)
    yield from _paying(
        "funding-jitter", _at(held, 11, EIGHT_MS), at_open, rows=(Funding(EIGHT_MS + 29, rate),)
    )
    inside = (Funding(EIGHT_MS + 2 * MINUTE_MS, rate), Funding(EIGHT_MS + 3 * MINUTE_MS, -rate))
    yield from _paying(
        "funding-inside",
        _at(held, 12, EIGHT_MS),
        "funding inside the candle before",
        "funding paid",
        "funding received",
        rows=inside,
    )
    yield from _paying(
        "funding-inside-entry-candle", _at(held, 10, EIGHT_MS), "funding paid", rows=inside
    )
    yield from _paying("funding-inside-stop-candle", _at(held, 14, EIGHT_MS), rows=inside)
    gap = ENTERED.hole(2).flat(99_000, 2)
    missing = "funding on a missing candle"
    yield from _paying("funding-on-missing", _at(gap, 11, EIGHT_MS), missing, own_open)
    yield from _paying("funding-mark-missing", _at(gap, 12, EIGHT_MS), missing, rows=inside[:1])
    # Ties at the ninth decimal: 1.010 x 9900.5 x 0.000001 = 0.009999505, 0.990 x 10100.5 alike.
    for ticks, millionths in (("9900.46", 1), ("9900.54", 3), ("10100.45", 1), ("10100.5", 3)):
        yield from _paying(
            f"funding-mark-{ticks}-{millionths}",
            _at(held, 11, EIGHT_MS),
            "funding mark from a mark row",
            rows=(Funding(EIGHT_MS + 7, Decimal(millionths) / 10**6),),
            marks=(Mark(EIGHT_MS, Decimal(ticks)),),
        )
    # At 12 % the payment is larger than the margin and yet liquidates nobody.
    rows = (Funding(EIGHT_MS, Decimal("0.12")),)
    yield from _paying("funding-ruin", _at(held, 11, EIGHT_MS), rows=rows)


def sizes() -> Iterator[Planted]:
    """What bounds or refuses a quantity."""

    def sized(name: str, reason: str, balance: str, params: dict[str, str]) -> Iterator[Planted]:
        for case in both(name, ENTERED.flat(99_000, 2), reason):
            yield replace(case, balance=balance, params={**PARAMS, **params})

    yield from sized("quantity-small", "refused: quantity below the minimum", "5", {})
    yield from sized("wallet-zero", "refused: quantity below the minimum", "0", {})
    yield from sized("notional-small", "refused: notional below the minimum at the close", "41", {})
    yield from sized("exposure-bound", "size by exposure", "10000", {"stop_loss_perc": "0.1"})
    yield from sized("market-maximum-bound", "size by market maximum", "2000000", {})
    shared = sized("three-symbols", "size by risk", "10000.00000001", {})
    yield from (replace(case, symbols=3) for case in shared)
    # 0.006 BTC are worth 59.4 at the close, 49.8 at the open.
    fallen = SIGNAL.flat(83_000)
    at_open = "refused: notional below the minimum at the open"
    yield replace(one("notional-small-at-open", fallen, at_open), balance="60")
    risen = SIGNAL.mirrored(HOME).flat(83_000)
    yield replace(one("notional-small-at-open-short", risen, at_open), balance="61")
    # 50 x 1 % / (10000.0 x 1 %) = 0.5 / 100: exactly 0.005 BTC, worth exactly the minimum of 50.
    above = Series().flat(101_000, 9)
    at_close = "refused: notional below the minimum at the close"
    for name, series, branch in (
        ("notional-just-enough", above.flat(100_000, 2), "long entry"),
        ("notional-a-tick-short-at-open", above.flat(100_000).flat(99_999), at_open),
        ("notional-a-tick-short-at-close", above.flat(99_999).flat(100_000), at_close),
    ):
        yield replace(one(name, series, branch), balance="50")
    # 100 x 1 % / 1000.0 = 0.001 BTC, the minimum, worth 100.
    least = Series().flat(1_010_000, 9).flat(1_000_000, 2)
    yield replace(one("quantity-just-enough", least, "long entry"), balance="100")
    # 50x: the cap is 12,000,000. 120 BTC at 100000.0 are just allowed, a tick more is not.
    high = {**PARAMS, "leverage": "50", "max_exposure": "40"}
    before = Series().flat(1_010_000, 9).bar(1_010_000, 1_010_000, 999_900, 999_900)
    for name, open_, branch in (
        ("bracket-cap-just-allowed", 1_000_000, "long entry"),
        ("bracket-cap-exceeded", 1_000_001, "refused: bracket cap -2027"),
    ):
        case = one(name, before.flat(open_, 2), branch)
        yield replace(case, params=high, balance="20000000")
    # Its entry notional lies beyond the cap by the slippage: the next bracket, which liquidates
    # at 98887.6. The bracket of the open would liquidate at 98899.6.
    fall = before.flat(1_000_000).flat(988_900)
    case = one("bracket-of-entry", fall, "long stop at the open")
    yield replace(case, params=high, balance="20000000")
    # 50x and 40 times the balance: 40.404 BTC long, 39.603 short. A gap makes them dear: a long
    # needs 2.101025 % of 475,955.08 (9999.94), a tick more 10000.02; a short 2.05 % of 487,802.03.
    all_in = {**high, "risk_perc": "100"}
    beyond = "refused: margin above the wallet -2019"
    for name, signal, open_, branch in (
        ("margin-just-enough", SIGNAL, 117_799, "long entry"),
        ("margin-a-tick-short", SIGNAL, 117_800, beyond),
        ("margin-just-enough-short", SIGNAL.mirrored(HOME), 123_173, "short entry"),
        ("margin-a-tick-short-short", SIGNAL.mirrored(HOME), 123_174, beyond),
    ):
        yield replace(one(name, signal.flat(open_, 2), branch), params=all_in)


def levels() -> Iterator[Planted]:
    """Levels too near, and levels already through when they are placed."""
    for case in both("slippage-through-stop", ENTERED.flat(99_000, 2), "long stop at placement"):
        yield replace(case, costs={**NO_FUNDING, "slippage_bps": "200"})

    def cheap(name: str, series: Series, expects: str, stop: str, target: str) -> Planted:
        return replace(
            one(name, replace(series, tick=Decimal("0.0001")), expects),
            params={**PARAMS, "stop_loss_perc": stop, "profit_target_perc": target},
            costs={**NO_FUNDING, "slippage_bps": "0"},
            rules=RULES["XRPUSDT"],
        )

    # XRP at 0.0200 (200 ticks): 0.7 % is 1.4 ticks, 1 % is two; at 40 ticks 1 % is none.
    for side, calm in (("long", 204), ("short", 196)):
        signal = Series().flat(calm, 9).flat(200)
        near = signal.flat(200, 2)
        yield cheap(f"stop-near-{side}", near, "refused: stop nearer than 2 ticks", "0.7", "5")
        yield cheap(f"target-near-{side}", near, "refused: target nearer than 2 ticks", "5", "0.7")
        yield cheap(f"levels-just-far-{side}", near, f"{side} entry", "1", "1")
        fallen = signal.flat(40, 2)
        yield cheap(f"target-through-{side}", fallen, f"{side} target at placement", "5", "1")
        yield cheap(f"both-through-{side}", fallen, f"{side} stop at placement", "1", "1")
