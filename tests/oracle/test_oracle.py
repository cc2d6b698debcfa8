"""The oracle against numbers worked out by hand.

Most start from the same trade (`ENTERED` of the planted cases), BTC, 10,000 USDT:
  signal   nine closes of 10000.0 and one of 9900.0: SMA 9990.0, deviation -0.9 %: long
  size     10000 x 1 % / (9900.0 x 1 %) = 100 / 99 = 1.0101..., down to 1.010
  entry    9900.0 x 1.0001 = 9900.99, up to 9901.0; fee 1.010 x 9901.0 x 0.05 % = 5.000005
  stop     9901.0 x 0.99 = 9801.99, nearest 9802.0; target 9901.0 x 1.02 = 10099.02: 10099.0
Its mirror image is a short at 10100.0 x 0.9999 = 10098.99, down to 10098.9, of
100 / 101 = 0.990099..., down to 0.990; fee 0.990 x 10098.9 x 0.05 % = 4.9989555.
"""

import gzip
from dataclasses import replace
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import pytest

from tests.oracle.candles import Candle, read_candles
from tests.oracle.planted import START_MS, Planted
from tests.oracle.planted_base import CALM, ENTERED, SIGNAL
from tests.oracle.planted_cases import cases
from tests.oracle.play import play
from tests.oracle.result import COLUMNS, Row
from tests.oracle.rules import RULES
from tests.oracle.settings import read_settings

CASES = {case.name: case for case in cases()}
MONEY = ("gross", "fees", "funding", "net", "balance")


def time_of(index: int) -> str:
    return str(START_MS + index * 300_000)


def only_trade(case: str | Planted) -> Row:
    (row,) = play(CASES[case] if isinstance(case, str) else case).rows
    return row


def money(row: Row) -> list[str]:
    return [row[name] for name in MONEY]


def test_a_whole_row_of_a_long_that_is_stopped() -> None:
    # stop 9802.0 x 0.9999 = 9801.0198, down to 9801.0: gross -100.0 x 1.010 = -101
    # fees 5.000005 + 1.010 x 9801.0 x 0.05 % = 5.000005 + 4.949505 = 9.94951
    row = only_trade("stop-within")
    assert tuple(row) == COLUMNS
    assert list(row.values()) == [
        *("BTCUSDT", "long", "1.010", time_of(9), time_of(10), "9901.0", time_of(11), "9801.0"),
        *("stop", "-101.00000000", "9.94951000", "0.00000000", "-110.94951000", "9889.05049000"),
    ]


def test_a_short_that_reaches_its_target() -> None:
    # target 10098.9 x 0.98 = 9896.922: 9896.9; bought at x 1.0001 = 9897.88969, up to 9897.9
    # gross (10098.9 - 9897.9) x 0.990 = 198.99; fees 4.9989555 + 0.990 x 9897.9 x 0.05 %
    # = 4.9989555 + 4.8994605 = 9.898416
    row = only_trade("target-within-short")
    assert (row["side"], row["quantity"], row["reason"]) == ("short", "0.990", "target")
    assert (row["entry_price"], row["exit_price"]) == ("10098.9", "9897.9")
    assert money(row)[:2] == ["198.99000000", "9.89841600"]


def test_when_both_lie_in_one_candle_it_is_the_stop() -> None:
    assert only_trade("stop-and-target-within")["exit_price"] == "9801.0"


def test_an_open_through_the_stop_fills_at_the_open() -> None:
    # 9800.0 x 0.9999 = 9799.02, down to 9799.0
    row = only_trade("open-through-stop")
    assert (row["reason"], row["exit_price"], row["exit_time"]) == ("stop", "9799.0", time_of(11))


def test_reverted_leaves_at_the_next_open() -> None:
    # candle 11 closes at 9990.0 over its SMA (7 x 10000.0 + 2 x 9900.0 + 9990.0) / 10 = 9979.0;
    # sold at the open of candle 12: 9990.0 x 0.9999 = 9989.001, down to 9989.0
    row = only_trade("reverted")
    assert (row["reason"], row["exit_price"]) == ("reverted", "9989.0")
    assert row["exit_time"] == time_of(12)
    assert row["gross"] == "88.88000000"  # 88.0 x 1.010


def test_breakeven_moves_the_stop_beyond_the_entry() -> None:
    # candle 11 closes at 9950.0: gain 49.0 / 9901.0 = 0.495 % >= 0.4 %, SMA 9975.0 not reached
    # stop 9901.0 x 1.001 = 9910.901: 9910.9; sold at x 0.9999 = 9909.90891, down to 9909.9
    row = only_trade("moved-stop-within")
    assert (row["reason"], row["exit_price"]) == ("breakeven", "9909.9")
    assert row["gross"] == "8.98900000"  # 8.9 x 1.010


