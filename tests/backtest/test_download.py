"""History from the wire into files: whole, in order, gone on with after a cut, and never mended."""

import gzip
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from backtest import __main__ as command_line
from backtest.reading import read_history
from bench.market import written
from simulator.market.series_file import read_funding, read_marks
from simulator.rules import contracts_for
from simulator.starting import Options, start
from simulator.wire.app import make_app
from simulator.wire.serve import serving
from simulator.wire.signing import DEFAULT_CREDENTIALS
from tests.backtest.history_server import FIVE_MIN_MS, START_MS, HistoryServer, kline
from tests.backtest.walks import walk

BTC = contracts_for(["BTCUSDT"])[0]


@pytest.fixture
def slept(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Every pause; nobody waits here."""
    pauses: list[float] = []
    monkeypatch.setattr("backtest.__main__.time.sleep", pauses.append)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    return pauses


@pytest.fixture
def exchange() -> HistoryServer:
    return HistoryServer()


@pytest.fixture
def command(exchange: HistoryServer, tmp_path: Path, slept: list[float]) -> Iterator[list[str]]:
    del slept
    with serving(exchange) as server:
        yield ["download", "BTCUSDT", "--from", "2024-01-01", "--out", str(tmp_path / "out.csv"),
               "--url", server.url]  # fmt: skip


def main(words: list[str]) -> int:
    return command_line.main(words, {})


def test_candles_come_whole_in_pages_and_the_running_one_stays_out(
    command: list[str], exchange: HistoryServer, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(command) == 0
    assert capsys.readouterr().out == f"3,999 rows in {tmp_path / 'out.csv'}\n"
    history, faults = read_history(tmp_path / "out.csv", BTC)
    assert list(history.times_ms) == [START_MS + n * FIVE_MIN_MS for n in range(3999)]
    assert (history.opens[7], history.lows[7], faults) == (420_001, 419_900, [])
    assert [asked["limit"] for asked in exchange.asked] == ["1500"] * 3
    assert sorted(file.name for file in tmp_path.iterdir()) == ["out.csv"]


def test_a_stretch_packed_is_the_same_bytes_again(command: list[str], tmp_path: Path) -> None:
    words = [*command, "--to", "2024-01-02"]
    words[words.index("--out") + 1] = str(tmp_path / "a.csv.gz")
    assert main(words) == 0
    words[words.index("--out") + 1] = str(tmp_path / "b.csv.gz")
    assert main(words) == 0
    a, b = ((tmp_path / name).read_bytes() for name in ("a.csv.gz", "b.csv.gz"))
    assert a == b
    assert len(gzip.decompress(a).splitlines()) == 289


@pytest.mark.parametrize("cut", [1, 17, 60])
def test_a_download_that_was_cut_goes_on_after_its_last_whole_row(
    cut: int, command: list[str], exchange: HistoryServer, tmp_path: Path
) -> None:
    exchange.scripted = [("200 OK", {}, b""), *[("500 no", {}, b"[]")] * 5]
    assert main(command) == 2
    (part,) = tmp_path.iterdir()
    assert part.name == "out.csv.BTCUSDT-klines-5m-20240101T0000.part"
    # the machine died while it wrote
    part.write_bytes(part.read_bytes()[:-cut] + b"\n\0\0\0\n" * (cut == 17))
    exchange.asked.clear()
    assert main(command) == 0
    lost = 1 + (cut > 55)  # a row is some 55 bytes
    assert int(exchange.asked[0]["startTime"]) == START_MS + (1500 - lost) * FIVE_MIN_MS
    history, _ = read_history(tmp_path / "out.csv", BTC)
    assert len(history) == 3999


def test_another_stretch_does_not_go_on_with_it(
    command: list[str], exchange: HistoryServer, tmp_path: Path
) -> None:
    exchange.scripted = [("200 OK", {}, b""), *[("500 no", {}, b"[]")] * 5]
    assert main(command) == 2
    words = ["2024-01-02" if word == "2024-01-01" else word for word in command]
    assert main(words) == 0
    history, _ = read_history(tmp_path / "out.csv", BTC)
    assert history.times_ms[0] == START_MS + 288 * FIVE_MIN_MS


def test_gaps_and_bad_rows_are_refused_by_line_and_taken_when_asked(
    command: list[str], exchange: HistoryServer, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    del exchange.rows[10:12]
    exchange.rows[20][2] = "1.0"  # a high below everything: file line 22
    assert main(command) == 2
    err = capsys.readouterr().err
    assert "line 12: 2 candles missing between 2024-01-01 00:50 and 2024-01-01 01:00" in err
    assert "line 22: " in err
    assert "--allow-gaps takes the rows as they are" in err
    assert not (tmp_path / "out.csv").exists()
    exchange.asked.clear()
    assert main([*command, "--allow-gaps"]) == 0
    assert "2 faults let through" in capsys.readouterr().out
    assert exchange.asked == []  # all of it is there
    assert (tmp_path / "out.csv").read_text().count("\n") == 3998


def test_a_history_that_begins_later_or_ends_sooner_has_a_gap(
    command: list[str], exchange: HistoryServer, capsys: pytest.CaptureFixture[str]
) -> None:
    exchange.rows = exchange.rows[3:-5]
    assert main(command) == 2
    err = capsys.readouterr().err
    assert "line 2: begins 2024-01-01 00:15, not 2024-01-01 00:00" in err
    assert "line 3993: ends 2024-01-14 20:50, not before 2024-01-14 21:15" in err


def test_funding_and_marks(command: list[str], exchange: HistoryServer, tmp_path: Path) -> None:
    out = command.index("--out") + 1
    command[out] = str(tmp_path / "funding.csv")
    assert main([*command, "--funding"]) == 0
    rates = read_funding(tmp_path / "funding.csv")
    assert rates[1] == (START_MS + 8 * 3_600_000 + (START_MS // 28_800_000 + 1) % 29, 10_000)
    assert len(rates) == 42
    command[out] = str(tmp_path / "mark.csv")
    exchange.rows = exchange.rows[::96]
    assert main([*command, "--mark"]) == 0
    assert exchange.asked[-1]["endpoint"] == "markPriceKlines"
    assert exchange.asked[-1]["interval"] == "8h"
    assert len(read_marks(tmp_path / "mark.csv", BTC.tick_e8)) == 41


def test_limits_are_waited_out_and_weight_is_kept_to(
    command: list[str], exchange: HistoryServer, slept: list[float]
) -> None:
    exchange.scripted = [
        ("429 slow down", {"Retry-After": "7"}, b"{}"),
        ("200 OK", {"X-MBX-USED-WEIGHT-1M": "1801"}, b""),
        ("502 bad", {}, b"<html>"),
        ("200 OK", {}, b"[[1704"),  # cut short
    ]
    assert main(command) == 0
    assert slept == [7.0, 2.0, 20.0, 2.0, 4.0]


def test_a_ban_is_not_waited_out(
    command: list[str], exchange: HistoryServer, capsys: pytest.CaptureFixture[str]
) -> None:
    exchange.scripted = [("418 banned", {"Retry-After": "86400"}, b"{}")]
    assert main(command) == 2
    assert "this address is banned for 86400 s" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        (b'{"code":-1121}', "klines: no rows"),
        (b"[[1]]", "klines: no rows"),
        (b'[[1704067200000,"1","1","1","1","1"],[1704067200000,"1","1","1","1","1"]]',
         "rows that do not ascend"),
        (b'[[1,"1","1","1","1","1"]]', "rows that do not ascend"),
    ],
)  # fmt: skip
def test_answers_that_are_none(
    body: bytes, fault: str, command: list[str], exchange: HistoryServer,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    exchange.scripted = [("200 OK", {}, body)]
    assert main(command) == 2
    assert fault in capsys.readouterr().err


def test_a_refusal_is_told_in_the_exchanges_words_and_leaves_nothing(
    command: list[str], exchange: HistoryServer, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    exchange.scripted = [("400 bad", {}, b'{"code":-1121,"msg":"Invalid symbol."}')]
    assert main(command) == 2
    assert "Invalid symbol." in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_a_place_that_cannot_be_written_is_named(
    command: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*command, "--out", "/dev/null/x.csv"]) == 2
    assert capsys.readouterr().err == "/dev/null: File exists\n"


@pytest.mark.parametrize(
    ("words", "fault"),
    [
        (["--interval", "7m"], "--interval 7m: must be one of 1m, 3m, 5m"),
        (["--url", "fapi.binance.com"], "--url fapi.binance.com: must begin with https://"),
        (["--from", "soon"], "--from soon: must be a time"),
        (["--from", "2030-01-01"], "nothing is closed yet"),
        (["--to", "2023-01-01"], "nothing is closed yet"),
        (["--out", "x.zip"], "--out x.zip: must be a plain file or .gz"),
        (["--out", "{home}"], "is there already"),
        (["--url", "http://127.0.0.1:9"], "gave no answer (ConnectionError), 5 times"),
    ],
)
def test_bad_usage_is_one_line(
    words: list[str], fault: str, command: list[str], tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    assert main([*command, *(word.format(home=tmp_path) for word in words)]) == 2
    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert fault in err
    assert list(tmp_path.iterdir()) == []


def test_the_embedded_exchange_hands_out_what_it_has(slept: list[float], tmp_path: Path) -> None:
    del slept
    given = written(walk(8, seed=5), tmp_path / "given.csv.gz")
    end = "2023-01-09T00:00:01Z"
    started = start(Options(candles=[f"BTCUSDT={given}"], clock=end), lambda: 0, lambda: 0)
    app = make_app(started.exchange, DEFAULT_CREDENTIALS, clock=started.clock)
    with serving(app) as server:
        words = ["--from", "2023-01-01", "--out", str(tmp_path / "got.csv"), "--url", server.url]
        assert main(["download", "BTCUSDT", *words]) == 0
    assert read_history(tmp_path / "got.csv", BTC)[0] == read_history(given, BTC)[0]


def test_a_symbol_that_is_a_path_is_refused(
    command: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    command[1] = "../../x"
    assert main(command) == 2
    assert capsys.readouterr().err == "../../x: must be a symbol such as BTCUSDT\n"


@pytest.mark.parametrize("header", [True, False])
@pytest.mark.parametrize("unit", ["ms", "us"])
def test_the_monthly_files_are_read_as_they_are(header: bool, unit: str, tmp_path: Path) -> None:
    names = "open_time,open,high,low,close,volume,close_time,quote_volume,count,"
    names += "taker_buy_volume,taker_buy_quote_volume,ignore"
    lines = [names] if header else []
    for number in range(300):
        row = kline(number)
        times = {0: f"{row[0]}000", 6: f"{row[6]}999"} if unit == "us" else {}
        lines.append(",".join(str(times.get(place, field)) for place, field in enumerate(row)))
    with zipfile.ZipFile(tmp_path / "BTCUSDT-5m-2024-01.zip", "w") as archive:
        archive.writestr("BTCUSDT-5m-2024-01.csv", "\n".join(lines) + "\n")
    history, faults = read_history(tmp_path / "BTCUSDT-5m-2024-01.zip", BTC)
    assert faults == []
    assert list(history.times_ms) == [START_MS + n * FIVE_MIN_MS for n in range(300)]
    assert set(history.closes) == {420_010}
