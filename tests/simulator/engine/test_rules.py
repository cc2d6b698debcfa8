"""Contracts: the built-in ones, and those of a rules file."""

import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from simulator.engine.model import Contract
from simulator.rules import BUILT_IN_SYMBOLS, RulesError, contract_from, contracts_for
from simulator.rules_builtin import exchange_info_row

REAL = Path(__file__).resolve().parents[4] / "shared" / "data" / "exchangeInfo-2025-03-27.json"

BUILT_IN = [
    # symbol, tick, step, U, market maximum in lots, minimum notional, highest leverage, tiers
    ("BTCUSDT", 10_000_000, 100_000, 10_000, 120_000, 50, 150, 12),
    ("ETHUSDT", 1_000_000, 100_000, 1_000, 2_000_000, 20, 150, 12),
    ("SOLUSDT", 1_000_000, 1_000_000, 10_000, 500_000, 5, 100, 10),
    ("XRPUSDT", 10_000, 10_000_000, 1_000, 20_000_000, 5, 100, 11),
]


@pytest.mark.parametrize(
    ("symbol", "tick", "step", "unit", "market_max", "notional", "leverage", "tiers"), BUILT_IN
)
def test_built_in(
    symbol: str,
    tick: int,
    step: int,
    unit: int,
    market_max: int,
    notional: int,
    leverage: int,
    tiers: int,
) -> None:
    (contract,) = contracts_for([symbol])
    assert (contract.tick_e8, contract.step_e8, contract.unit_e8) == (tick, step, unit)
    assert (contract.min_lots, contract.market_max_lots) == (1, market_max)
    assert contract.min_notional_e8 == notional * 10**8
    assert (contract.leverage_max, len(contract.brackets)) == (leverage, tiers)


@pytest.mark.parametrize("symbol", BUILT_IN_SYMBOLS)
def test_maintenance_is_continuous_over_the_tiers(symbol: str) -> None:
    (contract,) = contracts_for([symbol])
    for low, high in pairwise(contract.brackets):
        step_bp = high.maintenance_bp - low.maintenance_bp
        assert high.cum_e8 == low.cum_e8 + high.floor_e8 * step_bp // 10_000
        assert high.number == low.number + 1


def test_brackets_by_notional_and_by_leverage() -> None:
    (btc,) = contracts_for(["BTCUSDT"])
    usdt = 10**8
    assert btc.bracket_of(300_000 * usdt).number == 1
    assert btc.bracket_of(300_000 * usdt + 1).number == 2
    assert btc.bracket_of(10**12 * usdt).number == 12
    assert btc.notional_max_e8(10) == 230_000_000 * usdt
    assert btc.notional_max_e8(11) == 100_000_000 * usdt
    assert btc.notional_max_e8(150) == 300_000 * usdt
    assert btc.notional_max_e8(151) == 0


def test_a_symbol_without_rules_says_what_to_do() -> None:
    with pytest.raises(RulesError, match=r"no rules for PEPEUSDT.*exchangeInfo.*--rules"):
        contracts_for(["BTCUSDT", "PEPEUSDT"])


def in_file(tmp_path: Path, row: dict[str, Any]) -> Contract:
    path = tmp_path / "rules.json"
    path.write_text(json.dumps({"symbols": [row]}), "utf-8")
    (contract,) = contracts_for([row["symbol"]], path)
    return contract


def test_a_rules_file_wins_over_the_built_in_row(tmp_path: Path) -> None:
    row = exchange_info_row("BTCUSDT")
    row["filters"][4]["notional"] = 100.0
    contract = in_file(tmp_path, row)
    assert contract.min_notional_e8 == 100 * 10**8
    assert contract.brackets == contracts_for(["BTCUSDT"])[0].brackets


