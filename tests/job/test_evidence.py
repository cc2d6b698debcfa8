"""Real money is risked on evidence only; whatever is wrong with it, protection goes on."""

import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import boto3
import msgspec
import pytest
from moto import mock_aws

from job import evidence, places
from job.commands.check import _evidence, _live
from job.evidence import Candles, Costs, EvidenceFile, Luck, Result, SymbolEvidence
from job.readiness.answer import NotReadyError
from state.s3_address import S3Address
from strategy import RULES_VERSION
from strategy.parameters import parse
from tests.job.harness import BTC, NOTHING, PROTECTED, Stand, stand
from tests.oracle.planted_base import ENTERED, PARAMS

GAIN = Result(4, 120, "300.00000000", 3.2, 1.1)


def found(**changes: Any) -> SymbolEvidence:
    """Evidence for the parameters of the planted cases, all in order."""
    good = SymbolEvidence(
        parameters=evidence.texts_of(parse(PARAMS)),
        candles=Candles("2023-01-01T00:00:00Z", "2024-02-01T00:00:00Z", 114_048, "ab"),
        costs=Costs(500, 100, 0, True),
        train_days=90,
        test_days=30,
        grid={"threshold_perc": ["0.2", "0.4"]},
        total=GAIN,
        these=GAIN,
        luck=Luck("White (2000)", 0.03, 2),
        rules_version=RULES_VERSION,
    )
    return msgspec.structs.replace(good, **changes)


def file_of(**symbols: SymbolEvidence) -> bytes:
    return msgspec.json.encode(EvidenceFile(evidence.FORMAT, symbols))


def desk(folder: Path, venue: str = "live", **changes: Any) -> Stand:
    """The planted market, traded as if it were `venue`."""
    made = stand(folder, ENTERED)
    config = replace(made.job.config, venue=venue, evidence=folder / "evidence.json", **changes)
    made.job = replace(made.job, config=config)
    return made


def test_with_evidence_the_job_enters_and_says_so(tmp_path: Path) -> None:
    live = desk(tmp_path)
    (tmp_path / "evidence.json").write_bytes(file_of(BTCUSDT=found()))
    report = live.run(10)
    assert live.position() > 0
    assert report.notices[0] == (
        "evidence BTCUSDT: +3.2 bp ± 1.1 a trade out of sample, 120 trades, 2023-01-01 to "
        "2024-02-01; chance of such luck among 2 combinations 0.03"
    )
    assert report.as_dict()["notices"] == report.notices


def test_without_a_file_nothing_is_opened(tmp_path: Path) -> None:
    live = desk(tmp_path)
    report = live.run(10)
    assert live.position() == 0
    (symbol,) = report.symbols
    assert symbol.reason == (
        f"no entry: no evidence: {tmp_path / 'evidence.json'}: there is no such file"
    )
    assert report.exit_code == 0
    assert "POST order MARKET" not in live.sent


def test_protection_and_exits_go_on_without_evidence(tmp_path: Path) -> None:
    live = desk(tmp_path)
    file = tmp_path / "evidence.json"
    file.write_bytes(file_of(BTCUSDT=found()))
    live.run(10)
    file.unlink()
    with live.request() as engine:
        engine.books.algos.clear()
    assert live.levels() == NOTHING
    report = live.run(10, after_ms=5_000)
    assert live.position() > 0
    assert live.levels() == PROTECTED
    assert live.broken() == []
    assert report.notices[0].endswith("there is no such file")


@pytest.mark.parametrize("venue", ["demo", "embedded"])
def test_it_is_never_asked_for_where_no_money_is(tmp_path: Path, venue: str) -> None:
    other = desk(tmp_path, venue)
    report = other.run(10)
    assert other.position() > 0
    assert not any("evidence" in notice for notice in report.notices)


def test_the_users_word_is_enough_and_is_told(tmp_path: Path) -> None:
    live = desk(tmp_path, trade_without_evidence=True)
    report = live.run(10)
    assert live.position() > 0
    assert report.notices[0] == ("evidence BTCUSDT: not asked for (trade_without_evidence = true)")