def test_an_open_through_the_moved_stop_only_is_a_breakeven_at_that_open() -> None:
    # 9905.0 lies between 9802.0 and 9910.9: sold at x 0.9999 = 9904.0095, down to 9904.0
    row = only_trade("moved-stop-through-at-once")
    assert (row["reason"], row["exit_price"]) == ("breakeven", "9904.0")
    assert only_trade("gain-then-stop-open")["reason"] == "stop"


def test_liquidation_costs_the_isolated_margin_and_no_second_fee() -> None:
    # notional 1.010 x 9901.0 = 10000.01, margin 1000.001; bracket 1: 0.4 %, cum 0
    # (1000.001 - 10000.01) / (1.010 x 0.004 - 1.010) = 9000.009 / 1.00596 = 8946.686...: 8946.7
    row = only_trade("open-through-liquidation")
    assert (row["reason"], row["exit_price"]) == ("liquidated", "8946.7")
    assert money(row)[:2] == ["-1000.00100000", "5.00000500"]
    # short: notional 0.990 x 10098.9 = 9997.911, margin 999.7911
    # (999.7911 + 9997.911) / (0.990 x 0.004 + 0.990) = 10997.7021 / 0.99396 = 11064.531...
    row = only_trade("open-through-liquidation-short")
    assert (row["exit_price"], row["gross"]) == ("11064.5", "-999.79110000")


def test_funding_is_paid_on_the_mark_and_rounded_to_the_even_digit() -> None:
    # 1.010 x 9900.0 x 0.01 % = 0.9999; the short receives 0.990 x 10100.0 x 0.01 % = 0.9999
    assert only_trade("funding-at-open")["funding"] == "0.99990000"
    assert only_trade("funding-at-open-short")["funding"] == "-0.99990000"
    # mark 9900.46, nearest tick 9900.5: 1.010 x 9900.5 x 0.000001 = 0.009999505: 0.00999950
    assert only_trade("funding-mark-9900.46-1")["funding"] == "0.00999950"
    # mark 9900.54, the same tick: x 0.000003 = 0.029998515: 0.02999852
    assert only_trade("funding-mark-9900.54-3")["funding"] == "0.02999852"
    # mark 10100.45, half way, up to 10100.5: 0.990 x 10100.5 x 0.000001 = 0.009999495: ...950
    assert only_trade("funding-mark-10100.45-1-short")["funding"] == "-0.00999950"


def test_who_holds_nothing_into_the_open_pays_nothing() -> None:
    assert only_trade("funding-at-entry")["funding"] == "0.00000000"
    # both rows fall inside candle 14, at whose open the stop had filled
    assert only_trade("funding-inside-stop-candle")["funding"] == "0.00000000"
    # 0.00007531 at 9900.0 and its opposite are paid one by one: nothing remains
    assert only_trade("funding-inside")["funding"] == "0.00000000"


@pytest.mark.parametrize(
    ("name", "quantity"),
    [
        # 100 / (9900.0 x 0.1 %) = 10.101 is more than 10000 x 5 / 9900.0 = 5.0505...
        ("exposure-bound", Decimal("5.050")),
        # 2000000 x 1 % / 99 = 202.02 is more than 120
        ("market-maximum-bound", Decimal("120.000")),
        # 10000.00000001 / 3 = 3333.33333333: 33.3333 / 99 = 0.3367...
        ("three-symbols", Decimal("0.336")),
    ],
)
def test_size(name: str, quantity: Decimal) -> None:
    trade = play(CASES[name]).open_trade
    assert trade is not None
    assert trade.quantity == quantity


def test_an_exit_waits_for_the_next_open_that_exists() -> None:
    # decided at the close of candle 11; 12 to 15 are missing
    row = only_trade("exit-then-4-missing")
    assert (row["reason"], row["exit_time"]) == ("reverted", time_of(16))


def test_an_entry_does_not_wait() -> None:
    result = play(CASES["signal-then-1-missing"])
    assert (result.rows, result.open_trade) == ([], None)


