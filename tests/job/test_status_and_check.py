"""`status` and `check`: they look, say what is, and leave everything as it was."""

import io
import json
from pathlib import Path

import pytest

from tests.job.terminal import Terminal
from tests.job.test_command_line import LINE
from tests.oracle.planted_base import CALM, ENTERED

PAPER, STATE = "var/embedded/paper.json", "var/embedded/state.json"


def in_position(terminal: Terminal) -> None:
    """One run that has entered the long of `ENTERED`."""
    terminal.on_candles(ENTERED.flat(98_000, 9), "slippage_bps = 1")
    assert "enter long" in terminal.type("run").out[0]


def without_protection(terminal: Terminal) -> None:
    """Somebody has deleted stop and target."""
    path = terminal.home / PAPER
    paper = json.loads(path.read_text())
    paper["books"]["algos"] = []
    path.write_text(json.dumps(paper))


def test_status_before_the_first_run(terminal: Terminal) -> None:
    typed = terminal.type("status")
    assert typed.status == 0
    assert all(LINE.match(line) for line in typed.out)
    assert "no run yet" in typed.told
    assert "BTCUSDT flat" in typed.told
    assert "0 trades" in typed.told
    assert terminal.files() == {}


def test_status_in_a_position(terminal: Terminal) -> None:
    in_position(terminal)
    before = terminal.files()
    typed = terminal.type("status")
    assert typed.status == 0
    assert "BTCUSDT long 1.010 from 9901.0, since 2025-01-01 01:50:00Z (0 s)" in typed.told
    assert "BTCUSDT yes, on the exchange: stop 9802.0, target 10099.0" in typed.told
    assert "yes: the last run was 0 s ago" in typed.told
    assert "the run after it may close at the average, or move the stop" in typed.told
    assert "ok: BTCUSDT: enter long" in typed.told
    assert terminal.files() == before


@pytest.mark.parametrize("command", ["status", "check"])
def test_looking_leaves_the_paper_account_as_it_was(terminal: Terminal, command: str) -> None:
    terminal.type("run")
    assert "short" in terminal.type("status").told  # the synthetic market at this time
    before = terminal.files()
    terminal.now_ms += 24 * 3_600_000
    terminal.type(command)
    assert terminal.files() == before


def test_status_after_a_trade(terminal: Terminal) -> None:
    in_position(terminal)
    terminal.type("run")
    typed = terminal.type("status")
    assert typed.status == 0
    assert "1 trade: gross -" in typed.told
    # ended in candle 11, which runs now: its close and two more have to pass
    assert "last trade ended 2025-01-01 01:55:00Z; cooldown 3 candles left" in typed.told
    assert "BTCUSDT long of 1.010 ended 2025-01-01 01:55:00Z by stop, net -" in typed.told
    results = terminal.type("status", "--json").json["results"]
    assert results["trades"] == 1
    assert float(results["net"]) == pytest.approx(
        float(results["gross"]) - float(results["fees"]) - float(results["funding"]), abs=0.011
    )


def test_status_says_that_the_job_has_stopped(terminal: Terminal) -> None:
    terminal.type("run")
    assert terminal.type("status", "--json").json["alive"] is True
    terminal.now_ms += 3 * 300_000
    typed = terminal.type("status")
    assert typed.status == 0
    assert "NO: the last run was 15 min 0 s ago; 3 closes passed since without one" in typed.told
    assert terminal.type("status", "--json").json["alive"] is False


def test_status_of_many_symbols_stays_one_screen(terminal: Terminal) -> None:
    many = [f"--set=symbols.{name}USDT.leverage=10" for name in ("BTC", "ETH", "SOL", "XRP")]
    typed = terminal.type("status", *many)
    assert "BTCUSDT, ETHUSDT, SOLUSDT, XRPUSDT flat" in typed.told
    assert len(typed.out) < 24


class Screen(io.StringIO):
    """A terminal."""

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("environment", "colourful"),
    [({}, True), ({"NO_COLOR": "1"}, False), ({"TERM": "dumb"}, False)],
)
def test_status_is_coloured_for_people_only(
    terminal: Terminal,
    monkeypatch: pytest.MonkeyPatch,
    environment: dict[str, str],
    colourful: bool,
) -> None:
    in_position(terminal)
    terminal.environment |= environment
    screen = Screen()
    monkeypatch.setattr("sys.stdout", screen)
    terminal.type("status")
    text = screen.getvalue()
    assert ("\033[32m" in text) is colourful
    assert text.count(" EMBEDDED ") == (1 if colourful else len(text.splitlines()))