OTHER = evidence.texts_of(parse({**PARAMS, "threshold_perc": "0.3"}))
NO = {
    "other parameters": (
        found(parameters=OTHER), "it is for other parameters: threshold_perc 0.3 (here "),
    "a loss of the whole": (
        found(total=Result(4, 120, "-1", -0.1, 1.0)),
        "walk-forward as a whole: -0.1 bp a trade out of sample"),
    "zero": (found(total=Result(4, 120, "0", 0.0, 1.0)), "walk-forward as a whole: +0.0 bp"),
    "not a number": (found(total=Result(4, 120, "0", math.nan, 1.0)), "too few"),
    "a loss of these": (
        found(these=Result(1, 40, "-1", -2.5, 1.0)),
        "windows in which these parameters were chosen: -2.5 bp"),
    "never chosen before": (
        found(these=Result(0, 0, "0", None, None)),
        "windows in which these parameters were chosen: 0 trades out of sample, too few"),
    "no fees": (found(costs=Costs(0, 100, 0, True)), "charged fee_perc 0; the settings say 0.05"),
    "no slippage": (found(costs=Costs(500, 0, 0, True)), "charged slippage_bps 0;"),
    "no funding": (found(costs=Costs(500, 100, 0, False)), "was not charged funding all the time"),
    "older rules": (
        found(rules_version=RULES_VERSION - 1),
        f"it was found by rules of version {RULES_VERSION - 1}, these are of version"),
    "newer rules": (
        found(rules_version=RULES_VERSION + 1),
        f"of version {RULES_VERSION}; run `python -m backtest walkforward` again"),
    "no parameters": (found(parameters={"leverage": "0"}), "its parameters cannot be read: "),
}  # fmt: skip


@pytest.mark.parametrize("name", NO)
def test_evidence_that_is_none(tmp_path: Path, name: str) -> None:
    given, why = NO[name]
    live = desk(tmp_path, funding=True)
    (tmp_path / "evidence.json").write_bytes(file_of(BTCUSDT=given))
    (symbol,) = live.run(10).symbols
    assert live.position() == 0
    assert symbol.reason.startswith("no entry: no evidence: ")
    assert why in symbol.reason


@pytest.mark.parametrize(
    "data",
    [
        b"", b"{", b"[]", b'{"format":3,"symbols":{}}', b'{"format":2}', b"\xff\xfe",
        file_of(BTCUSDT=found()).replace(b'"p_value"', b'"p"'),
        file_of(ETHUSDT=found()),
    ],
)  # fmt: skip
def test_a_file_that_cannot_be_used_is_no_evidence(tmp_path: Path, data: bytes) -> None:
    live = desk(tmp_path)
    (tmp_path / "evidence.json").write_bytes(data)
    (symbol,) = live.run(10).symbols
    assert live.position() == 0
    assert symbol.reason.startswith("no entry: no evidence: ")
    assert "\n" not in symbol.reason


def test_a_file_of_an_older_format_says_what_to_do(tmp_path: Path) -> None:
    live = desk(tmp_path)
    (tmp_path / "evidence.json").write_bytes(b'{"format":1,"symbols":{"BTCUSDT":{"rules":""}}}')
    (symbol,) = live.run(10).symbols
    assert symbol.reason.endswith(
        "evidence.json is no evidence of `walkforward`: format 1, this program reads "
        f"{evidence.FORMAT}; remove it and run `walkforward` again"
    )


def test_a_gain_that_may_be_chance_is_told_as_one(tmp_path: Path) -> None:
    live = desk(tmp_path)
    chance = found(these=Result(4, 120, "300", 3.2, 1.7))
    (tmp_path / "evidence.json").write_bytes(file_of(BTCUSDT=chance))
    assert "out of sample, not distinguishable from zero, 120 trades" in live.run(10).notices[0]


def test_a_folder_is_no_evidence(tmp_path: Path) -> None:
    (tmp_path / "evidence.json").mkdir()
    live = desk(tmp_path)
    assert live.run(10).exit_code == 0
    assert live.position() == 0


@mock_aws
def test_it_may_lie_in_s3(tmp_path: Path) -> None:
    client = boto3.client("s3", region_name="us-east-1")
    client.create_bucket(Bucket="bucket")
    config = replace(desk(tmp_path).job.config, evidence=S3Address("bucket", "there/evidence.json"))
    places.s3_client.cache_clear()
    assert not evidence.judge_all(config)[BTC].allowed
    client.put_object(Bucket="bucket", Key="there/evidence.json", Body=file_of(BTCUSDT=found()))
    assert evidence.judge_all(config)[BTC].allowed
    places.s3_client.cache_clear()


def test_check_says_which(tmp_path: Path) -> None:
    live = desk(tmp_path)
    assert _live(live.job.config) == [BTC]
    assert _live(replace(live.job.config, venue="demo")) == []
    with pytest.raises(NotReadyError, match="no such file; no position is opened"):
        _evidence(live.job, BTC)
    (tmp_path / "evidence.json").write_bytes(file_of(BTCUSDT=found()))
    assert _evidence(live.job, BTC).startswith("+3.2 bp")
    (tmp_path / "evidence.json").write_bytes(file_of(BTCUSDT=found(rules_version=0)))
    with pytest.raises(NotReadyError, match=r"rules of version 0, .* again; no position is opened"):
        _evidence(live.job, BTC)


def test_parameters_come_back_from_their_texts() -> None:
    for texts in ({}, PARAMS, {"threshold_perc": "0.0001", "max_exposure": "0.001"}):
        parameters = parse(texts)
        assert parse(evidence.texts_of(parameters)) == parameters
