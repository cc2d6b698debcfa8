"""The real job over the wire against the oracle: all trades the same to the last digit."""

from pathlib import Path

import pytest

from strategy.instrument import money_text
from tests.job.staging import replay_case
from tests.oracle.planted import Planted, wild
from tests.oracle.planted_cases import cases
from tests.oracle.play import play
from tests.oracle.test_planted import BRANCHES

COMPARED = [*cases(), *(wild(seed, count=150) for seed in (31, 38, 41, 46, 56))]


@pytest.mark.parametrize("case", COMPARED, ids=lambda case: case.name)
def test_the_job_trades_as_the_oracle_says(case: Planted, tmp_path: Path) -> None:
    expected = play(case)
    replayed = replay_case(case, tmp_path)
    assert replayed.broken == []
    assert replayed.rows == expected.rows
    assert money_text(replayed.wallet_e8) == expected.wallet
    assert bool(replayed.still_open) == (expected.open_trade is not None)


def test_what_is_compared_takes_every_branch_of_the_rules() -> None:
    taken: set[str] = set()
    for case in COMPARED:
        taken |= set(play(case).branches)
    assert BRANCHES - taken == set()


def test_what_is_compared_trades() -> None:
    results = [play(case) for case in COMPARED]
    assert sum(len(result.rows) for result in results) > 200
    assert sum(result.open_trade is not None for result in results) > 20