def test_a_stop_already_through_closes_at_the_same_open() -> None:
    # 2 % slippage: bought at 10098.0, stop 9997.02: 9997.0 lies over the open, 9900.0;
    # sold there at x 0.98 = 9702.0. Size as ever 1.010: gross -396.0 x 1.010
    row = only_trade("slippage-through-stop")
    assert (row["entry_price"], row["exit_price"], row["reason"]) == ("10098.0", "9702.0", "stop")
    assert row["entry_time"] == row["exit_time"] == time_of(10)
    assert row["gross"] == "-399.96000000"


def test_cooldown_zero_allows_an_entry_at_the_close_of_the_stops_candle() -> None:
    for name, signal in (("stop-and-entry-in-one-candle", 11), ("stop-at-the-next-open", 12)):
        result = play(CASES[name])
        assert result.open_trade is not None
        assert str(result.open_trade.signal_ms) == time_of(signal)
    # with cooldown 1 the stop of candle 11 lets candle 12 signal
    later = play(CASES["cooldown-of-one"]).open_trade
    assert later is not None
    assert str(later.signal_ms) == time_of(12)


def test_equal_counts_as_reached() -> None:
    assert play(CASES["deviation-equal"]).open_trade is not None
    assert play(CASES["deviation-a-tick-short"]).open_trade is None
    assert play(CASES["deviation-equal-short"]).open_trade is not None
    assert play(CASES["deviation-a-tick-short-short"]).open_trade is None
    assert play(CASES["gain-equal"]).branches["long stop moved"] == 1
    assert play(CASES["gain-a-tick-short"]).branches["long stop moved"] == 0
    at_least = play(CASES["quantity-just-enough"]).open_trade
    assert at_least is not None
    assert at_least.quantity == Decimal("0.001")
    assert play(CASES["moved-stop-a-tick-off"]).rows == []
    assert play(CASES["notional-just-enough"]).open_trade is not None
    assert play(CASES["moved-only-once"]).branches["long stop moved"] == 1
    assert play(CASES["breakeven-off"]).branches["long stop moved"] == 0


def test_no_order_at_the_last_close_and_no_row_for_an_open_trade() -> None:
    last = play(CASES["signal-at-the-last-close"])
    assert (last.rows, last.open_trade, last.wallet) == ([], None, "10000.00000000")
    opened = play(CASES["open-at-the-end"])
    assert opened.rows == []
    assert opened.open_trade is not None
    assert opened.wallet == "9994.99999500"  # the entry fee is paid
    assert play(CASES["end-cuts-the-exit"]).rows == []


def test_the_first_candle_that_may_decide() -> None:
    at_9, at_10 = (play(CASES[f"first-is-{index}"]).open_trade for index in (9, 10))
    assert at_9 is not None
    assert str(at_9.signal_ms) == time_of(9)
    assert at_10 is not None
    assert str(at_10.signal_ms) == time_of(10)


def test_an_sma_needs_contiguous_candles() -> None:
    whole = Planted("", ENTERED.candles(), CASES["reverted"].params, {})
    assert play(whole).open_trade is not None
    for missing in range(10):
        holed = tuple(c for i, c in enumerate(whole.candles) if i != missing)
        assert play(replace(whole, candles=holed)).open_trade is None
    assert play(replace(whole, candles=CALM.flat(99_000).candles())).open_trade is None
    assert play(replace(whole, candles=SIGNAL.hole().candles())).open_trade is None


def test_brackets_fit_together() -> None:
    # cum of a bracket = cum of the one below + its floor x (its rate - the rate below)
    for rules in RULES.values():
        for below, above in pairwise(rules.brackets):
            assert above.cum == below.cum + below.cap * (above.mmr - below.mmr)


def test_files_may_be_zipped_without_header_and_in_microseconds(tmp_path: Path) -> None:
    row = "1741257000000{},91616.5,91616.5,91383.1,91437.5,1029.223\n"
    (tmp_path / "plain.csv").write_text("open_time,open,high,low,close,volume\n" + row.format(""))
    (tmp_path / "zipped.csv.gz").write_bytes(gzip.compress(row.format("000").encode()))
    prices = map(Decimal, ("91616.5", "91616.5", "91383.1", "91437.5", "1029.223"))
    expected = [Candle(1_741_257_000_000, *prices)]
    assert read_candles(tmp_path / "plain.csv") == expected
    assert read_candles(tmp_path / "zipped.csv.gz") == expected


def test_what_is_unknown_or_too_fine_is_refused() -> None:
    for params in (
        {"treshold_perc": "1"},
        {"threshold_perc": "0.00005"},
        {"max_exposure": "1.0001"},
    ):
        with pytest.raises(ValueError, match=r"unknown|too fine"):
            read_settings(params, {})
