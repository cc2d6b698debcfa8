"""Which brakes hold, and how one is put on and taken off. PURE.

A brake only ever forbids entries: stop, target, exits and repairs never ask for it.
"""

from collections.abc import Iterable

import msgspec

from state.journal import Event
from state.model import Brake, Notes

#: The brake that people put on by hand.
HALT = "halt"


def holds(brake: Brake, now_ms: int) -> bool:
    """Is it still on?"""
    return brake.until_ms == 0 or now_ms < brake.until_ms


def brakes_on(notes: Notes, now_ms: int) -> list[Brake]:
    """All that hold now, oldest first."""
    return [brake for brake in notes.brakes if holds(brake, now_ms)]


def brake_on(notes: Notes, symbol: str, now_ms: int) -> Brake | None:
    """What forbids this symbol's entries now; the one that holds longest is named."""
    mine = [brake for brake in brakes_on(notes, now_ms) if brake.symbol in ("", symbol)]
    return max(mine, key=lambda brake: (brake.until_ms == 0, brake.until_ms), default=None)


def put_on(notes: Notes, brake: Brake, now_ms: int) -> Notes:
    """The notes with the brake on. One that is on already stays as it is; old ones are dropped."""
    kept = brakes_on(notes, now_ms)
    if not any((on.limit, on.symbol) == (brake.limit, brake.symbol) for on in kept):
        kept.append(brake)
    return msgspec.structs.replace(notes, brakes=kept)


def resumed(notes: Notes, now_ms: int) -> Notes:
    """The notes after `resume`: what waits for a person is off, what waits for a time stays on."""
    kept = [brake for brake in brakes_on(notes, now_ms) if brake.until_ms]
    return msgspec.structs.replace(notes, brakes=kept, resumed_ms=now_ms)


def recalled(notes: Notes, switches: Iterable[Event]) -> Notes:
    """New notes for lost ones, the switch as the journal's last event about it has it."""
    last = max(switches, key=lambda event: int(event["at_ms"]), default=None)
    if last is None:
        return notes
    at_ms = int(last["at_ms"])
    if not last["on"]:
        return resumed(notes, at_ms)
    return put_on(notes, Brake(HALT, str(last["reason"]), at_ms), at_ms)
