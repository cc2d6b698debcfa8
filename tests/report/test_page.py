"""`report` writes one page that says how the job is, what it did and why."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from html import unescape
from typing import Any

import pytest

from handler import PAGES
from job.config import load
from job.firing import Job, Journal
from job.outside import Clock, Outside, VirtualClock
from job.report import Report
from job.wiring import build
from state.journal import Event
from tests.job.terminal import Terminal
from tests.job.test_books import STORY

SCRIPT = STORY.flat(97_090, 30)


def page(terminal: Terminal, *arguments: str) -> str:
    """The text of the page, as people read it; and the page itself in report.html."""
    file = terminal.home / "report.html"
    terminal.type("report", f"--out={file}", *arguments)
    body = re.sub(r"<(script|style)[ >].*?</\1>", "", file.read_text("utf-8"), flags=re.DOTALL)
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", body)))


def test_the_page_tells_what_was_done_and_why(traded: Terminal) -> None:
    before = traded.files()
    results = traded.type("status", "--json").json["results"]
    assert results["trades"] >= 2
    text = page(traded)
    assert "Is the job well? Yes." in text
    assert f"{results['trades']} trades: gross {results['gross']}, fees {results['fees']}" in text
    for told in (
        "EMBEDDED, account main, BTCUSDT: ",
        "BTCUSDT: the trades on their candles",
        "enter long: deviation -0.90 % is at or beyond ±0.5 %",
        "BTCUSDT: the trades on their candles Flat. Last decision 2025-01-0",
        "The wallet after costs",
        "decided after the close median 0.0 s",
        "closes without a decision 0 ",
        "entries that differ 0",
        "exits that differ 0",
        "switch not halted, and no limit has been reached",
        "not limited max_total_exposure, max_daily_loss_perc, max_losses_in_a_row, ",
        f"trades of both {results['trades']}",
        "entry price gap mean +0.00 bp, worst +0.00 bp",
        "threshold 0.5 %",
        "a gap can cost the whole isolated margin",
    ):
        assert told in text, told
    assert {name: text for name, text in traded.files().items() if name != "report.html"} == before


def test_where_the_page_goes(traded: Terminal) -> None:
    typed = traded.type("report")
    place = traded.home / "var/embedded/report.html"
    assert (typed.status, typed.err) == (0, [])
    assert typed.out[0].endswith(f"page of 7 days in {place}: open it in any browser")
    assert place.is_file()
    machine = traded.type("report", "--json").json
    assert (machine["page"], machine["ok"]) == (str(place), True)
    assert machine["differences"] == {"BTCUSDT": 0}
    assert traded.type("report", "--set=report=other/page.html").status == 0
    assert (traded.home / "other/page.html").is_file()


def test_an_open_position_is_drawn_with_its_levels(terminal: Terminal) -> None:
    terminal.type("run")
    text = page(terminal)
    assert "Long 1.010 from 9901.0, since 2025-01-01 01:50:00Z" in text
    assert "stop 9802.0, target 10099.0 rest on the exchange" in text
    html = (terminal.home / "report.html").read_text("utf-8")
    for level in ('"name":"stop","ticks":98020', '"name":"target","ticks":100990'):
        assert level in html
    why = "enter long: deviation -0.90 % is at or beyond ±0.5 %"
    assert f"2025-01-01 01:50:00Z long 1.010 at 9901.0 open {why}" in text
    # the average and how far a close must be from it: nine closes of 10000.0 and one of 9900.0
    nulls = "null," * 9
    assert f'"name":"average of 10 closes","ticks":[{nulls}99900],' in html
    assert f'"name":"\\u00b10.5 %: a close beyond may enter","ticks":[{nulls}100399],' in html
    assert f'"name":"","ticks":[{nulls}99400],' in html


def test_the_page_before_the_first_run(terminal: Terminal) -> None:
    text = page(terminal)
    assert "There is no run yet." in text
    assert "Not compared: no run of these days decided on it." in text


@pytest.mark.parametrize("days", ["0", "x", "1000", "-1"])
def test_days_that_are_no_number(terminal: Terminal, days: str) -> None:
    typed = terminal.type("report", f"--days={days}")
    assert typed.status == 2
    assert typed.err == [f"--days {days}: must be a whole number from 1 to 366"]


def test_a_place_that_cannot_be_written(terminal: Terminal) -> None:
    (terminal.home / "file").write_text("")
    typed = terminal.type("report", f"--out={terminal.home}/file/page.html")
    assert typed.status == 2
    assert "cannot be written" in typed.told
    assert len(typed.err) == 1


def test_a_halted_job_says_so(traded: Terminal) -> None:
    assert traded.type("halt").status == 0
    text = page(traded, "--set=max_trades_a_day=50")
    assert re.search(r"entries .*halt", text)
    assert "not halted" not in text
    assert re.search(r"max_trades_a_day.* 50|50 trades", text)


def test_what_failed_stands_at_the_top(traded: Terminal) -> None:
    (traded.home / "var/embedded/state.json").write_text("{")
    typed = traded.type("report")
    assert typed.status == 1
    assert " FAILED: " in typed.out[-1]  # why the status is 1
    assert "Is the job well? No." in page(traded)


def test_secrets_of_the_environment_are_not_in_it(traded: Terminal) -> None:
    traded.environment |= {"BINANCE_API_KEY": "K" * 20, "BINANCE_API_SECRET": "S" * 20}
    traded.type("report")
    html = (traded.home / "var/embedded/report.html").read_text("utf-8")
    assert "K" * 20 not in html
    assert "S" * 20 not in html


@pytest.mark.parametrize("day_over", [True, False])
def test_the_first_run_of_a_day_leaves_the_page(
    traded: Terminal, monkeypatch: pytest.MonkeyPatch, day_over: bool
) -> None:
    done = Report("name", "run", "embedded", "main", traded.now_ms, day_over=day_over)
    monkeypatch.setattr("job.commands.fire.fire", lambda *_, **__: done)
    typed = traded.type("run")
    assert typed.status == 0
    assert (traded.home / "var/embedded/report.html").exists() is day_over
    assert ("EMBEDDED page of 7 days in " in typed.told) is day_over


def test_a_journal_that_somebody_has_edited_costs_the_run_nothing(traded: Terminal) -> None:
    for path in (traded.home / "var/embedded/journal").iterdir():
        path.write_text(path.read_text().replace('"report":', '"reprot":'))
    outside = Outside(VirtualClock(traded.now_ms), {}, lambda: "0" * 12)
    done = PAGES.after_day(load({}, traded.home), outside)
    assert done == (False, "notice: the page could not be made: KeyError 'report'")


def test_a_page_that_cannot_be_written_costs_the_run_nothing(
    traded: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    (traded.home / "var/embedded/report.html").mkdir()
    done = Report("name", "run", "embedded", "main", traded.now_ms, day_over=True)
    monkeypatch.setattr("job.commands.fire.fire", lambda *_, **__: done)
    typed = traded.type("run")
    assert typed.status == 0
    assert "notice: the page could not be written: report = " in typed.told


@dataclass
class SlowJournal:
    """A journal that takes its time, as one of many objects far away does."""

    journal: Journal
    clock: Clock
    event_ms: int
    listing_ms: int
    took_ms: int = 0

    def events(self, kind: str | None = None, day: str | None = None) -> Iterator[Event]:
        for event in self.journal.events(kind, day):
            self._take(self.event_ms)
            yield event
        self._take(self.listing_ms)

    def _take(self, duration_ms: int) -> None:
        self.took_ms += duration_ms
        self.clock.sleep_ms(duration_ms)


# 1 listing of all trades and 3 for each of 7 days: the last one ends past the deadline of 40 s
@pytest.mark.parametrize(("event_ms", "listing_ms"), [(1_000, 0), (0, 1_900)])
def test_a_page_that_takes_too_long_costs_the_run_nothing(
    traded: Terminal, monkeypatch: pytest.MonkeyPatch, event_ms: int, listing_ms: int
) -> None:
    journals: list[Any] = []

    def slow(*given: Any, **more: Any) -> Job:
        job = build(*given, **more)
        journals.append(SlowJournal(job.journal, job.clock, event_ms, listing_ms))
        return replace(job, journal=journals[-1])

    page_file = traded.home / "var/embedded/report.html"
    page_file.write_text("yesterday's")
    done = Report("name", "run", "embedded", "main", traded.now_ms, day_over=True)
    monkeypatch.setattr("job.commands.fire.fire", lambda *_, **__: done)
    monkeypatch.setattr("report.command.build", slow)
    typed = traded.type("run")
    assert typed.status == 0
    assert "could not be written: a page of 7 days takes more than 40 s" in typed.told
    assert page_file.read_text() == "yesterday's"
    assert 40_000 < journals[0].took_ms < 42_000  # nothing more is read
    assert traded.type("report").status == 0  # somebody waits: it has an hour
    assert journals[1].took_ms >= 41_800
    assert page_file.read_text().startswith("<!doctype html>")


def test_a_page_leaves_the_exchange_s_requests_to_the_job(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    terminal.on_candles({"BTCUSDT": SCRIPT, "ETHUSDT": SCRIPT})
    assert terminal.type("run").status == 0
    assert "so many days of so many symbols" not in page(terminal)
    monkeypatch.setattr("report.subject.REQUESTS_MAX", 1)  # which the first symbol takes
    told = page(terminal)
    assert "BTCUSDT: live against the backtest The same rules over" in told
    refused = "Not compared: the candles could not be read: read ETHUSDT candles: so many days"
    assert f"ETHUSDT: live against the backtest {refused} of so many symbols" in told
