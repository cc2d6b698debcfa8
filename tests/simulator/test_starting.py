"""From command line words to an exchange: defaults, files, and every fault at once."""

from pathlib import Path

import pytest

from simulator.engine.model import Costs
from simulator.starting import Options, Started, StartFaultsError, start

START_MS = 1_700_000_100_000


def started(options: Options) -> Started:
    return start(options, lambda: START_MS, lambda: 0)


def faults_of(options: Options) -> tuple[str, ...]:
    with pytest.raises(StartFaultsError) as caught:
        started(options)
    return caught.value.faults


@pytest.fixture
def candles(tmp_path: Path) -> Path:
    path = tmp_path / "BTCUSDT-5m.csv"
    rows = (f"{START_MS + n * 300_000},60000,60010,59990,60000,1.5\n" for n in range(4))
    path.write_text("".join(rows), encoding="utf-8")
    return path


def test_nothing_said_is_synthetic_prices_in_real_time() -> None:
    venue = started(Options())
    assert list(venue.exchange.contracts) == ["BTCUSDT", "ETHUSDT", "SOLUSDT", "XRPUSDT"]
    assert (venue.exchange.market.label, venue.clock()) == ("synthetic", START_MS)
    with venue.exchange.request() as engine:
        assert engine.books.wallet_e8 == 10_000 * 10**8
    assert venue.exchange.costs == Costs()


def test_files_begin_where_all_have_begun(candles: Path) -> None:
    venue = started(Options(candles=[f"BTCUSDT={candles}"]))
    assert list(venue.exchange.contracts) == ["BTCUSDT"]
    assert venue.exchange.market.label == "file BTCUSDT-5m.csv"
    assert venue.clock() == START_MS
    venue.clock.set(START_MS + 900_000)
    assert venue.exchange.last_ticks("BTCUSDT") == 600_000


def test_a_clock_and_costs(candles: Path) -> None:
    words = ["fee_perc=0.04", "slippage_bps=2.5", "funding=false", "funding_rate_perc=-0.02"]
    venue = started(
        Options(
            candles=[f"BTCUSDT={candles}"],
            clock="2023-11-14T22:25:00Z",
            settings=words,
            balance="123.45678901",
        )
    )
    assert venue.clock() == START_MS + 600_000
    assert venue.exchange.costs == Costs(400, 250, funding=False, funding_rate_e8=-20_000)
    with venue.exchange.request() as engine:
        assert engine.books.wallet_e8 == 12_345_678_901


def test_a_time_without_a_zone_is_utc() -> None:
    assert started(Options(clock="2023-11-14T22:15:00")).clock() == START_MS
    assert started(Options(clock="2023-11-14T23:15:00+01:00")).clock() == START_MS


def test_funding_and_marks_belong_to_a_symbol(tmp_path: Path, candles: Path) -> None:
    funding, marks = tmp_path / "funding.csv", tmp_path / "mark.csv"
    funding.write_text(f"funding_time,funding_rate\n{START_MS + 7},0.0003\n", encoding="utf-8")
    marks.write_text(
        f"open_time,open,high,low,close\n{START_MS},60001,60002,60000,60001\n", encoding="utf-8"
    )
    venue = started(
        Options(
            candles=[f"BTCUSDT={candles}"],
            funding=[f"BTCUSDT={funding}"],
            marks=[f"BTCUSDT={marks}"],
        )
    )
    venue.clock.set(START_MS + 300_000)
    assert venue.exchange.funding_info("BTCUSDT").last_rate_e8 == 30_000


def test_every_fault_is_named_at_once(tmp_path: Path) -> None:
    faults = faults_of(
        Options(
            candles=["BTCUSDT", f"ETHUSDT={tmp_path / 'none.csv'}"],
            symbols=["BTCUSDT"],
            clock="yesterday",
            balance="a lot",
            funding=["XRPUSDT=x.csv"],
            settings=["fee_perc=2", "fee_perc=0.00001", "slippage_bps=", "funding=maybe", "x=1"],
        )
    )
    beginnings = (
        "--candles BTCUSDT:",
        "--symbol is for synthetic prices",
        "fee_perc 2: must be from 0 to 1",
        "fee_perc 0.00001: finer than",
        "slippage_bps '': not a number",
        "--set funding=maybe:",
        "--set x=1:",
        "--balance 'a lot': not a number",
        "--candles ETHUSDT:",
        "--funding XRPUSDT=x.csv: there are no prices",
        "--clock yesterday:",
    )
    assert len(faults) == len(beginnings)
    for fault, beginning in zip(faults, beginnings, strict=True):
        assert fault.startswith(beginning)


def test_files_of_two_intervals_are_refused(tmp_path: Path, candles: Path) -> None:
    other = tmp_path / "ETHUSDT-15m.csv"
    first_ms = START_MS - START_MS % 900_000
    rows = (f"{first_ms + n * 900_000},3000,3001,2999,3000,1\n" for n in range(3))
    other.write_text("".join(rows), encoding="utf-8")
    words = [f"BTCUSDT={candles}", f"ETHUSDT={other}"]
    assert faults_of(Options(candles=words)) == ("--candles: the files have different intervals",)


def test_a_symbol_nobody_knows_needs_a_rules_file() -> None:
    (fault,) = faults_of(Options(symbols=["DOGEUSDT"]))
    assert "DOGEUSDT" in fault
    assert "--rules" in fault
    assert faults_of(Options(balance="0")) == ("--balance must be above 0",)
    assert faults_of(Options(balance="-1")) == ("--balance -1: must be from 0 to 1000000000",)
