"""`python -m backtest run` as people type it: files in, lines, trades and an exit status out."""

import gc
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from backtest import rows, telling
from backtest.__main__ import cache_folder, main
from job.trades import trade_rows as job_rows
from job.trades import write_trades
from strategy.instrument import money_text
from tests.house.sources import ROOT
from tests.oracle.candles import write_csv
from tests.oracle.planted import START_MS, Planted
from tests.oracle.planted_base import PARAMS
from tests.oracle.planted_cases import cases
from tests.oracle.play import play
from tests.oracle.result import write_trades as oracle_trades
from tests.processes import unmeasured

CASES = {case.name: case for case in cases()}
WORDS = [word for name, text in PARAMS.items() for word in ("--set", f"{name}={text}")]


@pytest.fixture
def case() -> Planted:
    return CASES["stop-within"]


@pytest.fixture
def command(case: Planted, tmp_path: Path) -> list[str]:
    """The case as a command line."""
    write_csv(case.candles, tmp_path / "candles.csv")
    return ["run", str(tmp_path / "candles.csv"), "--symbol", "BTCUSDT", *WORDS]


def told(command: list[str], capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    """The figures of --json."""
    assert main([*command, "--json"], {}) == 0
    figures: dict[str, Any] = json.loads(capsys.readouterr().out)
    return figures


def test_the_trades_file_is_the_oracles(command: list[str], case: Planted, tmp_path: Path) -> None:
    trades = tmp_path / "out" / "trades.csv"
    assert main([*command, "--set", "funding=false", "--trades", str(trades)], {}) == 0
    oracle_trades(play(case).rows, tmp_path / "oracle.csv")
    assert trades.read_bytes() == (tmp_path / "oracle.csv").read_bytes()


def test_the_figures_of_one_trade(command: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    # gross -101, fees 9.94951: worked out by hand in the oracle's tests
    figures = told([*command, "--set", "funding=false"], capsys)
    assert (figures["trades"], figures["wins"], figures["reasons"]) == (1, 0, {"stop": 1})
    assert (figures["gross"], figures["fees"], figures["net"]) == (-101, 9.94951, -110.94951)
    assert figures["wallet"] == 9889.05049
    assert figures["max_drawdown_perc"] == pytest.approx(1.1094951)
    assert figures["worst_day"] == -110.94951
    # turnover 1.010 x (9901.0 + 9801.0) = 19899.02; 101 of it are 50.756 bp, slippage back 1 bp
    assert figures["break_even_cost_bp"] == pytest.approx(-101 / 19899.02 * 1e4 + 1)
    assert figures["cost_bp"] == pytest.approx(6)
    assert figures["losing_streak"] == 1
    assert figures["profit_factor"] == 0
    assert figures["expectancy_bp"] is None  # one trade has no standard error
    assert "too few" in figures["verdict"]
    assert figures["lane"] == "interpreted"


def test_the_screen_begins_with_the_verdict_and_json_leaves_it_on_stderr(
    command: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(command, {}) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("BTCUSDT 5m, 2025-01-01 01:00 to ")
    assert lines[1] == (
        "Does it earn money after costs? Nobody can tell: 1 trade is too few (at least 30)."
    )
    assert max(map(len, lines)) <= 110
    assert main([*command, "--json"], {}) == 0
    out, err = capsys.readouterr()
    assert out.count("\n") == 1
    assert err.splitlines() == lines


@pytest.mark.parametrize(
    ("words", "fault"),
    [
        (["--set", "leverage=0", "--set", "x=1"], "no such setting here"),
        (["--balance", "-1"], "balance = '-1'"),
        (["--symbols", "0"], "--symbols 0"),
        (["--from", "soon"], "--from soon"),
        (["--from", "2030-01-01"], "fewer than two candles"),
        (["--to", "2020-01-01"], "fewer than two candles"),
        (["--set", "interval=15m"], "candles of 5 min"),
        (["--symbol", "DOGEUSDT"], "no rules for DOGEUSDT"),
        (["--funding", "nowhere.csv"], "nowhere.csv cannot be read: No such file or directory\n"),
        (["--funding", "/"], "/ cannot be read: Is a directory\n"),
        (["--rules", "nowhere.json"], "nowhere.json"),
        (["--trades", "/dev/null/trades.csv"], "/dev/null: cannot be written (File exists)"),
        (["--html", "/dev/null/page.html"], "/dev/null: cannot be written (File exists)"),
    ],
)
def test_bad_usage_is_status_2_and_one_line_a_fault(
    words: list[str], fault: str, command: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*command, *words], {}) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert fault in err


@pytest.mark.parametrize("words", [["run", "x.csv"], [], ["--fast"], ["fly"]])
def test_a_wrong_command_line_is_one_line_too(
    words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(words, {})
    assert ended.value.code == 2
    [line] = capsys.readouterr().err.splitlines()
    assert line.endswith("(see --help)")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["run", "x.csv", "--symbol", "BTCUSDT"], "interrupted\n"),
        (["download", "BTCUSDT", "--from", "2024-01-01", "--out", "x.csv"],
         "interrupted; the same command goes on where it was\n"),
    ],
)  # fmt: skip
def test_an_interrupted_command_is_one_line(
    words: list[str],
    told: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def pressed(*_: object) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr("backtest.__main__.play", pressed)
    assert main(words, {}) == 130
    assert capsys.readouterr() == ("", told)


def test_gaps_are_refused_and_let_through_when_asked(
    case: Planted, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_csv([*case.candles[:3], *case.candles[4:]], tmp_path / "candles.csv")
    command = ["run", str(tmp_path / "candles.csv"), "--symbol", "BTCUSDT", *WORDS]
    assert main(command, {}) == 2
    assert "line 5: 1 candle missing" in capsys.readouterr().err
    assert main([*command, "--allow-gaps"], {}) == 0
    out = capsys.readouterr().out
    assert "1 missing" in out.splitlines()[0]
    assert "--allow-gaps let faults of the file through (1), the first in line 5" in out


@pytest.mark.parametrize(("name", "index"), [("first-is-9", 9), ("first-is-10", 10)])
def test_from_is_the_first_candle_that_may_decide(
    name: str, index: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_csv(CASES[name].candles, tmp_path / "candles.csv")
    command = ["run", str(tmp_path / "candles.csv"), "--symbol", "BTCUSDT", *WORDS]
    figures = told([*command, "--from", str(START_MS + index * 300_000)], capsys)
    opened = play(CASES[name]).open_trade
    assert opened is not None
    assert figures["open_trade"]["entry_ms"] == opened.entry_ms
    assert figures["from_ms"] == START_MS + index * 300_000


def test_the_rows_are_written_as_the_jobs_are(tmp_path: Path) -> None:
    """The text of the file is made by hand for speed; the job's writer is the law."""
    made = [dict(row) for row in play(CASES["moved-only-once"]).rows + play(CASES["reverted"]).rows]
    for row in made:
        row |= {column: int(row[column]) for column in ("entry_time", "exit_time")}  # type: ignore[misc]
    written = job_rows(made, {"BTCUSDT": 300_000})
    write_trades(tmp_path / "job.csv", written)
    rows.write_rows(tmp_path / "here.csv", iter([tuple(row.values()) for row in written]))
    assert (tmp_path / "here.csv").read_bytes() == (tmp_path / "job.csv").read_bytes()


@pytest.mark.parametrize("amount", [0, 1, -1, 10**8, -(10**8), 123456789012, -99_999_999])
def test_money_is_written_as_the_strategy_writes_it(amount: int) -> None:
    assert rows.decimal_text(amount, 8) == money_text(amount)


def test_an_ordinary_run_loads_nothing_heavy(command: list[str]) -> None:
    script = "import sys; from backtest.__main__ import main; main(sys.argv[1:], {}); "
    script += "print(sorted(sys.modules))"
    ended = subprocess.run(
        [sys.executable, "-c", script, *command],
        cwd=ROOT,
        env=unmeasured(),
        capture_output=True,
        text=True,
        check=True,
    )
    loaded = ended.stdout.splitlines()[-1]
    for heavy in ("numba", "numpy", "ccxt", "requests", "boto3", "urllib3", "multiprocessing"):
        assert f"'{heavy}'" not in loaded
    for not_needed in ("csv", "gzip", "json", "threading", "zipfile"):
        assert f"'{not_needed}'" not in loaded


def test_a_process_ends_at_once_but_not_before_all_is_said(command: list[str]) -> None:
    ended = process([*command, "--json"])
    assert (ended.returncode, json.loads(ended.stdout)["symbol"]) == (0, "BTCUSDT")
    assert telling.QUESTION in ended.stderr
    ended = process([*command, "--set", "leverage=0"])
    assert (ended.returncode, ended.stdout, ended.stderr.count("\n")) == (2, "", 1)


def process(words: list[str]) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "backtest", *words],
        cwd=ROOT,
        env=unmeasured(),
        capture_output=True,
        text=True,
        check=False,
    )


def test_garbage_is_looked_for_again_once_all_is_loaded(command: list[str]) -> None:
    gc.disable()
    try:
        assert main(command, {}) == 0
        assert gc.isenabled()
    finally:
        gc.unfreeze()
        gc.enable()


def test_the_cache_lies_where_the_user_keeps_caches() -> None:
    assert cache_folder({"XDG_CACHE_HOME": "/there"}) == Path("/there/revert-backtest")
    assert cache_folder({}) == Path.home() / ".cache" / "revert-backtest"


def test_nothing_has_no_sign() -> None:
    assert (telling.usdt(-0.0), telling.usdt(-0.004), telling.usdt(-0.006)) == (
        "0.00", "0.00", "-0.01"
    )  # fmt: skip
    assert (telling.percent(-0.0), telling.percent(-0.006)) == ("+0.00 %", "-0.01 %")


def test_without_a_trade_there_is_no_ladder(
    command: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page = tmp_path / "page.html"
    never = [*command, "--set", "threshold_perc=50", "--ladder", "--html", str(page)]
    assert main(never, {}) == 0
    assert "if fills were worse" not in capsys.readouterr().out
    assert '<dd class="even">10,000.00 USDT</dd>' in page.read_text()


def test_texts_for_what_cannot_be_computed() -> None:
    assert (telling.percent(None), telling.number(None)) == ("n/a", "n/a")
