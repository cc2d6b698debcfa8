"""The exchange changes a symbol's rules while a position is open: protection goes on."""

from pathlib import Path
from typing import Any

import msgspec
import pytest

from state.codec import encode
from tests.job.harness import BTC, LOTS, PROTECTED, Stand, entered, only
from tests.oracle.planted_base import ENTERED

INFO = "/fapi/v1/exchangeInfo"


def holding(folder: Path) -> Stand:
    """Just entered, with rules that are due to be read again."""
    desk = entered(folder, ENTERED.flat(99_000).flat(99_000))
    notes = desk.notes()
    kept = notes.symbols[BTC]
    assert kept.rules is not None
    old = msgspec.structs.replace(kept, rules=msgspec.structs.replace(kept.rules, read_ms=0))
    desk.state_file.write_bytes(encode(msgspec.structs.replace(notes, symbols={BTC: old})))
    return desk


def rules_row(desk: Stand, **lot_size: str) -> dict[str, Any]:
    """The symbol's row with another LOT_SIZE."""
    with desk.request() as engine:
        row = engine.contract(BTC).row
    filters = [
        {**each, **lot_size} if "LOT_SIZE" in each["filterType"] else each
        for each in row["filters"]
    ]
    return {**row, "filters": filters}


@pytest.mark.parametrize("rows", [[], [{"symbol": BTC, "status": "TRADING", "filters": []}]])
def test_rules_that_cannot_be_used_forbid_entries_and_leave_protection_as_it_is(
    tmp_path: Path, rows: list[dict[str, Any]]
) -> None:
    desk = holding(tmp_path)
    desk.arm("GET", INFO, "answer", status=200, body={"symbols": rows})
    report = desk.run(11)
    assert (report.exit_code, desk.sent) == (1, [])
    assert BTC in only(report).error
    assert (desk.position(), desk.levels()) == (LOTS, PROTECTED)
    assert desk.run(12).exit_code == 0


def test_a_trade_is_put_into_the_new_lots(tmp_path: Path) -> None:
    desk = holding(tmp_path)
    row = rules_row(desk, stepSize="0.0001", minQty="0.0001")
    desk.arm("GET", INFO, "answer", status=200, body={"symbols": [row]})
    report = desk.run(11)
    assert (report.exit_code, desk.sent) == (0, [])
    assert not any(each.path == "/fapi/v1/userTrades" for each in desk.requests)  # nothing amiss
    assert (desk.trade().lots, desk.trade().entry_lots) == (10 * LOTS, 10 * LOTS)
    assert desk.trade().entry_quote == 10 * LOTS * 99_010
    assert (desk.position(), desk.levels()) == (LOTS, PROTECTED)
