"""Walking forward over invented markets: no look ahead, nothing found in noise, an edge found."""

import csv
import json
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from backtest import lane, layout, walkforward
from backtest.__main__ import main
from backtest.grid import Grid, read_grid
from backtest.ground import Account, Ground, Span
from backtest.history import History
from backtest.summary import ERRORS_FROM_ZERO
from backtest.tally import Figures, Tally
from backtest.walkforward import Merged, Plan, Walked
from backtest.walkforward_telling import chosen_before, verdict
from backtest.windows import WindowsError, days_of
from bench.market import written
from job import evidence
from job.config import load
from strategy import RULES_VERSION
from strategy.units import DAY_MS
from tests.backtest.walks import START_MS, ground, walk

AXES = ["threshold_perc=0.3,0.5,0.7", "stop_loss_perc=0.5,1"]
GRID = [word for text in AXES for word in ("--grid", text)]
NOISE = walk(50, seed=1)
#: Half of every deviation from a slow mean is taken back within 14 candles.
DRAWN_BACK = walk(50, seed=2, pull=0.05)


def walked(field: Ground, grid: Grid, workers: int = 1) -> tuple[Plan, Walked]:
    plan = walkforward.plan_of(field, 15, 10, seed=7)
    merged = Merged(plan)
    for part in walkforward.parts(field, grid, plan, workers, None):
        merged.take(part)
    return plan, walkforward.traded(field, grid, plan, merged)


@pytest.fixture
def grid() -> Grid:
    return read_grid(AXES, {"risk_perc": "0.1"})


@pytest.fixture
def noise(machine_code: Path) -> Ground:
    return ground(NOISE, machine_code)


def test_the_windows_roll_without_a_gap(noise: Ground) -> None:
    plan = walkforward.plan_of(noise, 15, 10, seed=7)
    days = [
        tuple(
            (NOISE.times_ms[index] - START_MS) / DAY_MS for index in (w.train.first, w.test.first)
        )
        for w in plan.windows
    ]
    assert days == [(0, 15), (10, 25), (20, 35), (30, 45)]
    assert all(window.train.end == window.test.first for window in plan.windows)
    assert all(a.test.end == b.test.first for a, b in pairwise(plan.windows))
    assert plan.windows[-1].test.end == len(NOISE)
    assert (plan.newest.first, plan.newest.end) == (35 * 288, 50 * 288)
    assert plan.blocks[0].first == 0
    assert plan.blocks[-1].end == len(NOISE)
    assert all(a.end == b.first for a, b in pairwise(plan.blocks))


def test_nothing_survives_where_nothing_is(noise: Ground, grid: Grid) -> None:
    _, found = walked(noise, grid)
    assert found.total.trades > 100
    assert verdict(found).startswith("No: -")
    assert verdict(found).endswith("Nothing survives.")
    assert found.check.p_value > 0.5
    assert found.check.combinations == 6


def test_an_edge_that_is_there_is_found(machine_code: Path, grid: Grid) -> None:
    _, found = walked(ground(DRAWN_BACK, machine_code), grid)
    assert verdict(found).startswith("Yes, on these candles: +")
    assert found.check.p_value <= 0.01


@pytest.mark.parametrize(
    ("trades", "bp", "told"),
    [
        (0, None, "never chosen before, so it has no result out of sample"),
        (1, None, "when chosen before, 1 trade: too few to tell"),
        (1_200, 1.5, "when chosen before, +1.50 bp a trade over 1,200 trades"),
    ],
)
def test_what_the_next_choice_made_before(trades: int, bp: float | None, told: str) -> None:
    assert chosen_before(Figures(trades, 0, 0, 0, 0, bp, bp, 0.0)) == told


def test_each_choice_is_the_best_of_its_train_window(noise: Ground, grid: Grid) -> None:
    plan, found = walked(noise, grid)
    for step in found.steps:
        shown = []
        for number in range(len(grid)):
            account, terms = Account(noise), noise.terms(grid.parameters(number), 0)
            tally = Tally(noise.cache, terms.unit_e8, noise.setup.balance_e8)
            for rows in account.play(terms, step.window.train):
                tally.take(rows)
            shown.append((tally.figures().rank_bp or -1e9, -number))
        assert step.choice is not None
        assert step.choice.number == -max(shown)[1]
    assert sum(step.test.trades for step in found.steps) == found.total.trades
    assert sum(step.test.net_e8 for step in found.steps) == found.total.net_e8
    assert plan.day_of[-1] == 49


def test_a_changed_future_never_changes_a_choice(
    noise: Ground, grid: Grid, machine_code: Path
) -> None:
    """The candles of the last test window are others: all that was chosen before stays."""
    plan, before = walked(noise, grid)
    end = plan.windows[-1].train.end
    other = walk(50, seed=99)
    columns = [
        mine[:end] + type(mine)("q", theirs[end:])
        for mine, theirs in zip(NOISE[1:], other[1:], strict=True)
    ]
    _, after = walked(ground(History(NOISE.interval_ms, *columns), machine_code), grid)
    assert [step.choice for step in after.steps] == [step.choice for step in before.steps]
    assert after.steps[-1].test != before.steps[-1].test


def test_the_account_is_one_account(noise: Ground, grid: Grid) -> None:
    """Trades of the windows never overlap, and the wallet goes on from one to the next."""
    plan, _ = walked(noise, grid)
    account, rows = Account(noise), []
    terms = noise.terms(grid.parameters(0), 0)
    for window in plan.windows:
        blocks = account.play(terms, window.test, to_the_end=True)
        rows += [row for block in blocks for row in block.tolist()]
    nets = [row[layout.T_GROSS] - row[layout.T_FEES] - row[layout.T_FUNDING] for row in rows]
    wallets = [row[layout.T_WALLET] for row in rows]
    assert wallets == [noise.setup.balance_e8 + int(s) for s in np.cumsum(nets)]


