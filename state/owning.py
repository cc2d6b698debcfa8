"""Whose entries are on the exchange: this deployment's, or another one's. PURE.

Two deployments with notes of their own (a file here, an object in S3 there) cannot see each other
but on the exchange. So every entry's id carries the number of its owner, and two entry orders for
one candle are never one deployment's work (I1).
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import msgspec

from exchange.ids import ENTRY, parse_id
from exchange.views import Fill
from state.journal import Event
from state.ledger import TradeLedger
from state.model import Notes


class Owner(NamedTuple):
    """`tag`: this deployment's number in the ids of its entries. `since_ms`: what others entered
    up to then was handed over to it (0: nothing was).
    """

    tag: int = 0
    since_ms: int = 0


def is_rival(fill: Fill, owner: Owner) -> bool:
    """Did another deployment of this job enter here, since this one is the owner?"""
    own = parse_id(fill.client_id)
    return (
        own is not None
        and own.leg == ENTRY
        and own.attempt != owner.tag
        and fill.time_ms > owner.since_ms
    )


def of_rival(trade: TradeLedger, owner: Owner) -> bool:
    """A trade is the deployment's that was the first to fill: it alone protects and ends it."""
    return is_rival(trade.entries[0], owner)


def handed_over(notes: Notes, take_overs: Iterable[Event]) -> Notes:
    """New notes for lost ones: what was handed over to this owner stays its own."""
    last = max(take_overs, key=lambda event: int(event["at_ms"]), default=None)
    if last is None or last["owner"] != notes.owner:
        return notes
    return msgspec.structs.replace(notes, owned_since_ms=int(last["at_ms"]))


def newest_rival_ms(fills: Sequence[Fill], owner: Owner) -> int:
    """When another deployment entered last, 0 when none has.

    A candle of ours with two entry orders counts as well: the other one then has our name.
    """
    orders: dict[int, int] = {}  # signal candle → its entry order
    newest = 0
    for fill in fills:
        own = parse_id(fill.client_id)
        if own is None or own.leg != ENTRY:
            continue
        doubled = orders.setdefault(own.signal_ms, fill.order_id) != fill.order_id
        if is_rival(fill, owner) or (doubled and fill.time_ms > owner.since_ms):
            newest = max(newest, fill.time_ms)
    return newest
