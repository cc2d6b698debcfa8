"""I5: every fill is in the journal once, and its sums are the change of the wallet."""

from decimal import Decimal
from pathlib import Path

import pytest

from state.codec import encode
from tests.job.harness import BTC, ETH, Stand, stand
from tests.oracle.planted import Series
from tests.oracle.planted_base import HOME, SIGNAL

E8 = Decimal(10) ** 8
#: Some trades of every kind, one after another: stops, targets, a reversion, a moved stop.
DIP = SIGNAL.flat(99_000)
STORY: Series = (
    DIP.bar(99_000, 99_000, 97_900, 98_000)
    .flat(98_000, 12)
    .bar(98_000, 98_000, 97_000, 97_000)
    .flat(97_000)
    .bar(97_000, 97_900, 97_000, 97_880)
    .flat(97_880, 12)
    .bar(97_880, 97_880, 97_000, 97_000)
    .bar(97_000, 97_500, 97_000, 97_500)
    .bar(97_500, 97_500, 97_050, 97_090)
    .flat(97_090, 3)
)


def sums(desk: Stand) -> tuple[Decimal, Decimal]:
    """What the journal's fills and funding say the wallet changed by, and what it did."""
    with desk.request() as engine:
        books = engine.books
        changed = Decimal(books.wallet_e8 - books.transfers_e8) / E8
    total = Decimal(0)
    for fill in desk.events("fill"):
        assert fill["fee_asset"] == "USDT"
        total += Decimal(fill["realized"]) - Decimal(fill["fee"])
    for payment in desk.events("funding"):
        total -= Decimal(payment["paid"])
    return total, changed


def assert_books(desk: Stand) -> None:
    told, changed = sums(desk)
    assert told == changed
    with desk.request() as engine:
        fills = len(engine.fills())
    keys = [event["key"] for kind in ("fill", "trade", "funding") for event in desk.events(kind)]
    assert len(keys) == len(set(keys))
    assert len(desk.events("fill")) == fills
    net = sum((Decimal(trade["net"]) for trade in desk.events("trade")), Decimal(0))
    assert net == changed


def play(desk: Stand, upto: int) -> None:
    for candle in range(9, upto):
        assert desk.run(candle).ok
        assert desk.broken() == []


def test_the_journal_is_the_wallet(tmp_path: Path) -> None:
    desk = stand(tmp_path, STORY)
    play(desk, STORY.next_index)
    assert set(desk.reasons()) >= {"stop", "reverted", "breakeven"}
    assert_books(desk)


def test_with_funding_and_two_symbols(tmp_path: Path) -> None:
    mirrored = STORY.mirrored(HOME)
    settings = ("funding=true", "funding_rate_perc=0.0123")
    desk = stand(
        tmp_path, {BTC: STORY.flat(97_090, 60), ETH: mirrored.flat(102_910, 60)}, *settings
    )
    play(desk, STORY.next_index + 55)
    assert desk.position(BTC) == desk.position(ETH) == 0
    assert_books(desk)


@pytest.mark.parametrize("kept", ["before", "lost"])
def test_a_run_that_journalled_but_did_not_save_writes_nothing_twice(
    tmp_path: Path, kept: str
) -> None:
    desk = stand(tmp_path, STORY)
    play(desk, 12)
    before = desk.notes()
    assert desk.run(12).ok  # the stop has filled: journalled and saved
    assert desk.reasons() == ["stop"]
    if kept == "before":
        desk.state_file.write_bytes(encode(before))
    else:
        desk.state_file.unlink()
    assert desk.run(12, 20_000).ok
    assert desk.reasons() == ["stop"]
    assert_books(desk)


def test_each_event_carries_venue_account_run_and_time(tmp_path: Path) -> None:
    desk = stand(tmp_path, STORY, "account=mine")
    play(desk, 13)
    for kind in ("run", "order", "fill", "trade"):
        events = desk.events(kind)
        assert events
        for event in events:
            assert (event["venue"], event["account"]) == ("embedded", "mine")
            assert {"run", "at_ms"} <= event.keys()
