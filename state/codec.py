"""Notes to bytes and back, strictly: what does not fit the schema is an error, never a guess."""

import msgspec

from state.model import SCHEMA, Notes


class UnreadableNotesError(Exception):
    """The stored notes cannot be used; the text says what is wrong and what to do."""


def encode(notes: Notes) -> bytes:
    """Indented JSON with a final newline: people read it too."""
    return msgspec.json.format(msgspec.json.encode(notes), indent=1) + b"\n"


def decode(data: bytes, where: str) -> Notes:
    """Notes from bytes. UnreadableNotesError naming `where` when they are not exactly that."""
    try:
        head = msgspec.json.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise UnreadableNotesError(f"{where} is not JSON ({error}): {_REMEDY}") from None
    schema = head.get("schema") if isinstance(head, dict) else None
    if isinstance(schema, int) and schema > SCHEMA:
        raise UnreadableNotesError(
            f"{where} has schema {schema}, this version knows {SCHEMA}: run the newer version"
        )
    try:
        notes = msgspec.json.decode(data, type=Notes)
    except msgspec.ValidationError as error:
        raise UnreadableNotesError(
            f"{where} does not fit the schema ({error}): {_REMEDY}"
        ) from None
    if notes.schema < 1:
        raise UnreadableNotesError(f"{where} has unknown schema {notes.schema}: {_REMEDY}")
    return msgspec.structs.replace(notes, schema=SCHEMA)


_REMEDY = "entries stop, protection goes on; move the file away to rebuild it from the exchange"
