"""Within the asserted bounds no number of a walk leaves 62 bits; beyond them there is one line."""

import operator
from array import array
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from backtest import kernel, lane, layout
from backtest.bounds import LIMIT, BoundsError, check_bounds, wallet_e8_max
from backtest.history import History
from backtest.layout import Candles, Payments, Terms, Tiers
from backtest.setup import Setup, payments_of, terms_of, tiers_of
from simulator.engine.model import Costs
from simulator.rules import contracts_for
from strategy.parameters import Parameters, parse
from tests.oracle.planted import Dice

BTC = contracts_for(["BTCUSDT"])[0]
INTERVAL_MS = 300_000
START_MS = 1_735_689_600_000


class Narrow(int):
    """An integer that fails where an int64 would wrap: products beyond 62 bits, sums beyond 63."""


def _narrowed(name: str, limit: int) -> Callable[..., object]:
    plain: Callable[..., object] = getattr(int, name)

    def operation(*numbers: int) -> object:
        result = plain(*numbers)
        if isinstance(result, int) and not isinstance(result, bool):
            assert -limit <= result < limit, (name, *map(int, numbers))
            return Narrow(result)
        return result

    return operation


for _name in ("mul", "rmul"):
    setattr(Narrow, f"__{_name}__", _narrowed(f"__{_name}__", LIMIT))
for _name in ("add", "radd", "sub", "rsub", "floordiv", "rfloordiv", "mod", "neg", "abs"):
    setattr(Narrow, f"__{_name}__", _narrowed(f"__{_name}__", 1 << 63))


def narrow(values: Any) -> list[int]:
    return [Narrow(value) for value in values]


