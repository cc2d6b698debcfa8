"""A fair sample of the enumeration, the same every time; `make torture` plays all of it."""

import pytest

from tests.torture.campaign import (
    HANDS,
    INTERLEAVED,
    MENU,
    PAIR,
    SINGLE,
    Part,
    Tally,
    acts,
    theatre,
    work,
)
from tests.torture.interleave import PAIRINGS
from tests.torture.menu import ARMED_MS, ITEMS, play_item
from tests.torture.scenes import SCENES

#: Every how manieth case is played. Primes, so that every fault and operation has its turn.
SINGLE_STRIDE, PAIR_STRIDE, MENU_STRIDE, INTERLEAVED_STRIDE = 97, 13 * 23, 29, 7 * 17
HANDS_STRIDE = 61

NAMES = [scene.name for scene in SCENES]


def _demand(tally: Tally) -> None:
    assert tally.cases > 0
    assert tally.examples == {}


@pytest.mark.parametrize("name", NAMES)
def test_a_fault_at_one_place_breaks_nothing(name: str) -> None:
    tally = Tally()
    for candle in theatre(name).golden:
        tally.merge(work(Part(name, candle, SINGLE, SINGLE_STRIDE)))
    _demand(tally)


@pytest.mark.parametrize("name", NAMES)
def test_faults_in_two_firings_break_nothing(name: str) -> None:
    tally = Tally()
    for candle, operations in theatre(name).golden.items():
        if acts(operations):
            tally.merge(work(Part(name, candle, PAIR, PAIR_STRIDE)))
    _demand(tally)


@pytest.mark.parametrize("name", NAMES)
def test_what_the_exchange_does_wrong_breaks_nothing(name: str) -> None:
    tally = Tally()
    for candle in theatre(name).golden:
        tally.merge(work(Part(name, candle, MENU, MENU_STRIDE)))
    _demand(tally)


@pytest.mark.parametrize("name", [scene.name for scene in SCENES if not scene.foreign])
def test_hands_at_any_operation_break_nothing(name: str) -> None:
    tally = Tally()
    for candle in theatre(name).golden:
        tally.merge(work(Part(name, candle, HANDS, HANDS_STRIDE)))
    assert tally.examples == {}  # in some scenes there is little to lay hands on


@pytest.mark.parametrize("name", NAMES)
def test_two_firings_at_once_break_nothing(name: str) -> None:
    tally = Tally()
    for candle, operations in theatre(name).golden.items():
        if acts(operations):
            number = candle % len(PAIRINGS)
            tally.merge(work(Part(name, candle, INTERLEAVED, INTERLEAVED_STRIDE, number)))
    _demand(tally)


@pytest.mark.parametrize(
    ("scene", "candle", "item"),
    [
        ("short-breakeven", 5, "fills while it is cancelled"),  # its target rested on, flat
        ("stopped-notes-lost", 5, "clock off by -7000 ms"),  # the stop's fill seemed to lie ahead
    ],
)
def test_what_once_broke_something_does_no_more(scene: str, candle: int, item: str) -> None:
    [found] = [each for each in ITEMS if each.name == item]
    for after_ms in ARMED_MS:
        assert play_item(theatre(scene), candle, found, after_ms).broken == ()
