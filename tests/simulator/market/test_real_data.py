"""Real recorded files, where they are at hand beside the project."""

from decimal import Decimal
from pathlib import Path

import pytest

from simulator.market.candle_file import read_candles
from simulator.market.series_file import read_funding, read_marks
from simulator.market.text_file import read_lines

DATA = Path(__file__).parents[3].parent / "shared" / "data"
pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="no recorded data beside the project")

FILES = [
    ("BTCUSDT-5m-2025-10-crash.csv.gz", "0.1", "0.001", 5, 8_688),
    ("BTCUSDT-1m-2025-05.csv.gz", "0.1", "0.001", 1, 43_199),
    ("ETHUSDT-5m-2025-03.csv.gz", "0.01", "0.001", 5, 10_906),
    ("SOLUSDT-5m-2025-03.csv.gz", "0.01", "0.01", 5, 8_639),
    ("XRPUSDT-5m-2025-03.csv.gz", "0.0001", "0.1", 5, 8_639),
]


@pytest.mark.parametrize(("name", "tick", "step", "minutes", "count"), FILES)
def test_every_row_is_read_exactly(
    name: str, tick: str, step: str, minutes: int, count: int
) -> None:
    tick_e8, step_e8 = int(Decimal(tick) * 10**8), int(Decimal(step) * 10**8)
    found = read_candles(DATA / name, tick_e8, step_e8)
    assert (found.interval_ms, len(found.candles)) == (minutes * 60_000, count)
    lines = read_lines(DATA / name)[1:]
    for line, candle in list(zip(lines, found.candles, strict=True))[::97]:
        time, *numbers, volume = line.split(",")
        assert candle.open_time_ms == int(time)
        assert [ticks * Decimal(tick) for ticks in candle[1:5]] == [Decimal(n) for n in numbers]
        assert 0 <= Decimal(volume) - candle.volume * Decimal(step) < Decimal(step)


def test_funding_and_marks() -> None:
    funding = read_funding(DATA / "BTCUSDT-funding-2025-10-crash.csv.gz")
    assert funding[:2] == [(1_758_758_400_000, -220), (1_758_787_200_001, 1_730)]
    assert len(funding) == 93
    marks = read_marks(DATA / "BTCUSDT-mark-8h-2023-01_2024-01.csv.gz", 10_000_000)
    assert marks[0] == (1_672_531_200_000, 165_376)
    assert len(marks) == 1_188
