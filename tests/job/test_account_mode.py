"""The account's settings: set right while flat, never while a position or an order is there."""

from pathlib import Path
from typing import Literal

import msgspec
import pytest

from state.codec import encode
from tests.job.harness import BTC, Stand, entered, only, stand
from tests.oracle.planted_base import ENTERED

MODES = {"POST marginType", "POST leverage"}


def settings(desk: Stand) -> tuple[int, str]:
    with desk.request() as engine:
        found = engine.settings(BTC)
        return found.leverage, found.margin_type


def unchecked(desk: Stand) -> None:
    """An hour has passed, as far as the notes know."""
    notes = desk.notes()
    kept = msgspec.structs.replace(notes.symbols[BTC], mode_checked_ms=0)
    desk.state_file.write_bytes(encode(msgspec.structs.replace(notes, symbols={BTC: kept})))


def test_leverage_and_margin_type_are_set_before_the_first_entry(tmp_path: Path) -> None:
    desk = stand(tmp_path, ENTERED, "leverage=7")
    assert settings(desk) == (20, "CROSSED")
    assert desk.run(10).exit_code == 0
    assert settings(desk) == (7, "ISOLATED")
    assert desk.sent[:3] == ["POST marginType", "POST leverage", "POST order MARKET"]


def test_what_is_right_already_is_not_set_again(tmp_path: Path) -> None:
    desk = stand(tmp_path, ENTERED)
    desk.run(8)
    desk.run(9)
    assert not any(request.path.endswith("Config") for request in desk.requests)
    unchecked(desk)
    desk.run(10)
    assert MODES.isdisjoint(desk.sent)
    assert sum(request.path.endswith("Config") for request in desk.requests) == 2


@pytest.mark.parametrize(("leverage", "margin_type"), [(10, "CROSSED"), (20, "ISOLATED")])
def test_either_of_the_two_is_put_right(
    tmp_path: Path, leverage: int, margin_type: Literal["CROSSED", "ISOLATED"]
) -> None:
    desk = stand(tmp_path, ENTERED)
    with desk.request() as engine:
        engine.set_leverage(BTC, leverage)
        if margin_type == "ISOLATED":
            engine.set_margin_type(BTC, margin_type)
    assert desk.run(10).exit_code == 0
    assert settings(desk) == (10, "ISOLATED")


def test_nothing_is_set_while_in_a_position(tmp_path: Path) -> None:
    desk = entered(tmp_path, ENTERED.flat(99_000))
    unchecked(desk)
    with desk.request() as engine:
        engine.set_leverage(BTC, 20)
    assert desk.run(11).exit_code == 0
    assert desk.sent == []
    assert settings(desk) == (20, "ISOLATED")


def test_hedge_mode_is_one_clear_sentence_and_no_entry(tmp_path: Path) -> None:
    desk = stand(tmp_path, ENTERED)
    with desk.request() as engine:
        engine.set_dual_side(True)
    report = desk.run(10)
    sentence = "the account is in hedge mode: set the position mode to one-way on Binance"
    assert (report.exit_code, desk.sent, desk.entries()) == (1, [], 0)
    assert only(report).error == sentence
    assert only(report).reason == f"no entry: {sentence}"


def test_multi_assets_mode_is_one_clear_sentence_and_no_entry(tmp_path: Path) -> None:
    desk = stand(tmp_path, ENTERED)
    with desk.request() as engine:
        engine.set_multi_assets(True)
    report = desk.run(10)
    assert (report.exit_code, desk.sent, desk.entries()) == (1, [], 0)
    sentence = "the account is in multi-assets mode: set it to single-asset mode on Binance"
    assert only(report).error == sentence


@pytest.mark.parametrize("path", ["accountConfig", "symbolConfig"])
def test_an_unknown_mode_is_no_entry(tmp_path: Path, path: str) -> None:
    desk = stand(tmp_path, ENTERED)
    desk.arm("GET", f"/fapi/v1/{path}", "answer", status=503, body="")
    report = desk.run(10)
    assert (desk.sent, desk.entries()) == ([], 0)
    assert "the account's mode is not known" in only(report).reason


