"""What the market shows before an entry: mark price, spread and funding may forbid it."""

from collections.abc import Callable
from pathlib import Path

import pytest

from job.config import Limits
from tests.job.harness import BTC, ETH, LOTS, Stand, only, stand
from tests.oracle.planted_base import ENTERED, HOME

MARK, BOOK = "/fapi/v1/premiumIndex", "/fapi/v1/ticker/bookTicker"


def no_price(symbol: str = BTC, **told: str) -> dict[str, str]:
    return {"symbol": symbol, "markPrice": "9900.0", "lastFundingRate": "0.0", **told}


def gapped(desk: Stand) -> None:
    """The mark price is 0.1 % above the signal's close."""
    desk.meanwhile("GET", MARK, lambda _: no_price(markPrice="9909.90000000"))


def wide(desk: Stand) -> None:
    """Bid and ask are 0.1 % apart."""
    row = {"symbol": BTC, "bidPrice": "9900.0", "askPrice": "9909.9"}
    desk.meanwhile("GET", BOOK, lambda _: row)


def dear(desk: Stand) -> None:
    """A long pays 0.05 % at the next funding."""
    desk.meanwhile("GET", MARK, lambda _: no_price(lastFundingRate="0.00050000"))


MARKET = [
    (gapped, Limits(10, price_gap_ppm=1001), ""),
    (gapped, Limits(10, price_gap_ppm=1000),
     ("the mark price 9909.90000000 is 0.1000 % from the signal's close 9900.0 "
     "(max_price_gap_perc 0.1)")),
    (wide, Limits(10, spread_ppm=1001), ""),
    (wide, Limits(10, spread_ppm=1000),
     "bid 9900.0 and ask 9909.9 are 0.1000 % apart (max_spread_perc 0.1)"),
    (dear, Limits(10, funding_e8=50_001), ""),
    (dear, Limits(10, funding_e8=50_000),
     "it would pay 0.0500 % at the next funding (max_funding_perc 0.05)"),
]  # fmt: skip


@pytest.mark.parametrize(("market", "limits", "reason"), MARKET)
def test_what_the_market_shows(
    tmp_path: Path, market: Callable[[Stand], None], limits: Limits, reason: str
) -> None:
    desk = stand(tmp_path, ENTERED, limits=limits)
    market(desk)
    report = desk.run(10)
    assert report.exit_code == 0
    if not reason:
        assert desk.position() == LOTS
        return
    assert only(report).reason == f"no entry: {reason}"
    assert desk.position() == 0
    # one signal is judged once: a second run in its window does not ask again
    assert only(desk.run(10, 20_000)).reason == f"no entry: {reason}"
    assert {MARK, BOOK}.isdisjoint(request.path for request in desk.requests)
    assert [event["reason"] for event in desk.events("brake")] == [reason]


def test_a_short_is_paid_by_the_rate_that_a_long_pays(tmp_path: Path) -> None:
    desk = stand(tmp_path, ENTERED.mirrored(HOME), limits=Limits(10, funding_e8=1))
    desk.meanwhile("GET", MARK, lambda _: no_price(lastFundingRate="0.0005"))
    desk.run(10)
    assert desk.position() < 0


@pytest.mark.parametrize(
    "answer",
    [
        no_price(markPrice="0"),
        no_price(markPrice="NaN"),
        no_price(markPrice="x"),
        no_price("ETHUSDT"),
        {"symbol": BTC, "markPrice": "9900"},
        {},
        [],
        "garbage",
    ],
    ids=str,
)
def test_a_guard_that_cannot_be_asked_forbids(tmp_path: Path, answer: object) -> None:
    desk = stand(tmp_path, ENTERED, limits=Limits(10, price_gap_ppm=500, funding_e8=20_000))
    desk.meanwhile("GET", MARK, lambda _: answer)
    report = desk.run(10)
    assert (report.exit_code, desk.position()) == (0, 0)
    assert "what a limit asks for could not be read" in only(report).reason
    assert desk.run(10, 20_000).ok  # the window is still open, and now it can be asked
    assert desk.position() == LOTS


def test_nothing_is_asked_without_need(tmp_path: Path) -> None:
    on = Limits(10, price_gap_ppm=100, spread_ppm=100, funding_e8=20_000)
    asked = []
    for folder, limits in (("off", Limits(10)), ("on", on)):
        desk = stand(tmp_path / folder, ENTERED.flat(99_000), limits=limits)
        for candle in (9, 10, 11):
            desk.run(candle)
            asked.append([r.path for r in desk.requests if r.path in (MARK, BOOK)])
        assert desk.position() == LOTS
    assert asked == [[], [], [], [], [MARK, BOOK], []]


def test_a_failed_read_of_one_symbol_does_not_cost_the_other(tmp_path: Path) -> None:
    desk = stand(tmp_path, {BTC: ENTERED, ETH: ENTERED}, limits=Limits(10, spread_ppm=100))
    desk.arm("GET", BOOK, "answer", status=503, body="", params={"symbol": BTC})
    desk.run(10)
    assert desk.position(BTC) == 0
    assert desk.position(ETH) > 0
