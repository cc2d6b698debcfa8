"""How a question of `check` ends."""

from typing import NamedTuple


class Answer(NamedTuple):
    """One question's answer."""

    ok: bool
    text: str


class NotReadyError(Exception):
    """The answer is no; the text says why and what to do."""
