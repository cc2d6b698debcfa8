"""`replay`: the real job over candle files, by options alone, without touching anything else."""

import csv
import json
from decimal import Decimal
from pathlib import Path

import pytest

from job import replay
from tests.job.harness import stand
from tests.job.staging import exchange_info_row
from tests.job.terminal import Terminal
from tests.oracle.candles import Funding, Mark, write_csv
from tests.oracle.planted import START_MS, Series
from tests.oracle.planted_base import EIGHT_MS, ENTERED, PARAMS, REVERTED, SIGNAL
from tests.oracle.result import COLUMNS
from tests.oracle.rules import RULES

#: One long that reverts: 1.010 BTC, 99010 -> 99900 less slippage.
STORY = REVERTED.flat(99_900, 3)
MINUTE_MS = 60_000


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_a_replay_ends_with_its_result_and_leaves_nothing_behind(terminal: Terminal) -> None:
    typed = terminal.replay(STORY)
    assert (typed.status, typed.err) == (0, [])
    assert "14 runs, 1 trade, wallet 10000.00 -> " in typed.told
    assert all(line.startswith("2025-01-01 ") and " EMBEDDED " in line for line in typed.out)
    assert set(terminal.files()) == {"candles.csv"}


def test_out_keeps_everything_and_trades_are_the_same_rows(terminal: Terminal) -> None:
    out, trades = terminal.home / "out", terminal.home / "deep/trades.csv"
    typed = terminal.replay(STORY, f"--out={out}", f"--trades={trades}")
    assert typed.status == 0
    names = {path.name for path in out.iterdir() if not path.name.startswith(".")}
    assert names - {"state.json.lock"} == {"state.json", "journal", "paper.json", "trades.csv"}
    assert trades.read_bytes() == (out / "trades.csv").read_bytes()
    [row] = rows(trades)
    assert tuple(row) == COLUMNS
    assert (row["side"], row["quantity"], row["reason"]) == ("long", "1.010", "reverted")
    assert row["signal_time"] == str(START_MS + 9 * 300_000)
    assert (row["entry_time"], row["exit_time"]) == (
        str(START_MS + 10 * 300_000),
        str(START_MS + 12 * 300_000),
    )
    assert (row["entry_price"], row["exit_price"]) == ("9901.0", "9989.0")
    assert row["balance"] == f"{10_000 + float(row['net']):.8f}"
    notes = json.loads((out / "state.json").read_text())
    assert notes["symbols"]["BTCUSDT"]["trade"] is None


def test_a_replay_is_the_same_to_the_byte(terminal: Terminal) -> None:
    kept = []
    for name in ("one", "two"):
        terminal.replay(STORY, f"--out={terminal.home / name}")
        files = {p.name: p.read_bytes() for p in (terminal.home / name).rglob("*.json*")}
        kept.append(files)
    assert kept[0] == kept[1]
    assert len(kept[0]) >= 3


@pytest.mark.parametrize("there", ["a file", "a full folder"])
def test_out_must_be_empty(terminal: Terminal, there: str) -> None:
    out = terminal.home / "out"
    if there == "a file":
        out.write_text("mine")
    else:
        out.mkdir()
        (out / "mine").write_text("mine")
    typed = terminal.replay(STORY, f"--out={out}")
    assert (typed.status, typed.out) == (2, [])
    assert typed.err == [f"--out {out}: must be an empty folder or not exist yet"]
    (out / "mine" if out.is_dir() else out).read_text()


def test_an_empty_folder_may_be_there(terminal: Terminal) -> None:
    (terminal.home / "out").mkdir()
    assert terminal.replay(STORY, f"--out={terminal.home / 'out'}").status == 0


def test_json_is_one_line(terminal: Terminal) -> None:
    typed = terminal.replay(STORY, "--json")
    assert typed.json["trades"] == 1
    assert typed.json["broken"] == []
    assert typed.json["runs_not_ok"] == 0
    assert len(typed.err) >= 2


