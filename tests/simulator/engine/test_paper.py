"""The paper account's file: whole, its own, and never written over somebody else's work."""

import os
import stat
from pathlib import Path

import msgspec
import pytest

from simulator.engine.ledger import opened_books, transfer
from simulator.engine.model import BUY, SELL, Books
from simulator.paper import FileStore, PaperAccount, PaperConflict, PaperError
from tests.simulator.engine.bench import T0, Bench, flat

P = 600_000


def account_at(path: Path, name: str = "main", durable: bool = False) -> PaperAccount:
    return PaperAccount(FileStore(path, durable=durable), name)


def busy_books() -> Books:
    bench = Bench([(P, P, P - 1_000, P), flat(P)]).at(0)
    bench.engine.set_leverage("BTCUSDT", 10)
    bench.trade(BUY, 10, stop=P - 1_000, target=P + 1_000)
    bench.at(1)
    bench.market_order(BUY, 10)
    bench.limit(SELL, 10, P + 2_000)
    return bench.books


@pytest.mark.parametrize("durable", [True, False])
def test_what_is_saved_is_loaded(tmp_path: Path, durable: bool) -> None:
    path = tmp_path / "deep" / "paper.json"
    account = account_at(path, durable=durable)
    assert account.load() is None
    books = busy_books()
    account.save(books)
    transfer(books, 5, T0)
    account.save(books)
    assert account_at(path).load() == books
    assert [file.name for file in path.parent.iterdir()] == ["paper.json"]
    head = msgspec.json.decode(path.read_bytes())
    assert (head["schema"], head["venue"], head["account"]) == (1, "embedded", "main")


def test_the_same_books_are_the_same_bytes(tmp_path: Path) -> None:
    for name in ("a", "b"):
        account_at(tmp_path / name).save(busy_books())
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_of_two_writers_the_second_loses(tmp_path: Path) -> None:
    path = tmp_path / "paper.json"
    account_at(path).save(opened_books(7, T0))
    one, two = account_at(path), account_at(path)
    books, late = one.load(), two.load()
    assert books is not None
    assert late is not None
    transfer(books, 1, T0)
    one.save(books)
    with pytest.raises(PaperConflict, match="another process"):
        two.save(late)
    assert account_at(path).load() == books


def test_an_account_that_was_never_loaded_is_not_written_over(tmp_path: Path) -> None:
    path = tmp_path / "paper.json"
    account_at(path).save(opened_books(7, T0))
    with pytest.raises(PaperConflict):
        account_at(path).save(opened_books(8, T0))


def test_another_account_or_venue_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "paper.json"
    account_at(path).save(opened_books(7, T0))
    with pytest.raises(PaperError, match="belongs to account 'main' on 'embedded', not to 'other'"):
        account_at(path, "other").load()
    with pytest.raises(PaperError, match="not to 'main' on 'demo'"):
        PaperAccount(FileStore(path), "main", "demo").load()


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"schema":"x"}', b'{"schema":1}', b"null"])
def test_an_unreadable_account_is_refused_and_left_alone(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "paper.json"
    path.write_bytes(content)
    with pytest.raises(PaperError, match="restore it, or move it away"):
        account_at(path).load()
    assert path.read_bytes() == content


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'"wallet_e8":7', b'"wallet_e8":8'),
        (b'"wallet_e8":7', b'"wallet_e8":"7"'),
        (b'"wallet_e8":7', b'"gold_e8":7'),
    ],
)
def test_tampered_books_are_refused(tmp_path: Path, old: bytes, new: bytes) -> None:
    path = tmp_path / "paper.json"
    account_at(path).save(opened_books(7, T0))
    path.write_bytes(path.read_bytes().replace(old, new))
    with pytest.raises(PaperError, match="cannot be read"):
        account_at(path).load()


def test_a_later_schema_is_refused_by_its_number(tmp_path: Path) -> None:
    path = tmp_path / "paper.json"
    path.write_bytes(b'{"schema":2,"cells":[]}')
    with pytest.raises(PaperError, match="schema 2, this program reads 1"):
        account_at(path).load()


def test_a_write_that_failed_leaves_the_old_account(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "paper.json"
    account = account_at(path)
    account.save(opened_books(7, T0))
    before = path.read_bytes()

    def fail(*_: Path) -> None:
        raise OSError("no space left on device")

    monkeypatch.setattr(Path, "replace", fail)
    with pytest.raises(OSError, match="no space"):
        account.save(opened_books(8, T0))
    assert path.read_bytes() == before


@pytest.mark.parametrize(("durable", "syncs"), [(True, ["file", "folder"]), (False, [])])
def test_durable_means_file_and_folder_are_synced_in_that_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, durable: bool, syncs: list[str]
) -> None:
    seen: list[str] = []

    def note(handle: int) -> None:
        seen.append("folder" if stat.S_ISDIR(os.fstat(handle).st_mode) else "file")

    monkeypatch.setattr(os, "fsync", note)
    account_at(tmp_path / "paper.json", durable=durable).save(opened_books(7, T0))
    assert seen == syncs
