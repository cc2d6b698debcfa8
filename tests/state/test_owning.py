"""Whose entries are on the exchange: ours, another deployment's, or a second one with our name."""

import pytest

from exchange.ids import ENTRY, LOCAL, STOP, TARGET, client_id, owner_tag, parse_id
from exchange.views import Fill
from state.model import Notes
from state.owning import Owner, handed_over, is_rival, newest_rival_ms
from state.reconcile import Seen, Standing, Truth, entry_in_doubt, reconcile
from tests.state.making import (
    ENTRY_MS,
    MARKET,
    PARAMETERS,
    SIGNAL_MS,
    SYMBOL,
    a_trade,
    held,
    some_notes,
    tape,
)

OURS, THEIRS = owner_tag("droplet"), owner_tag("lambda")
OWNER = Owner(OURS)


def entry(tag: int, at_ms: int = ENTRY_MS, order: int = 1, lots: int = 10) -> Fill:
    [made] = tape((ENTRY, 1, 1000, lots))
    its_id = client_id(SYMBOL, SIGNAL_MS, ENTRY, tag)
    return made._replace(client_id=its_id, time_ms=at_ms, order_id=order, trade_id=order)


def closing(leg: str, at_ms: int) -> Fill:
    [made] = tape((leg, -1, 1020, 10))
    return made._replace(time_ms=at_ms, order_id=99, trade_id=99)


def true_of(fills: list[Fill], lots: int, owner: Owner = OWNER, **notes: object) -> Truth:
    position = held(lots) if lots else None
    return reconcile(some_notes(**notes), PARAMETERS, MARKET, Seen(position, [], fills), owner)


def test_a_name_is_a_number_that_stays() -> None:
    assert owner_tag(LOCAL) == 0
    assert (owner_tag("lambda"), owner_tag("droplet")) == (THEIRS, OURS)
    assert OURS != THEIRS
    for name in ("a", "lambda", "x" * 40):
        own = parse_id(client_id("A" * 18, SIGNAL_MS, ENTRY, owner_tag(name)))
        assert own is not None
        assert (own.attempt, own.leg) == (owner_tag(name), ENTRY)
        assert 1 <= own.attempt <= 1295


@pytest.mark.parametrize(
    ("fill", "owner", "rival"),
    [
        (entry(OURS), OWNER, False),
        (entry(THEIRS), OWNER, True),
        (entry(0), OWNER, True),
        (entry(THEIRS), Owner(OURS, since_ms=ENTRY_MS), False),
        (entry(THEIRS), Owner(OURS, since_ms=ENTRY_MS - 1), True),
        (closing(STOP, ENTRY_MS), OWNER, False),
        (entry(THEIRS)._replace(client_id="by-hand"), OWNER, False),
    ],
)
def test_only_an_entry_of_another_number_is_a_rival_s(
    fill: Fill, owner: Owner, rival: bool
) -> None:
    assert is_rival(fill, owner) is rival
    assert newest_rival_ms([fill], owner) == (fill.time_ms if rival else 0)


def test_one_candle_has_one_entry_order() -> None:
    one, two = entry(OURS, ENTRY_MS, 1), entry(OURS, ENTRY_MS + 7, 2)
    assert newest_rival_ms([one, one._replace(trade_id=2)], OWNER) == 0
    assert newest_rival_ms([one, two], OWNER) == ENTRY_MS + 7
    assert newest_rival_ms([one, two], Owner(OURS, ENTRY_MS + 7)) == 0


def test_the_trade_of_another_deployment_is_foreign_and_noted() -> None:
    truth = true_of([entry(THEIRS)], 10)
    assert (truth.standing, truth.notes.trade) == (Standing.FOREIGN, None)
    assert truth.notes.rival_ms == ENTRY_MS


def test_its_end_is_not_ours_to_tell_but_counts_for_the_cooldown() -> None:
    truth = true_of([entry(THEIRS), closing(TARGET, ENTRY_MS + 9)], 0)
    assert (truth.standing, truth.ended, truth.over) == (Standing.FLAT, (), frozenset())
    assert (truth.notes.rival_ms, truth.notes.ended_ms) == (ENTRY_MS, ENTRY_MS + 9)


@pytest.mark.parametrize("first", [OURS, THEIRS])
def test_a_trade_belongs_to_the_deployment_that_filled_first(first: int) -> None:
    second = THEIRS if first == OURS else OURS
    fills = [entry(first, ENTRY_MS, 1), entry(second, ENTRY_MS + 5, 2)]
    truth = true_of(fills, 20, trade=a_trade())
    assert truth.notes.rival_ms > 0
    if first == THEIRS:
        assert (truth.standing, truth.notes.trade) == (Standing.FOREIGN, None)
        return
    assert truth.standing is Standing.OURS
    assert truth.notes.trade is not None
    assert truth.notes.trade.lots == 20  # what they added is protected too


def test_an_entry_against_our_trade_ends_it_by_hand() -> None:
    against = entry(THEIRS, ENTRY_MS + 5, 2, lots=30)._replace(side=-1)
    truth = reconcile(
        some_notes(trade=a_trade()), PARAMETERS, MARKET,
        Seen(held(20, side=-1), [], [entry(OURS), against]), OWNER,
    )  # fmt: skip
    assert (truth.standing, truth.notes.trade) == (Standing.FOREIGN, None)
    assert [(trade.reason, trade.open_lots) for trade in truth.ended] == [("manual", 0)]
    assert truth.notes.rival_ms == ENTRY_MS + 5


def test_what_was_handed_over_is_adopted() -> None:
    truth = true_of([entry(THEIRS)], 10, Owner(OURS, since_ms=ENTRY_MS))
    assert (truth.standing, truth.notes.rival_ms) == (Standing.OURS, 0)
    assert truth.notes.trade == a_trade(entry_tag=THEIRS)


@pytest.mark.parametrize(
    ("take_overs", "since_ms"),
    [
        ([], 0),
        ([("droplet", 5)], 5),
        ([("droplet", 5), ("lambda", 7)], 0),
        ([("droplet", 9), ("lambda", 7), ("droplet", 5)], 9),
    ],
    ids=["never", "to us", "back to the other", "to us again"],
)
def test_new_notes_remember_what_was_handed_over_last(
    take_overs: list[tuple[str, int]], since_ms: int
) -> None:
    events = [{"at_ms": at_ms, "owner": owner} for owner, at_ms in take_overs]
    notes = handed_over(Notes("live", "main", owner="droplet"), events)
    assert notes == Notes("live", "main", owner="droplet", owned_since_ms=since_ms)


def test_a_rival_is_not_forgotten() -> None:
    assert true_of([], 0, rival_ms=5).notes.rival_ms == 5
    assert true_of([entry(THEIRS)], 10, rival_ms=5).notes.rival_ms == ENTRY_MS


def test_the_entry_of_a_noted_trade_is_looked_up_by_its_own_number() -> None:
    noted = some_notes(trade=a_trade(entry_tag=THEIRS))
    looked_up = entry_in_doubt(noted, SYMBOL, Seen(held(), [], []))
    assert looked_up == (client_id(SYMBOL, SIGNAL_MS, ENTRY, THEIRS), ENTRY_MS)
