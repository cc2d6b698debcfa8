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
from backtest.tally import Figures
from bench.market import written
from tests.backtest.walks import ground, setup, walk
from tests.pages.browser import measured, rendered

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
    assert "fee 0.05 %, slippage 1 bp, stops 0 % of the way" in html
    assert "risk_perc 0.1; the rest by default" in html


def test_three_settings_are_three_maps_and_one_is_bars(
    command: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page, three = tmp_path / "page.html", [*command, "--grid", "cooldown_bars=1,2"]
    assert main(three, {}) == 0
    assert "--html FILE draws 3 heat maps, of every two settings" in capsys.readouterr().out
    assert main([*three, "--html", str(page)], {}) == 0
    assert "--html" not in capsys.readouterr().out
    assert page.read_text().count('<table class="heat"') == 3
    assert "<h3>stop_loss_perc and cooldown_bars</h3>" in page.read_text()
    one = [word for word in command if word not in ("--grid", *AXES)]
    assert main([*one, "--grid", AXES[0], "--html", str(page)], {}) == 0
    assert f"bp a trade; down {AXES[0].partition('=')[0]}:\n" in capsys.readouterr().out
    assert '<ol class="columns"' in page.read_text()
    assert "Heat map" not in page.read_text()


def test_what_has_not_traded_has_not_been_spared_a_loss(
    command: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page = tmp_path / "page.html"
    still = [word for word in command if word not in ("--grid", *AXES)]
    assert main([*still, "--grid", "threshold_perc=50,60", "--html", str(page)], {}) == 0
    told = capsys.readouterr().out.splitlines()[1]
    assert told == (
        "0 of 2 combinations lost money after costs (0 %). All had fewer than 30 trades, too few "
        "to tell."
    )
    assert "Nobody can tell." in page.read_text()
    assert "Best and worst" not in page.read_text()
    assert main([*still, "--grid", "threshold_perc=0.3,60"], {}) == 0
    assert (
        capsys.readouterr()
        .out.splitlines()[1]
        .endswith("(50 %). 1 had fewer than 30 trades, too few to tell.")
    )


@pytest.mark.parametrize(("dark", "width"), [(False, 1200), (True, 400)])
def test_a_browser_renders_the_page_without_an_error(
    command: list[str], tmp_path: Path, dark: bool, width: int
) -> None:
    page = tmp_path / "page.html"
    assert main([*command, "--html", str(page)], {}) == 0
    seen = rendered(page, tmp_path / "profile", dark=dark, width=width)
    assert seen.console == []
    assert "Across: stop_loss_perc. Down: threshold_perc." in seen.text
    assert "Before you believe it" in seen.text


def test_every_row_of_a_long_map_is_in_view(command: list[str], tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    words = [word for word in command if word not in ("--grid", *AXES)]
    grids = ["--grid", "threshold_perc=0.1:2:0.1", "--grid", "stop_loss_perc=0.5,1"]
    assert main([*words, *grids, "--html", str(page)], {}) == 0
    hidden = "[...document.querySelectorAll('.wide')].map(e => e.scrollHeight - e.clientHeight)"
    assert measured(page, tmp_path / "profile", hidden) == [0]


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


def showing(number: int, expectancy_bp: float, trades: int = 30) -> sweep.Result:
    return sweep.Result(number, Figures(trades, 0, 0, 0, 0, expectancy_bp, 1, 0), "")


def test_a_cell_is_the_mean_over_the_settings_that_are_not_on_the_map() -> None:
    grid = read_grid(["threshold_perc=1,2", "leverage=1,2", "cooldown_bars=1,2,3"], {})
    maps = heat.heats_of(grid)
    assert [(each.down.name, each.across and each.across.name) for each in maps] == [
        ("threshold_perc", "leverage"),
        ("threshold_perc", "cooldown_bars"),
        ("leverage", "cooldown_bars"),
    ]
    for number, bp in enumerate([1, 2, 6, 10, 20, 60, -1, -2, -6, 0, 0, 3]):
        for each in maps:
            each.take(showing(number, bp, 29 if bp == 6 else 30))
    assert maps[0].cells == [[1.5, 30], [-3, 1]]
    assert maps[1].cells == [[5.5, 11, 60], [-0.5, -1, -1.5]]
    assert maps[2].cells == [[0, 0, -6], [5, 10, 31.5]]


def test_what_is_too_fine_for_a_picture_is_not_kept() -> None:
    fine = ["threshold_perc=0.1:20:0.1", "ma_length=2:202:1"]
    assert heat.heats_of(read_grid(fine, {})) == []
    assert len(heat.heats_of(read_grid([*fine, "leverage=1,2"], {}))) == 2
    assert heat.heats_of(read_grid([], {})) == []
    assert list(heat.lines_of([], drawn=False)) == []
    wide = heat.heats_of(read_grid(["threshold_perc=1,2", "ma_length=2:20:1"], {}))
    assert list(heat.lines_of(wide, drawn=False)) == ["--html FILE draws a heat map"]
    assert list(heat.lines_of(wide, drawn=True)) == []
