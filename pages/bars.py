"""Bars and heat maps, as plain HTML: they need no library, print well and fit a phone.

Given labels and values; computes nothing but lengths and shades.
"""

from collections.abc import Sequence
from html import escape
from typing import NamedTuple

from pages.words import Tone


class Bar(NamedTuple):
    """One bar: its label, its value, the words that a finger or a mouse finds on it, and its
    colour, which else is that of the value's sign.
    """

    label: str
    value: float
    said: str = ""
    tone: Tone | None = None

    @property
    def shade(self) -> Tone:
        """The colour."""
        return self.tone or ("up" if self.value >= 0 else "down")


def columns(
    title: str, bars: Sequence[Bar], *, every: int = 1, scale: str = "{:,.0f}", note: str = ""
) -> str:
    """Upright bars around zero; every `every`-th label is written. `scale`: how the highest and
    the lowest value are written at the edge.
    """
    highest = max([0.0, *(bar.value for bar in bars)])
    lowest = min([0.0, *(bar.value for bar in bars)])
    span = highest - lowest or 1.0
    cells = []
    for place, bar in enumerate(bars):
        height = 100 * abs(bar.value) / span
        bottom = 100 * (min(bar.value, 0.0) - lowest) / span
        label = bar.label if place % every == 0 else ""
        said = f"{bar.label}: {bar.said}" if bar.said else bar.label
        cells.append(
            f'<li title="{escape(said)}"><span class="box"><i class="{bar.shade}" '
            f'style="height:{height:.2f}%;bottom:{bottom:.2f}%"></i></span>'
            f"<b>{escape(label)}</b></li>"
        )
    zero = 100 * -lowest / span
    return _titled(
        title,
        f'<div class="scaled">{_scale(highest, lowest, scale)}'
        f'<ol class="columns" style="--zero:{zero:.2f}%">{"".join(cells)}</ol></div>',
        note,
    )


#: Share of the height that two figures at the edge must lie apart.
_APART = 0.1


def _scale(highest: float, lowest: float, scale: str) -> str:
    """Zero and the values farthest from it, each at its height."""
    span = highest - lowest or 1.0
    shown = [value for value in (highest, lowest) if abs(value) > _APART * span]
    marks = [(0.0, "0"), *((value, scale.format(value)) for value in shown)]
    return "".join(
        f'<em style="--at:{1 - (value - lowest) / span:.3f}">{escape(text)}</em>'
        for value, text in marks
    )


def rows(title: str, bars: Sequence[Bar], *, note: str = "") -> str:
    """Lying bars, one below the other, each with its words written out."""
    widest = max([abs(bar.value) for bar in bars], default=0.0) or 1.0
    lines = "".join(
        f'<li><b>{escape(bar.label)}</b><span class="box"><i class="{bar.shade}" '
        f'style="width:{100 * abs(bar.value) / widest:.2f}%"></i></span>'
        f"<span>{escape(bar.said)}</span></li>"
        for bar in bars
    )
    return _titled(title, f'<ol class="lying">{lines}</ol>', note)


#: Columns of a heat map that fit the page with much room around their numbers.
_COLUMNS_ROOMY = 14


def heat_map(
    title: str,
    across: tuple[str, Sequence[str]],
    down: tuple[str, Sequence[str]],
    values: Sequence[Sequence[float | None]],
    *,
    decimals: int = 1,
    note: str = "",
) -> str:
    """A table whose cells are coloured: values[row][column], None where there is none.

    `across` and `down`: the name of each axis and its labels. Above zero is one colour, below the
    other, the deeper the farther from zero. The number stands in the cell.
    """
    farthest = max((abs(v) for row in values for v in row if v is not None), default=0.0) or 1.0
    dense = " dense" if len(across[1]) > _COLUMNS_ROOMY else ""
    heads = "".join(f'<th scope="col">{escape(label)}</th>' for label in across[1])
    lines = []
    for label, row in zip(down[1], values, strict=True):
        cells = "".join(_cell(value, farthest, decimals) for value in row)
        lines.append(f'<tr><th scope="row">{escape(label)}</th>{cells}</tr>')
    axes = f'<p class="axes">Across: {escape(across[0])}. Down: {escape(down[0])}.</p>'
    return _titled(
        title,
        f'{axes}<div class="wide"><table class="heat{dense}">'
        f"<thead><tr><td></td>{heads}</tr></thead>"
        f"<tbody>{''.join(lines)}</tbody></table></div>",
        note,
    )


def _cell(value: float | None, farthest: float, decimals: int) -> str:
    if value is None:
        return "<td>–</td>"
    tone = "up" if value >= 0 else "down"
    share = 100 * abs(value) / farthest
    return f'<td class="{tone}" style="--share:{share:.0f}%">{value:+.{decimals}f}</td>'


def _titled(title: str, drawing: str, note: str) -> str:
    below = f"<figcaption>{escape(note)}</figcaption>" if note else ""
    above = f"<h3>{escape(title)}</h3>" if title else ""
    return f"<figure>{above}{drawing}{below}</figure>"
