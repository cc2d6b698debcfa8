"""Two processes race over HTTP for the notes: every time exactly one of them wins."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Self

from state.codec import decode
from tests.state.aws_served import served
from tests.state.s3_wire import BUCKET, REGION, s3_in_process

ROOT = Path(__file__).resolve().parents[2]
ROUNDS = 20
KEY = "raced.json"


class Racer:
    """A process of its own with the project's own client."""

    def __init__(self, name: str, address: str) -> None:
        environment = {
            **os.environ,
            "AWS_ENDPOINT_URL_S3": address,
            "AWS_ACCESS_KEY_ID": "made-up",
            "AWS_SECRET_ACCESS_KEY": "made-up",
        }
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.state.s3_racer", BUCKET, KEY, REGION, name],
            cwd=ROOT,
            env=environment,
            text=True,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )

    def go(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write("go\n")
        self._process.stdin.flush()

    def answer(self) -> list[str]:
        assert self._process.stdout is not None
        return self._process.stdout.readline().split()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate(timeout=10)  # nobody says go any more, so it ends

    @property
    def exit_code(self) -> int | None:
        return self._process.returncode


def both(racers: list[Racer]) -> list[list[str]]:
    """Let both take a step at the same time."""
    for racer in racers:
        racer.go()
    return [racer.answer() for racer in racers]


def test_of_two_processes_exactly_one_wins_each_time() -> None:
    with (
        s3_in_process() as s3,
        served() as address,
        Racer("one", address) as one,
        Racer("two", address) as two,
    ):
        for revision in range(ROUNDS):
            assert both([one, two]) == [["loaded", str(revision)]] * 2
            won, lost = sorted(both([one, two]), reverse=True)
            assert lost == ["lost"]
            assert won[:2] == ["won", str(revision + 1)]
            stored = decode(s3.get(KEY) or b"", KEY)
            assert (stored.revision, stored.nonce) == (revision + 1, won[2])
    assert one.exit_code == two.exit_code == 0
