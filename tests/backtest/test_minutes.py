"""Which came first, where a candle held both stop and target: asked of finer candles."""

from pathlib import Path

import pytest

from backtest import layout, minutes
from backtest.__main__ import main
from backtest.history import History, history_of
from backtest.lane import interpreted
from backtest.minutes import Seen
from simulator.market.model import Candle
from tests.backtest.staging import staged
from tests.oracle.candles import write_csv
from tests.oracle.planted_base import PARAMS
from tests.oracle.planted_cases import cases

CASES = {case.name: case for case in cases()}
MINUTE_MS = 60_000
#: Of the long: stop 98020, target 100990. The candle: 99000, high 101100, low 98000, close 99000.
CALM, UP, DOWN, BOTH = (
    (99_000, 99_000, 99_000, 99_000),
    (99_000, 101_100, 99_000, 99_500),
    (99_000, 99_000, 98_000, 98_900),
    (99_000, 101_100, 98_000, 99_000),
)
GAP_UP = (101_050, 101_100, 97_000, 98_000)  # beyond the target at its very open
GAP_DOWN = (98_000, 101_100, 97_000, 98_000)


def minutes_of(history: History, place: int, *bars: tuple[int, int, int, int]) -> History:
    """One-minute candles of the candle at `place`, in ticks; turned over for a short."""
    start_ms = history.times_ms[place]
    return history_of(
        MINUTE_MS,
        (Candle(start_ms + n * MINUTE_MS, *bar, 0) for n, bar in enumerate(bars)),
    )


@pytest.mark.parametrize(
    ("bars", "way"),
    [
        ((CALM, DOWN, CALM, UP, CALM), "stop_first"),
        ((CALM, CALM, UP, DOWN, CALM), "target_first"),
        ((CALM, BOTH, CALM, CALM, CALM), "same_minute"),
        ((CALM, GAP_UP, CALM, CALM, CALM), "target_first"),
        ((CALM, GAP_DOWN, CALM, CALM, CALM), "stop_first"),
        ((CALM, CALM, UP, DOWN), "not_covered"),
        ((CALM, CALM, CALM, CALM, CALM), "not_covered"),  # the files contradict each other
    ],
)
@pytest.mark.parametrize("side", ["", "-short"])
def test_the_first_touch_decides(
    bars: tuple[tuple[int, int, int, int], ...], way: str, side: str
) -> None:
    history, setup = staged(CASES[f"stop-and-target-within{side}"])
    outcome = interpreted(history, setup)
    place = outcome.column(layout.T_LEFT)[0]
    assert [doubt.candle for doubt in minutes.doubts(outcome, history, setup)] == [place]
    if side:
        bars = tuple(
            (200_000 - o, 200_000 - low, 200_000 - high, 200_000 - c) for o, high, low, c in bars
        )
    seen, changed = minutes.resolved(outcome, history, minutes_of(history, place, *bars), setup)
    assert seen == Seen(**(dict.fromkeys(Seen._fields, 0) | {way: 1}))
    reasons = interpreted(changed, setup).column(layout.T_REASON)
    assert reasons == ([2] if way == "target_first" else [1])
    assert outcome[:2] == interpreted(history, setup)[:2]  # nothing was changed in place


@pytest.mark.parametrize("name", sorted(CASES))
def test_the_doubts_are_those_that_the_walk_has_counted(name: str) -> None:
    history, setup = staged(CASES[name])
    outcome = interpreted(history, setup)
    found = list(minutes.doubts(outcome, history, setup))
    assert len(found) == outcome.state[layout.AMBIGUOUS]


def test_minutes_that_do_not_divide_the_candles_are_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    case = CASES["stop-and-target-within"]
    write_csv(case.candles, tmp_path / "candles.csv")
    words = [word for name, text in PARAMS.items() for word in ("--set", f"{name}={text}")]
    file = str(tmp_path / "candles.csv")
    command = ["run", file, "--symbol", "BTCUSDT", *words, "--minutes"]
    assert main([*command, file], {}) == 2
    assert "csv: 5 min; must be finer than the candles' 5 min and divide" in capsys.readouterr().err
    assert main([*command, str(tmp_path / "nowhere.csv")], {}) == 2
    assert "nowhere.csv" in capsys.readouterr().err
