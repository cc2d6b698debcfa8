"""What a page says in words: the answer first, then tiles, tables and notes. HTML out.

All that comes in is plain text; it is escaped here.
"""

from collections.abc import Iterable, Sequence
from html import escape
from typing import Literal, NamedTuple

#: good, bad, neither: says it in colour what the text says anyway.
Tone = Literal["up", "down", "even"]


class Tile(NamedTuple):
    """One figure that matters: what it is, its value, and a line on how to read it."""

    name: str
    value: str
    note: str = ""
    tone: Tone = "even"


def answer(title: str, question: str, word: str, sentence: str, tone: Tone) -> str:
    """The head of the page: what it is about, the question, and the answer in one word and one
    sentence.
    """
    return (
        f'<header><p class="title">{escape(title)}</p><h1>{escape(question)} '
        f'<span class="{tone}">{escape(word)}</span></h1>'
        f'<p class="sentence">{escape(sentence)}</p></header>'
    )


def tiles(rows: Iterable[Tile]) -> str:
    """The figures that matter, side by side as far as they fit."""
    cells = "".join(
        f'<div><dt>{escape(row.name)}</dt><dd class="{row.tone}">{escape(row.value)}</dd>'
        f'<dd class="note">{escape(row.note)}</dd></div>'
        for row in rows
    )
    return f'<dl class="tiles">{cells}</dl>'


def section(title: str, *parts: str, lead: str = "") -> str:
    """A heading, a sentence on what is to be seen, and the parts below it."""
    said = f'<p class="lead">{escape(lead)}</p>' if lead else ""
    return f"<section><h2>{escape(title)}</h2>{said}{''.join(parts)}</section>"


def beside(*parts: str) -> str:
    """Parts side by side where the screen is wide enough."""
    return f'<div class="beside">{"".join(parts)}</div>'


def facts(rows: Iterable[tuple[str, str]]) -> str:
    """A table of names and what is to be said of each."""
    lines = "".join(
        f'<tr><th scope="row">{escape(name)}</th><td>{escape(text)}</td></tr>'
        for name, text in rows
    )
    return f'<table class="facts">{lines}</table>'


def table(
    heads: Sequence[str],
    rows: Iterable[Sequence[str]],
    *,
    jumps: Sequence[int] = (),
    amounts: str = "",
) -> str:
    """A table of texts. `jumps`: for each row the number of the trade that the candle chart of
    the page shows when the row is clicked. `amounts`: the head of the column whose texts are
    gains (+) and losses (-).
    """
    head = "".join(
        f'<th scope="col"{_amount(name == amounts)}>{escape(name)}</th>' for name in heads
    )
    lines = []
    for place, row in enumerate(rows):
        cells = "".join(
            f"<td{_amount(name == amounts, text)}>{escape(text)}</td>"
            for name, text in zip(heads, row, strict=True)
        )
        jump = f' data-trade="{jumps[place]}" tabindex="0"' if jumps else ""
        lines.append(f"<tr{jump}>{cells}</tr>")
    return (
        f'<div class="wide"><table class="rows"><thead><tr>{head}</tr></thead>'
        f"<tbody>{''.join(lines)}</tbody></table></div>"
    )


def _amount(holds: bool, text: str = "") -> str:
    """The class of a cell that holds an amount."""
    tone = {"+": " up", "-": " down"}.get(text[:1], "")
    return f' class="amount{tone}"' if holds else ""
