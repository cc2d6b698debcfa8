"""Where a funding file has no rate nothing is charged: that is said, and is no evidence."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from backtest.__main__ import main
from backtest.history import History
from backtest.setup import Setup
from backtest.uncharged import without_rates
from bench.market import written
from job import evidence
from tests.backtest.walks import START_MS, setup, walk

HOUR_MS = 3_600_000
DAYS = 10
LATE_MS = 29  # as the exchange's own are
MARKET: History = walk(DAYS, seed=3)
RATES = [(START_MS + LATE_MS + hours * HOUR_MS, 10_000) for hours in range(0, 24 * DAYS, 8)]


def charged(rates: list[tuple[int, int]] | None) -> Setup:
    return setup()._replace(rates=rates)


def test_a_file_of_the_whole_span_leaves_nothing_out() -> None:
    assert without_rates(charged(RATES), MARKET) == ""
    more_often = [(START_MS + hours * HOUR_MS, 10_000) for hours in range(1, 24 * DAYS)]
    assert without_rates(charged(more_often), MARKET) == ""


def test_without_a_file_the_rate_of_the_settings_is_charged() -> None:
    assert without_rates(charged(None), MARKET) == ""


@pytest.mark.parametrize(
    ("rates", "told"),
    [
        ([], "10.0 of 10.0 days: the file has no rates there; the first are 2023-01-01 00:00 to"),
        (RATES[:-1], "0.7 of 10.0 days: .* are 2023-01-10 08:00 to 2023-01-11 00:00"),
        (RATES[2:], "0.7 of 10.0 days: .* are 2023-01-01 00:00 to 2023-01-01 16:00"),
        ([*RATES[:6], *RATES[7:]], "0.7 of 10.0 days: .* are 2023-01-02 16:00"),
    ],
)
def test_what_a_file_leaves_out_is_told(rates: list[tuple[int, int]], told: str) -> None:
    assert re.match("not charged during " + told, without_rates(charged(rates), MARKET))


def test_before_the_first_candle_that_decides_nothing_is_missed() -> None:
    later = charged(RATES[9:])._replace(start_ms=START_MS + 3 * 24 * HOUR_MS)
    assert without_rates(later, MARKET) == ""


def test_who_asks_for_no_funding_is_told_nothing() -> None:
    free = charged([])
    assert without_rates(free._replace(costs=replace(free.costs, funding=False)), MARKET) == ""


@pytest.fixture
def files(tmp_path: Path) -> list[str]:
    """Candles, and funding of the first half of them."""
    rates = "".join(f"{time_ms},0.0001\n" for time_ms, _ in RATES[: len(RATES) // 2])
    (tmp_path / "funding.csv").write_text("funding_time,funding_rate\n" + rates)
    candles = written(MARKET, tmp_path / "candles.csv.gz")
    return [str(candles), "--symbol", "BTCUSDT", "--funding", str(tmp_path / "funding.csv")]


def test_a_run_says_it(files: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", *files], {}) == 0
    assert "\nFUNDING         not charged during 5.3 of 10.0 days" in capsys.readouterr().out


def test_a_walk_says_it_and_its_evidence_claims_no_funding(
    files: list[str], machine_code: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["--train", "4d", "--test", "3d", "--cache", str(machine_code)]
    file = tmp_path / "evidence.json"
    assert main(["walkforward", *files, *words, "--evidence", str(file)], {}) == 0
    assert "\nFUNDING         not charged during 5.3 of 10.0 days" in capsys.readouterr().out
    assert not evidence.load(file).symbols["BTCUSDT"].costs.funding
