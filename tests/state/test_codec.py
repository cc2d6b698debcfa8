"""Notes to bytes and back: nothing lost, and what does not fit is told, never guessed."""

import contextlib
import json
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from state.codec import UnreadableNotesError, decode, encode
from state.model import (
    SCHEMA,
    Brake,
    Intent,
    Notes,
    Rules,
    RunNote,
    SymbolNotes,
    Trade,
    replace_symbol,
)
from tests.state.making import SYMBOL, an_intent, some_notes, whole_notes

WHERE = "state.json"


def changed(place: list[str], value: object) -> bytes:
    """Good notes with one value put in."""
    tree: dict[str, Any] = json.loads(encode(whole_notes()))
    part = tree
    for step in place[:-1]:
        part = part[step]
    part[place[-1]] = value
    return json.dumps(tree).encode()


def told(data: bytes) -> str:
    with pytest.raises(UnreadableNotesError) as caught:
        decode(data, WHERE)
    return str(caught.value)


# The wire holds 64 bits.
WHOLE = st.integers(-(2**63), 2**63 - 1)
TEXT = st.text(st.characters(codec="utf-8"), max_size=12)
TRADES = st.builds(
    Trade, side=WHOLE, entry_quote=WHOLE, lots=WHOLE, exit_leg=TEXT, stop_moved=st.booleans(),
    signal_ms=WHOLE, first_fill_ms=WHOLE, entry_lots=WHOLE, stop=WHOLE, target=WHOLE,
)  # fmt: skip
INTENTS = st.builds(
    Intent, client_id=TEXT, signal_ms=WHOLE, side=WHOLE, lots=WHOLE, close=WHOLE,
    timestamp_ms=WHOLE, recv_window_ms=WHOLE,
)  # fmt: skip
SYMBOLS = st.builds(
    SymbolNotes, trade=st.none() | TRADES, intent=st.none() | INTENTS, ended_ms=WHOLE,
    looked_back=st.booleans(),
)  # fmt: skip
NOTES = st.builds(
    Notes, venue=TEXT, account=TEXT, schema=st.just(SCHEMA), revision=WHOLE, nonce=TEXT,
    books_checked_ms=WHOLE, symbols=st.dictionaries(TEXT, SYMBOLS, max_size=3),
    resumed_ms=WHOLE, brakes=st.lists(st.builds(Brake, TEXT, TEXT, WHOLE, WHOLE, TEXT), max_size=2),
    last_runs=st.lists(st.builds(RunNote, WHOLE, TEXT, st.booleans(), TEXT), max_size=3),
)  # fmt: skip


@settings(max_examples=30)
@given(NOTES)
def test_notes_survive_the_way_through_bytes(notes: Notes) -> None:
    assert decode(encode(notes), WHERE) == notes


def test_the_bytes_are_lines_that_people_can_read() -> None:
    data = encode(whole_notes())
    assert data.startswith(b'{\n "venue": "embedded",\n')
    assert data.endswith(b"}\n")


def test_what_is_not_said_has_its_default() -> None:
    assert decode(b'{"venue": "live", "account": "a"}', WHERE) == Notes("live", "a")


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x00\x00\x00",
        b"not json",
        b'{"venue": "embedded",',
        b'{"venue": "\xff\xfe", "account": "a"}',
        b"\xff",
        b"[" * 100_000,
    ],
    ids=["empty", "zeros", "text", "cut", "not UTF-8 inside", "not UTF-8", "endless brackets"],
)
def test_what_is_not_json_is_told_with_what_to_do(data: bytes) -> None:
    said = told(data)
    assert said.startswith(f"{WHERE} is not JSON (")
    assert said.endswith("move the file away to rebuild it from the exchange")


@given(st.data())
def test_notes_cut_anywhere_are_unreadable(data: st.DataObject) -> None:
    whole = encode(whole_notes())
    told(whole[: data.draw(st.integers(0, len(whole) - 3))])


@given(st.integers(0), st.integers(0, 255))
def test_no_damaged_byte_ends_in_anything_but_notes_or_a_clear_text(place: int, byte: int) -> None:
    damaged = bytearray(encode(whole_notes()))
    damaged[place % len(damaged)] = byte
    with contextlib.suppress(UnreadableNotesError):
        assert isinstance(decode(bytes(damaged), WHERE), Notes)


