"""The page of a backtest, as a person's browser shows it."""

import json
import re
from pathlib import Path

import pytest

from backtest.history import History
from backtest.ladder import SLIPPAGE_BPS, STOP_RANGES_PERC, ladder
from backtest.lane import Outcome, interpreted
from backtest.page import page, write_page
from backtest.page_data import Levels, marks_of
from backtest.setup import Setup
from backtest.summary import summarise
from tests.backtest.staging import staged
from tests.backtest.walks import setup, walk
from tests.oracle.planted_cases import cases
from tests.pages.browser import measured, rendered

CASES = {case.name: case for case in cases()}
Played = tuple[Outcome, History, Setup]


@pytest.fixture(scope="module")
def played() -> Played:
    """Ten days without an edge, enough for a verdict."""
    history, rules = walk(10, seed=3), setup("funding=false")
    return interpreted(history, rules), history, rules


def spec_of(html: str, kind: str) -> dict[str, object]:
    """The numbers of the first chart of a kind."""
    found = re.search(rf'class="chart {kind}".*?<script[^>]*>(.*?)</script>', html)
    assert found
    spec: dict[str, object] = json.loads(found[1])
    return spec


@pytest.mark.parametrize(("dark", "width"), [(False, 1200), (True, 400)])
def test_a_browser_shows_it_without_a_complaint(
    dark: bool, width: int, played: Played, tmp_path: Path
) -> None:
    summary = summarise(*played)
    summary["ladder"] = ladder(played[1], played[2], None)
    write_page(tmp_path / "page.html", *played, summary)
    seen = rendered(tmp_path / "page.html", tmp_path / "profile", dark=dark, width=width)
    assert seen.console == []
    assert seen.dom.count("<canvas") >= 10  # two charts, drawn
    marks = summary["trades"] + (summary["open_trade"] is not None)
    said = (summary["verdict"].partition(": ")[2][1:], f"{summary['wallet']:,.2f} USDT",
            f"trade {marks} of {marks}", "Every figure")  # fmt: skip
    assert [text for text in said if text not in seen.text] == []


def test_on_a_phone_every_amount_is_in_view(played: Played, tmp_path: Path) -> None:
    write_page(tmp_path / "page.html", *played, summarise(*played))
    edges = "[...document.querySelectorAll('.rows .amount')].map(e => e.offsetLeft + e.offsetWidth)"
    found = measured(tmp_path / "page.html", tmp_path / "profile", edges, width=400)
    assert len(found) > 10
    assert max(found) <= 500  # as narrow as a window of this browser can be


def test_a_complaint_would_be_seen(tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text("<p>here</p><script>throw new Error('x')</script>")
    seen = rendered(tmp_path / "page.html", tmp_path / "profile")
    assert "Uncaught Error: x" in seen.console[0]
    assert seen.text.strip() == "here"


def test_the_charts_show_what_the_trades_say(played: Played) -> None:
    outcome, history, _ = played
    html = page(*played, summarise(*played))
    trades = spec_of(html, "candles")["trades"]
    assert isinstance(trades, list)
    assert trades == [list(mark) for mark in marks_of(outcome, history)]
    assert sum(row[-1] for row in trades) == pytest.approx(summarise(*played)["net"])
    levels = Levels(*played)
    assert levels.wallet[0] == 10_000
    assert levels.wallet[-1] == pytest.approx(summarise(*played)["wallet"])
    assert min(fall for fall in levels.fall if fall is not None) == pytest.approx(
        -summarise(*played)["max_drawdown_perc"], abs=0.5
    )
    assert levels.hold[-1] / levels.hold[0] - 1 == pytest.approx(
        summarise(*played)["hold_return_perc"] / 100
    )


@pytest.mark.parametrize("name", ["open-at-the-end", "low-a-tick-off-stop", "stop-within"])
def test_few_trades_or_none_make_a_page_too(name: str) -> None:
    history, rules = staged(CASES[name])
    outcome = interpreted(history, rules)
    html = page(outcome, history, rules, summarise(outcome, history, rules))
    assert "Nobody can tell" in html
    assert spec_of(html, "levels")["panes"]


def test_the_ladder_only_ever_goes_down(played: Played) -> None:
    _, history, rules = played
    rungs = ladder(history, rules, None)
    assert len(rungs) == len(SLIPPAGE_BPS) * len(STOP_RANGES_PERC)
    by_place = {(r["stop_slippage_range_perc"], r["slippage_bps"]): r for r in rungs}
    for (stops, bps), rung in by_place.items():
        for worse in (by_place.get((stops, 2 if bps == 1 else 5)), by_place.get((50, bps))):
            assert worse is not None
            if worse is not rung:
                assert worse["expectancy_bp"] < rung["expectancy_bp"]
    plain = summarise(interpreted(history, rules), history, rules)
    assert by_place[0, 1]["net"] == plain["net"]
    assert by_place[0, 1]["expectancy_bp"] == plain["expectancy_bp"]
