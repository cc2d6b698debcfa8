"""Fixtures of the backtest's tests."""

from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def machine_code(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for compiled code; skips where there is no compiler."""
    pytest.importorskip("numba", reason="numba is not installed: no compiled lane here")
    return tmp_path_factory.mktemp("machine-code")
