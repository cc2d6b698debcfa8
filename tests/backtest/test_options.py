"""Settings on the command line are the job's: the same names, the same readers, the same words."""

from pathlib import Path

import pytest

from backtest.options import UsageError, read_settings
from job.config import ConfigFaultsError, load
from job.embedded import costs_of
from simulator.engine.model import Costs
from strategy.parameters import parse

GIVEN = ["threshold_perc=1.5", "strategy.ma_length=50", "interval=15m", "fee_perc=0.04",
         "slippage_bps = 2.5", "funding=false", "funding_rate_perc=-0.02"]  # fmt: skip


def test_the_same_text_means_the_same_as_for_the_job(tmp_path: Path) -> None:
    config = load({}, tmp_path, None, GIVEN)
    assert read_settings(GIVEN) == (config.common, costs_of(config))


def test_without_settings_the_defaults(tmp_path: Path) -> None:
    config = load({}, tmp_path)
    assert read_settings([]) == (parse({}), Costs()) == (config.common, costs_of(config))


def test_the_last_one_wins() -> None:
    parameters, _ = read_settings(["leverage=5", "leverage=7", "max_exposure=1"])
    assert parameters.leverage == 7


@pytest.mark.parametrize(
    "given",
    [
        ["threshold_perc=0"],
        ["ma_length=1", "fee_perc=-1"],
        ["slippage_bps=x"],
        ["leverage=20", "stop_loss_perc=3"],
    ],
)
def test_faults_are_told_in_the_jobs_words(given: list[str], tmp_path: Path) -> None:
    with pytest.raises(UsageError) as here:
        read_settings(given)
    with pytest.raises(ConfigFaultsError) as there:
        load({}, tmp_path, None, given)
    assert sorted(here.value.faults) == sorted(there.value.faults)


@pytest.mark.parametrize("given", ["treshold_perc=1", "venue=live", "symbols.ETHUSDT.leverage=3"])
def test_what_a_backtest_has_no_use_for_is_refused(given: str) -> None:
    with pytest.raises(UsageError, match="no such setting here"):
        read_settings([given])


def test_a_setting_needs_a_value() -> None:
    with pytest.raises(UsageError, match="must be key=value"):
        read_settings(["leverage"])
