"""Fixtures of the backtest's tests."""

import fcntl
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def machine_code(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for compiled code; skips where there is no compiler.

    It is pytest's own cache, which outlives the session: the kernel takes ten seconds to compile,
    and the code is named by a hash of its sources. One of the test processes compiles it.
    """
    pytest.importorskip("numba", reason="numba is not installed: no compiled lane here")
    cache = getattr(request.config, "cache", None)
    folder: Path = cache.mkdir("machine-code") if cache else tmp_path_factory.mktemp("machine-code")
    from backtest.lane import compiled
    from tests.backtest.walks import setup, walk

    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        compiled(walk(1, seed=1), setup(), folder)
    return folder
