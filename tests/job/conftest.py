"""Fixtures of the job's tests."""

from pathlib import Path

import pytest

from tests.job.terminal import Terminal


@pytest.fixture
def terminal(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Terminal:
    """A command line in an empty home folder."""
    return Terminal(tmp_path, capsys)
