"""The numbers for CloudWatch: the schema that AWS publishes, and what they count."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from job.commands.lambda_entry import handle
from job.metrics import metrics_line
from job.outside import Outside, VirtualClock
from job.report import Report, SymbolReport
from tests.oracle.planted import START_MS

REPORT = Report(run="r", command="run", venue="demo", account="main", at_ms=START_MS)


def numbers(*symbols: SymbolReport) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(metrics_line(replace(REPORT, symbols=list(symbols))))
    return found


def test_the_line_is_what_the_specification_asks_for() -> None:
    """The published schema of the embedded metric format, rule by rule."""
    line = numbers(SymbolReport("BTCUSDT", position="flat"))
    assert set(line["_aws"]) == {"Timestamp", "CloudWatchMetrics"}
    assert line["_aws"]["Timestamp"] == START_MS
    (directive,) = line["_aws"]["CloudWatchMetrics"]
    assert set(directive) == {"Namespace", "Dimensions", "Metrics"}
    assert 1 <= len(directive["Namespace"]) <= 1024
    for names in directive["Dimensions"]:
        assert 1 <= len(names) <= 30
        assert all(isinstance(line[name], str) and line[name] for name in names)
    assert 1 <= len(directive["Metrics"]) <= 100
    for metric in directive["Metrics"]:
        assert set(metric) == {"Name", "Unit"}
        assert metric["Unit"] == "Count"
        assert type(line[metric["Name"]]) is int


def test_what_is_counted() -> None:
    line = numbers(
        SymbolReport("BTCUSDT", position="long 0.688 from 72630.4"),
        SymbolReport("ETHUSDT", position="short 1 from 2", unprotected=True, error="UNPROTECTED"),
        SymbolReport("SOLUSDT", position="flat"),
        SymbolReport("XRPUSDT"),
    )
    assert (line["OpenPositions"], line["Unprotected"], line["Failed"]) == (2, 1, 1)
    calm = numbers(SymbolReport("BTCUSDT", position="flat"))
    assert (calm["OpenPositions"], calm["Unprotected"], calm["Failed"]) == (0, 0, 0)


def test_lambda_prints_it_as_a_line_of_its_own(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    handle({}, object(), tmp_path, Outside(VirtualClock(START_MS), {}, lambda: "0123456789ab"))
    *_, last = capsys.readouterr().out.splitlines()
    assert json.loads(last)["_aws"]["CloudWatchMetrics"][0]["Namespace"] == "Revert"
