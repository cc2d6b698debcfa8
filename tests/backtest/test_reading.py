"""The quick reader takes plain files only, and never one that the strict reader would refuse."""

import gzip
import zipfile
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backtest import reading
from backtest.history import History, history_of
from backtest.reading import plain_history, read_history
from simulator.engine.model import Contract
from simulator.market.candle_file import read_candles
from simulator.market.text_file import FileFaultsError, UnreadableFileError
from simulator.rules import contracts_for

BTC, XRP = contracts_for(["BTCUSDT", "XRPUSDT"])
COARSE = replace(BTC, tick_e8=5_000_000)  # 0.05, where places and ticks are not the same
START_MS = 1_735_689_600_000


def rows(count: int = 6, places: int | None = None) -> list[list[str]]:
    """Rows that both readers take; prices with so many places, or with as many as they need."""
    table = []
    for number in range(count):
        close = f"{93540 + number % 70}"
        prices = ["93576.5", "93610.9", "93537.5", close]
        if places is not None:
            prices = [f"{Decimal(price):.{places}f}" for price in prices]
        table.append([str(START_MS + 300_000 * number), *prices, "12.5"])
    return table


def text(table: list[list[str]]) -> bytes:
    return "".join(",".join(row) + "\n" for row in table).encode()


def quickly(content: bytes, contract: Contract = BTC) -> History | None:
    try:
        return plain_history([content], contract.tick_e8)
    except (reading._DoubtError, ValueError):
        return None


def strictly(content: bytes, folder: Path, contract: Contract = BTC) -> History | None:
    path = folder / "candles.csv"
    path.write_bytes(content)
    try:
        read = read_candles(path, contract.tick_e8, contract.step_e8)
    except (FileFaultsError, UnreadableFileError):
        return None
    return history_of(read.interval_ms, read.candles)


def test_a_plain_file_is_read_quickly(tmp_path: Path) -> None:
    for content in (
        text(rows()),
        text(rows()).rstrip(b"\n"),
        b"open_time,open,high,low,close,volume\n" + text(rows()),
        text([[*row, "1735689899999", "7.5", "9", "1.5", "2", "0"] for row in rows()]),
    ):
        history = quickly(content)
        assert history is not None
        assert history == strictly(content, tmp_path)
        assert history.opens[0] == 935_765


ENDS = (b"", b"\n", b"\n\n", b",1", b"\n1", b"\r\n")
FIELDS = [
    *("93576.00", "93576.05", "93576.000000001", "93576.0000000000001", "093576.0", "93576", "1."),
    *(".5", "", "0", "0.0", "-93576.0", "+93576.0", "9.3576e4", "nan", "1_0", " 93576.0", "x"),
    *("0.5", "0.0001", "987654321098761", "987654321098763.1", "98765432109876.1"),
    *("1000000000000000.0", "99999999.9", "93537.4", "93611.0", "93576.0\r", "93576,0"),
    *(str(START_MS + extra) for extra in (0, 1, 300_000, 900_000)),
    *(f"{START_MS}{tail}" for tail in ("000", ".5", ".0", ".")),
    *("1735689600", "12.3456789012345678901"),
]


@pytest.mark.parametrize("places", [1, 4, None])
@pytest.mark.parametrize("column", range(6))
@pytest.mark.parametrize("contract", [BTC, XRP, COARSE], ids=lambda contract: str(contract.tick_e8))
def test_it_takes_nothing_that_the_strict_reader_refuses(
    column: int, contract: Contract, places: int | None, tmp_path: Path
) -> None:
    taken = 0
    for number, field in enumerate(FIELDS):
        for place in (0, 1, 5):
            table = rows(6, places)
            table[place][column] = field
            for end in (b"", ENDS[(number + place) % len(ENDS)]):
                content = text(table)[:-1] + end
                quick = quickly(content, contract)
                taken += quick is not None
                if quick is not None:
                    assert quick == strictly(content, tmp_path, contract), (place, field)
    assert taken


@pytest.mark.parametrize("places", [1, None])
@pytest.mark.parametrize(
    ("start_ms", "step_ms"),
    [
        *((START_MS, 300_000), (START_MS + 60_000, 300_000), (START_MS + 60_000, 60_000)),
        *((START_MS, 420_000), (START_MS, 1), (0, 300_000), (10**11 - 10**11 % 300_000, 300_000)),
        *((10**14 + 200_000, 300_000), (10**14 - 400_000, 300_000), (START_MS, 0)),
        *((START_MS, -300_000), (START_MS * 1000, 300_000_000)),
    ],
)
def test_times_must_be_on_a_known_grid(
    start_ms: int, step_ms: int, places: int | None, tmp_path: Path
) -> None:
    table = rows(6, places)
    for number, row in enumerate(table):
        row[0] = str(start_ms + number * step_ms)
    quick = quickly(text(table))
    assert quick is None or quick == strictly(text(table), tmp_path)
    ordinary = start_ms == START_MS and step_ms == 300_000
    assert quick is not None or not ordinary


