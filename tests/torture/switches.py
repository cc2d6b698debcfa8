"""Safeguards of the production code, each with a switch that turns it off for a while.

Every switch is a context: what it has changed is as before when it ends. Must not judge: that a
missing safeguard is noticed is `mutations`' business.
"""

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from typing import Any
from unittest.mock import patch

import msgspec

import exchange.client
import job.acting
import job.deciding
import job.entering
import job.protecting
import job.run
import job.settling
import job.sweeping
from exchange.errors import Outcome
from exchange.gateway import Gateway, Submit
from exchange.views import RestingOrder
from job.budget import Budget
from job.firing import Firing, Work
from job.sweeping import cancel_orders
from state.journal import FileJournal
from state.model import Notes, SymbolNotes
from state.protection import Repairs
from state.reconcile import fills_needed_since
from state.store import FileStore, replace_file
from tests.torture.history import GUARD
from tests.torture.world import World


@contextmanager
def no_plan_write() -> Iterator[None]:
    """Notes with an intent in them are not saved: the order leaves first."""
    saved = Firing.save

    def save(firing: Firing) -> None:
        if not any(work.notes.intent is not None for work in firing.works):
            saved(firing)

    with patch.object(Firing, "save", save):
        yield


def fresh_timestamp() -> AbstractContextManager[object]:
    """The entry is signed with the time it leaves at, not with that of its plan."""

    def enter(
        self: Gateway, symbol: str, side: int, quantity: str, client_id: str, _timestamp: int
    ) -> Submit:
        return self._market(symbol, side, quantity, client_id)

    return patch.object(Gateway, "enter", enter)


def no_revision() -> AbstractContextManager[object]:
    """A save replaces whatever is there."""

    def save(self: FileStore, notes: Notes) -> Notes:
        new = msgspec.structs.replace(notes, revision=notes.revision + 1, nonce=self._nonce())
        replace_file(self.path, msgspec.json.encode(new), durable=False)
        return new

    return patch.object(FileStore, "save", save)


def no_fills() -> AbstractContextManager[object]:
    """Notes are believed: the exchange's fills are never asked for."""
    return patch.object(job.settling, "fills_needed_since", lambda *_: None)


def no_read_back() -> AbstractContextManager[object]:
    """What was sent is believed to rest."""
    return patch.object(job.protecting, "read_back", lambda *_: Repairs(False, False, ()))


def no_sweep(book: str) -> AbstractContextManager[object]:
    """Orders of one book are never cancelled."""
    cancel = Gateway.cancel

    def kept(self: Gateway, order: RestingOrder) -> bool:
        return True if order.book == book else cancel(self, order)

    return patch.object(Gateway, "cancel", kept)


def no_second_read() -> AbstractContextManager[object]:
    """The first wave's position is believed when orders are swept."""
    return patch.object(job.sweeping, "read_position", lambda _firing, work: work.position)


@contextmanager
def no_last_signal() -> Iterator[None]:
    """It is forgotten which candle was decided."""
    note = Work.note

    def forgetful(work: Work, **changes: Any) -> None:
        changes.pop("last_signal_ms", None)
        note(work, **changes)

    with patch.object(Work, "note", forgetful):
        yield


def no_deadline() -> AbstractContextManager[object]:
    """A run goes on however long it takes."""
    return patch.object(Budget, "left_ms", lambda _budget: 40_000)


@contextmanager
def blind_retry() -> Iterator[None]:
    """An order whose outcome is unknown is sent once more."""
    market = Gateway._market

    def twice(self: Gateway, *given: Any, **more: Any) -> Submit:
        submit = market(self, *given, **more)
        return submit if submit.outcome is not Outcome.UNKNOWN else market(self, *given, **more)

    with patch.object(Gateway, "_market", twice):
        yield


def unknown_is_refused() -> AbstractContextManager[object]:
    """No answer is taken for a refusal."""
    return patch.object(job.entering, "_watch", lambda _f, work, _i: work.note(intent=None))


def no_guard() -> AbstractContextManager[object]:
    """Guards are never fired."""
    fire = World.fire

    def only_runs(world: World, what: str) -> object:
        return None if what == GUARD else fire(world, what)

    return patch.object(World, "fire", only_runs)


@contextmanager
def no_window() -> Iterator[None]:
    """An entry may leave however late it is."""
    with ExitStack() as stack:
        for module in (job.acting, job.deciding):
            stack.enter_context(patch.object(module, "too_late", lambda *_: ""))
        yield


@contextmanager
def notes_first() -> Iterator[None]:
    """The notes are saved before the journal is written."""

    def save(firing: Firing) -> None:
        events, firing.events = firing.events, []
        try:
            saved(firing)
        finally:
            firing.events = events
        if events and firing.may_write:
            firing.job.journal.append(events)
            firing.events = []

    saved = Firing.save
    with patch.object(Firing, "save", save):
        yield


def no_keys() -> AbstractContextManager[object]:
    """Events are written as often as they are told."""
    return patch.object(FileJournal, "_keys", lambda *_: set())


@contextmanager
def all_orders_ours() -> Iterator[None]:
    """Whatever rests on the symbol is taken for ours."""

    def every(resting: Sequence[RestingOrder], symbol: str) -> list[RestingOrder]:
        return [order for order in resting if order.symbol == symbol]

    with ExitStack() as stack:
        for module in (job.sweeping, job.protecting, job.deciding):
            stack.enter_context(patch.object(module, "ours", every))
        yield


def addresses_told() -> AbstractContextManager[object]:
    """An error's own text is told, as the library wrote it."""
    return patch.object(exchange.client, "_kind", lambda error, _status: str(error))


def cancel_first() -> AbstractContextManager[object]:
    """The old stop is cancelled before the new one is placed."""
    repair = job.protecting.repair

    def careless(firing: Firing, work: Work, needed: Repairs, **more: bool) -> None:
        cancel_orders(firing, work, needed.surplus)
        repair(firing, work, needed._replace(surplus=()), **more)

    return patch.object(job.acting, "repair", careless)


def no_adopting() -> AbstractContextManager[object]:
    """Only what is noted is looked for among the fills."""

    def noted_only(notes: SymbolNotes, *rest: Any) -> int | None:
        found = fills_needed_since(notes, *rest)
        return found if notes.trade or notes.intent else None

    return patch.object(job.settling, "fills_needed_since", noted_only)


def guards_wait() -> AbstractContextManager[object]:
    """A guard leaves whenever the lock is held, however long it has been."""
    return patch.object(job.run, "lock_is_in_use", lambda _job, _claim: True)
