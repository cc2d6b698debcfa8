"""Every setting's default, bounds and grain, and the very words a wrong one is told with."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from strategy.parameters import (
    INTERVAL_DEFAULT,
    INTERVALS_MS,
    NAMES,
    SETTINGS,
    ParameterFaultsError,
    Parameters,
    parse,
)

WHY = "so that the stop lies before liquidation"
WIDE = {"leverage": 1, "stop_loss_perc": 1, "max_exposure": "0.8", "breakeven_trigger_perc": 99}


def faults(values: dict[str, object], where: str = "strategy") -> list[str]:
    with pytest.raises(ParameterFaultsError) as caught:
        parse(values, where)
    assert str(caught.value) == "; ".join(caught.value.faults)
    return caught.value.faults


def test_the_defaults_are_those_of_the_page() -> None:
    assert parse({}) == Parameters(
        interval_ms=300_000,
        ma_length=20,
        threshold_ppm=2_000,
        risk_ppm=10_000,
        stop_loss_ppm=2_000,
        profit_target_ppm=8_000,
        breakeven_trigger_ppm=4_000,
        breakeven_offset_ppm=1_000,
        cooldown_bars=3,
        leverage=10,
        exposure_max_permille=5_000,
    )


@pytest.mark.parametrize(
    ("name", "minutes"), [("5m", 5), ("15m", 15), ("30m", 30), ("1h", 60), ("2h", 120), ("4h", 240)]
)
def test_every_interval_of_the_page_is_known(name: str, minutes: int) -> None:
    parameters = parse({"interval": name})
    assert parameters.interval_ms == minutes * 60_000
    assert parameters.interval == name


def test_there_are_no_other_intervals_and_no_other_settings() -> None:
    assert list(INTERVALS_MS) == ["5m", "15m", "30m", "1h", "2h", "4h"]
    assert INTERVAL_DEFAULT == "5m"
    assert {"interval", *(setting.name for setting in SETTINGS)} == NAMES
    assert len(NAMES) == 11


@pytest.mark.parametrize(
    ("name", "value", "field", "whole"),
    [
        ("ma_length", 2, "ma_length", 2),
        ("ma_length", 995, "ma_length", 995),
        ("threshold_perc", "0.0001", "threshold_ppm", 1),
        ("threshold_perc", 250, "threshold_ppm", 2_500_000),
        ("threshold_perc", "123456789012345678", "threshold_ppm", 123456789012345678 * 10**4),
        ("threshold_perc", "1e18", "threshold_ppm", 10**22),
        ("risk_perc", "0.0001", "risk_ppm", 1),
        ("risk_perc", 100, "risk_ppm", 1_000_000),
        ("stop_loss_perc", "0.0001", "stop_loss_ppm", 1),
        ("profit_target_perc", "0.0001", "profit_target_ppm", 1),
        ("profit_target_perc", "99.9999", "profit_target_ppm", 999_999),
        ("breakeven_trigger_perc", 0, "breakeven_trigger_ppm", 0),
        ("breakeven_trigger_perc", "99.9999", "breakeven_trigger_ppm", 999_999),
        ("breakeven_offset_perc", 0, "breakeven_offset_ppm", 0),
        ("cooldown_bars", 0, "cooldown_bars", 0),
        ("cooldown_bars", 500, "cooldown_bars", 500),
        ("leverage", 1, "leverage", 1),
        ("leverage", 50, "leverage", 50),
        ("max_exposure", "0.001", "exposure_max_permille", 1),
    ],
)
def test_a_value_at_its_bound_is_taken(name: str, value: object, field: str, whole: int) -> None:
    assert getattr(parse({**WIDE, name: value}), field) == whole


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("ma_length", 1, "at least 2, at most 995"),
        ("ma_length", 996, "at least 2, at most 995"),
        ("threshold_perc", 0, "above 0"),
        ("risk_perc", 0, "above 0, at most 100"),
        ("risk_perc", "100.0001", "above 0, at most 100"),
        ("stop_loss_perc", 0, "above 0"),
        ("profit_target_perc", 0, "above 0, below 100"),
        ("profit_target_perc", 100, "above 0, below 100"),
        ("breakeven_trigger_perc", "-0.1", "at least 0, below 100"),
        ("breakeven_trigger_perc", 100, "at least 0, below 100"),
        ("breakeven_offset_perc", "-0.0001", "at least 0"),
        ("cooldown_bars", -1, "at least 0, at most 500"),
        ("cooldown_bars", 501, "at least 0, at most 500"),
        ("leverage", 0, "at least 1, at most 50"),
        ("leverage", 51, "at least 1, at most 50"),
        ("max_exposure", 0, "above 0"),
    ],
)
def test_a_value_out_of_bounds_is_a_fault(name: str, value: object, said: str) -> None:
    assert faults({name: value}) == [f"strategy.{name} = {value!r}: must be {said}"]


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("ma_length", "20.5", "must be a whole number"),
        ("cooldown_bars", 2.5, "must be a whole number"),
        ("leverage", "1.1", "must be a whole number"),
        ("threshold_perc", "0.20001", "must be a multiple of 0.0001"),
        ("threshold_perc", 0.1 + 0.2, "must be a multiple of 0.0001"),
        ("max_exposure", "0.0005", "must be a multiple of 0.001"),
        ("risk_perc", "much", "must be a number"),
        ("risk_perc", "", "must be a number"),
        ("risk_perc", None, "must be a number"),
        ("risk_perc", True, "must be a number"),
        ("risk_perc", [1], "must be a number"),
        ("risk_perc", Fraction(1), "must be a number"),
        ("risk_perc", "nan", "must be a finite number"),
        ("risk_perc", "inf", "must be a finite number"),
        ("threshold_perc", "0.2" + "0" * 30 + "1", "must be a number of at most 18 digits"),
        ("profit_target_perc", "99." + "9" * 30, "must be a number of at most 18 digits"),
        ("threshold_perc", "1e999999", "must be a number of at most 18 digits"),
        ("threshold_perc", "1e-2000000", "must be a number of at most 18 digits"),
    ],
)
def test_what_is_no_exact_number_is_a_fault(name: str, value: object, said: str) -> None:
    assert faults({name: value}) == [f"strategy.{name} = {value!r}: {said}"]


@pytest.mark.parametrize("value", ["7m", "5M", "", 5, None, ["5m"]])
def test_another_interval_is_a_fault(value: object) -> None:
    said = "must be one of 5m, 15m, 30m, 1h, 2h, 4h"
    assert faults({"interval": value}) == [f"strategy.interval = {value!r}: {said}"]


@pytest.mark.parametrize(
    ("values", "said"),
    [
        (
            {"stop_loss_perc": "5.0001"},
            f"strategy.stop_loss_perc = 5.0001: times leverage 10 must be at most 50, {WHY}",
        ),
        (
            {"leverage": 50, "stop_loss_perc": "1.0001", "max_exposure": 1},
            f"strategy.stop_loss_perc = 1.0001: times leverage 50 must be at most 50, {WHY}",
        ),
        (
            {"breakeven_offset_perc": "0.4"},
            "strategy.breakeven_offset_perc = 0.4: must be below breakeven_trigger_perc 0.4",
        ),
        (
            {"breakeven_trigger_perc": "0.1"},
            "strategy.breakeven_offset_perc = 0.1: must be below breakeven_trigger_perc 0.1",
        ),
        (
            {"max_exposure": "8.001"},
            "strategy.max_exposure = 8.001: must be at most 0.8 x leverage 10",
        ),
        (
            {"leverage": 6},
            "strategy.max_exposure = 5.0: must be at most 0.8 x leverage 6",
        ),
    ],
)
def test_settings_that_do_not_fit_together_are_a_fault(
    values: dict[str, object], said: str
) -> None:
    assert faults(values) == [said]


@pytest.mark.parametrize(
    "values",
    [
        {"stop_loss_perc": 5},
        {"breakeven_offset_perc": "0.3999"},
        {"breakeven_trigger_perc": 0, "breakeven_offset_perc": 50},
        {"breakeven_trigger_perc": 0, "breakeven_offset_perc": 0},
        {"max_exposure": 8},
        {"leverage": 50, "max_exposure": 40, "stop_loss_perc": 1},
    ],
)
def test_settings_that_just_fit_together_are_taken(values: dict[str, object]) -> None:
    parse(values)


def test_a_name_that_is_no_setting_is_a_fault_that_lists_them_all() -> None:
    [said] = faults({"treshold_perc": 1})
    assert said == (
        "strategy.treshold_perc: no such setting; there are breakeven_offset_perc, "
        "breakeven_trigger_perc, cooldown_bars, interval, leverage, ma_length, max_exposure, "
        "profit_target_perc, risk_perc, stop_loss_perc, threshold_perc"
    )


def test_every_fault_is_told_at_once_under_its_own_place() -> None:
    told = faults({"b": 1, "a": 1, "interval": "1d", "leverage": 0, "risk_perc": 0}, "symbols.X")
    assert [fault.split(":", maxsplit=1)[0] for fault in told] == [
        "symbols.X.a",
        "symbols.X.b",
        "symbols.X.interval = '1d'",
        "symbols.X.risk_perc = 0",
        "symbols.X.leverage = 0",
    ]


def test_the_place_is_the_strategy_s_table_unless_another_is_said() -> None:
    with pytest.raises(ParameterFaultsError, match=r"^strategy\.leverage = 0: must be"):
        parse({"leverage": 0})


def test_bounds_between_settings_are_tested_together_too() -> None:
    assert len(faults({"leverage": 1, "stop_loss_perc": 51, "breakeven_offset_perc": 3})) == 3


@given(st.integers(1, 1_000_000))
def test_a_percentage_becomes_ppm_exactly_from_text_number_and_decimal(ppm: int) -> None:
    percent = Decimal(ppm).scaleb(-4)
    for value in (percent, str(percent), f" {percent} ", float(percent)):
        assert parse({"risk_perc": value}).risk_ppm == ppm