def test_a_new_symbol_gets_the_stand_in_tiers_or_its_own(tmp_path: Path) -> None:
    row = exchange_info_row("SOLUSDT") | {"symbol": "NEWUSDT"}
    assert in_file(tmp_path, row).brackets == contracts_for(["XRPUSDT"])[0].brackets
    tier = {
        "bracket": 1,
        "initialLeverage": 75,
        "notionalCap": 5000,
        "notionalFloor": 0,
        "maintMarginRatio": 0.0065,
        "cum": 0.0,
    }
    (bracket,) = in_file(tmp_path, row | {"brackets": [tier]}).brackets
    assert (bracket.leverage_max, bracket.maintenance_bp) == (75, 65)
    assert bracket.cap_e8 == 5_000 * 10**8


def test_numbers_may_be_strings_and_the_wire_shows_the_live_types(tmp_path: Path) -> None:
    row = exchange_info_row("ETHUSDT")
    live = contract_from(row)
    texts = {k: str(v) if isinstance(v, int) else v for k, v in row.items()}
    texts["filters"] = [
        *({k: str(v) for k, v in item.items()} for item in row["filters"]),
        {"filterType": "MAX_NUM_ALGO_ORDERS", "limit": "10"},
    ]
    contract = in_file(tmp_path, texts)
    assert contract == live
    assert contract.row == live.row == row


BROKEN: list[tuple[str, dict[str, Any], str]] = [
    ("no filters", {"filters": []}, "PRICE_FILTER"),
    ("tick too fine", {"tick": "0.000000001"}, "tickSize 0.000000001"),
    ("no tick", {"tick": "0"}, "above 0"),
    ("unit too fine", {"tick": "0.00000001", "step": "0.1"}, "not a whole number"),
    ("no number", {"tick": "cheap"}, "ConversionSyntax"),
    ("ratio too fine", {"brackets": [{"maintMarginRatio": 0.00651}]}, "maintMarginRatio 0.00651"),
    ("no brackets", {"brackets": []}, "do not begin"),
    (
        "a hole",
        {"brackets": [{}, {"bracket": 2, "notionalFloor": 6, "notionalCap": 9}]},
        "continue",
    ),
]


@pytest.mark.parametrize(
    ("change", "words"), [case[1:] for case in BROKEN], ids=[case[0] for case in BROKEN]
)
def test_rules_that_cannot_be_used_name_symbol_and_fault(
    tmp_path: Path, change: dict[str, Any], words: str
) -> None:
    row = exchange_info_row("BTCUSDT")
    tier = {
        "bracket": 1,
        "initialLeverage": 75,
        "notionalCap": 5,
        "notionalFloor": 0,
        "maintMarginRatio": 0.0065,
        "cum": 0,
    }
    if "tick" in change:
        row["filters"][0]["tickSize"] = change["tick"]
    if "step" in change:
        row["filters"][1]["stepSize"] = row["filters"][2]["stepSize"] = change["step"]
    if "filters" in change:
        row["filters"] = change["filters"]
    if "brackets" in change:
        row["brackets"] = [tier | item for item in change["brackets"]]
    with pytest.raises(RulesError, match="BTCUSDT.*" + words):
        in_file(tmp_path, row)


@pytest.mark.parametrize("content", ["", "[]", '{"symbols": 3}'])
def test_files_that_are_no_exchange_info(tmp_path: Path, content: str) -> None:
    path = tmp_path / "rules.json"
    path.write_text(content, "utf-8")
    with pytest.raises(RulesError, match=r"rules\.json"):
        contracts_for(["BTCUSDT"], path)
    with pytest.raises(RulesError, match=r"none\.json"):
        contracts_for(["BTCUSDT"], tmp_path / "none.json")


@pytest.mark.skipif(not REAL.exists(), reason="real exchangeInfo is not beside the project")
def test_the_real_exchange_info() -> None:
    names = [row["symbol"] for row in json.loads(REAL.read_bytes())["symbols"]]
    contracts = contracts_for(names, REAL)
    assert [contract.symbol for contract in contracts] == names
    by_name = {contract.symbol: contract for contract in contracts}
    assert by_name["BTCUSDT"].min_notional_e8 == 100 * 10**8
    assert by_name["SOLUSDT"].step_e8 == 10**8
    assert by_name["1000PEPEUSDT"].unit_e8 == 10
