"""Funding and mark files."""

from pathlib import Path

import pytest

from simulator.market.series_file import read_funding, read_marks
from simulator.market.text_file import FileFaultsError, UnreadableFileError

T0 = 1_672_531_200_000
H8 = 28_800_000


def file(path: Path, *lines: str) -> Path:
    target = path / "series.csv"
    target.write_text("\n".join(lines))
    return target


def test_funding_times_keep_their_jitter_and_rates_their_sign(tmp_path: Path) -> None:
    rows = file(tmp_path, "funding_time,funding_rate", f"{T0},0.0001", f"{T0 + H8 + 8},-0.0000022")
    assert read_funding(rows) == [(T0, 10_000), (T0 + H8 + 8, -220)]


def test_funding_without_header(tmp_path: Path) -> None:
    assert read_funding(file(tmp_path, f"{T0},0.00010000")) == [(T0, 10_000)]


def test_funding_of_the_monthly_files(tmp_path: Path) -> None:
    header = "calc_time,funding_interval_hours,last_funding_rate"
    assert read_funding(file(tmp_path, header, f"{T0},8,0.0003")) == [(T0, 30_000)]


def test_marks_are_rounded_to_the_nearest_tick_half_up(tmp_path: Path) -> None:
    opens = ["16537.6", "16493.62911039", "16493.65", "16493.649999999999", "16493"]
    lines = [f"{T0 + n * H8},{price},1,1,1" for n, price in enumerate(opens)]
    found = read_marks(file(tmp_path, "open_time,open,high,low,close", *lines), 10_000_000)
    assert [ticks for _, ticks in found] == [165_376, 164_936, 164_937, 164_936, 164_930]


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (f"{T0 + H8},0.000000001", "rate '0.000000001' is no decimal number of at most 8 places"),
        (f"{T0 + H8},x", "rate 'x' is no decimal number"),
        (f"{T0 + H8},8", "rate 8 is above 10 %"),
        (f"{T0 + H8}", "1 columns instead of 2 or more"),
        (f"{T0},0.0001", "2023-01-01 00:00 comes after 2023-01-01 00:00"),
        ("soon,0.0001", "'soon' is no time"),
    ],
)
def test_faults_of_funding(tmp_path: Path, line: str, words: str) -> None:
    with pytest.raises(FileFaultsError) as caught:
        read_funding(file(tmp_path, "funding_time,funding_rate", f"{T0},0.0001", line))
    ((number, what),) = caught.value.faults
    assert number == 3
    assert what.startswith(words)


@pytest.mark.parametrize("price", ["0", "-1", "x", "", "0.04"])
def test_faults_of_marks(tmp_path: Path, price: str) -> None:
    with pytest.raises(FileFaultsError, match="is no positive decimal number"):
        read_marks(file(tmp_path, f"{T0},{price},1,1,1"), 10_000_000)


def test_no_rows(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFileError, match="no rows"):
        read_funding(file(tmp_path, "funding_time,funding_rate"))
