"""The strategy's settings: the user's names, defaults and bounds, and their whole-number form.

One table says everything about each setting; docs/settings.md is printed from it. A value becomes a
whole number exactly or is a fault, and every fault is reported, not only the first.
"""

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import NamedTuple

from strategy.units import PPM_PER_PERCENT, THOUSAND

MINUTE_MS = 60_000
INTERVALS_MS = {
    "5m": 5 * MINUTE_MS,
    "15m": 15 * MINUTE_MS,
    "30m": 30 * MINUTE_MS,
    "1h": 60 * MINUTE_MS,
    "2h": 120 * MINUTE_MS,
    "4h": 240 * MINUTE_MS,
}


class Parameters(NamedTuple):
    """Settings of one symbol in whole units, ready for the rules."""

    interval_ms: int
    ma_length: int
    threshold_ppm: int
    risk_ppm: int
    stop_loss_ppm: int
    profit_target_ppm: int
    breakeven_trigger_ppm: int
    breakeven_offset_ppm: int
    cooldown_bars: int
    leverage: int
    exposure_max_permille: int

    @property
    def interval(self) -> str:
        """The interval as the exchange writes it, e.g. "5m"."""
        return next(name for name, ms in INTERVALS_MS.items() if ms == self.interval_ms)


class Setting(NamedTuple):
    """One setting: the user's name, its default, how many whole units make 1, and its bounds."""

    name: str
    default: str
    field: str
    scale: int  # whole units in one of the user's units
    above: str | None  # exclusive lower bound
    at_least: str | None
    at_most: str | None
    below: str | None
    meaning: str

    @property
    def bounds(self) -> str:
        """The bounds in words, e.g. "above 0, at most 100"."""
        words = {
            "above": self.above,
            "at least": self.at_least,
            "at most": self.at_most,
            "below": self.below,
        }
        return ", ".join(f"{word} {value}" for word, value in words.items() if value is not None)


_PERCENT = PPM_PER_PERCENT

SETTINGS = (
    Setting("ma_length", "20", "ma_length", 1, None, "2", "995", None,
            "candles in the simple moving average"),
    Setting("threshold_perc", "0.2", "threshold_ppm", _PERCENT, "0", None, None, None,
            "deviation from the average, in percent, that opens a trade"),
    Setting("risk_perc", "1.0", "risk_ppm", _PERCENT, "0", None, "100", None,
            "percent of the symbol's balance that one trade may lose at its stop, by price alone"),
    Setting("stop_loss_perc", "0.2", "stop_loss_ppm", _PERCENT, "0", None, None, None,
            "stop distance from the entry fill, percent; times leverage at most 50"),
    Setting("profit_target_perc", "0.8", "profit_target_ppm", _PERCENT, "0", None, None, "100",
            "target distance from the entry fill, percent"),
    Setting("breakeven_trigger_perc", "0.4", "breakeven_trigger_ppm", _PERCENT,
            None, "0", None, "100",
            "gain at a candle's close, percent, that moves the stop; 0 switches the rule off"),
    Setting("breakeven_offset_perc", "0.1", "breakeven_offset_ppm", _PERCENT,
            None, "0", None, None,
            "where the moved stop lies beyond the entry, percent; below the trigger"),
    Setting("cooldown_bars", "3", "cooldown_bars", 1, None, "0", "500", None,
            "candles to wait after a trade has ended"),
    Setting("leverage", "10", "leverage", 1, None, "1", "50", None,
            "leverage set on the exchange (isolated margin, one-way mode)"),
    Setting("max_exposure", "5.0", "exposure_max_permille", THOUSAND, "0", None, None, None,
            "largest notional as a multiple of the symbol's balance; at most 0.8 x leverage"),
)  # fmt: skip

#: Digits that a number in the settings may have.
DIGITS_MAX = 18

INTERVAL_DEFAULT = "5m"
INTERVAL_MEANING = "candle length"
NAMES = frozenset(["interval", *(setting.name for setting in SETTINGS)])