def stormy(dice: Dice, highest: int, count: int) -> History:
    """Candles anywhere between 1 tick and `highest`, often at the edge."""
    rows = []
    for _ in range(count):
        lowest = max(1, highest - dice.below(highest) // (1 + dice.below(50)))
        prices = [lowest + dice.below(highest - lowest + 1) for _ in range(4)]
        opened, high, low, close = prices[0], max(prices), min(prices), prices[3]
        rows.append((opened, highest if dice.below(3) == 0 else high, low, close))
    times_ms = array("q", range(START_MS, START_MS + count * INTERVAL_MS, INTERVAL_MS))
    columns = [array("q", column) for column in zip(*rows, strict=True)]
    return History(INTERVAL_MS, times_ms, *columns)


@settings(max_examples=300)
@given(
    seed=st.integers(0, 2**32),
    price_bits=st.integers(4, 40),
    unit_bits=st.integers(0, 30),
    lots_bits=st.integers(1, 40),
    risk_ppm=st.sampled_from([1, 10_000, 1_000_000]),
    exposure=st.sampled_from([100, 5_000, 40_000]),
    far=st.sampled_from([(100, 8_000, 50), (10_000, 990_000, 50), (500_000, 990_000, 1)]),
    threshold_ppm=st.sampled_from([1, 2_000, 10**9]),
    costs=st.sampled_from([Costs(), Costs(10_000, 100_000), Costs(0, 0, True, -3_000_000)]),
)
def test_no_walk_within_the_bounds_would_wrap(
    seed: int,
    price_bits: int,
    unit_bits: int,
    lots_bits: int,
    risk_ppm: int,
    exposure: int,
    far: tuple[int, int, int],
    threshold_ppm: int,
    costs: Costs,
) -> None:
    stop_ppm, target_ppm, leverage = far
    parameters = parse({"ma_length": 2, "cooldown_bars": 0})._replace(
        risk_ppm=risk_ppm,
        exposure_max_permille=exposure,
        stop_loss_ppm=stop_ppm,
        profit_target_ppm=target_ppm,
        leverage=leverage,
        threshold_ppm=threshold_ppm,
    )
    contract = replace(
        BTC, unit_e8=1 << unit_bits, market_max_lots=1 << lots_bits, min_lots=1, min_notional_e8=1
    )
    cap = wallet_e8_max(risk_ppm, exposure)
    history = stormy(Dice(seed), 1 << price_bits, 60)
    setup = Setup(contract, parameters, costs, cap)
    terms = terms_of(setup, history, cap)
    payments = payments_of(setup, history)
    try:
        check_bounds(terms, history, payments, cap)
    except BoundsError:
        assume(False)
    narrow_walk(history, setup, terms, payments)


def narrow_walk(history: History, setup: Setup, terms: Terms, payments: Payments) -> None:
    """The walk in numbers that fail instead of wrapping."""
    slots = narrow(at // history.interval_ms for at in history.times_ms)
    kernel.walk(
        Candles(slots, *map(narrow, history[2:])),
        Payments(*map(narrow, payments)),
        Tiers(*map(narrow, tiers_of(setup.contract))),
        Terms(*map(Narrow, terms)),
        narrow(lane.opening_state(setup, history)),
        [0] * layout.WIDTH * len(history),
        len(history),
    )


def test_the_narrow_numbers_notice() -> None:
    big = Narrow(1 << 40)
    assert operator.mul(big, 1 << 21) == 1 << 61
    for one, other in ((big, 1 << 22), (1 << 22, big), (-(1 << 30), big)):
        with pytest.raises(AssertionError):
            operator.mul(one, other)
    with pytest.raises(AssertionError):
        operator.add(Narrow((1 << 63) - 1), 1)


def checked(
    parameters: Parameters,
    balance_e8: int,
    highest: int,
    rates: list[tuple[int, int]] | None = None,
    **terms: int,
) -> None:
    history = stormy(Dice(1), highest, 10)
    setup = Setup(BTC, parameters, Costs(), balance_e8, rates)
    cap = wallet_e8_max(parameters.risk_ppm, parameters.exposure_max_permille)
    payments = payments_of(setup, history)
    check_bounds(terms_of(setup, history, cap)._replace(**terms), history, payments, balance_e8)


def test_what_people_trade_is_within_the_bounds() -> None:
    ten_million_a_coin = 100_000_000
    checked(parse({"ma_length": 995}), 1_000_000 * 10**8, ten_million_a_coin)
    checked(parse({"risk_perc": 100}), 40_000 * 10**8, 2_000_000)


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("balance", {"balance_e8": 5_000_000 * 10**8}),
        ("threshold_perc", {"parameters": parse({"threshold_perc": 10**8})}),
        ("ma_length", {"parameters": parse({"ma_length": 995}), "highest": 1 << 33}),
        ("the price in ticks", {"ma_length": 2, "unit_e8": 1, "highest": 1 << 41}),
        ("funding", {"rates": [(START_MS + 1 + n, 10**7) for n in range(10**6)]}),
        ("stop_loss_perc", {"unit_e8": 1 << 32, "market_max_lots": 1}),
        (
            "the market maximum of the symbol",
            {"market_max_lots": 1 << 50, "wallet_e8_max": 1 << 62},
        ),
    ],
)
def test_what_is_beyond_is_named(name: str, change: dict[str, Any]) -> None:
    ordinary = {"parameters": parse({}), "balance_e8": 10_000 * 10**8, "highest": 1_000_000}
    with pytest.raises(BoundsError, match=f"^{name}: too large") as error:
        checked(**{**ordinary, **change})
    assert "\n" not in str(error.value)


def test_a_wallet_that_outgrows_its_cap_stops_the_walk(machine_code: Path) -> None:
    parameters = parse({"ma_length": 2, "cooldown_bars": 0, "risk_perc": 10, "max_exposure": 8})
    # Down and back up, again and again: every long is worth more than the one before.
    rows = [(10_000, 10_000, 9_900, 9_900), (9_900, 10_300, 9_900, 10_000)] * 400
    times_ms = array("q", range(START_MS, START_MS + len(rows) * INTERVAL_MS, INTERVAL_MS))
    columns = [array("q", column) for column in zip(*rows, strict=True)]
    history = History(INTERVAL_MS, times_ms, *columns)
    rich = replace(BTC, unit_e8=1 << 20, market_max_lots=1 << 30)
    setup = Setup(rich, parameters, Costs(0, 0, False), 100_000 * 10**8)
    with pytest.raises(BoundsError, match=r"^risk_perc, max_exposure: the wallet grew to \d+ USDT"):
        lane.compiled(history, setup, machine_code)
    # without the bounds it goes on, and the fall-back does
    free = lane.interpreted(history, setup)
    assert free.state[layout.WALLET] > wallet_e8_max(parameters.risk_ppm, 8_000)
