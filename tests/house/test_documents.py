"""Commands and settings that the documents name are those of the program."""

import re
import shlex
from pathlib import Path

import pytest

from backtest import __main__ as backtest
from job import settings
from job.commands.command_line import COMMANDS, parse
from strategy import parameters
from tests.house.sources import ROOT

DOCUMENTS = [
    path
    for path in [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), ROOT / "simulator/README.md"]
    if path.name != "CHANGELOG.md"
]
TARGETS = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
#: A command ends where the words around it go on, or a remark stands beside it.
COMMAND = re.compile(
    r"python (handler\.py|-m backtest)((?: (?! )[^`\n]*?)?)(?=`|  |$|>>)", re.MULTILINE
)


def commands(text: str, program: str) -> list[list[str]]:
    """The words behind a program's name, wherever a document shows it."""
    return [
        shlex.split(words.replace("…", "").split(" && ")[0], comments=True)
        for name, words in COMMAND.findall(text)
        if name == program and "[" not in words and "|" not in words
    ]


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_commands_of_the_job_are_understood(document: Path) -> None:
    for words in commands(document.read_text("utf-8"), "handler.py"):
        if len(words) > 1:  # a whole command, not the name of one
            parse(words)
        elif words:
            assert words[0] in COMMANDS


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_commands_of_the_backtest_are_understood(
    document: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backtest, "play", lambda *_: 0)
    for words in commands(document.read_text("utf-8"), "-m backtest"):
        if len(words) > 2:  # a whole command, not the name of one
            assert backtest.main(words, {}) == 0
        elif words:
            assert words[0] in backtest.COMMANDS


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_targets_of_make_are_there(document: Path) -> None:
    text = document.read_text("utf-8")
    assert set(re.findall(r"`make ([a-z-]+)", text)) <= TARGETS
    assert set(re.findall(r"^make ([a-z-]+)$", text, re.MULTILINE)) <= TARGETS


def test_commands_are_found_at_all() -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    assert len(commands(readme, "handler.py")) > 5
    with pytest.raises(SystemExit):
        parse(["--no-such-option"])


def test_every_setting_is_in_the_table_that_people_read() -> None:
    text = "".join(document.read_text("utf-8") for document in DOCUMENTS)
    names = [setting.name for setting in settings.SETTINGS]
    names += [f"strategy.{name}" for name in parameters.NAMES]
    assert [name for name in names if f"| `{name}` |" not in text] == []
