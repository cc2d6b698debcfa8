"""A sweep is many runs: each line the same as the run's, in order, whatever does the work."""

import csv
import json
from pathlib import Path

import pytest

from backtest import heat, lane, sweep
from backtest.__main__ import main
from backtest.grid import Grid, read_grid
from backtest.ground import Account, Ground, Span
from backtest.summary import summarise
from bench.market import written
from tests.backtest.walks import ground, setup, walk

AXES = ["threshold_perc=0.2,0.6", "stop_loss_perc=0.2:0.6:0.2"]
FIXED = {"risk_perc": "0.1"}
HISTORY = walk(30, seed=3)


@pytest.fixture
def grid() -> Grid:
    return read_grid(AXES, FIXED)


@pytest.fixture
def field(machine_code: Path) -> Ground:
    return ground(HISTORY, machine_code)


def test_every_combination_is_the_run_of_its_settings(field: Ground, grid: Grid) -> None:
    results = list(sweep.sweep(field, grid, workers=1))
    assert [result.number for result in results] == list(range(6))
    for result in results:
        chosen = setup()._replace(parameters=grid.parameters(result.number))
        expected = summarise(lane.interpreted(HISTORY, chosen), HISTORY, chosen)
        figures = result.figures
        assert figures is not None
        assert expected["trades"] > 30
        assert (figures.trades, figures.wins) == (expected["trades"], expected["wins"])
        assert figures.gross_e8 / 1e8 == expected["gross"]
        assert figures.fees_e8 / 1e8 == expected["fees"]
        assert figures.funding_e8 / 1e8 == expected["funding"]
        assert figures.net_e8 / 1e8 == expected["net"]
        assert figures.expectancy_bp == pytest.approx(expected["expectancy_bp"])
        assert figures.error_bp == pytest.approx(expected["expectancy_error_bp"])
        assert 100 * figures.drawdown == pytest.approx(expected["max_drawdown_perc"])


def test_a_full_buffer_changes_nothing(
    field: Ground, grid: Grid, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = sweep.play_numbers(field, grid, range(6))
    monkeypatch.setattr("backtest.ground.TRADES_AT_ONCE", 7)
    for small, large in zip(sweep.play_numbers(field, grid, range(6)), whole, strict=True):
        assert small.figures is not None
        assert large.figures is not None
        assert small.figures[:5] == large.figures[:5]
        assert small.figures[5:] == pytest.approx(large.figures[5:])


def test_any_number_of_workers_gives_the_same(field: Ground, grid: Grid) -> None:
    alone = list(sweep.sweep(field, grid, workers=1))
    assert list(sweep.sweep(field, grid, workers=3)) == alone


def test_a_span_is_the_run_between_two_times(field: Ground, grid: Grid) -> None:
    span = Span(field.index(HISTORY.times_ms[0] + 10 * 86_400_000), 20 * 288)
    chosen = setup()._replace(parameters=grid.parameters(0), start_ms=HISTORY.times_ms[span.first])
    end_ms = HISTORY.times_ms[span.end]
    expected = lane.interpreted(HISTORY.until(end_ms), chosen)
    account = Account(field)
    blocks = account.play(field.terms(grid.parameters(0), 0), span)
    assert [n for rows in blocks for n in rows.ravel().tolist()] == expected.trades
    assert len(expected.trades) > 30


def test_an_open_trade_is_played_to_its_end_and_nothing_is_entered_after(
    field: Ground, grid: Grid
) -> None:
    chosen = setup()._replace(parameters=grid.parameters(0))
    rows = lane.interpreted(HISTORY, chosen).trades
    trades = [rows[at : at + 12] for at in range(0, len(rows), 12)]
    number = next(n for n, trade in enumerate(trades) if n > 5 and trade[5] > trade[3] + 1)
    inside = trades[number][3] + 1  # a span that ends while this trade is open
    account = Account(field)
    terms = field.terms(grid.parameters(0), 0)
    cut = [n for rows in account.play(terms, Span(0, inside)) for n in rows.ravel().tolist()]
    assert cut == [n for trade in trades[:number] for n in trade]
    account.reset()
    ended = account.play(terms, Span(0, inside), to_the_end=True)
    assert [n for rows in ended for n in rows.ravel().tolist()] == [
        n for trade in trades[: number + 1] for n in trade
    ]


def test_what_cannot_be_traded_is_told_and_the_rest_is_played(machine_code: Path) -> None:
    grid = read_grid(["breakeven_trigger_perc=0.05,0.4"], {})
    refused, played = sweep.sweep(ground(HISTORY, machine_code), grid, workers=1)
    assert refused.figures is None
    assert "breakeven_offset_perc" in refused.fault
    assert played.figures is not None
    digest = sweep.Digest()
    digest.take(refused)
    assert (digest.played, digest.refused, digest.first_fault) == (0, 1, refused.fault)


def test_the_bounds_of_the_compiled_walk_are_told(machine_code: Path) -> None:
    rich = ground(HISTORY, machine_code)
    rich = Ground(
        HISTORY, rich.setup._replace(balance_e8=10**9 * 10**8), *list(vars(rich).values())[2:6]
    )
    (result,) = sweep.sweep(rich, read_grid(["risk_perc=100"], {}), workers=1)
    assert result.fault.startswith("balance: too large for whole numbers of 62 bits")


@pytest.mark.parametrize(("count", "about"), [(2, 0.52), (10, 1.57), (100, 2.53), (1000, 3.26)])
def test_the_luckiest_of_many(count: int, about: float) -> None:
    # the expected largest of 10 and 100 normal draws is 1.539 and 2.508; the formula comes close
    assert sweep.expected_maximum(count) == pytest.approx(about, abs=0.01)


@pytest.fixture
def command(machine_code: Path, tmp_path: Path) -> list[str]:
    file = written(HISTORY, tmp_path / "candles.csv.gz")
    words = [word for text in AXES for word in ("--grid", text)]
    return ["sweep", str(file), "--symbol", "BTCUSDT", "--set", "risk_perc=0.1", *words,
            "--cache", str(machine_code), "--workers", "1"]  # fmt: skip


def test_the_command_writes_every_result(
    command: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str], field: Ground
) -> None:
    out = tmp_path / "deep" / "out.csv"
    assert main([*command, "--out", str(out)], {}) == 0
    printed = capsys.readouterr().out
    assert printed.splitlines()[1] == "6 of 6 combinations lost money after costs (100 %)."
    assert "the best of 6 is the luckiest as well" in printed
    assert "down threshold_perc, across stop_loss_perc" in printed
    rows = list(csv.DictReader(out.read_text().splitlines()))
    grid = read_grid(AXES, FIXED)
    for row, result in zip(rows, sweep.play_numbers(field, grid, range(6)), strict=True):
        assert (row["threshold_perc"], row["stop_loss_perc"]) == grid.values(result.number)
        assert result.figures is not None
        assert row["net"] == f"{result.figures.net_e8 / 1e8:.8f}"
        assert row["fault"] == ""
    assert main([*command, "--json"], {}) == 0
    figures = json.loads(capsys.readouterr().out)
    best = max(rows, key=lambda row: float(row["expectancy_bp"]))
    assert figures["best"][0]["parameters"]["threshold_perc"] == best["threshold_perc"]
    assert figures["best"][0]["expectancy_bp"] == pytest.approx(float(best["expectancy_bp"]), 1e-3)
    assert (figures["combinations"], figures["lost_after_costs"]) == (6, 6)


