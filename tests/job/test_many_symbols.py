"""Hundreds of symbols in one run: what is asked for stays within Binance's weight limit."""

from pathlib import Path

import pytest

from job import mode, reading, settling
from job.report import Report
from tests.job.harness import BTC, ETH, PROTECTED, Stand, entered, stand
from tests.oracle.planted_base import ENTERED

KLINES = "/fapi/v1/klines"
LOOKED_BACK = "/fapi/v1/userTrades"


def two(folder: Path, *settings: str) -> Stand:
    script = ENTERED.flat(99_000, 3)
    return stand(folder, {BTC: script, ETH: script}, *settings)


def asked(desk: Stand, path: str) -> list[str]:
    return [request.params.get("symbol", "") for request in desk.requests if request.path == path]


def reasons(report: Report) -> list[str]:
    return [symbol.reason for symbol in report.symbols]


def test_the_settings_of_several_symbols_are_one_request(tmp_path: Path) -> None:
    desk = two(tmp_path)
    assert desk.run(10).ok
    assert asked(desk, "/fapi/v1/symbolConfig") == [""]
    assert desk.sent[:4] == ["POST marginType", "POST leverage"] * 2
    desk.run(11)
    assert asked(desk, "/fapi/v1/symbolConfig") == []


def test_a_symbol_without_settings_is_set_before_it_is_traded(tmp_path: Path) -> None:
    desk = two(tmp_path)
    with desk.request() as engine:
        engine.set_leverage(BTC, 10)
        engine.set_margin_type(BTC, "ISOLATED")
    assert desk.run(10).ok
    assert desk.sent[:2] == ["POST marginType", "POST leverage"]
    assert desk.position(BTC) > 0
    assert desk.position(ETH) > 0


def test_settings_that_cannot_be_read_open_nothing(tmp_path: Path) -> None:
    desk = two(tmp_path)
    desk.refuse("GET", "/fapi/v1/symbolConfig", -1000)
    report = desk.run(10)
    assert (desk.position(BTC), desk.position(ETH), desk.sent) == (0, 0, [])
    assert all("the account's mode is not known" in reason for reason in reasons(report))


def test_only_so_many_symbols_are_set_a_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mode, "SETS_MAX", 1)
    desk = two(tmp_path)
    report = desk.run(10)
    assert (desk.position(BTC) > 0, desk.position(ETH)) == (True, 0)
    assert "1 symbols are set a run, this one later" in reasons(report)[1]
    assert desk.run(11).ok
    assert desk.sent[:2] == ["POST marginType", "POST leverage"]


def test_a_symbol_that_cannot_be_set_does_not_stop_the_others(tmp_path: Path) -> None:
    desk = two(tmp_path)
    desk.refuse("POST", "/fapi/v1/leverage", -4028, params={"symbol": BTC})
    report = desk.run(10)
    assert (report.exit_code, desk.position(BTC), desk.position(ETH) > 0) == (1, 0, True)
    assert [bool(symbol.error) for symbol in report.symbols] == [True, False]


def test_only_so_many_new_symbols_are_looked_into(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settling, "NEWCOMERS_MAX", 1)
    desk = two(tmp_path)
    report = desk.run(10)
    assert (desk.position(BTC) > 0, desk.position(ETH)) == (True, 0)
    assert reasons(report)[1] == (
        "no entry: new symbols are looked into 1 a firing, this one later"
    )
    assert report.ok
    assert ETH not in asked(desk, LOOKED_BACK)
    desk.guard(10, 60_000)
    assert ETH in asked(desk, LOOKED_BACK)


def test_a_symbol_with_a_position_is_looked_into_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = entered(tmp_path, ENTERED.flat(99_000, 3))
    for algo in desk.algos():  # naked, and nobody knows of it
        with desk.request() as engine:
            engine.cancel_algo(algo.algo_id)
    desk.state_file.unlink()
    monkeypatch.setattr(settling, "NEWCOMERS_MAX", 0)
    assert desk.guard(10, 60_000).ok
    assert desk.levels() == PROTECTED


@pytest.mark.parametrize(("each_ms", "polls"), [(0, 2), (10_000, 1)])
def test_many_late_candles_are_asked_for_less_often(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, each_ms: int, polls: int
) -> None:
    monkeypatch.setattr(reading, "CANDLE_POLL_MS_EACH", each_ms)
    desk = two(tmp_path)
    desk.run(8)
    late = [[0, "1", "1", "1", "1", "0", 0, "0", 0, "0", "0", "0"]]
    for symbol in (BTC, ETH):
        desk.arm("GET", KLINES, "answer", status=200, body=late, times=2, params={"symbol": symbol})
    desk.run(9)
    assert len(asked(desk, KLINES)) == 2 * (1 + polls)


@pytest.mark.parametrize(
    ("ma_length", "weight"), [(20, 1), (97, 1), (98, 2), (497, 2), (498, 5), (995, 5)]
)
def test_the_weight_of_candles_is_binance_s(tmp_path: Path, ma_length: int, weight: int) -> None:
    from job.opening import begin

    firing = begin(two(tmp_path, f"ma_length={ma_length}").job, "run")
    firing.works[0].parameters = firing.job.config.common
    assert reading._candle_weight(firing.works[0]) == weight
