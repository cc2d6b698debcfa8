"""Fired early: the run waits for the close, with its connections ready when it comes."""

from dataclasses import replace
from pathlib import Path

import pytest

from tests.job.harness import INTERVAL_MS, stand
from tests.oracle.planted import START_MS
from tests.oracle.planted_base import CALM


@pytest.mark.parametrize(
    ("settings", "early_ms", "connected_before_ms"),
    [
        ((), 10_000, [2_000]),
        (("start_before_close_s=5",), 10_000, [5_000]),
        (("start_before_close_s=0",), 10_000, []),
        ((), 1_500, []),  # they have just been opened
        ((), 16_000, []),  # too early to wait at all
    ],
)
def test_connections_are_ready_before_the_close(
    tmp_path: Path, settings: tuple[str, ...], early_ms: int, connected_before_ms: list[int]
) -> None:
    desk = stand(tmp_path, CALM, *settings)
    desk.run(5)
    close_ms = START_MS + 7 * INTERVAL_MS
    connected: list[int] = []

    def connect(command: str) -> None:
        assert command == "run"
        connected.append(close_ms - desk.now_ms)

    desk.job = replace(desk.job, connect=connect)
    desk.run(6, INTERVAL_MS - early_ms)
    assert connected == connected_before_ms
    waited = early_ms <= desk.job.config.early_wait_ms
    assert (desk.now_ms >= close_ms) is waited
