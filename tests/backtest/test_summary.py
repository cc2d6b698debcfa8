"""The verdict: never kinder than the figures, and a loss is said in words."""

from typing import Any

import pytest

from backtest.lane import interpreted
from backtest.summary import summarise, verdict
from backtest.telling import lines
from tests.backtest.staging import staged
from tests.oracle.planted import wild
from tests.oracle.planted_cases import cases

CASES = {case.name: case for case in cases()}


def figures(mean: float, error: float, net: float, trades: int = 500) -> dict[str, Any]:
    return {
        "trades": trades,
        "net": net,
        "return_perc": net / 100,
        "expectancy_bp": mean,
        "expectancy_error_bp": error,
    }


VERDICTS = """
-8.9 1.1 -990 | No: -8.9 bp ± 1.1 bp a trade; it has lost 9.9 % of the wallet, and not by chance.
-1.0 1.0  -50 | No: -1.0 bp ± 1.0 bp a trade is not distinguishable from zero; that it lost 0.5 % \
of the wallet may be chance.
 1.0 1.0   50 | No: +1.0 bp ± 1.0 bp a trade is not distinguishable from zero; the gain of 0.5 % \
of the wallet may be chance.
 5.0 1.0  500 | Yes, on these candles: +5.0 bp ± 1.0 bp a trade, not by chance. Walk forward \
before you believe it.
 5.0 1.0  -10 | No: +5.0 bp ± 1.0 bp a trade is a gain, but as it was sized it has lost 0.1 % of \
the wallet.
-5.0 1.0   10 | No: -5.0 bp ± 1.0 bp a trade is a loss, and not by chance; only the sizes made the \
wallet grow.
"""


@pytest.mark.parametrize("line", VERDICTS.strip().splitlines())
def test_the_verdict(line: str) -> None:
    numbers, _, sentence = line.partition(" | ")
    mean, error, net = map(float, numbers.split())
    assert verdict(figures(mean, error, net)) == sentence


@pytest.mark.parametrize(
    ("net", "share"), [(-9_993, "99.9"), (-9_996, "99.96"), (-10_000, "100.0"), (-10_001, "100.0")]
)
def test_what_is_left_of_a_wallet_is_not_rounded_away(net: float, share: str) -> None:
    assert f"it has lost {share} % of the wallet" in verdict(figures(-9, 1, net))


def test_few_trades_say_nothing() -> None:
    assert verdict(figures(50, 1, 500, 29)) == (
        "Nobody can tell: 29 trades are too few (at least 30)."
    )
    assert verdict(figures(0, 0, 0, 0)) == "Nobody can tell: no trade is too few (at least 30)."


@pytest.mark.parametrize("seed", range(8))
def test_the_figures_agree_with_each_other(seed: int) -> None:
    history, setup = staged(wild(seed))
    outcome = interpreted(history, setup)
    summary = summarise(outcome, history, setup)
    opened = summary["open_trade"]
    paid = opened["fees"] + opened["funding"] if opened else 0
    assert summary["balance"] + summary["net"] - paid == pytest.approx(summary["wallet"])
    assert sum(summary["reasons"].values()) == summary["trades"]
    assert 0 <= summary["exposure_perc"] <= 100
    assert summary["losing_streak"] <= summary["trades"] - summary["wins"]
    assert all(isinstance(line, str) for line in lines(summary))


def test_a_ruined_account_is_called_one() -> None:
    case = next(
        case for case in map(wild, range(40)) if interpreted(*staged(case)).state[1] < 10**9
    )
    history, setup = staged(case)
    summary = summarise(interpreted(history, setup), history, setup)
    assert any(line.startswith("RUINED") for line in lines(summary))


@pytest.mark.parametrize(
    ("name", "start"),
    [
        ("stop-and-target-within", "ambiguous"),
        ("stop-near-long", "no entry"),
        ("open-at-the-end", "still open"),
    ],
)
def test_what_a_reader_must_know_is_told(name: str, start: str) -> None:
    history, setup = staged(CASES[name])
    text = list(lines(summarise(interpreted(history, setup), history, setup)))
    assert any(line.startswith(start) for line in text)
