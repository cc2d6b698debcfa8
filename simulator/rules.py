"""The rules of a symbol, as a `Contract`: from the built-in rows or from a rules file.

A rules file is an answer of Binance's exchangeInfo (numbers or strings); a row may carry
`brackets`, the list of the symbol's leverageBracket answer. Without it the tiers of the
smallest built-in symbol stand in. Nothing is rounded: a rule finer than this exchange's whole
numbers is an error. It must not know accounts or orders.
"""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from itertools import pairwise
from pathlib import Path
from typing import Any

from simulator import rules_builtin
from simulator.engine.model import Bracket, Contract

BUILT_IN_SYMBOLS = rules_builtin.SYMBOLS

_WHOLE_FIELDS = (
    "deliveryDate",
    "onboardDate",
    "pricePrecision",
    "quantityPrecision",
    "baseAssetPrecision",
    "quotePrecision",
    "maxMoveOrderLimit",
)


class RulesError(ValueError):
    """Rules that are missing or cannot be used; the text says of what, and what to do."""


def contracts_for(symbols: Iterable[str], rules: Path | None = None) -> list[Contract]:
    """The contracts of `symbols`, in that order. A row of the rules file wins over a built-in.

    Raises RulesError for a symbol without rules and for a file that cannot be used.
    """
    rows = read_rows(rules) if rules is not None else {}
    return [_contract_of(symbol, rows, rules) for symbol in symbols]


def _contract_of(symbol: str, rows: Mapping[str, Any], rules: Path | None) -> Contract:
    if symbol in rows:
        return contract_from(rows[symbol])
    if symbol in BUILT_IN_SYMBOLS:
        return contract_from(rules_builtin.exchange_info_row(symbol))
    where = f"they are not in {rules} either" if rules is not None else "no rules file is given"
    raise RulesError(
        f"no rules for {symbol}: built in are {', '.join(BUILT_IN_SYMBOLS)}, and {where}. Save "
        "https://fapi.binance.com/fapi/v1/exchangeInfo to a file and name it as rules (--rules)."
    )


def read_rows(rules: Path) -> dict[str, Any]:
    """The rows of a rules file by symbol. Raises RulesError."""
    import json  # what is built in is no JSON

    try:
        content = json.loads(rules.read_bytes(), parse_float=Decimal)
    except OSError as error:
        raise RulesError(f"rules file {rules}: {error.strerror}") from error
    except ValueError as error:
        raise RulesError(f"rules file {rules} is not JSON: {error}") from error
    rows = content.get("symbols") if isinstance(content, dict) else None
    if not isinstance(rows, list):
        raise RulesError(f"rules file {rules} has no list of symbols, as exchangeInfo has")
    return {row["symbol"]: row for row in rows if isinstance(row, dict) and "symbol" in row}


def contract_from(row: Mapping[str, Any]) -> Contract:
    """The contract of one exchangeInfo row. Raises RulesError naming symbol and fault."""
    symbol = row.get("symbol", "?")
    try:
        return _contract(row)
    except KeyError as error:
        raise RulesError(f"rules of {symbol}: {error} is missing") from error
    except (ValueError, TypeError, InvalidOperation) as error:
        raise RulesError(f"rules of {symbol}: {error}") from error