def test_any_number_of_workers_gives_the_same(noise: Ground, grid: Grid) -> None:
    assert walked(noise, grid, workers=1)[1] == walked(noise, grid, workers=3)[1]


@pytest.mark.parametrize("text", ["90", "0d", "-1d", "90 days", "1.5d", ""])
def test_days_are_days(text: str) -> None:
    with pytest.raises(WindowsError, match="must be a number of days such as 90d"):
        days_of(text, "--train")


@pytest.fixture
def command(machine_code: Path, tmp_path: Path) -> list[str]:
    file = written(NOISE, tmp_path / "candles.csv.gz")
    return ["walkforward", str(file), "--symbol", "BTCUSDT", "--set", "risk_perc=0.1", *GRID,
            "--train", "15d", "--test", "10d", "--cache", str(machine_code)]  # fmt: skip


def test_the_command_writes_windows_and_evidence(
    command: list[str],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    noise: Ground,
    grid: Grid,
) -> None:
    out, file = tmp_path / "windows.csv", tmp_path / "evidence.json"
    assert main([*command, "--json", "--out", str(out), "--evidence", str(file)], {}) == 0
    printed, told = capsys.readouterr()
    _, found = walked(noise, grid)
    figures = json.loads(printed)
    assert figures["verdict"] == verdict(found)
    assert "Nothing survives." in told.splitlines()[1]
    assert "White (2000)" in told
    assert (
        f"`next` in {file}; on live the job opens nothing on it: walk-forward as a whole: -" in told
    )
    assert figures["out_of_sample"]["net"] == found.total.net_e8 / 1e8
    rows = list(csv.DictReader(out.read_text().splitlines()))
    assert [int(row["test_trades"]) for row in rows] == [s.test.trades for s in found.steps]
    written_down = evidence.load(file).symbols["BTCUSDT"]
    assert found.next is not None
    assert written_down.parameters == evidence.texts_of(grid.parameters(found.next.number))
    assert written_down.total.trades == found.total.trades
    assert written_down.total.expectancy_bp == found.total.expectancy_bp
    assert written_down.luck.p_value == found.check.p_value
    assert written_down.candles.count == len(NOISE)
    assert written_down.rules_version == RULES_VERSION
    same = [s for s in found.steps if s.choice and s.choice.number == found.next.number]
    assert written_down.these.windows == len(same)
    assert written_down.these.trades == sum(step.test.trades for step in same)


def test_what_was_found_is_what_live_asks_for(
    command: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "evidence.json"
    drawn_back = str(written(DRAWN_BACK, tmp_path / "drawn-back.csv.gz"))
    command = [command[0], drawn_back, *(word for word in command[2:] if word not in GRID)]
    words = ["--set", "stop_loss_perc=1", "--grid", "threshold_perc=0.5,3"]
    assert main([*command, *words, "--evidence", str(file)], {}) == 0
    told = capsys.readouterr().out.splitlines()[-1]
    assert "may open positions" in told
    written_down = evidence.load(file).symbols["BTCUSDT"]
    assert told.endswith(
        f"on live the job may open positions with exactly these: {evidence.gain(written_down)}"
    )
    chosen = [f"strategy.{name}={text}" for name, text in written_down.parameters.items()]
    live = load({}, tmp_path, None, ["venue=live", "symbol=BTCUSDT", *chosen])
    assert evidence.judge_all(live) == {"BTCUSDT": (True, evidence.gain(written_down))}
    other = load({}, tmp_path, None, ["venue=live", "symbol=BTCUSDT", *chosen, "ma_length=21"])
    assert not evidence.judge_all(other)["BTCUSDT"].allowed


def test_both_say_alike_what_is_distinguishable_from_zero() -> None:
    assert evidence.ERRORS_FROM_ZERO == ERRORS_FROM_ZERO


@pytest.mark.parametrize(
    ("words", "fault"),
    [
        (["--train", "90d"], "--train 90d: there are 50.0 days of candles; nothing is left"),
        (["--test", "x"], "--test x: must be a number of days"),
        (["--grid", "x=1"], "--grid x: no setting that can be varied"),
    ],
)
def test_bad_usage_is_one_line(
    words: list[str], fault: str, command: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*command, *words], {}) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert fault in err
    assert err.count("\n") == 1


def test_a_file_that_is_no_evidence_is_left_alone(
    command: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "config.toml"
    file.write_text("venue = 'live'")
    assert main([*command, "--evidence", str(file)], {}) == 2
    assert "config.toml is no evidence" in capsys.readouterr().err
    assert file.read_text() == "venue = 'live'"


def test_a_train_window_knows_nothing_behind_its_end(noise: Ground, grid: Grid) -> None:
    """Each window's figures are those of a history that ends with it, a trade being open or not."""
    parameters, account = grid.parameters(0), Account(noise)
    chosen = noise.setup._replace(parameters=parameters)
    open_at_the_end = 0
    for end in range(3000, 3300, 20):
        outcome = lane.interpreted(NOISE.until(NOISE.times_ms[end]), chosen)
        open_at_the_end += outcome.state[layout.SIDE] != 0
        trained = walkforward._train(noise, account, noise.terms(parameters, 0), Span(0, end))
        assert trained.trades == len(outcome.trades) // layout.WIDTH
        assert trained.gross_e8 == sum(outcome.column(layout.T_GROSS))
    assert open_at_the_end > 2
