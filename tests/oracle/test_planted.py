"""The planted series take every branch, and the books balance wherever they lead."""

from collections import Counter
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import pytest

from tests.oracle.candles import read_candles
from tests.oracle.planted import Planted, wild, write_csv
from tests.oracle.planted_cases import cases
from tests.oracle.play import play
from tests.oracle.result import Result

CASES = cases()
EXITS = (
    "stop at the open",
    "stop within",
    "stop at placement",
    "target at the open",
    "target within",
    "target at placement",
    "breakeven at the open",
    "breakeven within",
    "breakeven at placement",
    "reverted at the open",
    "liquidated at the open",
    "liquidated within",
)
BY_SIDE = (
    *EXITS,
    "entry",
    "stop moved",
    "stop and target within one candle",
    "in the candle the last trade ended in",
)
BRANCHES = {f"{side} {branch}" for side in ("long", "short") for branch in BY_SIDE} | {
    "cooldown: long not taken",
    "cooldown: short not taken",
    "funding at the open",
    "funding inside the candle before",
    "funding on a missing candle",
    "funding mark from a mark row",
    "funding mark from the candle's open",
    "funding paid",
    "funding received",
    "missing candle: entry lapsed",
    "missing candle: entry too late",
    "missing candle: exit refused",
    "missing candle: exit done later",
    "missing candle: stop move refused",
    "missing candle: stop move done later",
    "no SMA while flat",
    "no SMA in a position",
    "break-even without an SMA",
    "refused: quantity below the minimum",
    "refused: notional below the minimum at the close",
    "refused: notional below the minimum at the open",
    "refused: stop nearer than 2 ticks",
    "refused: target nearer than 2 ticks",
    "refused: bracket cap -2027",
    "refused: margin above the wallet -2019",
    "size by risk",
    "size by exposure",
    "size by market maximum",
}


def assert_books_balance(balance: str, result: Result) -> None:
    """Wallet = start + what every closed trade brought - what the open one has paid."""
    wallet = Fraction(balance)
    for row in result.rows:
        gross, fees, funding = (Fraction(row[name]) for name in ("gross", "fees", "funding"))
        assert Fraction(row["net"]) == gross - fees - funding
        wallet += Fraction(row["net"])
        assert Fraction(row["balance"]) == wallet
    if result.open_trade is not None:
        wallet -= result.open_trade.fees + result.open_trade.funding
    assert Fraction(result.wallet) == wallet


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_planted_case_takes_its_branches(case: Planted) -> None:
    result = play(case)
    assert [branch for branch in case.expects if not result.branches[branch]] == []
    assert_books_balance(case.balance, result)


def test_the_planted_cases_take_every_branch_and_no_unknown_one() -> None:
    taken: Counter[str] = Counter()
    for case in CASES:
        taken += play(case).branches
    assert set(taken) == BRANCHES


def test_candles_are_possible() -> None:
    for case in [*CASES, *map(wild, range(5))]:
        for candle in case.candles:
            assert 0 < candle.low <= min(candle.open, candle.close)
            assert max(candle.open, candle.close) <= candle.high
            assert all(
                (Fraction(price) / case.rules.tick).denominator == 1 for price in candle[1:5]
            )


@pytest.mark.parametrize("seed", range(12))
def test_wild_series_keep_the_books(seed: int) -> None:
    case = wild(seed, count=300)
    assert case == wild(seed, count=300)
    result = play(case)
    assert_books_balance(case.balance, result)
    for before, after in pairwise(result.rows):
        assert int(before["exit_time"]) <= int(after["signal_time"])
        assert int(after["signal_time"]) < int(after["entry_time"]) <= int(after["exit_time"])


def test_a_written_series_reads_the_same(tmp_path: Path) -> None:
    case = wild(3, count=50)
    write_csv(case.candles, tmp_path / "candles.csv")
    assert tuple(read_candles(tmp_path / "candles.csv")) == case.candles
