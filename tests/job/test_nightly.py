"""The first run of a UTC day compares yesterday's books."""

from pathlib import Path

from tests.job.harness import Stand, stand
from tests.job.test_books import STORY

#: The candle that begins the next UTC day (the scripts begin at 01:00).
MIDNIGHT = (24 - 1) * 12
LONG_STORY = STORY.flat(97_090, MIDNIGHT + 20 - STORY.next_index)


def played(folder: Path, *settings: str) -> Stand:
    """A day with some trades, told in every candle that matters."""
    desk = stand(folder, LONG_STORY, *settings)
    for candle in range(9, STORY.next_index + 2):
        assert desk.run(candle).ok
    return desk


def test_books_that_agree(tmp_path: Path) -> None:
    desk = played(tmp_path)
    report = desk.run(MIDNIGHT)
    assert (report.exit_code, report.failures, report.notices) == (0, [], [])
    [event] = desk.events("books")
    assert event["differences"] == []
    assert desk.run(MIDNIGHT + 1).exit_code == 0
    assert len(desk.events("books")) == 1  # once a day
    assert "/fapi/v1/income" not in {request.path for request in desk.requests}


def test_the_guard_leaves_the_books_alone(tmp_path: Path) -> None:
    desk = played(tmp_path)
    desk.guard(MIDNIGHT)
    assert desk.events("books") == []


def test_a_fill_that_the_journal_lacks_fails_the_run(tmp_path: Path) -> None:
    desk = played(tmp_path)
    [path] = (tmp_path / "journal").glob("*.jsonl")
    lines = path.read_text().splitlines(keepends=True)
    first = next(number for number, line in enumerate(lines) if '"event":"fill"' in line)
    path.write_text("".join(lines[:first] + lines[first + 1 :]))
    report = desk.run(MIDNIGHT)
    assert report.exit_code == 1
    assert all(failure.startswith("books: ") for failure in report.failures)
    assert report.failures


def test_a_changed_figure_fails_the_run(tmp_path: Path) -> None:
    desk = played(tmp_path)
    [path] = (tmp_path / "journal").glob("*.jsonl")
    text = path.read_text()
    assert '"fee":"4.' in text
    path.write_text(text.replace('"fee":"4.', '"fee":"5.', 1))
    report = desk.run(MIDNIGHT)
    assert report.exit_code == 1
    assert "COMMISSION of USDT" in report.failures[0]


def test_books_that_cannot_be_read_are_compared_later(tmp_path: Path) -> None:
    desk = played(tmp_path)
    desk.arm("GET", "/fapi/v1/income", "answer", status=503, body="")
    report = desk.run(MIDNIGHT)
    assert report.exit_code == 0
    assert "the books could not be compared" in report.notices[0]
    assert desk.run(MIDNIGHT + 1).notices == []
    assert len(desk.events("books")) == 1
