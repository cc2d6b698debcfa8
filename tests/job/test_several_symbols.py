"""Several symbols in one job: one that fails does not cost the others, and places are limited."""

from pathlib import Path

import pytest

from job import run
from job.firing import Firing, Work
from job.protecting import protect
from tests.job.harness import ALGO, BTC, ETH, LOTS, ORDER, Stand, stand
from tests.oracle.planted_base import CALM, ENTERED, GAINED, REVERTED, SIGNAL

SOL, XRP = "SOLUSDT", "XRPUSDT"
HALF = LOTS // 2
GARBAGE = ["garbage", [[1, 2]], [None], [["x"] * 12], [[1, "a", "b", "c", "d", "e"]], {"no": 1}]
READS = ("/fapi/v1/klines", "/fapi/v3/positionRisk", "/fapi/v1/openOrders", "/fapi/v3/account")


def two(folder: Path, *settings: str) -> Stand:
    script = ENTERED.flat(99_000, 3)
    return stand(folder, {BTC: script, ETH: script}, *settings)


def test_each_is_sized_by_its_share_and_protected(tmp_path: Path) -> None:
    desk = two(tmp_path)
    assert desk.run(10).exit_code == 0
    assert desk.position(BTC) == HALF
    assert desk.position(ETH) == 50_505 // 10
    assert desk.broken() == []


@pytest.mark.parametrize("failing", [BTC, ETH])
def test_a_refused_entry_of_one_does_not_stop_the_other(tmp_path: Path, failing: str) -> None:
    desk = two(tmp_path)
    desk.refuse("POST", ORDER, -2019, params={"symbol": failing})
    report = desk.run(10)
    assert report.exit_code == 0
    assert desk.position(failing) == 0
    assert desk.position(ETH if failing == BTC else BTC) > 0


@pytest.mark.parametrize("failing", [BTC, ETH])
def test_a_stop_that_fails_for_one_does_not_stop_the_other(tmp_path: Path, failing: str) -> None:
    desk = two(tmp_path)
    desk.refuse("POST", ALGO, -4045, params={"symbol": failing, "type": "STOP_MARKET"})
    report = desk.run(10)
    assert (report.exit_code, desk.position(failing)) == (1, 0)
    other = ETH if failing == BTC else BTC
    assert desk.position(other) > 0
    assert len(desk.algos(other)) == 2
    assert [bool(symbol.error) for symbol in report.symbols] == [failing == BTC, failing == ETH]


@pytest.mark.parametrize("body", GARBAGE, ids=str)
def test_candles_of_one_that_cannot_be_used_do_not_stop_the_other(
    tmp_path: Path, body: object
) -> None:
    desk = two(tmp_path)
    desk.arm(
        "GET", "/fapi/v1/klines", "answer", status=200, body=body, times=0, params={"symbol": BTC}
    )
    report = desk.run(10)
    assert (report.exit_code, desk.position(BTC)) == (1, 0)
    assert desk.position(ETH) > 0


@pytest.mark.parametrize("body", GARBAGE, ids=str)
def test_garbage_of_a_candle_read_does_not_keep_a_position_from_its_stop(
    tmp_path: Path, body: object
) -> None:
    desk = two(tmp_path)
    desk.run(10)
    with desk.request() as engine:
        engine.cancel_all_algos(BTC)
    desk.arm("GET", "/fapi/v1/klines", "answer", status=200, body=body, times=0)
    assert desk.run(11).exit_code == 1
    assert len(desk.algos(BTC)) == 2


@pytest.mark.parametrize("body", GARBAGE, ids=str)
@pytest.mark.parametrize("path", READS)
def test_garbage_is_a_failed_read_and_nothing_is_opened_or_cancelled(
    tmp_path: Path, path: str, body: object
) -> None:
    desk = two(tmp_path)
    desk.arm("GET", path, "answer", status=200, body=body, times=0)
    assert desk.run(10).exit_code == 1
    assert (desk.entries(), desk.sent[4:]) == (0, [])
    desk.faults.disarm_all()
    assert desk.run(10, 20_000).exit_code == 0
    assert desk.entries() == 2
    desk.arm("GET", path, "answer", status=200, body=body, times=0)
    assert desk.run(11).exit_code == 1
    assert desk.sent == []
    assert len(desk.algos(BTC)) == len(desk.algos(ETH)) == 2


def test_a_fault_of_the_program_in_one_does_not_stop_the_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = two(tmp_path)
    desk.run(10)
    with desk.request() as engine:
        engine.cancel_all_algos(BTC)
        engine.cancel_all_algos(ETH)

    def faulty(firing: Firing, work: Work) -> None:
        if work.symbol == BTC:
            raise RuntimeError("a mistake of the test")
        protect(firing, work)

    monkeypatch.setattr(run, "protect", faulty)
    report = desk.run(11)
    assert (report.exit_code, len(desk.algos(BTC)), len(desk.algos(ETH))) == (1, 0, 2)
    assert "internal error RuntimeError" in report.symbols[0].error


