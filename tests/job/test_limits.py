"""Every limit: the value before it trades, the value at it does not, says why, and stays so."""

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from job.commands.limit_lines import limit_lines, limits_off, limits_set
from job.config import Limits
from job.limits import day_is_lost
from job.market_guards import PPM
from job.opening import begin, load_notes
from job.report import Report
from job.tally import entries_of, losses_in_a_row, result_e8
from state.brakes import put_on
from state.model import Brake
from strategy.units import DAY_MS
from tests.job.harness import (
    BTC,
    ETH,
    INTERVAL_MS,
    LOTS,
    MOVED,
    NOTHING,
    PROTECTED,
    Stand,
    entered,
    only,
    stand,
)
from tests.job.terminal import Terminal
from tests.job.test_books import STORY
from tests.oracle.planted import START_MS, Series
from tests.oracle.planted_base import CALM, ENTERED, GAINED, HOME, REVERTED, SIGNAL

#: The first trade of STORY ends by its stop in candle 11; the next signal is candle 24's.
SECOND = 25


# Places and exposure.


@pytest.mark.parametrize(
    ("limits", "entered"),
    [
        (Limits(2), 2),
        (Limits(1), 1),
        (Limits(10, exposure_permille=1000), 2),  # both are worth 9999 USDT, the balance
        (Limits(10, exposure_permille=999), 1),
        (Limits(10, exposure_permille=499), 0),
        (Limits(10, trades_a_day=2), 2),
        (Limits(10, trades_a_day=1), 1),
    ],
)
def test_what_all_symbols_share(tmp_path: Path, limits: Limits, entered: int) -> None:
    desk = stand(tmp_path, {BTC: ENTERED, ETH: ENTERED}, "balance=9999", limits=limits)
    for after_ms in (1_000, 20_000):
        report = desk.run(10, after_ms)
        assert report.ok
        assert [desk.position(symbol) > 0 for symbol in (BTC, ETH)] == [entered > 0, entered > 1]
        refused = [symbol.reason for symbol in report.symbols[entered:]]
        assert all(reason.startswith("no entry: ") for reason in refused)


def test_a_position_that_may_be_ours_takes_a_place(tmp_path: Path) -> None:
    """The notes are lost, and BTC's fills cannot be read."""
    later = CALM.flat(HOME).bar(HOME, HOME, 99_000, 99_000).flat(99_000, 3)
    desk = stand(tmp_path, {BTC: ENTERED.flat(99_000, 3), ETH: later}, limits=Limits(1))
    desk.run(10)
    desk.state_file.unlink()
    desk.arm("GET", "/fapi/v1/userTrades", "answer", status=503, body="", params={"symbol": BTC})
    report = desk.run(11)
    assert "1 positions are open" in report.symbols[1].reason
    assert desk.position(ETH) == 0


