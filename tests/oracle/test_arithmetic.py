"""The oracle's fractions against the integer formulas of the strategy's page, any numbers."""

from decimal import Decimal
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from tests.oracle.candles import Candle
from tests.oracle.oracle import replay
from tests.oracle.rules import RULES
from tests.oracle.settings import read_settings
from tests.oracle.venue import Venue, to_money, to_tick_half_up

PPM = 10**6
TICKS = st.integers(min_value=1, max_value=10**8)
PPMS = st.integers(min_value=-(10**6), max_value=10**6)


@given(TICKS, PPMS)
def test_level_is_rounded_half_up_to_the_tick(price: int, distance_ppm: int) -> None:
    expected = (2 * price * (PPM + distance_ppm) + PPM) // (2 * PPM)
    exact = Fraction(price) * (1 + Fraction(distance_ppm, PPM)) / 10
    assert to_tick_half_up(exact, Fraction(1, 10)) * 10 == expected


@given(TICKS, st.integers(min_value=0, max_value=10**5))
def test_slippage_goes_against_the_taker(price: int, slippage_ppm: int) -> None:
    bps = f"{slippage_ppm // 100}.{slippage_ppm % 100:02d}"
    venue = Venue(
        read_settings({}, {"slippage_bps": bps}), RULES["BTCUSDT"], Fraction(0), None, None
    )
    paid, got = (venue.slipped(Fraction(price, 10), side) * 10 for side in (+1, -1))
    assert paid == -(-price * (PPM + slippage_ppm) // PPM)
    assert got == price * (PPM - slippage_ppm) // PPM


def test_money_is_rounded_half_to_even() -> None:
    halves = [Fraction(n, 2 * 10**8) for n in (-3, -1, 1, 3, 5)]
    assert [to_money(half) * 10**8 for half in halves] == [-2, 0, 0, 2, 2]
    assert to_money(Fraction(51, 10**10)) == Fraction(1, 10**8)


@given(
    closes=st.lists(st.integers(min_value=90_000, max_value=110_000), min_size=3, max_size=3),
    threshold_ppm=st.integers(min_value=1, max_value=60_000),
    risk_ppm=st.integers(min_value=1, max_value=100_000),
    stop_ppm=st.integers(min_value=1000, max_value=50_000),
    exposure_permille=st.integers(min_value=100, max_value=8000),
    balance_e8=st.integers(min_value=10**10, max_value=10**15),
)
def test_signal_and_size_are_those_of_the_integer_formulas(
    closes: list[int],
    threshold_ppm: int,
    risk_ppm: int,
    stop_ppm: int,
    exposure_permille: int,
    balance_e8: int,
) -> None:
    """Three candles, an entry at the open of the fourth; no slippage, so E = the open."""
    candles = [
        Candle(300_000 * i, price, price, price, price, Decimal(1))
        for i, price in enumerate(map(_price, [*closes, closes[-1]]))
    ]
    params = {
        "ma_length": "3",
        "threshold_perc": str(_price(threshold_ppm, 4)),
        "risk_perc": str(_price(risk_ppm, 4)),
        "stop_loss_perc": str(_price(stop_ppm, 4)),
        "max_exposure": str(_price(exposure_permille, 3)),
    }
    result = replay(
        candles,
        params,
        {"slippage_bps": "0", "fee_perc": "0"},
        RULES["BTCUSDT"],
        balance=_price(balance_e8, 8),
    )
    total, close = sum(closes), closes[-1]
    moved = (3 * close - total) * PPM
    side = 1 if moved <= -threshold_ppm * total else -1 if moved >= threshold_ppm * total else 0
    unit = 10_000  # 0.1 USDT x 0.001 BTC in 10^-8 USDT
    lots = min(
        balance_e8 * risk_ppm // (close * unit * stop_ppm),
        balance_e8 * exposure_permille // (close * unit * 1000),
        120_000,
    )
    if side == 0 or lots < 1 or lots * close * unit < 50 * 10**8:
        assert result.open_trade is None
    else:
        assert result.open_trade is not None
        assert result.open_trade.side == side
        assert result.open_trade.quantity * 1000 == lots


def _price(units: int, decimals: int = 1) -> Decimal:
    return Decimal(units).scaleb(-decimals)
