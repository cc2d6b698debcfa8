"""What people type and what they get: exit statuses, lines, JSON."""

import fcntl
import json
import re

import pytest

from tests.job.terminal import Terminal
from tests.oracle.planted_base import CALM, ENTERED, SIGNAL

LINE = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ (EMBEDDED|DEMO|LIVE) ")
STATE = "var/embedded/state.json"


def at_signal(terminal: Terminal) -> None:
    """On files, two runs before the one that enters."""
    terminal.on_candles(CALM.flat(100_000, 2).bar(100_000, 100_000, 99_000, 99_000).flat(99_000, 9))


def test_without_a_command_it_runs_once_on_the_embedded_exchange(terminal: Terminal) -> None:
    typed = terminal.type()
    assert (typed.status, len(typed.out), typed.err) == (0, 1, [])
    assert LINE.match(typed.out[0])
    assert "EMBEDDED (synthetic prices) BTCUSDT candle 00:55 close " in typed.out[0]
    assert "enter short" in typed.out[0]
    assert "balance 9975.03 USDT" in typed.out[0]  # its fee is out of it
    assert {STATE, "var/embedded/paper.json"} <= set(terminal.files())


def test_each_run_is_the_next_candle_of_the_price_files(terminal: Terminal) -> None:
    at_signal(terminal)
    told = [terminal.type("run").out[-1] for _ in range(4)]
    assert [re.findall(r"candle (\d\d:\d\d)", line)[0] for line in told] == [
        "01:45",
        "01:50",
        "01:55",
        "02:00",
    ]
    assert "synthetic" not in told[0]
    assert "enter long" in told[2]
    assert "long 1.010 from 9901.0, stop 9802.0, target 10099.0" in told[2]
    assert "hold" in told[3]


def test_only_a_run_moves_to_the_next_candle(terminal: Terminal) -> None:
    at_signal(terminal)
    for _ in range(3):
        terminal.type("run")
    for command in ("status", "guard", "check"):
        before = terminal.type("status", "--json").json["at_ms"]
        terminal.type(command)
        assert terminal.type("status", "--json").json["at_ms"] == before


def test_files_that_have_been_played_to_their_end(terminal: Terminal) -> None:
    terminal.on_candles(SIGNAL.flat(99_000))
    assert terminal.type("run").status == 0
    typed = terminal.type("run")
    assert (typed.status, typed.out) == (2, [])
    assert "have been played to their end" in typed.err[0]
    assert terminal.type("guard").status == 0


@pytest.mark.parametrize("places", [("--json", "run"), ("run", "--json"), ("--json",)])
def test_json_is_one_line_on_stdout_and_words_on_stderr(
    terminal: Terminal, places: tuple[str, ...]
) -> None:
    typed = terminal.type(*places)
    assert (typed.status, len(typed.err)) == (0, 1)
    assert LINE.match(typed.err[0])
    assert typed.json["ok"] is True
    assert typed.json["command"] == "run"
    assert typed.json["venue"] == "embedded"
    assert typed.json["symbols"][0]["symbol"] == "BTCUSDT"


def test_options_may_stand_on_both_sides_of_the_command(terminal: Terminal) -> None:
    (terminal.home / "other.toml").write_text("balance = 777\n")
    other = str(terminal.home / "other.toml")
    typed = terminal.type(
        "--set",
        "account=one",
        "--config",
        other,
        "run",
        "--set",
        "symbol=ETHUSDT",
        "--json",
        "--set",
        "threshold_perc=50",
    )
    assert typed.json["account"] == "one"
    assert typed.json["balance"] == "777.00"
    assert typed.json["symbols"][0]["symbol"] == "ETHUSDT"


@pytest.mark.parametrize("arguments", [["fly"], ["run", "--fast"], ["replay"], ["--set"]])
def test_bad_usage_is_status_2(terminal: Terminal, arguments: list[str]) -> None:
    typed = terminal.type(*arguments)
    assert (typed.status, typed.out, terminal.files()) == (2, [], {})
    assert typed.err


@pytest.mark.parametrize("command", ["run", "guard", "status", "check"])
@pytest.mark.parametrize("more", [[], ["--json"]], ids=["words", "json"])
def test_a_bad_configuration_is_status_2_with_a_line_a_fault(
    terminal: Terminal, command: str, more: list[str]
) -> None:
    typed = terminal.type(command, "--set", "balance=x", "--set", "seed=y", *more)
    assert (typed.status, typed.out, terminal.files()) == (2, [], {})
    assert [line.split(" ")[0] for line in typed.err] == ["balance", "seed"]