def test_nor_do_times_have_points(tmp_path: Path) -> None:
    for places in (1, None):
        content = text([[f"{row[0]}.0", *row[1:]] for row in rows(6, places)])
        assert quickly(content) is None
        assert strictly(content, tmp_path) is None


@given(st.lists(st.integers(0, 7), min_size=1, max_size=9))
def test_nor_rows_left_out_or_moved(order: list[int]) -> None:
    table = rows(8)
    content = text([table[place] for place in order])
    ascending = order == list(range(order[0], order[0] + len(order))) and len(order) > 1
    assert (quickly(content) is not None) == ascending


@given(
    whole=st.integers(1, 9_999_999),
    part=st.text("0123456789", min_size=0, max_size=8),
)
def test_every_price_on_the_tick_is_exact(whole: int, part: str) -> None:
    price = f"{whole}.{part}" if part else f"{whole}"
    table = [[str(START_MS + 300_000 * n), *[price] * 4, "1"] for n in range(2)]
    exact = whole * 10**8 + int(part.ljust(8, "0"))
    for contract in (BTC, XRP):
        try:
            ticks = plain_history([text(table)], contract.tick_e8).opens[0]
        except (reading._DoubtError, ValueError):
            continue
        assert ticks * contract.tick_e8 == exact


def test_prices_below_1_are_read_quickly_too(tmp_path: Path) -> None:
    table = [[row[0], "0.5004", "0.5100", "0.4999", "0.5001", "0.25"] for row in rows()]
    history = quickly(text(table), XRP)
    assert history is not None
    assert history == strictly(text(table), tmp_path, XRP)


@pytest.mark.parametrize("size", [200, 333, 5_000])
@pytest.mark.parametrize("header", [b"", b"open_time,open,high,low,close,volume\n"])
def test_pieces_join_without_a_seam(size: int, header: bytes) -> None:
    content = header + text(rows(90))
    pieces = [content[start : start + size] for start in range(0, len(content), size)]
    joined = plain_history(pieces, BTC.tick_e8)
    assert joined == plain_history([header, text(rows(90))], BTC.tick_e8)
    assert joined == quickly(text(rows(90)))
    assert len(joined) == 90


def test_what_has_no_lines_is_not_put_together() -> None:
    pieces = iter([b"1" * 40_000] * 3)
    with pytest.raises(reading._DoubtError):
        plain_history(pieces, BTC.tick_e8)
    assert len(list(pieces)) == 1


def test_a_packed_file_is_read_quickly(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "read_candles", None)
    content = text(rows(9_000))
    (tmp_path / "a.csv.gz").write_bytes(gzip.compress(content))
    monkeypatch.setattr(reading, "_PIECE_BYTES", 1_000)
    assert read_history(tmp_path / "a.csv.gz", BTC) == (quickly(content), [])


def test_nothing_of_a_packed_file_is_missing(tmp_path: Path) -> None:
    packed = gzip.compress(text(rows(90)))
    path = tmp_path / "a.csv.gz"
    flipped = packed[:-6] + bytes([packed[-6] ^ 1]) + packed[-5:]
    for damaged in (packed[:-1], packed[:-8], packed[:-20], flipped, packed + b"more", b""):
        path.write_bytes(damaged)
        with pytest.raises(UnreadableFileError):
            read_history(path, BTC)
    path.write_bytes(gzip.compress(text(rows(90)[:40])) + gzip.compress(text(rows(90)[40:])))
    assert read_history(path, BTC) == (quickly(text(rows(90))), [])


@pytest.mark.parametrize("places", [4, 8])
def test_a_price_beyond_64_bits_is_refused(places: int, tmp_path: Path) -> None:
    contract = replace(XRP, tick_e8=10 ** (8 - places))
    table = [[row[0], *[f"987654321098761.{'0' * places}"] * 4, "1"] for row in rows()]
    (tmp_path / "a.csv").write_bytes(text(table))
    with pytest.raises(UnreadableFileError, match=r"a\.csv holds prices beyond 64 bits of ticks"):
        read_history(tmp_path / "a.csv", contract)


def test_packed_files_and_files_with_gaps_are_read_too(tmp_path: Path) -> None:
    content = text(rows())
    (tmp_path / "a.csv.gz").write_bytes(gzip.compress(content))
    with zipfile.ZipFile(tmp_path / "b.zip", "w") as archive:
        archive.writestr("b.csv", content)
    read = [read_history(tmp_path / name, BTC) for name in ("a.csv.gz", "b.zip")]
    assert read[0] == read[1] == (quickly(content), [])
    (tmp_path / "c.csv").write_bytes(text([*rows()[:2], *rows()[3:]]))
    with pytest.raises(FileFaultsError, match="line 3: 1 candle missing"):
        read_history(tmp_path / "c.csv", BTC)
    history, faults = read_history(tmp_path / "c.csv", BTC, allow_gaps=True)
    assert (len(history), len(faults)) == (5, 1)
    with pytest.raises(UnreadableFileError):
        read_history(tmp_path / "nowhere.csv", BTC)
