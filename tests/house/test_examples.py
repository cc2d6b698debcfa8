"""Every example that a --help shows is typed here as it stands, and works."""

import gzip
import shlex
from itertools import accumulate, pairwise
from pathlib import Path

import pytest

from backtest import __main__ as backtest
from job.commands.command_line import COMMANDS
from tests.job.terminal import Terminal

START_MS = 1_741_564_800_000  # 2025-03-10
#: They go to an exchange that is not there: their words are looked at, and what they answer.
ON_THE_WIRE = ("venue=demo", "venue=live")


@pytest.fixture
def terminal(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Terminal:
    """A home folder with the candle files that examples name, after two runs."""
    monkeypatch.chdir(tmp_path)
    moves = [(7 * n * n + 3 * n) % 101 - 50 for n in range(40)]
    closes = list(accumulate(moves, initial=80_000))
    lines = [
        f"{START_MS + n * 300_000},{a},{max(a, b)},{min(a, b)},{b},1"
        for n, (a, b) in enumerate(pairwise(closes))
    ]
    text = "\n".join(lines) + "\n"
    (tmp_path / "BTCUSDT-5m-2025-03.csv").write_text(text)
    for name in ("BTC.csv.gz", "BTCUSDT-5m.csv.gz"):
        (tmp_path / name).write_bytes(gzip.compress(text.encode()))
    made = Terminal(tmp_path, capsys)
    for _ in range(2):
        assert made.type("run").status == 0
        made.now_ms += 300_000
    return made


def examples(text: str, program: str) -> list[list[str]]:
    """The words of every example of a program, without what an aligned remark says beside it."""
    found = []
    for line in text.splitlines():
        if line.strip().startswith(program):
            command = line.strip().removeprefix(program).split("   ")[0]
            found.append(shlex.split(command))
    return found


@pytest.mark.parametrize("command", ["", *COMMANDS])
def test_examples_of_the_job_work(terminal: Terminal, command: str) -> None:
    typed = terminal.type(*([command] if command else []), "--help")
    found = examples(typed.told, "python handler.py")
    assert found, typed.told
    for words in found:
        answered = terminal.type(*words)
        if any(place in word for word in words for place in ON_THE_WIRE):
            assert answered.err == [
                f"BINANCE_API_{name}: venue demo needs it "
                f"(or BINANCE_API_{name}_FILE naming a file)"
                for name in ("KEY", "SECRET")
            ]
        else:
            assert answered.status == 0, (words, answered)


def backtest_help(command: str, capsys: pytest.CaptureFixture[str]) -> str:
    with pytest.raises(SystemExit):
        backtest.main([command, "--help"], {})
    return capsys.readouterr().out


def test_the_backtest_s_example_works(
    terminal: Terminal, capsys: pytest.CaptureFixture[str]
) -> None:
    [words] = examples(backtest_help("run", capsys), "python -m backtest")
    assert backtest.main(words, {"XDG_CACHE_HOME": str(terminal.home)}) == 0


@pytest.mark.parametrize("command", backtest.COMMANDS)
def test_examples_of_the_backtest_are_understood(
    command: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backtest, "play", lambda *_: 0)  # long work: its own tests do it
    found = examples(backtest_help(command, capsys), "python -m backtest")
    assert found
    for words in found:
        assert words[0] == command
        assert backtest.main(words, {}) == 0