def test_status_without_protection_is_status_1(terminal: Terminal) -> None:
    in_position(terminal)
    without_protection(terminal)
    before = terminal.files()
    typed = terminal.type("status")
    assert typed.status == 1
    assert "UNPROTECTED" in typed.told
    assert terminal.type("status", "--json").status == 1
    assert terminal.files() == before  # it only looks: the guard repairs
    assert terminal.type("guard").status == 0
    assert terminal.type("status").status == 0


def test_status_with_notes_of_another_account_is_status_2(terminal: Terminal) -> None:
    terminal.type("run")
    typed = terminal.type("status", "--set=account=other", "--set=paper=p.json")
    assert (typed.status, typed.out) == (2, [])


def test_check_when_all_is_ready(terminal: Terminal) -> None:
    before = terminal.files()
    typed = terminal.type("check")
    assert typed.status == 0
    assert all(LINE.match(line) for line in typed.out)
    for question in ("venue", "account", "mode", "BTCUSDT rules", "BTCUSDT size", "state"):
        assert any(f"ok     {question}: " in line for line in typed.out), question
    assert "tick 0.1, step 0.001" in typed.told
    assert "has lost money on real data" in typed.told
    assert typed.out[-1].endswith(" ready  yes")
    assert terminal.files() == before


def test_check_of_a_halted_job_says_so(terminal: Terminal) -> None:
    terminal.type("halt")
    typed = terminal.type("check")
    assert typed.status == 0
    assert any("ok     state: writable; NO ENTRIES since" in line for line in typed.out)
    assert typed.out[-1].endswith(" ready  yes, but NO ENTRIES now: see state")
    terminal.type("resume")
    assert terminal.type("check").out[-1].endswith(" ready  yes")


def test_check_says_what_a_stop_costs(terminal: Terminal) -> None:
    told = terminal.type("check").told
    assert "a stop costs about 1.50 % of the symbol's balance (1.00 price + 0.50 fees)" in told


def test_check_for_a_program(terminal: Terminal) -> None:
    typed = terminal.type("check", "--json")
    assert (typed.status, typed.json["ok"]) == (0, True)
    assert typed.json["checks"]["venue"]["ok"] is True


@pytest.mark.parametrize(
    ("setting", "question", "words"),
    [
        ("balance=0", "BTCUSDT size", "below the minimum"),
        ("balance=3", "BTCUSDT size", "below the minimum"),
        ("stop_loss_perc=0.0001", "BTCUSDT size", "nearer than 2 ticks"),
    ],
)
def test_check_with_too_little(terminal: Terminal, setting: str, question: str, words: str) -> None:
    typed = terminal.type("check", "--set", setting)
    assert typed.status == 1
    assert any(f"FAILED {question}: " in line and words in line for line in typed.out)
    assert typed.out[-1].endswith(" ready  NO: 1 of 9 failed")


def spoil(home: Path, what: str) -> None:
    if what == "state":
        (home / STATE).write_text("{")
    elif what == "journal":
        (home / "var/embedded/journal").write_text("a file")
    else:
        paper = json.loads((home / PAPER).read_text())
        paper["books"]["dual_side"] = True
        (home / PAPER).write_text(json.dumps(paper))


@pytest.mark.parametrize(
    ("what", "words"),
    [("state", "is not JSON"), ("journal", "FAILED journal"), ("mode", "hedge mode")],
)
def test_check_finds_what_is_spoiled(terminal: Terminal, what: str, words: str) -> None:
    terminal.on_candles(CALM.flat(100_000, 3), 'journal = "j"' if what != "journal" else "")
    terminal.type("run")
    if what == "journal":
        for path in (terminal.home / "var/embedded/journal").iterdir():
            path.unlink()
        (terminal.home / "var/embedded/journal").rmdir()
    spoil(terminal.home, what)
    before = terminal.files()
    typed = terminal.type("check")
    assert typed.status == 1
    assert words in typed.told
    assert terminal.type("check", "--json").json["ok"] is False
    assert terminal.files() == before


def test_check_with_notes_of_another_account(terminal: Terminal) -> None:
    terminal.type("run")
    typed = terminal.type("check", "--set=account=other", "--set=paper=p.json")
    assert typed.status == 1
    assert "FAILED state: the notes belong to venue embedded, account main" in typed.told