def _contract(row: Mapping[str, Any]) -> Contract:
    filters = {item["filterType"]: item for item in row["filters"]}
    price, lot, market = (filters[k] for k in ("PRICE_FILTER", "LOT_SIZE", "MARKET_LOT_SIZE"))
    band = filters["PERCENT_PRICE"]
    tick_e8 = _scaled(price["tickSize"], 8, "tickSize")
    step_e8 = _scaled(lot["stepSize"], 8, "stepSize")
    if tick_e8 <= 0 or step_e8 <= 0:
        raise ValueError("tickSize and stepSize must be above 0")
    unit_e8, rest = divmod(tick_e8 * step_e8, 10**8)
    if rest:
        raise ValueError("one tick of one step is not a whole number of 0.00000001 USDT")
    if _scaled(market["stepSize"], 8, "stepSize") != step_e8:
        raise ValueError("MARKET_LOT_SIZE and LOT_SIZE have different steps")
    return Contract(
        symbol=row["symbol"],
        tick_e8=tick_e8,
        step_e8=step_e8,
        unit_e8=unit_e8,
        price_min_ticks=-(-_scaled(price["minPrice"], 8, "minPrice") // tick_e8),
        price_max_ticks=_scaled(price["maxPrice"], 8, "maxPrice") // tick_e8,
        min_lots=-(-_scaled(lot["minQty"], 8, "minQty") // step_e8),
        max_lots=_scaled(lot["maxQty"], 8, "maxQty") // step_e8,
        market_max_lots=_scaled(market["maxQty"], 8, "maxQty") // step_e8,
        min_notional_e8=_scaled(filters["MIN_NOTIONAL"]["notional"], 8, "notional"),
        price_up_ppm=_scaled(band["multiplierUp"], 6, "multiplierUp"),
        price_down_ppm=_scaled(band["multiplierDown"], 6, "multiplierDown"),
        price_decimals=int(row["pricePrecision"]),
        quantity_decimals=int(row["quantityPrecision"]),
        brackets=_brackets(row),
        row=_wire_row(row),
    )


def _scaled(value: Any, places: int, name: str) -> int:
    """A number, or a string of one, in whole 10^-places. Raises ValueError when it is finer."""
    scaled = Decimal(str(value)).scaleb(places)
    if not scaled.is_finite() or scaled != int(scaled):
        raise ValueError(f"{name} {value} is not a whole number of 1e-{places}")
    return int(scaled)


def _brackets(row: Mapping[str, Any]) -> tuple[Bracket, ...]:
    if "brackets" in row:
        brackets = tuple(_bracket(item) for item in row["brackets"])
    else:
        symbol = row["symbol"] if row["symbol"] in rules_builtin.TIERS else rules_builtin.STAND_IN
        brackets = _tiers(rules_builtin.TIERS[symbol])
    _check_brackets(brackets)
    return brackets


def _bracket(item: Mapping[str, Any]) -> Bracket:
    return Bracket(
        number=int(item["bracket"]),
        leverage_max=int(item["initialLeverage"]),
        floor_e8=_scaled(item["notionalFloor"], 8, "notionalFloor"),
        cap_e8=_scaled(item["notionalCap"], 8, "notionalCap"),
        maintenance_bp=_scaled(item["maintMarginRatio"], 4, "maintMarginRatio"),
        cum_e8=_scaled(item["cum"], 8, "cum"),
    )


def _tiers(table: str) -> tuple[Bracket, ...]:
    """The brackets of a table of `rules_builtin`."""
    brackets: list[Bracket] = []
    floor_e8 = 0
    for line in table.strip().splitlines():
        number, leverage, cap, ratio, cum = line.split()
        cap_e8 = _scaled(cap, 8, "cap")
        maintenance_bp = _scaled(ratio, 4, "ratio")
        cum_e8 = _scaled(cum, 8, "cum")
        brackets.append(
            Bracket(int(number), int(leverage), floor_e8, cap_e8, maintenance_bp, cum_e8)
        )
        floor_e8 = cap_e8
    return tuple(brackets)


def _check_brackets(brackets: Sequence[Bracket]) -> None:
    if not brackets or brackets[0].floor_e8 != 0:
        raise ValueError("the brackets do not begin at a notional of 0")
    for low, high in pairwise(brackets):
        if high.floor_e8 != low.cap_e8 or high.cap_e8 <= high.floor_e8:
            raise ValueError(f"bracket {high.number} does not continue bracket {low.number}")
        if high.leverage_max > low.leverage_max:
            raise ValueError(f"bracket {high.number} allows more leverage than the one below")


def _wire_row(row: Mapping[str, Any]) -> dict[str, Any]:
    """The row as Binance shows it: whole numbers as numbers, the others as strings, without the
    brackets, which have an endpoint of their own.
    """
    shown = {
        key: int(value) if key in _WHOLE_FIELDS else _plain(value)
        for key, value in row.items()
        if key not in ("brackets", "filters")
    }
    filters = [
        {key: int(value) if key == "limit" else _plain(value) for key, value in item.items()}
        for item in row["filters"]
        if item["filterType"] != "MAX_NUM_ALGO_ORDERS"
    ]
    return {**shown, "filters": filters}


def _plain(value: Any) -> Any:
    return value if isinstance(value, (str, list, bool)) else f"{value}"
