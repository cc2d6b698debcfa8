"""Every recorded decision can be made again, and is the same to the byte."""

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest

from exchange.views import Candle
from job.deciding import answer, average_text
from job.explaining import (
    FORBIDDEN,
    LATE,
    RULES,
    SIZE,
    decided_otherwise,
    explanation,
    redecide,
)
from job.question import window
from strategy import decide as actions
from strategy.instrument import instrument
from tests.job.harness import stand
from tests.job.terminal import Terminal
from tests.job.test_books import STORY
from tests.job.test_nightly import MIDNIGHT, played
from tests.oracle.planted_base import CALM, ENTERED

ROOT = Path(__file__).parents[2]


def runs(journal: Path) -> list[dict[str, Any]]:
    """The journal's runs, oldest first."""
    lines = [line for path in sorted(journal.iterdir()) for line in path.read_text().splitlines()]
    return [event for event in map(json.loads, lines) if event["event"] == "run"]


def tamper(journal: Path, old: str, new: str) -> None:
    """Change one text in the journal's last run."""
    path = max(journal.iterdir())
    lines = path.read_text().splitlines(keepends=True)
    place = max(n for n, line in enumerate(lines) if '"event":"run"' in line and old in line)
    lines[place] = lines[place].replace(old, new)
    path.write_text("".join(lines))


def test_every_decision_of_a_day_is_the_same_to_the_byte(tmp_path: Path) -> None:
    desk = stand(tmp_path, STORY.flat(97_090, 10))
    for candle in range(9, STORY.next_index + 2):
        assert desk.run(candle).ok
        assert desk.run(candle, after_ms=100_000).ok  # a late one decides other things
    events = runs(tmp_path / "journal")
    decided = [each for event in events for each in redecide(event)]
    assert len(decided) == len(events) == 2 * (STORY.next_index + 2 - 9)
    assert [each.then for each in decided if not each.same] == []
    answers = {json.loads(each.now)["action"] for each in decided}
    wanted = {actions.ENTER_LONG, actions.HOLD, actions.CLOSE_REVERTED, actions.WAIT_COOLDOWN}
    assert wanted <= answers
    assert decided_otherwise(events) == ([], [])
    for each in decided:
        lines = list(explanation(each))
        assert lines[-1].endswith("the same to the byte")


def test_the_arithmetic_of_an_entry(terminal: Terminal) -> None:
    terminal.on_candles(ENTERED.flat(98_000, 9), "slippage_bps = 1")
    assert "enter long" in terminal.type("run").told
    typed = terminal.type("explain", "last")
    assert (typed.status, typed.err) == (0, [])
    assert " EMBEDDED run 2025-01-01T" in typed.out[0]
    for text in (
        "sum of 10 closes S = 999000 ticks",
        "d = 10 x 99000 - 999000 = -9000 (-0.9009 %)",
        "d x 10^6 = -9000000000 against ±5000 x S = ±4995000000 (0.5 %)",
        "by risk 1010, by exposure 5050, at most 120000 lots of 0.001",
        "enter long: deviation -0.90 % is at or beyond ±0.5 %",
        "strategy/signals.py entry_side",
        "the same to the byte",
        "market buy 1.010: accepted",
    ):
        assert text in typed.told, typed.told


@pytest.mark.parametrize(
    ("changed", "place"),
    [
        ({}, RULES[actions.ENTER_LONG]),
        ({"entry_window_ms": 0}, LATE),
        ({"forbidden": "halted by hand"}, FORBIDDEN),
        ({"wallet_e8": 0}, SIZE),
        ({"wallet_e8": 0, "forbidden": "halted by hand", "entry_window_ms": 0}, LATE),
    ],
)
def test_the_rule_that_is_named_had_the_last_word(
    tmp_path: Path, changed: dict[str, Any], place: str
) -> None:
    desk = stand(tmp_path, ENTERED.flat(98_000, 9))
    assert desk.run(ENTERED.next_index - 1, after_ms=1_000).ok
    [decided] = redecide(runs(tmp_path / "journal")[-1])
    asked = msgspec.structs.replace(decided.asked, **changed)
    made = decided._replace(asked=asked, now=msgspec.json.encode(answer(asked)))
    assert f"  rule       {place}" in list(explanation(made))


def test_the_arithmetic_of_a_position(terminal: Terminal) -> None:
    terminal.on_candles(ENTERED.flat(99_450, 9), "slippage_bps = 1")
    terminal.type("run")
    terminal.type("run")
    assert "move the stop" in terminal.type("run").told
    told = terminal.type("explain", "last").told
    assert "long 1.010 from 9901.0 since" in told
    assert "reverted   side x d = -" in told
    assert "would move to 9910.9" in told
    assert "strategy/signals.py breakeven_reached" in told


@pytest.mark.parametrize("how", ["last", "candle", "minute", "name"])
def test_a_run_is_named_in_four_ways(terminal: Terminal, how: str) -> None:
    terminal.on_candles(CALM.flat(100_000, 3))
    terminal.type("run")
    [event] = runs(terminal.home / "var/embedded/journal")
    names = {"last": "last", "candle": "2025-01-01T01:45", "minute": "01:45", "name": event["run"]}
    typed = terminal.type("explain", names[how], "--json")
    assert (typed.status, typed.json["run"], typed.json["same"]) == (0, event["run"], True)


@pytest.mark.parametrize("how", ["{day} {time}Z", "{day}T{time}", "{time}"])
@pytest.mark.parametrize("place", [0, 1])
def test_a_line_s_time_names_its_run(terminal: Terminal, place: int, how: str) -> None:
    terminal.on_candles(CALM.flat(100_000, 3))
    lines = [terminal.type("run").out[0], terminal.type("run").out[0]]
    event = runs(terminal.home / "var/embedded/journal")[place]
    day, time = lines[place].split()[:2]
    typed = terminal.type("explain", how.format(day=day, time=time.rstrip("Z")), "--json")
    assert typed.json["run"] == event["run"]


