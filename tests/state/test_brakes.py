"""Brakes: when they hold, for whom, and what takes them off."""

import pytest

from state.brakes import HALT, brake_on, brakes_on, put_on, recalled, resumed
from state.model import Brake, Notes

NOTES = Notes("embedded", "main")
DAY = Brake("max_daily_loss_perc", "lost", since_ms=10, until_ms=100)
HAND = Brake("halt", "by hand", since_ms=20)
ONE = Brake("max_spread_perc", "wide", since_ms=30, until_ms=50, symbol="BTCUSDT")


def on(*brakes: Brake) -> Notes:
    notes = NOTES
    for brake in brakes:
        notes = put_on(notes, brake, brake.since_ms)
    return notes


@pytest.mark.parametrize(
    ("brakes", "symbol", "now_ms", "found"),
    [
        ((), "BTCUSDT", 40, None),
        ((DAY,), "BTCUSDT", 99, DAY),
        ((DAY,), "BTCUSDT", 100, None),
        ((HAND,), "BTCUSDT", 10**15, HAND),
        ((ONE,), "BTCUSDT", 49, ONE),
        ((ONE,), "BTCUSDT", 50, None),
        ((ONE,), "ETHUSDT", 49, None),
        ((ONE, DAY), "BTCUSDT", 40, DAY),  # the one that holds longest is told
        ((DAY, HAND, ONE), "BTCUSDT", 40, HAND),
    ],
)
def test_what_forbids_an_entry(
    brakes: tuple[Brake, ...], symbol: str, now_ms: int, found: Brake | None
) -> None:
    assert brake_on(on(*brakes), symbol, now_ms) == found


def test_a_brake_that_is_on_stays_as_it_was_put_on() -> None:
    again = Brake("max_daily_loss_perc", "lost more", since_ms=60, until_ms=100)
    assert put_on(on(DAY), again, 60).brakes == [DAY]
    assert put_on(on(DAY), again, 100).brakes == [again]


def test_resume_takes_off_what_waits_for_a_person_only() -> None:
    notes = resumed(on(DAY, HAND, ONE), 40)
    assert brakes_on(notes, 40) == [DAY, ONE]
    assert notes.resumed_ms == 40


def switch(at_ms: int, *, on: bool) -> dict[str, object]:
    return {"at_ms": at_ms, "on": on, "reason": "by hand"}


@pytest.mark.parametrize(
    ("switches", "on", "resumed_ms"),
    [
        ([], [], 0),
        ([switch(5, on=True)], [Brake(HALT, "by hand", since_ms=5)], 0),
        ([switch(5, on=True), switch(7, on=False)], [], 7),
        ([switch(9, on=True), switch(7, on=False)], [Brake(HALT, "by hand", since_ms=9)], 0),
    ],
)
def test_the_last_word_in_the_journal_counts(
    switches: list[dict[str, object]], on: list[Brake], resumed_ms: int
) -> None:
    notes = recalled(NOTES, switches)
    assert (notes.brakes, notes.resumed_ms) == (on, resumed_ms)
