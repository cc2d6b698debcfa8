"""What every store of the notes must do, wherever it keeps them. One suite, a subclass a place."""

from collections.abc import Iterator
from itertools import count
from typing import Protocol

import msgspec
import pytest

from state.codec import UnreadableNotesError
from state.store import LostRaceError, Store
from tests.state.making import whole_notes


class Place(Protocol):
    """Where one object of notes lives, and a way around the stores to it."""

    def open(self, nonces: Iterator[str]) -> Store:
        """One more store on the place."""
        ...

    def raw(self) -> bytes | None:
        """What lies there."""
        ...

    def put(self, data: bytes) -> None:
        """Lay something there, as a person or a fault would."""
        ...

    def delete(self) -> None:
        """Take it away."""
        ...


class StoreContract:
    """Subclasses give a fixture `place`."""

    @pytest.fixture
    def opened(self, place: Place) -> tuple[Store, Store]:
        """Two runs' stores on one place; their nonces are "one 1", "one 2", ... and "two 1", ..."""
        return place.open(_nonces("one")), place.open(_nonces("two"))

    def test_before_the_first_save_there_are_no_notes(self, opened: tuple[Store, Store]) -> None:
        assert opened[0].load() is None

    def test_a_first_save_is_revision_one_and_anybody_loads_it(
        self, opened: tuple[Store, Store]
    ) -> None:
        one, two = opened
        saved = one.save(whole_notes())
        assert saved == whole_notes(revision=1, nonce="one 1")
        assert two.load() == one.load() == saved

    def test_every_save_has_the_next_revision_and_a_new_nonce(
        self, opened: tuple[Store, Store]
    ) -> None:
        store, _ = opened
        notes, told = whole_notes(), []
        for books_checked_ms in range(3):
            notes = store.save(msgspec.structs.replace(notes, books_checked_ms=books_checked_ms))
            told.append((notes.revision, notes.nonce))
        assert told == [(1, "one 1"), (2, "one 2"), (3, "one 3")]
        assert store.load() == notes

    @pytest.mark.parametrize("winner", [0, 1])
    def test_of_two_that_loaded_the_same_the_second_loses(
        self, opened: tuple[Store, Store], winner: int
    ) -> None:
        opened[0].save(whole_notes())
        loaded = [store.load() for store in opened]
        assert loaded[0] is not None
        saved = opened[winner].save(msgspec.structs.replace(loaded[0], books_checked_ms=1))
        with pytest.raises(LostRaceError, match=r"saved by another run \(revision 2\)"):
            opened[1 - winner].save(msgspec.structs.replace(loaded[0], books_checked_ms=2))
        assert opened[1 - winner].load() == saved

    def test_of_two_first_saves_the_second_loses(self, opened: tuple[Store, Store]) -> None:
        one, two = opened
        assert one.load() is two.load() is None
        saved = one.save(whole_notes())
        with pytest.raises(LostRaceError, match=r"revision 1"):
            two.save(whole_notes(books_checked_ms=2))
        assert two.load() == saved

    def test_who_lost_loads_again_and_then_wins(self, opened: tuple[Store, Store]) -> None:
        one, two = opened
        saved = one.save(whole_notes())
        with pytest.raises(LostRaceError):
            two.save(whole_notes())
        assert two.load() == saved
        assert two.save(saved).revision == 2

    def test_a_store_saves_on_notes_that_another_store_loaded(
        self, opened: tuple[Store, Store]
    ) -> None:
        one, two = opened
        saved = one.save(whole_notes())
        assert two.save(saved).revision == 2

    def test_the_store_does_not_save_on_notes_older_than_it_has_seen(
        self, opened: tuple[Store, Store]
    ) -> None:
        one, _ = opened
        first = one.save(whole_notes())
        second = one.save(first)
        for old in (whole_notes(), first):
            with pytest.raises(LostRaceError):
                one.save(old)
        assert one.load() == second

    @pytest.mark.parametrize("change", [{"nonce": "a third"}, {"revision": 2}, {"revision": 7}])
    def test_revision_and_nonce_must_both_be_the_stored_ones(
        self, opened: tuple[Store, Store], change: dict[str, object]
    ) -> None:
        store, _ = opened
        saved = store.save(whole_notes())
        with pytest.raises(LostRaceError):
            store.save(msgspec.structs.replace(saved, **change))
        assert store.load() == saved

    def test_notes_deleted_meanwhile_are_not_made_again(
        self, place: Place, opened: tuple[Store, Store]
    ) -> None:
        one, two = opened
        saved = one.save(whole_notes())
        place.delete()
        for store in (one, two):
            with pytest.raises(LostRaceError):
                store.save(saved)
        assert place.raw() is None

    @pytest.mark.parametrize(
        ("data", "why"),
        [
            (b"", "is not JSON"),
            (b'{"schema": 1, "venue"', "is not JSON"),
            (b"\xff\xfe{}", "is not JSON"),
            (b"<html>", "is not JSON"),
            (b"[]", "does not fit the schema"),
            (b'{"schema": 1, "venue": "live"}', "does not fit the schema"),
            (b'{"schema": 99}', "has schema 99, this version knows 2"),
        ],
    )
    def test_what_is_no_notes_is_neither_loaded_nor_overwritten(
        self, place: Place, opened: tuple[Store, Store], data: bytes, why: str
    ) -> None:
        one, two = opened
        saved = one.save(whole_notes())
        place.put(data)
        with pytest.raises(UnreadableNotesError, match=why):
            one.load()
        for store, notes in ((one, saved), (two, saved), (two, whole_notes())):
            with pytest.raises((UnreadableNotesError, LostRaceError)):
                store.save(notes)
        assert place.raw() == data

    def test_people_can_read_it(self, place: Place, opened: tuple[Store, Store]) -> None:
        opened[0].save(whole_notes())
        lines = (place.raw() or b"").decode().split("\n")
        assert len(lines) > 10
        assert lines[-1] == ""


def _nonces(name: str) -> Iterator[str]:
    return (f"{name} {number}" for number in count(1))
