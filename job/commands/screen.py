"""A command's answers on a terminal: colour and columns there, plain stamped lines elsewhere.

Colour says only what the words say as well. Decides nothing.
"""

import sys
from collections.abc import Iterable, Iterator, Mapping
from typing import Literal, NamedTuple

from job.report import stamped

Tone = Literal["good", "bad", "doubt", "plain"]
COLOURS = {"good": "32", "bad": "1;31", "doubt": "33"}
NAME_WIDTH = 11


class Line(NamedTuple):
    """One answer: what was asked, in a word or two, and the answer."""

    name: str
    text: str
    tone: Tone = "plain"


def is_colourful(environment: Mapping[str, str], *, as_json: bool) -> bool:
    """Does a person look at it? NO_COLOR (no-color.org) and TERM=dumb are obeyed."""
    stream = sys.stderr if as_json else sys.stdout
    plain = environment.get("NO_COLOR") or environment.get("TERM") == "dumb"
    return stream.isatty() and not plain


def drawn(
    head: str, lines: Iterable[Line], at_ms: int, venue: str, prices: str, *, colour: bool
) -> Iterator[str]:
    """The lines as they are printed. Time and venue stand once on a terminal, else in each line."""
    if colour:
        [first] = stamped([head], at_ms, venue, prices)
        yield f"\033[1m{first}\033[0m"
        for line in lines:
            name = f"\033[2m{line.name:<{NAME_WIDTH}}\033[0m"
            code = COLOURS.get(line.tone)
            yield name + (f"\033[{code}m{line.text}\033[0m" if code else line.text)
        return
    texts = [head, *(f"{line.name:<{NAME_WIDTH}}{line.text}" for line in lines)]
    yield from stamped(texts, at_ms, venue, prices)