def test_a_violated_invariant_ends_it_with_status_1(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(replay, "broken_invariants", lambda _: ["I3 no orphans: of the test"])
    typed = terminal.replay(STORY, "--json")
    assert typed.status == 1
    assert typed.json["runs"] == 1
    assert any("BROKEN INVARIANT" in line and "I3 no orphans" in line for line in typed.err)


@pytest.mark.parametrize(
    ("arguments", "signals"),
    [
        (["--from=2025-01-01T01:45"], [9]),  # it may decide; the candles before feed the SMA
        (["--from=2025-01-01T01:45:00Z"], [9]),
        ([f"--from={START_MS + 9 * 300_000}"], [9]),
        (["--from=2025-01-01T02:46+01:00"], [10]),  # rounded up to the next candle
        (["--from=2025-01-01T01:50"], [10]),
        (["--to=2025-01-01T02:05"], [9]),
        (["--to=2025-01-01T02:00"], []),  # the exit would be ordered at 02:00
    ],
)
def test_from_and_to(terminal: Terminal, arguments: list[str], signals: list[int]) -> None:
    trades = terminal.home / "trades.csv"
    assert terminal.replay(STORY, f"--trades={trades}", *arguments).status == 0
    found = [(int(row["signal_time"]) - START_MS) // 300_000 for row in rows(trades)]
    assert found == signals


@pytest.mark.parametrize(("end", "still_open"), [("01:50", 0), ("01:55", 1), ("02:00", 1)])
def test_to_is_exclusive_and_nothing_is_ordered_at_the_last_close(
    terminal: Terminal, end: str, still_open: int
) -> None:
    told = terminal.replay(STORY, "--json", f"--to=2025-01-01T{end}").json
    assert (told["trades"], len(told["still_open"])) == (0, still_open)


@pytest.mark.parametrize(
    ("argument", "words"),
    [
        ("--from=yesterday", "--from yesterday: must be a time such as 2025-03-10"),
        ("--to=13", "--to 13: must be a time such as"),
        ("--from=2025-02-01", "fewer than two candles are left"),
        ("--to=2025-01-01T01:05", "fewer than two candles are left"),
        ("--balance=-1", "balance = '-1': must be at least 0"),
        ("--funding=nowhere.csv", "nowhere.csv"),
        ("--mark=ETHUSDT=nowhere.csv", "nowhere.csv"),
        ("--funding=DOGEUSDT=f.csv", "there are no candles for DOGEUSDT"),
        ("--rules=nowhere.json", "nowhere.json"),
        ("--candles=BTCUSDT=again.csv", "BTCUSDT has a file already"),
        ("--candles=ETHUSDT=nowhere.csv", "--candles ETHUSDT: "),
        ("--candles=DOGEUSDT=nowhere.csv", "DOGEUSDT"),
        ("--set=interval=15m", "holds candles of 5 min, the setting interval says 15 min"),
    ],
)
def test_what_is_not_usable_is_status_2(terminal: Terminal, argument: str, words: str) -> None:
    typed = terminal.replay(STORY, argument)
    assert (typed.status, typed.out) == (2, [])
    assert words in "\n".join(typed.err)
    assert "Traceback" not in typed.told


def test_at_the_last_close_nothing_is_ordered_even_where_prices_go_on(tmp_path: Path) -> None:
    desk = stand(tmp_path / "stand", ENTERED)
    config, market = desk.job.config, desk.exchange.market
    stage = replay.set_stage(config, tmp_path / "replay", market, START_MS)
    result = replay.play(stage, START_MS, START_MS + 10 * 300_000)  # candle 9 is the signal
    assert (result.rows, result.still_open) == ([], [])
    assert result.wallet_e8 == result.opened_e8


def test_what_lies_after_the_end_is_not_known(terminal: Terminal) -> None:
    through_the_stop = ENTERED.flat(98_000, 3)  # from 01:55 on
    told = terminal.replay(through_the_stop, "--json", "--to=2025-01-01T01:55").json
    assert (told["trades"], len(told["still_open"])) == (0, 1)


def test_balance(terminal: Terminal) -> None:
    told = terminal.replay(STORY, "--balance=500", f"--out={terminal.home / 'out'}").told
    assert "wallet 500.00 -> " in told
    [row] = rows(terminal.home / "out/trades.csv")
    assert row["quantity"] == "0.050"


def test_funding_and_marks(terminal: Terminal) -> None:
    funding, marks = terminal.home / "funding.csv", terminal.home / "mark.csv"
    start = EIGHT_MS - 11 * 5 * MINUTE_MS  # the funding time opens candle 11
    write_csv([Funding(EIGHT_MS, Decimal("0.001"))], funding)
    write_csv([Mark(EIGHT_MS, Decimal(9950))], marks)
    series = Series(start_ms=start, rows=STORY.rows, next_index=STORY.next_index)
    on = "--set=funding=true"
    files = (f"--funding={funding}", f"--mark=BTCUSDT={marks}")
    told = []
    for chosen in (files[:1], files):
        out = terminal.home / f"out{len(chosen)}"
        assert terminal.replay(series, on, f"--out={out}", *chosen).status == 0
        told.append(rows(out / "trades.csv")[0]["funding"])
    assert told == ["9.99900000", "10.04950000"]  # 1.010 x the open of 9900, and x 9950


def test_rules_of_a_file(terminal: Terminal) -> None:
    row = {**exchange_info_row(RULES["BTCUSDT"]), "symbol": "PEPEUSDT", "pair": "PEPEUSDT"}
    row |= {"pricePrecision": 1, "quantityPrecision": 3}
    rules = terminal.home / "rules.json"
    rules.write_text(json.dumps({"symbols": [row]}))
    write = terminal.home / "pepe.csv"
    write_csv(STORY.candles(), write)
    sets = [f"--set={name}={value}" for name, value in PARAMS.items()]
    typed = terminal.type(
        "replay", f"--candles=PEPEUSDT={write}", f"--rules={rules}", "--json", *sets
    )
    assert (typed.status, typed.json["trades"]) == (0, 1)


def test_a_bare_file_belongs_to_the_one_configured_symbol(terminal: Terminal) -> None:
    write_csv(STORY.candles(), terminal.home / "c.csv")
    file = str(terminal.home / "c.csv")
    sets = [f"--set={name}={value}" for name, value in PARAMS.items()]
    typed = terminal.type("replay", "--candles", file, *sets, "--json")
    assert typed.json["trades"] == 1
    two = ["--set=symbols.BTCUSDT.ma_length=10", "--set=symbols.ETHUSDT.ma_length=10"]
    typed = terminal.type("replay", "--candles", file, *two)
    assert typed.status == 2
    assert "say which symbol it is for" in typed.err[0]


def test_only_symbols_with_candles_are_replayed_and_share_the_balance(terminal: Terminal) -> None:
    terminal.configure("[symbols.ETHUSDT]\n[symbols.BTCUSDT]\n[symbols.SOLUSDT]\n")
    out = terminal.home / "out"
    typed = terminal.replay(STORY, f"--out={out}")
    assert typed.status == 0
    assert [row["quantity"] for row in rows(out / "trades.csv")] == ["1.010"]


def test_gaps_are_refused_with_their_lines_unless_allowed(terminal: Terminal) -> None:
    series = SIGNAL.hole(2).flat(99_000, 4)
    typed = terminal.replay(series)
    assert (typed.status, typed.out) == (2, [])
    assert "line 12" in "\n".join(typed.err)
    assert terminal.replay(series, "--allow-gaps").status == 0


def test_the_configured_job_is_never_touched(terminal: Terminal) -> None:
    terminal.on_candles(ENTERED.flat(99_000))
    terminal.type("run")
    before = terminal.files()
    terminal.replay(STORY)
    after = terminal.files()
    del after["candles.csv"]
    assert after == before


def test_a_live_configuration_is_replayed_without_its_keys(terminal: Terminal) -> None:
    terminal.environment["REVERT_VENUE"] = "live"
    typed = terminal.replay(STORY, "--json")
    assert (typed.status, typed.json["trades"]) == (0, 1)
    assert " EMBEDDED " in typed.err[0]
