"""What a candle file may hold, and the words for what it may not."""

import gzip
import zipfile
from pathlib import Path

import pytest

from simulator.market.candle_file import CandleFile, read_candles
from simulator.market.model import Candle
from simulator.market.text_file import FileFaultsError, UnreadableFileError

TICK_E8 = 10_000_000  # 0.1
STEP_E8 = 100_000  # 0.001
T0 = 1_672_531_200_000  # 2023-01-01 00:00
STEP_MS = 300_000
HEADER = "open_time,open,high,low,close,volume"


def row(n: int, rest: str = "100.5,101,100,100.7,1.5") -> str:
    """Row of the `n`th candle."""
    return f"{T0 + n * STEP_MS},{rest}"


def good(*numbers: int) -> list[str]:
    return [row(n) for n in numbers]


def read(path: Path, lines: list[str], *, allow_gaps: bool = False) -> CandleFile:
    file = path / "candles.csv"
    file.write_text("\n".join(lines) + "\n")
    return read_candles(file, TICK_E8, STEP_E8, allow_gaps=allow_gaps)


def faults(path: Path, lines: list[str]) -> list[tuple[int, str]]:
    with pytest.raises(FileFaultsError) as caught:
        read(path, lines)
    return list(caught.value.faults)


def test_a_row_becomes_whole_ticks_and_lots(tmp_path: Path) -> None:
    found = read(tmp_path, [HEADER, row(0, "16537.5,16538.0,16523,16529.20,844.2519"), row(1)])
    assert found.interval_ms == STEP_MS
    assert found.candles[0] == Candle(T0, 165_375, 165_380, 165_230, 165_292, 844_251)
    assert found.faults == []


@pytest.mark.parametrize(
    "lines",
    [
        pytest.param(good(0, 1, 2), id="no header"),
        pytest.param([HEADER, *good(0, 1, 2)], id="header"),
        pytest.param(["Open time,Open,High,Low,Close,Volume", *good(0, 1, 2)], id="their header"),
        pytest.param([*good(0, 1, 2), "", ""], id="blank lines"),
        pytest.param(["\ufeff" + HEADER, *good(0, 1, 2)], id="byte order mark"),
        pytest.param(
            [f"{line},1672531499999,5,7,1,2,0" for line in good(0, 1, 2)], id="12 columns"
        ),
        pytest.param([line.replace(",", "000,", 1) for line in good(0, 1, 2)], id="microseconds"),
        pytest.param([line + "\r" for line in good(0, 1, 2)], id="carriage returns"),
    ],
)
def test_the_same_candles_in_other_clothes(tmp_path: Path, lines: list[str]) -> None:
    expected = [Candle(T0 + n * STEP_MS, 1005, 1010, 1000, 1007, 1500) for n in range(3)]
    assert read(tmp_path, lines).candles == expected


def test_gz_and_zip(tmp_path: Path) -> None:
    text = "\n".join(good(0, 1, 2))
    packed, archive = tmp_path / "a.csv.gz", tmp_path / "a.zip"
    packed.write_bytes(gzip.compress(text.encode()))
    with zipfile.ZipFile(archive, "w") as out:
        out.writestr("BTCUSDT-5m-2023-01.csv", text)
    plain = read(tmp_path, good(0, 1, 2))
    assert read_candles(packed, TICK_E8, STEP_E8) == plain
    assert read_candles(archive, TICK_E8, STEP_E8) == plain