@pytest.mark.parametrize("body", [{}, {"dualSidePosition": None}, {"dualSidePosition": False}])
def test_an_answer_without_the_mode_is_no_entry(tmp_path: Path, body: object) -> None:
    desk = stand(tmp_path, ENTERED)
    desk.arm("GET", "/fapi/v1/accountConfig", "answer", status=200, body=body)
    report = desk.run(10)
    assert (report.exit_code, desk.sent, desk.entries()) == (1, [], 0)
    assert "the account's mode is not known" in only(report).reason


@pytest.mark.parametrize("body", [[], [{"symbol": "ETHUSDT"}]], ids=str)
def test_settings_that_are_not_told_are_set(tmp_path: Path, body: object) -> None:
    desk = stand(tmp_path, ENTERED)
    desk.arm("GET", "/fapi/v1/symbolConfig", "answer", status=200, body=body)
    desk.run(10)
    assert settings(desk) == (10, "ISOLATED")


@pytest.mark.parametrize("path", ["marginType", "leverage"])
def test_a_setting_that_is_refused_is_no_entry(tmp_path: Path, path: str) -> None:
    desk = stand(tmp_path, ENTERED)
    desk.refuse("POST", f"/fapi/v1/{path}", -4028)
    report = desk.run(10)
    assert (report.exit_code, desk.entries()) == (1, 0)
    assert "-4028" in only(report).error


@pytest.mark.parametrize(("path", "code"), [("marginType", -4046), ("leverage", -4059)])
def test_nothing_to_change_is_as_good_as_set(tmp_path: Path, path: str, code: int) -> None:
    desk = stand(tmp_path, ENTERED)
    desk.refuse("POST", f"/fapi/v1/{path}", code)
    assert desk.run(10).exit_code == 0
    assert desk.entries() == 1


@pytest.mark.parametrize("path", ["time", "exchangeInfo"])
def test_without_clock_or_rules_nothing_is_opened(tmp_path: Path, path: str) -> None:
    desk = stand(tmp_path, ENTERED)
    desk.arm("GET", f"/fapi/v1/{path}", "answer", status=503, body="")
    assert desk.run(10).exit_code == 1
    assert desk.entries() == 0


def test_without_a_balance_nothing_is_opened_but_exits_go_on(tmp_path: Path) -> None:
    desk = stand(tmp_path, ENTERED.flat(99_000))
    desk.arm("GET", "/fapi/v3/account", "answer", status=503, body="")
    report = desk.run(10)
    assert (report.exit_code, desk.entries()) == (1, 0)
    assert only(report).reason == "no entry: the balance could not be read"


def test_a_symbol_that_is_closed_for_trading_is_not_entered(tmp_path: Path) -> None:
    desk = stand(tmp_path, ENTERED)
    desk.run(9)
    notes = desk.notes()
    rules = notes.symbols[BTC].rules
    assert rules is not None
    closed = msgspec.structs.replace(rules, trading=False)
    kept = msgspec.structs.replace(notes.symbols[BTC], rules=closed)
    desk.state_file.write_bytes(encode(msgspec.structs.replace(notes, symbols={BTC: kept})))
    report = desk.run(10)
    assert (report.exit_code, desk.entries()) == (0, 0)
    assert only(report).reason == "no entry: the exchange has closed the symbol for trading"


def test_rules_are_read_once_a_day(tmp_path: Path) -> None:
    desk = entered(tmp_path, ENTERED.flat(99_000, 400))
    asked = []
    for candle in (11, 12, 10 + 288, 299):
        desk.run(candle)
        asked.append(any(r.path == "/fapi/v1/exchangeInfo" for r in desk.requests))
    assert asked == [False, False, True, False]