def test_a_time_with_seconds_may_still_be_a_candle_s(terminal: Terminal) -> None:
    terminal.on_candles(CALM.flat(100_000, 3))
    terminal.type("run")
    [event] = runs(terminal.home / "var/embedded/journal")
    assert terminal.type("explain", "01:45:00", "--json").json["run"] == event["run"]


@pytest.mark.parametrize(
    ("run", "words"),
    [
        ("yesterday", 'RUN = yesterday: must be "last", a run'),
        ("2019-01-01T10:00", "holds no such run"),
        ("last", "holds no run yet"),
    ],
)
def test_a_run_that_is_not_there(terminal: Terminal, run: str, words: str) -> None:
    typed = terminal.type("explain", run)
    assert (typed.status, typed.out) == (2, [])
    assert words in typed.told
    assert len(typed.err) == 1


def test_a_decision_that_would_differ_today_is_status_1(terminal: Terminal) -> None:
    terminal.on_candles(ENTERED.flat(98_000, 9))
    terminal.type("run")
    tamper(terminal.home / "var/embedded/journal", '"action":8,', '"action":9,')
    typed = terminal.type("explain", "last")
    assert typed.status == 1
    assert "DIFFERS: then " in typed.told
    assert terminal.type("explain", "last", "--json").json["same"] is False


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('"version":1', '"version":2', "version 2, this program knows 1"),
        ('"wallet_e8":', '"purse_e8":', "its record is damaged"),
        ('"decisions":', '"resolutions":', "its record is damaged"),
        ('"answered":', '"told":', "its record is damaged"),
        ('"symbols":1', '"symbols":"one"', "its record is damaged"),
        ('"parameters":[300000,10,', '"parameters":[0,10,', "its record is damaged"),
    ],
)
def test_a_record_of_another_shape_is_said_to_be_one(
    terminal: Terminal, old: str, new: str, words: str
) -> None:
    terminal.on_candles(CALM.flat(100_000, 3))
    terminal.type("run")
    tamper(terminal.home / "var/embedded/journal", old, new)
    typed = terminal.type("explain", "last")
    assert typed.status == 2
    assert words in typed.told


def test_a_run_that_died_after_its_plan_is_explained_by_it(terminal: Terminal) -> None:
    terminal.on_candles(ENTERED.flat(98_000, 9))
    terminal.type("run")
    [path] = (terminal.home / "var/embedded/journal").iterdir()
    lines = path.read_text().splitlines(keepends=True)
    path.write_text("".join(line for line in lines if '"event":"run"' not in line))
    told = terminal.type("explain", "last").told
    assert "it did not end: only its plan is known" in told
    assert "enter long" in told
    assert "the same to the byte" in told


def test_a_run_that_could_not_decide_says_so(tmp_path: Path, terminal: Terminal) -> None:
    desk = stand(tmp_path / "desk", CALM.flat(100_000, 3))
    desk.arm("GET", "/fapi/v1/klines", "answer", status=503, body="")
    assert not desk.run(10).ok
    typed = terminal.type("explain", "last", f"--set=journal={tmp_path / 'desk' / 'journal'}")
    assert typed.status == 0
    assert "BTCUSDT nothing was decided: " in typed.told


def test_the_night_decides_the_day_again(tmp_path: Path) -> None:
    desk = played(tmp_path)
    tamper(tmp_path / "journal", '"lots":0', '"lots":1')
    report = desk.run(MIDNIGHT)
    assert report.exit_code == 1
    [failure] = report.failures
    assert "would be decided otherwise today" in failure
    [event] = desk.events("books")
    assert event["decided_otherwise"] == [failure]


def test_the_night_says_what_it_cannot_decide_again(tmp_path: Path) -> None:
    desk = played(tmp_path)
    tamper(tmp_path / "journal", '"version":1', '"version":0')
    report = desk.run(MIDNIGHT)
    assert report.exit_code == 0
    assert "1 run of yesterday could not be decided again: its record has" in report.notices[0]


def test_an_average_has_one_decimal_more_than_a_price_where_it_needs_it() -> None:
    coarse = instrument("BTCUSDT", tick="0.1", step="1", min_quantity="1", market_max="1",
                        min_notional="5")  # fmt: skip
    fine = instrument("XRPUSDT", tick="0.0001", step="1", min_quantity="1", market_max="1",
                      min_notional="5")  # fmt: skip
    assert average_text(coarse, 14_969_068, 20) == "74845.34"
    assert average_text(fine, 451_415, 20) == "2.25707"
    assert average_text(fine, 451_420, 20) == "2.2571"


def test_closes_survive_the_record() -> None:
    rows = [Candle(300_000 * n, 0, 0, 0, close) for n, close in enumerate([5, 9, 2, 7])]
    whole = window(rows, 3, 3, 300_000)
    assert (whole.closes, whole.opened_ms, whole.first_open_ms) == ([9, 2, 7], [], 300_000)
    gap = window([rows[0], rows[1], rows[3]], 2, 3, 300_000)
    assert (gap.closes, gap.opened_ms) == ([5, 9, 7], [0, 300_000, 900_000])
    assert window(rows, 1, 20, 300_000).closes == [5, 9]


@pytest.mark.parametrize("place", sorted({*RULES.values(), LATE, FORBIDDEN, SIZE}))
def test_the_rule_that_is_named_is_there(place: str) -> None:
    file, function = place.split()
    assert f"def {function}(" in (ROOT / file).read_text("utf-8")
