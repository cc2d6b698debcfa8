"""One strategy, three programs: the kernel in both lanes, the oracle, and the job over the wire."""

from dataclasses import replace
from decimal import Decimal
from functools import cache
from pathlib import Path

import pytest

from backtest import layout
from backtest.bounds import BoundsError
from backtest.lane import backtest, compiled, interpreted
from backtest.rows import REASONS
from tests.backtest.staging import assert_same, staged, table
from tests.job.staging import replay_case
from tests.oracle.planted import Planted, wild
from tests.oracle.planted_cases import cases
from tests.oracle.play import play
from tests.oracle.result import Result

CASES = {case.name: case for case in cases()} | {f"wild-{n}": wild(n) for n in range(40)}
XRP = next(case for case in map(wild, range(40)) if 2 < case.candles[0].open < 3)
RICH = {"risk_perc": "10", "stop_loss_perc": "1", "leverage": "50", "max_exposure": "40"}
#: Near the cap of the highest tier that allows its leverage, and within 62 bits.
CASES["tier"] = replace(XRP, name="tier", params={**XRP.params, **RICH}, balance="15000", symbols=1)
#: A fee so high that margin and fee are more than the wallet.
CASES["dear"] = replace(
    XRP,
    name="dear",
    params={**XRP.params, **RICH, "risk_perc": "50"},
    costs={**XRP.costs, "fee_perc": "1"},
    balance="3000",
    symbols=1,
)
#: The target is reached at placement; later in the same candle the stop would have been.
THROUGH = CASES["target-through-long"]
DIVE = tuple(
    row._replace(low=row.low / 2) if row.open < Decimal("0.01") else row for row in THROUGH.candles
)
CASES["target-through-then-stop"] = replace(THROUGH, candles=DIVE)
#: Balances that 62 bits do not hold with their risk: the compiled lane refuses them.
TOO_RICH = (
    *("bracket-cap-just-allowed", "bracket-cap-exceeded", "bracket-of-entry"),
    *("wild-25", "wild-39"),
)
#: Over the wire a few suffice here: the job's own tests play them all.
OVER_THE_WIRE = (
    *("stop-within", "moved-stop-through-at-once-short", "exit-then-4-missing"),
    *("funding-inside", "three-symbols"),
)


@cache
def oracle(name: str) -> tuple[Planted, Result]:
    return CASES[name], play(CASES[name])


@pytest.mark.parametrize("name", CASES)
def test_interpreted_is_the_oracle(name: str) -> None:
    case, result = oracle(name)
    assert_same(interpreted(*staged(case)), case, result)


@pytest.mark.parametrize("name", [name for name in CASES if name not in TOO_RICH])
def test_compiled_is_the_oracle(name: str, machine_code: Path) -> None:
    case, result = oracle(name)
    history, setup = staged(case)
    outcome = compiled(history, setup, machine_code)
    assert_same(outcome, case, result)
    assert outcome[:2] == interpreted(history, setup)[:2]


@pytest.mark.parametrize("name", TOO_RICH)
def test_compiled_refuses_what_62_bits_do_not_hold(name: str, machine_code: Path) -> None:
    with pytest.raises(BoundsError, match=r"^balance: too large"):
        compiled(*staged(CASES[name]), machine_code)


def test_the_compiled_cases_take_every_way(machine_code: Path) -> None:
    reasons: set[str] = set()
    counters = [0] * layout.STATE_SIZE
    for name in CASES.keys() - set(TOO_RICH):
        outcome = compiled(*staged(CASES[name]), machine_code)
        reasons |= {REASONS[code] for code in outcome.column(layout.T_REASON)}
        counters = [sum(both) for both in zip(counters, outcome.state, strict=True)]
    assert reasons == set(REASONS.values())
    places = {*range(layout.AMBIGUOUS, layout.STATE_SIZE)}
    places.remove(layout.REFUSED)  # the code 0 is no refusal
    assert [place for place in sorted(places) if not counters[place]] == []


@pytest.mark.parametrize("name", OVER_THE_WIRE)
def test_the_job_over_the_wire_makes_the_same_trades(name: str, tmp_path: Path) -> None:
    case = CASES[name]
    replayed = replay_case(case, tmp_path)
    history, setup = staged(case)
    outcome = interpreted(history, setup)
    assert replayed.rows == table(outcome, history, setup)
    assert replayed.wallet_e8 == outcome.state[layout.WALLET]


def test_without_numba_the_lane_for_many_candles_still_answers(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    history, setup = staged(CASES["bracket-cap-exceeded"])
    monkeypatch.setattr("backtest.lane.COMPILED_FROM", 1)
    outcome = backtest(history, setup, None)
    assert outcome[:2] == interpreted(history, setup)[:2]
    assert outcome.lane.startswith("interpreted (")