def test_unknown_entries_are_each_settled(tmp_path: Path) -> None:
    desk = two(tmp_path)
    desk.arm("POST", ORDER, "drop", params={"symbol": BTC})
    desk.arm("POST", ORDER, "drop", when="before", params={"symbol": ETH})
    assert desk.run(10).exit_code == 0
    assert (desk.position(BTC), desk.position(ETH)) == (HALF, 0)
    assert desk.broken() == []


def test_an_entry_of_a_group_that_comes_past_its_fence_is_planned_anew(tmp_path: Path) -> None:
    desk = two(tmp_path)
    desk.arm("POST", ORDER, "drop", when="before", params={"symbol": BTC})  # watched for 7 s
    report = desk.run(10)
    assert (report.exit_code, desk.position(BTC), desk.position(ETH)) == (0, 0, 10 * HALF)
    sent = [request.params for request in desk.requests if request.told == "POST order MARKET"]
    assert [params["symbol"] for params in sent] == [BTC, ETH, ETH]
    assert sent[2]["timestamp"] > sent[1]["timestamp"]
    assert desk.broken() == []


def test_no_entry_in_a_run_that_met_a_rate_limit(tmp_path: Path) -> None:
    scripts = {BTC: REVERTED.flat(99_900), ETH: CALM.flat(100_000, 2).flat(99_000, 2)}
    desk = stand(tmp_path, scripts)
    desk.run(10)
    limited = {"code": -1003, "msg": "Too many requests."}
    desk.arm("DELETE", ALGO, "answer", status=429, body=limited, headers={"Retry-After": "1"})
    report = desk.run(12)
    assert (desk.position(BTC), desk.position(ETH)) == (0, 0)
    assert report.symbols[1].reason == "no entry: the exchange is limiting our requests"
    assert desk.run(12, 20_000).exit_code == 0
    assert desk.position(ETH) > 0
    assert desk.broken() == []


def test_only_so_many_positions_are_opened_in_the_order_of_the_configuration(
    tmp_path: Path,
) -> None:
    scripts = dict.fromkeys([SOL, BTC, XRP, ETH], ENTERED.flat(99_000, 3))
    desk = stand(tmp_path, scripts, "max_open_positions=2")
    report = desk.run(10)
    assert report.exit_code == 0
    held = [symbol for symbol in scripts if desk.position(symbol)]
    assert held == [SOL, BTC]
    told = {symbol.symbol: symbol.reason for symbol in report.symbols}
    sentence = "no entry: 2 positions are open or being opened already"
    assert (told[XRP], told[ETH]) == (sentence, sentence)


def test_a_place_becomes_free_when_a_trade_ends(tmp_path: Path) -> None:
    stopped = SIGNAL.flat(99_000).flat(98_000, 3)
    falling = ENTERED.flat(98_000).flat(97_000).flat(96_000)
    desk = stand(tmp_path, {BTC: stopped, ETH: falling}, "max_open_positions=1", "cooldown_bars=9")
    desk.run(10)
    assert (bool(desk.position(BTC)), desk.position(ETH)) == (True, 0)
    desk.run(11)  # BTC's stop filled at this open
    assert (desk.position(BTC), bool(desk.position(ETH))) == (0, True)


def test_an_exit_and_an_entry_in_one_run(tmp_path: Path) -> None:
    reverting = ENTERED.bar(99_000, 99_950, 99_000, 99_900).flat(99_900)
    late = SIGNAL.flat(100_000).flat(99_000, 2)  # its second dip closes with candle 11
    desk = stand(tmp_path, {BTC: reverting, ETH: late.flat(99_000)}, "threshold_perc=0.6")
    desk.run(10)
    assert desk.position(BTC) > 0
    assert desk.run(12).exit_code == 0
    assert desk.position(BTC) == 0
    assert desk.broken() == []


def test_every_entry_of_a_group_is_planned_before_the_first_leaves(tmp_path: Path) -> None:
    desk = two(tmp_path)
    seen: list[bool] = []
    desk.meanwhile(
        "POST", ORDER, lambda _: seen.append(all(desk.kept(s).intent for s in (BTC, ETH)))
    )
    desk.run(10)
    assert seen == [True]


def test_moving_stops_of_two_at_once(tmp_path: Path) -> None:
    script = GAINED.flat(99_500).flat(99_400)
    desk = stand(tmp_path, {BTC: script, ETH: script})
    desk.run(10)
    assert desk.run(12).exit_code == 0
    assert desk.trade(BTC).stop_moved
    assert desk.trade(ETH).stop_moved
    assert desk.broken() == []
