"""What the job did against what the backtest does: every planted difference is found."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from job.config import load
from job.wiring import build
from report.command import make
from report.divergence import Divergence
from report.subject import Subject
from tests.job.terminal import Terminal
from tests.job.test_books import STORY
from tests.oracle.planted import START_MS

Change = Callable[[list[dict[str, Any]]], list[dict[str, Any]]]


def subject(terminal: Terminal) -> Subject:
    """What the page of this home is about."""
    from job.outside import Outside, VirtualClock

    outside = Outside(VirtualClock(terminal.now_ms), {}, lambda: "0123456789ab")
    job = build(load({}, terminal.home), outside, keep=False)
    return make(job, 7, terminal.home / "page.html")[0]


def divergence(terminal: Terminal) -> Divergence:
    """The one symbol's."""
    [symbol] = subject(terminal).symbols
    return symbol.divergence


def rewrite(terminal: Terminal, change: Change) -> None:
    """Change the journal's events."""
    for path in (terminal.home / "var/embedded/journal").iterdir():
        events = [json.loads(line) for line in path.read_text().splitlines()]
        path.write_text("".join(json.dumps(event) + "\n" for event in change(events)))


def first_trade(events: list[dict[str, Any]]) -> dict[str, Any]:
    return next(event for event in events if event["event"] == "trade")


def test_the_paper_account_trades_as_the_backtest_does(traded: Terminal) -> None:
    found = divergence(traded)
    assert (found.why_not, found.decisions) == ("", 0)
    assert len(found.pairs) >= 2
    for pair in found.pairs:
        assert (pair.entry_bp, pair.exit_bp, pair.funding_bp) == (0, 0, 0)
        assert pair.reason == pair.reason_in_backtest


def test_a_worse_fill_is_a_gap_above_zero(traded: Terminal) -> None:
    def change(events: list[dict[str, Any]]) -> list[dict[str, Any]]:
        trade = first_trade(events)
        assert trade["side"] == "long"
        trade["entry_price"] = f"{float(trade['entry_price']) * 1.0002:.1f}"
        trade["exit_price"] = f"{float(trade['exit_price']) * 0.9997:.1f}"
        trade["funding"] = f"{float(trade['entry_price']) * float(trade['quantity']) / 10_000:.8f}"
        return events

    rewrite(traded, change)
    pair = divergence(traded).pairs[0]
    assert pair.entry_bp == pytest.approx(2, abs=0.1)
    assert pair.exit_bp == pytest.approx(3, abs=0.1)
    assert pair.funding_bp == pytest.approx(1, abs=0.01)


def test_a_trade_that_only_the_backtest_made(traded: Terminal) -> None:
    signal_ms = 0

    def change(events: list[dict[str, Any]]) -> list[dict[str, Any]]:
        nonlocal signal_ms
        trade = first_trade(events)
        signal_ms = trade["signal_time"]
        kept = [event for event in events if event is not trade]
        for event in kept:
            for record in event.get("decisions", []):
                if record["asked"].get("trade", {}).get("signal_ms") == signal_ms:
                    del record["asked"]["trade"]
        return kept

    rewrite(traded, change)
    found = divergence(traded)
    assert found.only_live == []
    [(at_ms, told)] = found.only_backtest
    assert at_ms == signal_ms
    assert told.startswith("enter long: deviation")


def test_a_trade_that_only_the_job_made(traded: Terminal) -> None:
    def change(events: list[dict[str, Any]]) -> list[dict[str, Any]]:
        trade = first_trade(events)
        return [*events, {**trade, "signal_time": trade["signal_time"] + 300_000, "key": "other"}]

    rewrite(traded, change)
    assert [told for _, told in divergence(traded).only_live] == ["ended by stop"]


def test_candles_on_which_no_run_decided_are_named(traded: Terminal) -> None:
    def change(events: list[dict[str, Any]]) -> list[dict[str, Any]]:
        trade = first_trade(events)
        runs = [event for event in events if event["event"] == "run"]
        gone = [r for r in runs if r["decisions"][0]["signal_ms"] == trade["signal_time"]]
        return [event for event in events if event not in [*gone, trade]]

    rewrite(traded, change)
    found = subject(traded)
    assert found.health.undecided == 0  # it was the first: nothing says that there was one before
    assert found.symbols[0].divergence.pairs


def test_other_parameters_begin_a_new_comparison(traded: Terminal) -> None:
    config = (traded.home / "config.toml").read_text()
    assert "threshold_perc = 0.5" in config
    config = config.replace("threshold_perc = 0.5", "threshold_perc = 0.6")
    (traded.home / "config.toml").write_text(config)
    for _ in range(2):
        assert traded.type("run").status == 0
    found = divergence(traded)
    assert found.since_ms >= START_MS + STORY.next_index * 300_000
    assert found.pairs == []


def test_a_symbol_whose_candles_are_not_given_is_not_compared(
    traded: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("exchange.gateway.Gateway.klines", lambda *_, **__: [])
    assert "did not give the candles" in divergence(traded).why_not
