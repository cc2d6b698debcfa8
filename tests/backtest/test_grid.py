"""Grids as people type them: exact, with their ends, refused in one line where they are wrong."""

import pytest

from backtest.grid import GridError, read_grid
from strategy.parameters import ParameterFaultsError


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("threshold_perc=0.2:2.0:0.1", [f"{tenths / 10:g}" for tenths in range(2, 21)]),
        ("threshold_perc=0.1:0.3:0.1", ["0.1", "0.2", "0.3"]),  # 0.1 + 0.2 in floats is beyond 0.3
        ("strategy.stop_loss_perc = 0.2, 0.50,1", ["0.2", "0.5", "1"]),
        ("ma_length=10:10:5,30:50:10,100", ["10", "30", "40", "50", "100"]),
        ("risk_perc=0.0001", ["0.0001"]),
    ],
)
def test_values_and_ranges(text: str, values: list[str]) -> None:
    grid = read_grid([text], {})
    assert list(grid.axes[0].values) == values
    assert len(grid) == len(values)


@pytest.mark.parametrize(
    ("texts", "fault"),
    [
        (["threshold_perc"], "must be name=values"),
        (["threshold=1"], "--grid threshold: no setting that can be varied; there are breakeven_"),
        (["interval=5m"], "--grid interval: no setting that can be varied"),
        (["fee_perc=0"], "--grid fee_perc: no setting that can be varied"),
        (["leverage=0"], "--grid leverage = '0': must be at least 1, at most 50"),
        (["leverage=1:51:1"], "--grid leverage = '1:51:1': must be at least 1, at most 50"),
        (["ma_length=10.5"], "must be a whole number"),
        (["threshold_perc=0.00001"], "must be a multiple of 0.0001"),
        (["threshold_perc=0.2:1.0:0.3"], "no whole number of steps; END could be 0.8 or 1.1"),
        (["threshold_perc=1:0.2:0.1"], "must rise"),
        (["threshold_perc=0.2:1:0"], "must rise"),
        (["threshold_perc=0.2:1"], "must be START:END:STEP"),
        (["threshold_perc=a:1:b"], "must be a number"),
        (["threshold_perc="], "must be a number"),
        (["threshold_perc=0.1:2000:0.1"], "20000 values; at most 10000"),
        (["threshold_perc=0.2,0.20"], "0.2 comes twice"),
        (["leverage=1", "leverage=2"], "--grid leverage: comes twice"),
        (["risk_perc=1"], "--grid risk_perc: stands in --set as well"),
    ],
)
def test_a_bad_grid_is_one_clear_line(texts: list[str], fault: str) -> None:
    with pytest.raises(GridError) as raised:
        read_grid(texts, {"risk_perc": "0.5"})
    (line,) = raised.value.faults
    assert fault in line


def test_every_fault_is_named_at_once() -> None:
    with pytest.raises(GridError) as raised:
        read_grid(["leverage=0,99", "x=1"], {})
    assert len(raised.value.faults) == 3


def test_the_last_axis_turns_fastest_and_the_fixed_settings_hold() -> None:
    grid = read_grid(["threshold_perc=1,2", "cooldown_bars=0,5,9"], {"risk_perc": "0.5"})
    assert [grid.values(number) for number in range(len(grid))] == [
        ("1", "0"), ("1", "5"), ("1", "9"), ("2", "0"), ("2", "5"), ("2", "9"),
    ]  # fmt: skip
    assert grid.places(4) == [1, 1]
    chosen = grid.parameters(4)
    assert (chosen.threshold_ppm, chosen.cooldown_bars, chosen.risk_ppm) == (20_000, 5, 5_000)


def test_no_axis_is_one_combination() -> None:
    grid = read_grid([], {"risk_perc": "0.5"})
    assert len(grid) == 1
    assert grid.parameters(0).risk_ppm == 5_000


def test_values_that_do_not_go_together_are_a_fault_of_the_combination() -> None:
    grid = read_grid(["breakeven_trigger_perc=0.05,0.4"], {})
    with pytest.raises(ParameterFaultsError, match="must be below breakeven_trigger_perc"):
        grid.parameters(0)
    assert grid.parameters(1).breakeven_trigger_ppm == 4_000
