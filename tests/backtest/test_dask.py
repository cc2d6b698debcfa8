"""The same sweep on the workers of a Dask cluster: two of them, reached over TCP.

They live in this process, since starting two would cost more than all they do here; what goes to
them goes through a socket all the same.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from backtest import sweep
from backtest.compiled import walk_sources
from backtest.grid import read_grid
from backtest.spread import SpreadError, check_cluster
from tests.backtest.walks import ground, walk

dask: Any = pytest.importorskip("dask", reason="dask is not installed")
distributed: Any = pytest.importorskip("distributed", reason="dask is not installed")


@pytest.fixture
def scheduler(tmp_path: Path) -> Iterator[str]:
    settings = {"distributed.worker.use-file-locking": False, "temporary-directory": str(tmp_path)}
    with (
        dask.config.set(settings),
        distributed.LocalCluster(
            n_workers=2,
            threads_per_worker=1,
            processes=False,
            protocol="tcp",
            dashboard_address=None,
            host="127.0.0.1",
        ) as cluster,
    ):
        yield cluster.scheduler_address


@pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::DeprecationWarning")
def test_two_workers_do_what_one_machine_does(
    scheduler: str, machine_code: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("backtest.spread._TASK_CANDLES_AFAR", 1)  # a task each
    field = ground(walk(3, seed=4), machine_code)
    grid = read_grid(["threshold_perc=0.2,0.4", "stop_loss_perc=0.2,0.4"], {"risk_perc": "0.1"})
    here = list(sweep.sweep(field, grid, workers=1))
    assert list(sweep.sweep(field, grid, dask=scheduler)) == here
    assert [result.number for result in here] == [0, 1, 2, 3]


class Cluster:
    """A client of a scheduler whose workers say what they are told to."""

    def __init__(self, workers: dict[str, str], *, bare: bool = False) -> None:
        """`workers`: what each says of its sources. `bare`: the scheduler lacks the project."""
        self._workers, self._bare = workers, bare

    def run_on_scheduler(self, function: Callable[[], str]) -> str:
        """As Dask's client does: what the function cannot load is raised here."""
        if self._bare:
            raise ModuleNotFoundError("No module named 'backtest'")
        return function()

    def run(self, function: Callable[[], str]) -> dict[str, str]:
        """On every worker."""
        del function
        return self._workers


@pytest.mark.parametrize(
    ("cluster", "fault"),
    [
        (Cluster({}, bare=True), r"with PYTHONPATH=\. \(No module named 'backtest'\)"),
        (Cluster({}), "here: the scheduler has no workers"),
        (Cluster({"one": walk_sources(), "two": "else"}), "here: two: other sources than here"),
    ],
)
def test_a_cluster_that_would_hang_or_play_other_rules_is_refused(
    cluster: Cluster, fault: str
) -> None:
    with pytest.raises(SpreadError, match=fault):
        check_cluster(cluster, "here")
