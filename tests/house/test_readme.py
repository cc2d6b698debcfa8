"""README.md and docs/settings.md say what the code says."""

import re
from pathlib import Path

import pytest

from job.commands.command_line import COMMANDS
from job.settings_table import rows

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text("utf-8")
#: Two screens, tables and real output included.
README_LINES_MAX = 150
DOCUMENTS = [ROOT / "README.md", ROOT / "simulator" / "README.md", *(ROOT / "docs").rglob("*.md")]


def test_the_settings_table_is_the_one_that_the_program_reads_by() -> None:
    text = (ROOT / "docs" / "settings.md").read_text("utf-8")
    start = text.index("| setting | default")
    table = text[start : text.index("\n\n", start)]
    assert table.split("\n") == rows()


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_is_explained(command: str) -> None:
    assert re.search(rf"python handler\.py (\[?|[a-z |]+ )\b{command}\]?\s", README)


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_files_that_are_named_exist(document: Path) -> None:
    named = re.findall(r"`((?:docs|job|state|strategy|exchange|simulator|tests)/[\w./-]*)`",
                       document.read_text("utf-8"))  # fmt: skip
    assert [name for name in named if not (ROOT / name).exists()] == []


def test_the_readme_stays_short() -> None:
    assert len(README.splitlines()) <= README_LINES_MAX


def test_the_picture_is_small() -> None:
    assert (ROOT / "docs" / "page.png").stat().st_size < 150_000