class ParameterFaultsError(ValueError):
    """Some settings are wrong. `faults` has one line each: setting, value, what would be right."""

    def __init__(self, faults: list[str]) -> None:
        """Keep every fault; the message joins them."""
        super().__init__("; ".join(faults))
        self.faults = faults


def parse(values: Mapping[str, object], where: str = "strategy") -> Parameters:
    """Parameters from the user's values (numbers or text); what is not named has its default.

    Raises ParameterFaultsError with every fault; `where` is put before the names in it.
    """
    faults = [
        f"{where}.{name}: no such setting; there are {', '.join(sorted(NAMES))}"
        for name in sorted(set(values) - NAMES)
    ]
    whole: dict[str, int] = {}
    interval = values.get("interval", INTERVAL_DEFAULT)
    if isinstance(interval, str) and interval in INTERVALS_MS:
        whole["interval_ms"] = INTERVALS_MS[interval]
    else:
        choices = ", ".join(INTERVALS_MS)
        faults.append(f"{where}.interval = {interval!r}: must be one of {choices}")
    for setting in SETTINGS:
        value = values.get(setting.name, setting.default)
        try:
            whole[setting.field] = whole_units(setting, value)
        except ValueError as error:
            faults.append(f"{where}.{setting.name} = {value!r}: {error}")
    if not faults:
        faults = _faults_between(whole, values, where)
    if faults:
        raise ParameterFaultsError(faults)
    return Parameters(**whole)


def decimal_of(value: object) -> Decimal:
    """A finite number as Decimal, floats as they print. ValueError for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float | str | Decimal):
        raise ValueError("must be a number")
    try:
        number = Decimal(str(value).strip())
    except InvalidOperation:
        raise ValueError("must be a number") from None
    if not number.is_finite():
        raise ValueError("must be a finite number")
    # Decimal rounds silently beyond 28 digits; within these, a setting times its scale is exact.
    if len(number.as_tuple().digits) > DIGITS_MAX or abs(number.adjusted()) > DIGITS_MAX:
        raise ValueError(f"must be a number of at most {DIGITS_MAX} digits")
    return number


def whole_units(setting: Setting, value: object) -> int:
    """A value of one setting in its whole units. ValueError says what would be right."""
    number = decimal_of(value)
    out_of_bounds = (
        (setting.above is not None and number <= Decimal(setting.above))
        or (setting.at_least is not None and number < Decimal(setting.at_least))
        or (setting.at_most is not None and number > Decimal(setting.at_most))
        or (setting.below is not None and number >= Decimal(setting.below))
    )
    if out_of_bounds:
        raise ValueError(f"must be {setting.bounds}")
    scaled = number * setting.scale
    if scaled != scaled.to_integral_value():
        if setting.scale == 1:
            raise ValueError("must be a whole number")
        raise ValueError(f"must be a multiple of {(1 / Decimal(setting.scale)):f}")
    return int(scaled)


def _faults_between(whole: dict[str, int], values: Mapping[str, object], where: str) -> list[str]:
    """Bounds that tie two settings together, tested once each is right by itself."""

    def shown(name: str) -> object:
        return values.get(name, next(s.default for s in SETTINGS if s.name == name))

    faults = []
    if whole["stop_loss_ppm"] * whole["leverage"] > 50 * PPM_PER_PERCENT:
        faults.append(
            f"{where}.stop_loss_perc = {shown('stop_loss_perc')}: times leverage "
            f"{shown('leverage')} must be at most 50, so that the stop lies before liquidation"
        )
    trigger = whole["breakeven_trigger_ppm"]
    if trigger and whole["breakeven_offset_ppm"] >= trigger:
        faults.append(
            f"{where}.breakeven_offset_perc = {shown('breakeven_offset_perc')}: must be below "
            f"breakeven_trigger_perc {shown('breakeven_trigger_perc')}"
        )
    if whole["exposure_max_permille"] > 800 * whole["leverage"]:
        faults.append(
            f"{where}.max_exposure = {shown('max_exposure')}: must be at most 0.8 x leverage "
            f"{shown('leverage')}"
        )
    return faults