@pytest.mark.parametrize(("theirs", "lots"), [(500, LOTS // 2), (2_000, 0)])
def test_exposure_counts_what_strangers_hold(tmp_path: Path, theirs: int, lots: int) -> None:
    limits = Limits(10, exposure_permille=600)
    desk = stand(tmp_path, {BTC: ENTERED, ETH: ENTERED}, limits=limits)
    desk.at(10)
    desk.by_hand(-1, theirs, ETH)
    report = desk.run()
    assert "FOREIGN" in report.symbols[1].position
    assert desk.position(BTC) == lots


# The day.


def played(folder: Path, limits: Limits, upto: int = SECOND + 1) -> tuple[Stand, list[Report]]:
    desk = stand(folder, STORY, limits=limits)
    return desk, [desk.run(candle) for candle in range(9, upto)]


def first_loss_ppm(folder: Path) -> int:
    """What the first trade of STORY loses of the balance, rounded down."""
    desk, _ = played(folder, Limits(10), 13)
    [trade] = desk.events("trade")
    return int(-Decimal(trade["net"]) * PPM / 10_000)


@pytest.mark.parametrize(
    ("result", "wallet", "lost"),
    [
        (-300, 9_700, True),
        (-299, 9_701, False),
        (300, 10_300, False),
        (0, 0, False),
        (-5, -4, True),
    ],
)
def test_the_day_is_lost_at_the_limit(result: int, wallet: int, lost: bool) -> None:
    assert bool(day_is_lost(Limits(10, daily_loss_ppm=30_000), result, wallet)) is lost


def of_the_day(folder: Path) -> list[tuple[Limits, str]]:
    lost_ppm = first_loss_ppm(folder)
    assert 10_000 < lost_ppm < 13_000
    return [
        (Limits(10, daily_loss_ppm=lost_ppm + 1), ""),
        (Limits(10, daily_loss_ppm=lost_ppm), "(max_daily_loss_perc "),
        (Limits(10, losses_in_a_row=2), ""),
        (Limits(10, losses_in_a_row=1), "lost trades in a row have reached max_losses_in_a_row 1"),
        (Limits(10, trades_a_day=2), ""),
        (Limits(10, trades_a_day=1), "today's trades have reached max_trades_a_day 1"),
    ]


@pytest.mark.parametrize("row", range(6))
def test_what_the_journal_tells(tmp_path: Path, row: int) -> None:
    limits, reason = of_the_day(tmp_path / "measured")[row]
    desk, reports = played(tmp_path, limits)
    assert all(report.ok for report in reports)
    assert desk.entries() == (1 if reason else 2)
    if reason:
        assert only(reports[-1]).reason.startswith("no entry: ")
        assert reason in only(reports[-1]).reason
        assert reason in "".join(reports[-1].brakes)
        assert len(desk.events("brake")) == 1


@pytest.mark.parametrize("row", [1, 3, 5])
def test_a_latch_is_found_again_when_the_notes_are_lost(tmp_path: Path, row: int) -> None:
    limits, reason = of_the_day(tmp_path / "measured")[row]
    desk, _ = played(tmp_path, limits, SECOND)
    desk.state_file.unlink()
    assert reason in only(desk.run(SECOND)).reason
    assert desk.entries() == 1


def test_a_journal_that_cannot_be_read_forbids(tmp_path: Path) -> None:
    desk, _ = played(tmp_path, Limits(10, trades_a_day=5), SECOND)
    journal = desk.job.journal

    def broken(*_: object) -> object:
        raise OSError(5, "Input/output error", "the journal")

    journal.events = broken  # type: ignore[method-assign,assignment]
    report = desk.run(SECOND)
    assert "the journal cannot be read for the limits (Input/output error)" in only(report).reason
    assert desk.position() == 0


@pytest.mark.parametrize("line", ['{"event":"fill","at_ms":%d}', '{"event":"fill"}'])
def test_a_journal_with_a_strange_event_forbids_and_costs_no_protection(
    tmp_path: Path, line: str
) -> None:
    script = ENTERED.flat(97_000).flat(95_000, 3)
    desk = entered(tmp_path, script, "cooldown_bars=0", limits=Limits(10, daily_loss_ppm=5_000))
    [path] = (tmp_path / "journal").glob("*.jsonl")
    with path.open("a") as file:
        file.write(line.replace("%d", str(desk.now_ms)) + "\n")
    report = desk.guard(11)
    assert (report.ok, desk.levels(), desk.kept().trade) == (True, NOTHING, None)
    assert "an event is not what the job wrote: KeyError" in report.notices[0]
    assert not limit_texts(desk)[0].startswith("today")
    report = desk.run(13)
    assert "no entry: the journal cannot be read for the limits" in only(report).reason


def limit_texts(desk: Stand) -> list[str]:
    """What `status` says of the limits."""
    firing = begin(desk.job, "status")
    load_notes(firing)
    return [line.text for line in limit_lines(firing, desk.now_ms)]


@pytest.mark.parametrize("unread", ["/fapi/v1/userTrades", "/fapi/v1/income"])
def test_a_loss_that_could_not_be_booked_holds_the_others_back(tmp_path: Path, unread: str) -> None:
    """BTC's stop has filled and ETH has a signal at the same close."""
    scripts = {
        BTC: SIGNAL.flat(99_000).flat(97_000, 5),
        ETH: CALM.flat(HOME).bar(HOME, HOME, 99_000, 99_000).flat(99_000, 5),
    }
    desk = stand(tmp_path, scripts, limits=Limits(10, daily_loss_ppm=3_000))
    desk.run(10)
    desk.arm("GET", unread, "answer", status=503, body="", params={"symbol": BTC})
    report = desk.run(11)
    assert report.symbols[1].reason == "no entry: what BTCUSDT has won or lost is not known yet"
    assert desk.position(ETH) == 0
    report = desk.run(11, 20_000)
    assert "max_daily_loss_perc" in report.symbols[1].reason
    assert (desk.position(ETH), desk.reasons()) == (0, ["stop"])


# What a brake leaves alone, and when it ends.

HALTED = Brake("halt", "by hand", since_ms=0)


def test_a_brake_lets_protection_and_exits_through(tmp_path: Path) -> None:
    desk = entered(tmp_path, REVERTED.flat(99_900, 2))
    desk.job.store.save(put_on(desk.notes(), HALTED, desk.now_ms))
    with desk.request() as engine:
        engine.cancel_all_algos(BTC)
    assert desk.guard(10, 30_000).ok
    assert desk.levels() == PROTECTED
    report = desk.run(12)
    assert (report.exit_code, desk.position(), desk.levels()) == (0, 0, NOTHING)
    assert desk.reasons() == ["reverted"]


def test_a_brake_lets_the_stop_move(tmp_path: Path) -> None:
    desk = entered(tmp_path, GAINED.flat(99_500, 2))
    desk.job.store.save(put_on(desk.notes(), HALTED, desk.now_ms))
    desk.run(12)
    assert desk.levels()["STOP_MARKET"] == [MOVED]


def test_a_reached_limit_stays_reached_until_midnight(tmp_path: Path) -> None:
    """The day's loss is won back by the trade that is open, and still the day is over."""
    lost_ppm = first_loss_ppm(tmp_path / "measured")
    desk = stand(tmp_path, NEXT_DAY, limits=Limits(10, daily_loss_ppm=lost_ppm))
    for candle in range(9, 13):
        desk.run(candle)  # the trade that ends in candle 11 puts the brake on at once
    [brake] = desk.notes().brakes
    assert (brake.limit, brake.until_ms) == ("max_daily_loss_perc", MIDNIGHT_MS)
    desk.job = replace(
        desk.job, config=replace(desk.job.config, limits=Limits(10, daily_loss_ppm=900_000))
    )
    for candle in (SECOND, MIDNIGHT - 1):
        assert not desk.run(candle).symbols[0].orders
        assert desk.entries() == 1
    assert desk.run(MIDNIGHT).brakes == []
    assert desk.entries() == 2


#: Signals at candle 24 and, still, at midnight's candle.
MIDNIGHT = (24 - 1) * 12
MIDNIGHT_MS = START_MS + MIDNIGHT * INTERVAL_MS
NEXT_DAY = (
    SIGNAL.flat(99_000)
    .bar(99_000, 99_000, 97_900, 98_000)
    .flat(98_000, 12)
    .bar(98_000, 98_000, 97_000, 97_000)
    .flat(97_000, MIDNIGHT - 27)
    .bar(97_000, 97_000, 96_000, 96_000)
    .flat(96_000, 2)
)


def test_a_trade_over_midnight_counts_on_both_days(tmp_path: Path) -> None:
    """Entry fee yesterday; funding of 00:00, exit and its fee today: as the exchange books it."""
    script = Series().flat(HOME, MIDNIGHT - 2).bar(HOME, HOME, 99_000, 99_000)
    script = script.flat(99_000, 3).bar(99_000, 99_000, 97_900, 98_000).flat(98_000, 2)
    settings = ("funding=true", "funding_rate_perc=0.0123")
    desk = stand(tmp_path, script, *settings, limits=Limits(10, losses_in_a_row=1))
    for candle in range(MIDNIGHT - 2, MIDNIGHT + 5):
        assert desk.run(candle).ok
    assert desk.reasons() == ["stop"]
    firing = begin(desk.job, "status")
    load_notes(firing)
    assert losses_in_a_row(firing, 1) == 1
    for start_ms in (MIDNIGHT_MS - DAY_MS, MIDNIGHT_MS):
        rows = desk.job.gateway.income_rows_since(start_ms, start_ms + DAY_MS - 1)
        booked = [row for row in rows if row["incomeType"] != "TRANSFER"]
        kinds = {row["incomeType"] for row in booked}
        today = start_ms == MIDNIGHT_MS
        assert kinds == ({"COMMISSION"} | ({"REALIZED_PNL", "FUNDING_FEE"} if today else set()))
        total = sum(Decimal(row["income"]) for row in booked)
        assert result_e8(firing, start_ms) == int(total * 10**8)
        assert len(entries_of(firing, start_ms)) == (0 if today else 1)


@pytest.mark.parametrize(("asset", "counted"), [("USDT", 123), ("BNB", 49_995_000)])
def test_a_fee_in_another_asset_counts_as_the_full_fee(
    tmp_path: Path, asset: str, counted: int
) -> None:
    desk = stand(tmp_path, ENTERED)
    firing = begin(desk.job, "status")
    fill = {"key": "fill-1", "price": "9900.0", "quantity": "0.101", "realized": "0",
            "fee": "0.00000123", "fee_asset": asset, "client_id": ""}  # fmt: skip
    firing.tell("fill", at_ms=START_MS, **fill)
    assert result_e8(firing, START_MS // DAY_MS * DAY_MS) == -counted


def test_the_limits_that_are_on_by_their_names() -> None:
    off = Limits(10)
    assert dict(limits_set(off)) == {"max_open_positions": "10"}
    assert len(limits_off(off)) == 7
    assert limits_off(Limits(2, 1500, 30_000, 4, 5, 1_000, 500)) == ["max_funding_perc"]
    assert dict(limits_set(Limits(2, 1500, 30_000, 4, 5, 1_000, 500, 50_000))) == {
        "max_open_positions": "2",
        "max_total_exposure": "1.5",
        "max_daily_loss_perc": "3",
        "max_losses_in_a_row": "4",
        "max_trades_a_day": "5",
        "max_price_gap_perc": "0.1",
        "max_spread_perc": "0.05",
        "max_funding_perc": "0.05",
    }


def test_status_shows_the_brakes_and_how_near_the_limits_are(terminal: Terminal) -> None:
    lines = ("max_daily_loss_perc = 1", "max_losses_in_a_row = 2", "max_trades_a_day = 4")
    terminal.on_candles(STORY, *lines)
    for _ in range(16):
        assert terminal.type("run").status == 0
    told = terminal.type("status").told
    assert "NO ENTRIES since 2025-01-01 " in told
    assert " until 2025-01-02 00:00:00Z: today's fills, fees and funding come to -1" in told
    assert "of 10000.00 (max_daily_loss_perc 1); what is open keeps its stop and target" in told
    assert "USDT (loss at most 1 %), 1 of 4 trades, 1 of 2 losses in a row" in told
