"""Asserts beforehand that no product of a compiled walk leaves 62 bits: int64 wraps silently.

The interpreted walk needs none of this, its integers have no end. The products are those of
`strategy/` and `simulator/engine/fills.py`, each at its largest. No rule stands here.
"""

from backtest.history import History
from backtest.layout import Payments, Terms
from strategy.instrument import money_text
from strategy.units import E8

LIMIT = 1 << 62
_PPM = 1_000_000
_BP = 10_000


class BoundsError(ValueError):
    """These numbers are too large for the compiled walk; the text names the setting."""


def wallet_e8_max(risk_ppm: int, exposure_max_permille: int) -> int:
    """The largest wallet whose product with the risk and the exposure stays in bounds."""
    return (LIMIT - 1) // max(risk_ppm, exposure_max_permille)


def check_bounds(terms: Terms, history: History, payments: Payments, wallet_e8: int) -> None:
    """Raises BoundsError naming the first setting whose products could leave 62 bits.

    `terms.wallet_e8_max` must be the cap; it is checked again in the loop, at every entry.
    """
    highest = max(max(column) for column in (history.highs, payments.marks))
    dearest = highest * (_PPM + terms.slippage_ppm) // _PPM + 1  # an entry, slipped
    unit_e8 = terms.unit_e8
    by_wallet = terms.wallet_e8_max * terms.exposure_max_permille
    by_wallet //= min(history.lows) * unit_e8 * 1000
    lots = min(by_wallet, terms.market_max_lots)
    notional_e8 = lots * dearest * unit_e8
    paid = sum(map(abs, payments.rates_e8)) * notional_e8 // E8
    products = {
        "balance": wallet_e8 * max(terms.risk_ppm, terms.exposure_max_permille),
        "threshold_perc": terms.threshold_ppm * terms.ma_length * highest,
        "ma_length": _PPM * terms.ma_length * highest,
        "the price in ticks": 4 * _PPM * dearest + _PPM,
        "stop_loss_perc": highest * unit_e8 * max(terms.stop_loss_ppm, 1000),
        "the market maximum of the symbol": 4 * notional_e8,
        "the market maximum of the symbol ": 8 * _BP * lots * unit_e8,
        "funding": terms.wallet_e8_max + paid + 4 * notional_e8,
    }
    for name, product in products.items():
        if product >= LIMIT:
            raise BoundsError(
                f"{name.strip()}: too large for whole numbers of 62 bits, as the compiled walk "
                f"has them ({product.bit_length()} bits; wallets up to "
                f"{money_text(terms.wallet_e8_max, 0)} USDT)"
            )
