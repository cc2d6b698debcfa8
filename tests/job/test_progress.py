"""A bar that fills on a terminal, and is silent where nobody watches."""

import io

import pytest

from job.commands.progress import WIDTH, Progress


class Screen(io.StringIO):
    """A terminal."""

    def isatty(self) -> bool:
        """It is one."""
        return True


def shown(monkeypatch: pytest.MonkeyPatch, screen: io.StringIO, of: int) -> list[str]:
    """The lines that overwrite each other while `of` things are done."""
    monkeypatch.setattr("sys.stderr", screen)
    progress = Progress("sweep")
    for done in range(of + 1):
        progress(done, of)
    return [line for line in screen.getvalue().split("\r") if line]


def test_the_bar_fills_and_goes(monkeypatch: pytest.MonkeyPatch) -> None:
    *lines, cleared = shown(monkeypatch, Screen(), 1200)
    assert lines[0] == f"sweep [{'.' * WIDTH}]   0 %  0 of 1,200"
    assert lines[50] == f"sweep [{'#' * (WIDTH // 2)}{'.' * (WIDTH // 2)}]  50 %  600 of 1,200"
    assert lines[100] == f"sweep [{'#' * WIDTH}] 100 %  1,200 of 1,200"
    assert len(lines) == 101  # however many things there are
    assert cleared == "\033[K"


def test_elsewhere_there_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    assert shown(monkeypatch, io.StringIO(), 50) == []
