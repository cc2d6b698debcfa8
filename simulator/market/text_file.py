"""Lines of a CSV file as people have them (plain, .gz or .zip), and the error with its faults.

Must not know what the columns mean.
"""

import zlib
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

_FAULTS_SHOWN = 10
_NUMBER_STARTS = tuple("0123456789+-.")
#: Bounds that tell times in ms from times in microseconds.
MS_MIN = 10**11  # 1973: smaller numbers are seconds, or no times
MICROSECONDS_MIN = 10**14  # as ms: the year 5138
MICROSECONDS_MAX = 10**17


class Fault(NamedTuple):
    """What is wrong with a file, and in which line (the first is 1)."""

    line: int
    what: str


class FileFaultsError(ValueError):
    """A file cannot be used. `faults` holds all of them, the message the first ten, or one line for
    the same fault in line after line: it is another kind of file.
    """

    def __init__(self, path: Path, faults: Sequence[Fault]) -> None:
        """`faults` in order of their lines, at least one."""
        self.path = path
        self.faults = tuple(faults)
        first, last = faults[0], faults[-1]
        throughout = last.line - first.line + 1 == len(faults) > _FAULTS_SHOWN
        if throughout and len({fault.what for fault in faults}) == 1:
            super().__init__(f"{path}: every line from {first.line} to {last.line}: {first.what}")
            return
        shown = [f"line {fault.line}: {fault.what}" for fault in faults[:_FAULTS_SHOWN]]
        if len(faults) > _FAULTS_SHOWN:
            shown.append(f"and {len(faults) - _FAULTS_SHOWN} more")
        count = "1 fault" if len(faults) == 1 else f"{len(faults)} faults"
        super().__init__("\n  ".join([f"{path}: {count}", *shown]))


class UnreadableFileError(ValueError):
    """A file is missing, broken, or not what its name says."""


def read_lines(path: Path) -> list[str]:
    """All lines of a text file, `.gz` and `.zip` (with one file inside) unpacked.

    Raises UnreadableFileError.
    """
    try:
        return _read_bytes(path).decode("utf-8-sig").splitlines()
    except OSError as error:
        raise UnreadableFileError(f"{path} cannot be read: {error.strerror or error}") from error
    except (EOFError, zlib.error, UnicodeDecodeError) as error:
        raise UnreadableFileError(f"{path} cannot be read: {error}") from error


def _read_bytes(path: Path) -> bytes:
    if path.suffix == ".gz":
        import gzip  # loaded for those who need it, as for `zipfile`

        return gzip.decompress(path.read_bytes())
    return _unzipped(path) if path.suffix == ".zip" else path.read_bytes()


def _unzipped(path: Path) -> bytes:
    import zipfile

    try:
        with zipfile.ZipFile(path) as archive:
            names = [name for name in archive.namelist() if not name.endswith("/")]
            if len(names) != 1:
                raise UnreadableFileError(f"{path} holds {len(names)} files; it should hold one")
            return archive.read(names[0])
    except (zipfile.BadZipFile, RuntimeError) as error:
        # RuntimeError: an archive with a password, or packed in a way that Python does not know.
        raise UnreadableFileError(f"{path} cannot be read: {error}") from error


def has_header(lines: Sequence[str]) -> bool:
    """Whether the first line names columns: no field of it begins like a number."""
    fields = lines[0].split(",") if lines else []
    return bool(fields) and not any(field.strip().startswith(_NUMBER_STARTS) for field in fields)


def time_ms(text: str) -> int:
    """A time in ms or in whole ms written as microseconds. ValueError says what it is instead."""
    if not (text.isascii() and text.isdigit() and MS_MIN <= int(text[:18]) < MICROSECONDS_MAX):
        raise ValueError(f"{text[:30]!r} is no time in ms or microseconds")
    time = int(text)
    if time < MICROSECONDS_MIN:
        return time
    if time % 1000:
        raise ValueError(f"{text} microseconds are not whole milliseconds")
    return time // 1000


def in_words(ms: int) -> str:
    """A time for people: 2023-08-17 21:40 (UTC), with seconds where it has any."""
    moment = datetime.fromtimestamp(ms / 1000, UTC)
    return f"{moment:%Y-%m-%d %H:%M}" if ms % 60_000 == 0 else f"{moment:%Y-%m-%d %H:%M:%S}"
