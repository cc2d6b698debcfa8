"""What the venue may do wrong or on its own: thin books, late children, forced closes, fees."""

from dataclasses import replace

import pytest

from simulator.engine.funding import FundingSchedule
from simulator.engine.model import BUY, SELL, Costs
from simulator.engine.refused import Refused
from tests.simulator.engine.bench import BTC, FREE, T0, Bench, flat

PAID = Costs(fee_ppm=500, slippage_ppm=0, funding=False)


def quiet(costs: Costs = FREE) -> Bench:
    """A market that stands at 100,000 ticks."""
    return Bench([flat(100_000)] * 6, costs).at(0)


@pytest.mark.parametrize(("permille", "filled"), [(400, 4), (0, 0), (1000, 10)])
def test_a_thin_book_fills_a_part(permille: int, filled: int) -> None:
    bench = quiet()
    bench.engine.mischief.fill_permille = [permille]
    order = bench.market_order(BUY, 10)
    assert order.filled_lots == filled
    assert order.status == ("FILLED" if filled == 10 else "EXPIRED")
    assert (bench.position.lots if bench.position else 0) == filled


def test_a_rejected_trigger_leaves_the_position_open() -> None:
    bench = Bench([flat(100_000), (100_000, 100_000, 98_000, 98_000), flat(98_000)]).at(0)
    bench.trade(BUY, 10, stop=99_000)
    bench.engine.mischief.rejected_triggers = 1
    bench.at(2)
    assert bench.status_of("stop-99000") == "REJECTED"
    assert bench.position is not None


def test_a_late_child_is_matched_when_it_is_due_or_when_all_is_calm() -> None:
    for wait_bars, calm in ((1.5, False), (1, True)):
        bench = Bench([flat(100_000), *[flat(98_000)] * 4]).at(0)
        bench.trade(BUY, 10, stop=99_000)
        bench.engine.mischief.child_lags_ms = [60_000]
        bench.at(1)
        assert bench.books.positions
        if calm:
            bench.engine.calm_down()
        else:
            bench.at(wait_bars)
        assert not bench.books.positions
        assert bench.status_of("stop-99000") == "FINISHED"


def test_a_conditional_order_fired_by_hand_and_no_other_one() -> None:
    bench = quiet()
    bench.trade(BUY, 10, stop=98_000, target=102_000)
    bench.stop(SELL, 99_000, 10, client_id="nearer")
    fired = bench.engine.trigger_algo(client_id="nearer")
    assert bench.last_fill()[:2] == (99_000, 10)
    cancelled = bench.engine.cancel_algo(client_id="target-102000")
    assert bench.engine.open_algos() == [bench.engine.algo(client_id="stop-98000")]
    assert cancelled.status == "CANCELED"
    for unknown in ({"algo_id": fired.algo_id}, {"client_id": "nobody"}):
        with pytest.raises(Refused) as told:
            bench.engine.trigger_algo(**unknown)
        assert told.value.code == -2011


def test_a_forced_close_and_none_where_nothing_is() -> None:
    bench = quiet()
    bench.trade(BUY, 10)
    bench.engine.liquidate(BTC)
    assert bench.position is None
    with pytest.raises(Refused) as told:
        bench.engine.liquidate(BTC)
    assert told.value.code == -4054


def test_fees_in_bnb() -> None:
    bench = quiet(PAID)
    bench.engine.give_bnb(10**8)
    bench.engine.mischief.bnb_price_e8 = 500 * 10**8
    before = bench.wallet
    bench.trade(BUY, 1_000)
    assert bench.wallet == before  # 10,000 USDT x 0.05 % - 10 % = 4.5 USDT = 0.009 BNB
    assert bench.books.bnb_e8 == 10**8 - 900_000


def test_other_rules_from_now_on() -> None:
    bench = quiet()
    [contract] = bench.contracts
    bench.engine.change_contract(replace(contract, min_lots=20))
    with pytest.raises(Refused):
        bench.market_order(BUY, 10)
    with pytest.raises(Refused):
        bench.engine.change_contract(replace(contract, symbol="NOSUCH"))


def test_a_funding_series_must_be_in_order() -> None:
    with pytest.raises(ValueError, match="BTCUSDT: the funding series is not in order of time"):
        FundingSchedule(FREE, {BTC: [(T0 + 120_000, 1), (T0, 1)]}, {})


def test_no_more_resting_limit_orders_than_the_venue_takes() -> None:
    bench = quiet()
    for number in range(200):
        bench.limit(SELL, 10, 101_000 + number)
    with pytest.raises(Refused) as told:
        bench.limit(SELL, 10, 101_500)
    assert told.value.code == -2025
