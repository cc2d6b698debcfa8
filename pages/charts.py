"""Charts over time: levels such as a wallet, and candles with the trades on them. HTML out.

Each is a figure with its numbers beside it as JSON; `assets/page.js` draws what it finds. Numbers
are floats for the eye only. Must not decide what a number means.
"""

import json
from array import array
from collections.abc import Iterable, Sequence
from html import escape
from typing import Any, Literal, NamedTuple

#: Candles that a page carries at most (about 2 MB); more are merged, several into one.
CANDLES_MAX = 120_000

Colour = Literal["accent", "ink", "up", "down", "faint"]


class Line(NamedTuple):
    """One level over time: a value for each step, None where there is none."""

    name: str
    values: Sequence[float | None]
    colour: Colour = "accent"
    area: bool = False
    unit: str = ""
    decimals: int = 2


class Bars(NamedTuple):
    """Candles in columns of whole ticks, as `backtest.history.History` has them."""

    interval_ms: int
    times_ms: "Sequence[int] | array[int]"
    opens: "Sequence[int] | array[int]"
    highs: "Sequence[int] | array[int]"
    lows: "Sequence[int] | array[int]"
    closes: "Sequence[int] | array[int]"


class Mark(NamedTuple):
    """One trade on the candles: times of the candles, prices in ticks; `left_ms` 0 = still open."""

    side: int
    entered_ms: int
    entry_ticks: float
    left_ms: int
    exit_ticks: float
    reason: str
    net: float


class Level(NamedTuple):
    """A price that is drawn across the chart, e.g. the stop of an open position."""

    name: str
    ticks: float
    colour: Colour


class Curve(NamedTuple):
    """A line among the candles, e.g. their average: a price in ticks for each, None for none."""

    name: str
    ticks: Sequence[float | None]
    colour: Colour
    dashed: bool = False


def level_chart(what: str, start_ms: int, step_ms: int, panes: Sequence[Sequence[Line]]) -> str:
    """Lines over time, panes one below the other; all values stand `step_ms` apart.

    `what` says in a few words what is to be seen, for those who do not see it.
    """
    spec = {
        "kind": "levels",
        "start": start_ms // 1000,
        "step": step_ms // 1000,
        "panes": [[_line(line) for line in pane] for pane in panes],
    }
    return _figure(what, spec)


def candle_chart(
    what: str,
    bars: Bars,
    tick: float,
    decimals: int,
    marks: Iterable[Mark] = (),
    levels: Iterable[Level] = (),
    curves: Iterable[Curve] = (),
) -> str:
    """Candles with trades on them, zoomable; a tick is worth `tick`, shown with `decimals`.

    Curves have a value for each of `bars`; where candles are merged they are left out.
    """
    shown = merged(bars, CANDLES_MAX)
    spec = {
        "kind": "candles",
        "tick": tick,
        "decimals": decimals,
        "step": shown.interval_ms // 1000,
        "runs": _runs(shown),
        "candles": _packed(shown),
        "trades": [list(mark) for mark in marks],
        "levels": [level._asdict() for level in levels],
        "curves": [_curve(curve) for curve in curves] if shown is bars else [],
    }
    return _figure(what, spec)


def merged(bars: Bars, most: int) -> Bars:
    """At most about `most` candles: each of a longer interval, first open to last close."""
    count = -(-len(bars.times_ms) // most)
    if count <= 1:
        return bars
    interval_ms = bars.interval_ms * count
    rows: list[list[int]] = []
    for at, opened, high, low, close in zip(*bars[1:], strict=True):
        start = at // interval_ms * interval_ms
        if not rows or rows[-1][0] != start:
            rows.append([start, opened, high, low, close])
        else:
            last = rows[-1]
            last[2:] = [max(last[2], high), min(last[3], low), close]
    return Bars(interval_ms, *zip(*rows, strict=True))


def _runs(bars: Bars) -> list[list[int]]:
    """[start in s, candles in a row] for each stretch without a gap."""
    runs: list[list[int]] = []
    due = -1
    for at in bars.times_ms:
        if at == due:
            runs[-1][1] += 1
        else:
            runs.append([at // 1000, 1])
        due = at + bars.interval_ms
    return runs


def _packed(bars: Bars) -> list[int]:
    """Four small numbers a candle: open from the close before, close from the open, and how far
    the wicks reach beyond the body.
    """
    packed: list[int] = []
    before = 0
    for opened, high, low, close in zip(*bars[2:], strict=True):
        packed += (
            opened - before,
            close - opened,
            high - max(opened, close),
            min(opened, close) - low,
        )
        before = close
    return packed


def _curve(curve: Curve) -> dict[str, Any]:
    """Whole ticks as changes from value to value: small numbers."""
    packed: list[int | None] = []
    before = 0
    for value in curve.ticks:
        packed.append(None if value is None else round(value) - before)
        before = before if value is None else round(value)
    return curve._asdict() | {"ticks": packed}


def _line(line: Line) -> dict[str, Any]:
    values = [None if v is None else round(v, line.decimals) for v in line.values]
    return line._asdict() | {"values": values}


def _figure(what: str, spec: dict[str, Any]) -> str:
    """The numbers beside the place they are drawn in. "<" would end a script in the middle."""
    text = json.dumps(spec, separators=(",", ":")).replace("<", "\\u003c")
    return (
        f'<figure class="chart {spec["kind"]}" role="img" aria-label="{escape(what)}">'
        f'<script type="application/json">{text}</script></figure>'
    )
