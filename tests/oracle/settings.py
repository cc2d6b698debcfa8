"""The strategy's parameters and the venue's costs, from the names and text a user types.

It refuses unknown names and numbers finer than the rules know; it does not test the
bounds of a parameter, because some tests need a configuration beyond them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

MINUTE_MS = 60_000
INTERVALS_MS = {
    "5m": 5 * MINUTE_MS,
    "15m": 15 * MINUTE_MS,
    "30m": 30 * MINUTE_MS,
    "1h": 60 * MINUTE_MS,
    "2h": 120 * MINUTE_MS,
    "4h": 240 * MINUTE_MS,
}
PARAMS = {
    "interval": "5m",
    "ma_length": "20",
    "threshold_perc": "0.2",
    "risk_perc": "1.0",
    "stop_loss_perc": "0.2",
    "profit_target_perc": "0.8",
    "breakeven_trigger_perc": "0.4",
    "breakeven_offset_perc": "0.1",
    "cooldown_bars": "3",
    "leverage": "10",
    "max_exposure": "5.0",
}
COSTS = {
    "fee_perc": "0.05",
    "slippage_bps": "1.0",
    "stop_slippage_range_perc": "0",
    "funding": "true",
    "funding_rate_perc": "0.01",
}


@dataclass(frozen=True)
class Settings:
    """All percentages as plain ratios (1 % = 1/100), times in ms, exposure as a multiple."""

    interval_ms: int
    ma_length: int
    threshold: Fraction
    risk: Fraction
    stop: Fraction
    target: Fraction
    trigger: Fraction
    offset: Fraction
    cooldown_bars: int
    leverage: int
    exposure: Fraction
    fee: Fraction
    slippage: Fraction
    stop_range: Fraction
    funding: bool
    funding_rate: Fraction


def read_settings(params: Mapping[str, str], costs: Mapping[str, str]) -> Settings:
    """Settings from user's names; ValueError for an unknown name or a number too fine."""
    for name in [*(params.keys() - PARAMS.keys()), *(costs.keys() - COSTS.keys())]:
        raise ValueError(f"unknown setting {name}")
    text = {**PARAMS, **COSTS, **params, **costs}
    if text["funding"] not in ("true", "false"):
        raise ValueError(f"funding is true or false, not {text['funding']}")

    def ratio(name: str, unit: int, digits: int) -> Fraction:
        value = Fraction(text[name]) / unit
        if (value * 10**digits).denominator != 1:
            raise ValueError(f"{name}: {text[name]} is too fine")
        return value

    return Settings(
        interval_ms=INTERVALS_MS[text["interval"]],
        ma_length=int(text["ma_length"]),
        threshold=ratio("threshold_perc", 100, 6),
        risk=ratio("risk_perc", 100, 6),
        stop=ratio("stop_loss_perc", 100, 6),
        target=ratio("profit_target_perc", 100, 6),
        trigger=ratio("breakeven_trigger_perc", 100, 6),
        offset=ratio("breakeven_offset_perc", 100, 6),
        cooldown_bars=int(text["cooldown_bars"]),
        leverage=int(text["leverage"]),
        exposure=ratio("max_exposure", 1, 3),
        fee=ratio("fee_perc", 100, 6),
        slippage=ratio("slippage_bps", 10_000, 6),
        stop_range=ratio("stop_slippage_range_perc", 100, 6),
        funding=text["funding"] == "true",
        funding_rate=ratio("funding_rate_perc", 100, 8),
    )