@pytest.mark.parametrize(
    ("bad", "words"),
    [
        ("101.55,102,100,101,1", "open 101.55 is off the tick"),
        ("100,102.01,99,101,1", "high 102.01 is off the tick"),
        ("100,102,99.99,101,1", "low 99.99 is off the tick"),
        ("100,102,99,101.000000009,1", "close '101.000000009' is no positive decimal number"),
        ("100,99,101,100,1", "high 99 is below low 101"),
        ("99,102,100,101,1", "open 99 is outside low 100 to high 102"),
        ("103,102,100,101,1", "open 103 is outside low 100 to high 102"),
        ("101,102,100,99,1", "close 99 is outside low 100 to high 102"),
        ("101,102,100,103,1", "close 103 is outside low 100 to high 102"),
        ("0,102,0,101,1", "open is 0"),
        ("1,102,0.0,101,1", "low is 0"),
        ("-5,102,1,101,1", "open '-5' is no positive decimal number"),
        ("1e2,102,1,101,1", "open '1e2' is no positive decimal number"),
        ("nan,102,1,101,1", "open 'nan' is no positive decimal number"),
        ("1_0,102,1,101,1", "open '1_0' is no positive decimal number"),
        ("٣,102,1,101,1", "open '٣' is no positive decimal number"),
        (",102,1,101,1", "open '' is no positive decimal number"),
        ("100,102,99,101,-1", "volume '-1' is no decimal number"),
        ("100,102,99,101,x", "volume 'x' is no decimal number"),
        ("100,102,99,101", "5 columns instead of 6"),
        ("", "2 columns instead of 6"),
    ],
)
def test_a_broken_row_is_refused_and_can_be_left_out(tmp_path: Path, bad: str, words: str) -> None:
    lines = [HEADER, *good(0, 1), row(2, bad), *good(3)]
    ((line, what),) = faults(tmp_path, lines)
    assert line == 4
    assert what.startswith(words)
    found = read(tmp_path, lines, allow_gaps=True)
    assert [c.open_time_ms for c in found.candles] == [T0 + n * STEP_MS for n in (0, 1, 3)]
    assert [fault.line for fault in found.faults] == [4]


@pytest.mark.parametrize(
    ("times", "line", "words", "kept"),
    [
        ([0, 1, 3, 4], 3, "1 candle missing between 2023-01-01 00:10 and 2023-01-01 00:15", 4),
        ([0, 1, 9, 10], 3, "7 candles missing between 2023-01-01 00:10 and", 4),
        ([0, 1, 1, 2], 3, "2023-01-01 00:05 comes twice", 3),
        ([0, 1, 2, 0, 3], 4, "2023-01-01 00:00 comes after 2023-01-01 00:10", 4),
    ],
)
def test_rows_out_of_line(
    tmp_path: Path, times: list[int], line: int, words: str, kept: int
) -> None:
    ((found_line, what),) = faults(tmp_path, good(*times))
    assert found_line == line
    assert what.startswith(words)
    found = read(tmp_path, good(*times), allow_gaps=True)
    assert len(found.candles) == kept
    assert [c.open_time_ms for c in found.candles] == [T0 + n * STEP_MS for n in sorted({*times})]


@pytest.mark.parametrize(
    ("time", "words"),
    [
        (str(T0 + 2 * STEP_MS + 1), "2023-01-01 00:10:00 is off the grid of 5 minutes"),
        (str(T0 + 2 * STEP_MS + 60_000), "2023-01-01 00:11 is off the grid of 5 minutes"),
        ("1672531800", "open time '1672531800' is no time in ms or microseconds"),
        ("2023-01-01", "open time '2023-01-01' is no time"),
        (f"{T0 + 2 * STEP_MS}001", "open time 1672531800000001 microseconds are not whole"),
        ("9" * 30, "open time '999999999999999999999999999999' is no time"),
    ],
)
def test_a_time_that_is_none(tmp_path: Path, time: str, words: str) -> None:
    found = faults(tmp_path, [*good(0, 1), f"{time},100,101,99,100,1", *good(2, 3)])
    assert [line for line, _ in found] == [3]
    assert found[0][1].startswith(words)


def test_another_kind_of_file_is_one_line(tmp_path: Path) -> None:
    lines = ["funding_time,funding_rate", *(f"{T0 + n * STEP_MS},0.0001" for n in range(40))]
    with pytest.raises(FileFaultsError) as caught:
        read(tmp_path, lines)
    assert len(caught.value.faults) == 40
    said = "every line from 2 to 41: 2 columns instead of 6"
    assert str(caught.value) == f"{tmp_path / 'candles.csv'}: {said}"


def test_prices_of_another_symbol_are_told_before_the_interval(tmp_path: Path) -> None:
    """The one row that happens to fit the tick says nothing about the distance of rows."""
    fine = [row(n, f"151.4{n},152.3{n},151.2{n},151.8{n},1") for n in range(1, 4)]
    found = faults(tmp_path, [HEADER, *good(0), *fine])
    assert [what for _, what in found] == [f"open 151.4{n} is off the tick" for n in range(1, 4)]