@pytest.mark.parametrize(
    ("place", "value", "said"),
    [
        (["mood"], 1, "unknown field `mood`"),
        (["symbols", SYMBOL, "mood"], 1, "unknown field `mood`"),
        (["symbols", SYMBOL, "trade", "mood"], 1, "unknown field `mood`"),
        (["symbols", SYMBOL, "intent", "mood"], 1, "unknown field `mood`"),
        (["symbols", SYMBOL, "rules"], {"mood": 1}, "unknown field `mood`"),
        (["revision"], "1", "Expected `int`, got `str`"),
        (["revision"], 1.5, "Expected `int`, got `float`"),
        (["symbols"], [], "Expected `object`, got `array`"),
        (["symbols", SYMBOL, "trade", "stop"], "990", "Expected `int`, got `str`"),
        (["symbols", SYMBOL, "trade", "stop"], None, "Expected `int`, got `null`"),
        (["symbols", SYMBOL, "trade", "stop_moved"], 0, "Expected `bool`, got `int`"),
        (["last_runs"], [{"at_ms": 1, "run": "r", "ok": True}], "missing required field `text`"),
        (["venue"], None, "Expected `str`, got `null`"),
    ],
)
def test_what_does_not_fit_is_told_with_its_place(
    place: list[str], value: object, said: str
) -> None:
    text = told(changed(place, value))
    assert text.startswith(f"{WHERE} does not fit the schema (")
    assert said in text
    assert text.endswith("move the file away to rebuild it from the exchange")


@pytest.mark.parametrize("data", [b"[]", b"1", b"null", b'"x"', b"{}"])
def test_json_that_is_no_notes_does_not_fit(data: bytes) -> None:
    assert told(data).startswith(f"{WHERE} does not fit the schema (")


def test_a_future_schema_is_named_before_anything_else_is_looked_at() -> None:
    said = f"{WHERE} has schema 3, this version knows 2: run the newer version"
    assert told(changed(["schema"], 3)) == said
    assert told(b'{"schema": 3, "everything": "else"}') == said


def test_notes_of_the_first_schema_are_read_and_saved_as_todays() -> None:
    tree: dict[str, Any] = json.loads(encode(whole_notes()))
    for new in ("brakes", "resumed_ms"):
        del tree[new]
    old = decode(json.dumps({**tree, "schema": 1}).encode(), WHERE)
    assert old == whole_notes()


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "is not JSON (Input data was truncated)"),
        (b"{}", "does not fit the schema (Object missing required field `venue`)"),
        (b'{"venue": "v", "account": "a", "schema": 0}', "has unknown schema 0"),
        (b'{"venue": "v", "account": "a", "schema": -1}', "has unknown schema -1"),
    ],
)
def test_every_text_says_where_why_and_what_to_do(data: bytes, said: str) -> None:
    remedy = "entries stop, protection goes on; move the file away to rebuild it from the exchange"
    assert told(data) == f"{WHERE} {said}: {remedy}"


def test_new_notes_know_nothing() -> None:
    tree = json.loads(encode(Notes("v", "a", symbols={"X": SymbolNotes()})))
    [symbol] = tree.pop("symbols").values()
    assert (tree.pop("venue"), tree.pop("account"), tree.pop("schema")) == ("v", "a", SCHEMA)
    assert [name for name, value in [*tree.items(), *symbol.items()] if value] == []


def test_a_new_trade_was_not_moved_and_is_not_closing() -> None:
    made = Trade(1, 2, 3, 4, 5, 6, 7, 8)
    assert (made.stop_moved, made.exit_leg, made.attempts) == (False, "", 0)


def test_notes_are_replaced_never_changed() -> None:
    notes = whole_notes()
    symbol = notes.symbols[SYMBOL]
    rules = Rules(1, 1, 1, 1, 1, 1, True, 1)
    for part in (notes, symbol, symbol.trade, symbol.intent, notes.last_runs[0], rules):
        assert isinstance(part, msgspec.Struct)
        with pytest.raises(AttributeError):
            setattr(part, part.__struct_fields__[0], "x")


def test_the_fence_is_the_timestamp_and_the_window() -> None:
    assert an_intent(timestamp_ms=1000, recv_window_ms=5000).fence_ms == 6000


def test_one_symbol_s_notes_are_replaced_and_the_others_kept() -> None:
    before = whole_notes()
    after = replace_symbol(before, "ETHUSDT", some_notes(ended_ms=5))
    assert after.symbols == {**before.symbols, "ETHUSDT": some_notes(ended_ms=5)}
    assert msgspec.structs.replace(after, symbols=before.symbols) == before
    assert list(before.symbols) == [SYMBOL]
