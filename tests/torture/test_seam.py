"""The enumeration's own tools: what they count, what they see, and that nothing is left out."""

import re
from decimal import Decimal

import pytest

from simulator.faults import Faults
from simulator.wire.control import state
from simulator.wire.venue import Venue
from tests.torture.campaign import theatre
from tests.torture.cases import Case, case_from, terms_of
from tests.torture.checker import check, leaked
from tests.torture.facts import Grid, facts_of_books, facts_of_state, read_journal
from tests.torture.hands import DOINGS, Doing, play_hand
from tests.torture.menu import ITEMS, post
from tests.torture.scenes import BTC, SCENES, Scene
from tests.torture.seam import Fault, kinds_for
from tests.torture.world import KEY, SECRET

BY = [scene.name for scene in SCENES]


@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.name)
def test_without_faults_every_scene_is_whole(scene: Scene) -> None:
    stage = theatre(scene.name)
    played = stage.play(Case(scene.name, min(stage.golden), ()))
    assert played.broken == ()
    assert played.struck == ()
    assert played.worst_ms < 1_000


def test_every_operation_of_a_run_is_counted() -> None:
    names = theatre("long-reverted").golden[4]
    assert names[:2] == ("claim", "load")
    assert [name for name in names if name.startswith("POST")] == [
        "POST order",
        "POST algoOrder",
        "POST algoOrder",
    ]
    assert {"append", "save"} <= set(names)


def test_a_fault_strikes_where_it_was_told_to() -> None:
    stage = theatre("long-reverted")
    place = stage.golden[4].index("POST order")
    played = stage.play(Case("long-reverted", 4, (Fault(0, place, "kill-after"),)))
    assert played.firings[0].ended == "killed"
    assert len(played.firings[0].names) == place + 1
    assert 55_000 < played.worst_ms <= played.bound_ms


def test_a_guard_that_is_frozen_and_gets_through_lengthens_the_bound_by_as_long() -> None:
    stage = theatre("long-reverted")
    sent = stage.golden[4].index("POST order")
    faults = (Fault(0, sent, "kill-after"), Fault(1, 3, "pause-30-after"))
    played = stage.play(Case("long-reverted", 4, faults))
    assert played.firings[1].ended == "done"
    assert 85_000 < played.worst_ms <= played.bound_ms < 95_000


def test_a_case_is_a_word_that_can_be_played_again() -> None:
    text = "long-reverted@4 0:10:hang-donex2 1:9:kill-after"
    assert case_from(text).text() == text


def test_every_kind_of_operation_has_faults_of_its_own() -> None:
    names = {name for stage in map(theatre, BY) for run in stage.golden.values() for name in run}
    assert {re.sub(" .*", "", name) for name in names} == {
        *("claim", "load", "save", "append", "events", "GET", "POST", "DELETE")
    }
    assert all(len(kinds_for(name)) > 5 for name in names)


def test_the_menu_has_all_the_rows_of_the_readme() -> None:
    # 13 is about orders this job never sends; 12 and 27 come by themselves in the scenes
    assert {item.number for item in ITEMS} | {13, 27} == set(range(1, 29))


def test_everything_on_the_menu_can_be_armed() -> None:
    world = theatre("long-reverted").world
    world.restore(theatre("long-reverted").before[5])
    refused = []
    for item in ITEMS:
        answers = [post(world, "POST", body) for body in item.arm]
        refused += [item.name for status in answers if status != 200]
        post(world, "DELETE", None)
    # the position was closed by hand, turned and liquidated on the way
    assert set(refused) <= {"hedge mode", "closed by hand", "turned by hand", "liquidation"}


@pytest.mark.parametrize("doing", DOINGS, ids=lambda doing: doing.name)
def test_every_hand_finds_something_to_do(doing: Doing) -> None:
    stage = theatre("long-reverted")
    place = stage.golden[5].index("GET positionRisk")
    played = play_hand(stage, 5, doing, 0, place)
    assert played.struck == (f"firing 0 op {place} GET positionRisk: {doing.name}",)
    assert played.broken == ()


def test_the_exchange_looks_the_same_through_its_state() -> None:
    stage = theatre("short-breakeven")
    stage.play(Case("short-breakeven", 4, ()))
    world = stage.world
    books = facts_of_books(world.books(), world.config.balance_e8)
    venue = Venue(world.exchange, Faults(), None)
    shown = state(venue, "")
    assert isinstance(shown, dict)
    grids = {BTC: Grid(Decimal("0.1"), Decimal("0.001"))}
    assert facts_of_state(shown, grids, world.config.balance_e8) == books


def test_the_judge_sees_what_is_wrong() -> None:
    stage = theatre("long-reverted")
    stage.play(Case("long-reverted", 4, ()))
    world = stage.world
    facts = facts_of_books(world.books(), world.config.balance_e8)
    journal = read_journal(world.folder / "journal")
    assert check(facts, journal, terms_of(world)).broken == []
    journal.events = [event for event in journal.events if event["event"] != "fill"]
    assert any(text.startswith("I5") for text in check(facts, journal, terms_of(world)).broken)
    stopless = [c for c in facts.conditionals if not c.stop]
    facts.conditionals = stopless
    assert check(facts, journal, terms_of(world)).worst_ms > 500_000


def test_a_leaked_secret_is_seen() -> None:
    assert leaked([f"key {KEY}"], (KEY, SECRET))
    assert leaked(["GET /order?timestamp=1&signature=ab"], (KEY, SECRET))
    assert leaked(["0123456789abcdef" * 4], (KEY, SECRET))
    assert not leaked(["rv1-BTCUSDT-28333425-EN0 accepted"], (KEY, SECRET))