def test_all_faults_at_once_ten_of_them_in_words(tmp_path: Path) -> None:
    lines = [row(n, "1,1,2,1,0" if n % 4 == 0 else "1,1,1,1,0") for n in range(60)]
    with pytest.raises(FileFaultsError, match=r"candles\.csv: 15 faults") as caught:
        read(tmp_path, lines)
    assert [fault.line for fault in caught.value.faults] == list(range(1, 60, 4))
    shown = str(caught.value).splitlines()
    assert shown[1] == "  line 1: high 1 is below low 2"
    assert len(shown) == 12
    assert shown[-1] == "  and 5 more"


def test_a_second_header_inside_is_a_fault(tmp_path: Path) -> None:
    ((line, what),) = faults(tmp_path, [HEADER, *good(0), HEADER, *good(1)])
    assert (line, what) == (3, "open time 'open_time' is no time in ms or microseconds")


def test_a_broken_first_row_is_no_header(tmp_path: Path) -> None:
    assert faults(tmp_path, ["x,100,101,99,100,1", *good(1, 2)])[0][0] == 1


def test_a_file_that_is_mostly_wrong_is_refused_even_with_gaps_allowed(tmp_path: Path) -> None:
    with pytest.raises(FileFaultsError):
        read(tmp_path, good(5, 4, 3, 2, 1, 0), allow_gaps=True)
    with pytest.raises(FileFaultsError):
        read(tmp_path, ["x,1", "y,2"], allow_gaps=True)


@pytest.mark.parametrize("minutes", [1, 5, 15, 60, 240])
def test_the_interval_is_found_also_beside_gaps(tmp_path: Path, minutes: int) -> None:
    times = [T0 + n * minutes * 60_000 for n in (0, 1, 2, 5, 6)]
    lines = [f"{time},1,1,1,1,0" for time in times]
    assert read(tmp_path, lines, allow_gaps=True).interval_ms == minutes * 60_000


@pytest.mark.parametrize("lines", [[], [HEADER], good(0), [row(0), f"{T0 + 7_000},1,1,1,1,0"]])
def test_no_candles_or_no_interval(tmp_path: Path, lines: list[str]) -> None:
    with pytest.raises(UnreadableFileError, match=r"candles\.csv"):
        read(tmp_path, lines)


def test_one_candle_is_enough_when_the_interval_is_known(tmp_path: Path) -> None:
    file = tmp_path / "one.csv"
    file.write_text(row(0))
    assert len(read_candles(file, TICK_E8, STEP_E8, interval_ms=STEP_MS).candles) == 1


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.csv.gz", b"no gzip"),
        ("a.csv.gz", gzip.compress(b"1,2,3", mtime=0)[:-6]),
        ("a.zip", b"no zip"),
        ("a.csv", b"\xff\xfe\x00"),
    ],
)
def test_a_file_that_is_not_what_its_name_says(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(UnreadableFileError, match="cannot be read"):
        read_candles(tmp_path / name, TICK_E8, STEP_E8)


def test_a_missing_file_and_an_archive_of_two(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFileError, match="cannot be read"):
        read_candles(tmp_path / "none.csv", TICK_E8, STEP_E8)
    with zipfile.ZipFile(tmp_path / "two.zip", "w") as out:
        out.writestr("a.csv", "")
        out.writestr("b.csv", "")
    with pytest.raises(UnreadableFileError, match="holds 2 files"):
        read_candles(tmp_path / "two.zip", TICK_E8, STEP_E8)


def test_an_archive_with_a_password(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "secret.zip", "w") as out:
        out.writestr("a.csv", "1,2,3")
    sealed = bytearray((tmp_path / "secret.zip").read_bytes())
    for mark, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):  # what says so
        sealed[sealed.index(mark) + flags] |= 1
    (tmp_path / "secret.zip").write_bytes(sealed)
    with pytest.raises(UnreadableFileError, match=r"secret\.zip cannot be read: .*password"):
        read_candles(tmp_path / "secret.zip", TICK_E8, STEP_E8)