def test_the_page_opens_offline_and_says_how_many_lost(command: list[str], tmp_path: Path) -> None:
    assert main([*command, "--html", str(tmp_path / "page.html")], {}) == 0
    html = (tmp_path / "page.html").read_text()
    assert "6 of 6 combinations lost money after costs (100 %)." in html
    assert 'class="heat"' in html
    assert "threshold_perc" in html
    assert "the best of 6 is the luckiest as well" in html
    three = [*command, "--grid", "cooldown_bars=1,2", "--html", str(tmp_path / "three.html")]
    assert main(three, {}) == 0
    assert 'class="heat"' not in (tmp_path / "three.html").read_text()


def test_a_file_that_cannot_be_written_is_one_line(
    command: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "taken").write_text("")
    assert main([*command, "--out", str(tmp_path / "taken" / "out.csv")], {}) == 2
    assert capsys.readouterr().err.count("\n") == 1


@pytest.mark.parametrize(
    ("words", "fault"),
    [
        (["--grid", "leverage=0"], "--grid leverage = '0': must be at least 1"),
        (["--workers", "0"], "--workers 0: must be 1 or more"),
        (["--grid", "breakeven_trigger_perc=0.05"], "no combination can be traded; the first: "),
        (["--dask", "tcp://127.0.0.1:1"], "--dask tcp://127.0.0.1:1: no scheduler answers"),
    ],
)
def test_bad_usage_is_one_line(
    words: list[str], fault: str, command: list[str], capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr("backtest.spread.ANSWER_WITHIN_S", 0.2)
    assert main([*command, *words], {}) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert fault in err
    assert err.count("\n") == 1


def test_holes_in_the_map_are_holes() -> None:
    drawn = heat.Heat(read_grid(["threshold_perc=1,2", "leverage=1,2"], {}))
    drawn.take(sweep.Result(0, None, "no"))
    lines = list(drawn.lines())
    assert lines[-1].split() == ["2", ".", "."]
