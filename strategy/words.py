"""Sentences for the codes of the rules, with the numbers that decided. Nothing decides here.

How a percentage, a number of things and the settings are said everywhere stands here too.
"""

from decimal import Decimal

from strategy import decide as actions
from strategy import sizing
from strategy.indicator import distance_from_average
from strategy.instrument import Instrument, money_text
from strategy.parameters import Parameters
from strategy.units import PPM_PER_PERCENT, THOUSAND

PPM = 1_000_000
#: A hundredth of a percent, in ppm.
HUNDREDTH = 100
SIDES = {1: "long", -1: "short", 0: "flat"}


def percent(ppm: int) -> str:
    """ppm as percent without needless zeros: 2000 -> "0.2"."""
    return f"{Decimal(ppm) / PPM_PER_PERCENT:f}"  # an exact quotient has no zeros at its end


def count_text(count: int, noun: str) -> str:
    """A number of things whose plural takes an s: "1 trade", "2,000 trades"."""
    return f"{count} {noun}" if count == 1 else f"{count:,} {noun}s"


def parameters_text(parameters: Parameters) -> str:
    """What is traded, in one line."""
    return (
        f"{parameters.interval}, SMA {parameters.ma_length}, "
        f"threshold {percent(parameters.threshold_ppm)} %, "
        f"stop {percent(parameters.stop_loss_ppm)} %, "
        f"target {percent(parameters.profit_target_ppm)} %, "
        f"risk {percent(parameters.risk_ppm)} %, leverage {parameters.leverage}"
    )


def risk_sentence(parameters: Parameters, fee_ppm: int) -> str:
    """All that a trade can cost, not only what its stop is set to: percent of the balance."""
    exposure_ppm = min(
        parameters.risk_ppm * PPM // parameters.stop_loss_ppm,
        parameters.exposure_max_permille * THOUSAND,
    )
    price_ppm = exposure_ppm * parameters.stop_loss_ppm // PPM
    fees_ppm = 2 * fee_ppm * exposure_ppm // PPM
    price, fees, both = (
        f"{Decimal(ppm) / PPM_PER_PERCENT:.2f}"
        for ppm in (price_ppm, fees_ppm, price_ppm + fees_ppm)
    )
    margin = percent(exposure_ppm // parameters.leverage // HUNDREDTH * HUNDREDTH)
    return (
        f"a stop costs about {both} % of the symbol's balance ({price} price + {fees} fees); "
        f"a gap can cost the whole isolated margin, {margin} %"
    )


def deviation_text(close: int, total: int, length: int) -> str:
    """The deviation of a close from its average in percent, e.g. "-0.11 %"."""
    ratio = Decimal(distance_from_average(close, total, length)) * 100 / Decimal(total)
    return f"{ratio:+.2f} %"


def decision_sentence(  # noqa: PLR0911 - one return a code reads like the table it is
    action: int,
    parameters: Parameters,
    close: int,
    total: int,
    bars_since_end: int,
) -> str:
    """Why the rules said what they said, for one symbol at one close."""
    threshold = f"±{percent(parameters.threshold_ppm)} %"
    if action == actions.HOLD_BEFORE_ENTRY:
        return "hold: the candle closed before the entry"
    if action == actions.HOLD_NO_AVERAGE:
        return f"hold: no average, the last {parameters.ma_length} candles are not contiguous"
    if action == actions.WAIT_COOLDOWN:
        waited = max(bars_since_end, 0)
        return f"no entry: cooldown, {waited} of {parameters.cooldown_bars} candles waited"
    if action == actions.WAIT_NO_AVERAGE:
        return f"no entry: no average, the last {parameters.ma_length} candles are not contiguous"
    if action == actions.MOVE_STOP:  # also without an average
        trigger = percent(parameters.breakeven_trigger_ppm)
        return f"move the stop to break-even: the close gained at least {trigger} %"
    deviation = deviation_text(close, total, parameters.ma_length)
    if action == actions.HOLD:
        return f"hold: not back at the average yet, deviation {deviation}"
    if action == actions.CLOSE_REVERTED:
        return f"close: the price has reverted to the average, deviation {deviation}"
    if action == actions.WAIT_INSIDE:
        return f"no entry: deviation {deviation} is inside {threshold}"
    side = "long" if action == actions.ENTER_LONG else "short"
    return f"enter {side}: deviation {deviation} is at or beyond {threshold}"


def size_sentence(refusal: int, lots: int, close: int, market: Instrument) -> str:
    """Why a size is no trade, with the numbers."""
    quantity = market.quantity_text(lots)
    if refusal == sizing.BELOW_MIN_QUANTITY:
        least = market.quantity_text(market.min_lots)
        return f"no entry: quantity {quantity} is below the minimum {least}"
    if refusal == sizing.BELOW_MIN_NOTIONAL:
        notional = money_text(lots * close * market.unit_e8, 2)
        least = money_text(market.min_notional_e8, 2)
        return f"no entry: {quantity} is worth {notional} USDT, below the minimum {least}"
    level = "stop" if refusal == sizing.STOP_TOO_NEAR else "target"
    least = str(sizing.LEVEL_DISTANCE_TICKS_MIN)
    return f"no entry: the {level} would lie nearer than {least} ticks to the price"