def test_help_is_status_0_and_names_the_commands(terminal: Terminal) -> None:
    typed = terminal.type("--help")
    assert typed.status == 0
    for word in ("run", "guard", "replay", "status", "check", "--set", "--config", "--json"):
        assert word in typed.told


def test_a_failure_is_status_1_and_says_so(terminal: Terminal) -> None:
    (terminal.home / "var/embedded").mkdir(parents=True)
    (terminal.home / STATE).write_text("{")
    typed = terminal.type("run")
    assert typed.status == 1
    assert any("FAILED: " in line and STATE in line for line in typed.out)
    assert all(LINE.match(line) for line in typed.out)
    machine = terminal.type("run", "--json")
    assert (machine.status, machine.json["ok"]) == (1, False)


def test_a_lock_that_is_held_is_status_0(terminal: Terminal) -> None:
    terminal.type("run")
    before = terminal.files()
    with (terminal.home / f"{STATE}.lock").open("r+") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        typed = terminal.type("run")
    assert typed.status == 0
    assert "notice: another run holds the lock; this one leaves" in typed.out[0]
    assert terminal.files() == before


def test_notes_of_another_account_are_status_2_and_nothing_is_touched(terminal: Terminal) -> None:
    terminal.type("run")
    before = terminal.files()
    typed = terminal.type("run", "--set", "account=other", "--set", "paper=other.json")
    assert (typed.status, typed.out) == (2, [])
    assert "the notes belong to venue embedded, account main" in typed.err[0]
    assert terminal.files() == before


def test_a_paper_account_of_another_name_is_status_2(terminal: Terminal) -> None:
    terminal.type("run")
    before = terminal.files()
    typed = terminal.type("run", "--set", "account=other", "--set", "state=other.json")
    assert (typed.status, typed.out) == (2, [])
    assert "belongs to account 'main'" in typed.err[0]
    assert "move the folder away to begin anew" in typed.err[0]
    assert terminal.files() == before


def test_a_paper_account_that_cannot_be_read_is_status_2(terminal: Terminal) -> None:
    terminal.type("run")
    (terminal.home / "var/embedded/paper.json").write_text("{")
    typed = terminal.type("run")
    assert (typed.status, typed.out) == (2, [])
    assert "paper.json cannot be read" in typed.err[0]


def test_now_is_for_the_embedded_venue_only(terminal: Terminal) -> None:
    typed = terminal.type("run", "--now", "--set", "venue=demo")
    assert (typed.status, typed.out) == (2, [])
    assert typed.err == ["--now: is for venue embedded only, not demo"]


def test_now_on_the_embedded_venue_ignores_the_window(terminal: Terminal) -> None:
    terminal.now_ms += 200_000
    assert "after the close (limit 90 s)" in terminal.type("run").out[0]
    assert "after the close" not in terminal.type("run", "--now").out[0]


def test_a_guard_with_nothing_to_do_says_nothing(terminal: Terminal) -> None:
    at_signal(terminal)
    terminal.type("run")
    assert terminal.type("guard").told == ""
    assert terminal.type("guard", "--json").json["command"] == "guard"


def test_a_symbol_without_rules_is_status_2(terminal: Terminal) -> None:
    typed = terminal.type("run", "--set", "symbol=PEPEUSDT")
    assert (typed.status, typed.out) == (2, [])
    assert "PEPEUSDT" in typed.err[0]


def test_price_files_that_do_not_fit(terminal: Terminal) -> None:
    terminal.on_candles(ENTERED.hole().flat(99_000))
    typed = terminal.type("run")
    assert (typed.status, typed.out) == (2, [])
    assert "BTCUSDT.csv" in typed.err[0]
    terminal.configure('[prices]\nETHUSDT = "BTCUSDT.csv"\n')
    assert terminal.type("run").err == ["prices: there is no file for BTCUSDT"]
    terminal.configure('[prices]\nBTCUSDT = "nowhere.csv"\n')
    assert terminal.type("run").status == 2


def test_the_report_is_the_same_in_journal_and_json(terminal: Terminal) -> None:
    typed = terminal.type("run", "--json")
    [path] = (terminal.home / "var/embedded/journal").glob("*.jsonl")
    events = [json.loads(line) for line in path.read_text().splitlines()]
    [run] = [event for event in events if event["event"] == "run"]
    told = typed.json
    for name in ("run", "command", "venue", "account", "ok", "symbols"):
        assert run["report"][name] == told[name]
