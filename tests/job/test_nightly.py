"""The first run of a UTC day compares yesterday's books."""

from pathlib import Path

import pytest

from tests.job.harness import ALGO, LOTS, ORDER, Stand, stand
from tests.job.test_books import STORY
from tests.oracle.planted_base import CALM

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


#: The candle in which a long is entered 20 minutes before midnight; it is held over it.
EVE = MIDNIGHT - 4
HELD = (
    CALM.flat(100_000, EVE - 1 - CALM.next_index)
    .bar(100_000, 100_000, 98_900, 99_000)
    .flat(99_000, 20)
)


@pytest.mark.parametrize("path", [ORDER, ALGO])
def test_the_fills_of_a_run_that_died_are_in_the_books_of_their_day(
    tmp_path: Path, path: str
) -> None:
    desk = stand(tmp_path, HELD)
    assert desk.run(EVE - 1).ok

    def die(_: object) -> None:
        if path == ORDER:
            desk.by_hand(1, LOTS, client_id=desk.requests[-1].params["newClientOrderId"])
        raise KeyboardInterrupt

    desk.meanwhile("POST", path, die)
    with pytest.raises(KeyboardInterrupt):
        desk.run(EVE)
    assert desk.events("fill") == []
    assert desk.guard(EVE, 60_000).ok
    assert [event["quantity"] for event in desk.events("fill")] == ["1.010"]
    assert desk.guard(EVE, 120_000).touched is False
    for candle in range(EVE + 1, MIDNIGHT + 1):
        assert desk.run(candle).failures == []
    assert len(desk.events("books")) == 1
    assert len(desk.events("fill")) == 1


def test_a_close_that_was_partly_a_stranger_s_is_no_difference(tmp_path: Path) -> None:
    desk = stand(tmp_path, HELD)
    for candle in (EVE - 1, EVE):
        assert desk.run(candle).ok
    desk.by_hand(1, 500)
    assert desk.run(EVE + 1).ok
    desk.by_hand(-1, LOTS + 500)  # ours and theirs in one fill
    for candle in range(EVE + 2, MIDNIGHT + 1):
        assert desk.run(candle).failures == []
    assert [event["differences"] for event in desk.events("books")] == [[]]


def test_a_difference_of_a_cent_s_worth_of_bnb_is_seen(tmp_path: Path) -> None:
    desk = stand(tmp_path, LONG_STORY)
    desk.arm("GET", "/fapi/v1/time", "meanwhile", when="before", happen=[{"do": "bnb-fees"}])
    for candle in range(9, STORY.next_index + 2):
        assert desk.run(candle).ok
    [path] = (tmp_path / "journal").glob("*.jsonl")
    text = path.read_text()
    fee = next(event["fee"] for event in desk.events("fill"))
    assert desk.events("fill")[0]["fee_asset"] == "BNB"
    path.write_text(text.replace(f'"fee":"{fee}"', '"fee":"0.00000000"', 1))
    [failure] = desk.run(MIDNIGHT).failures
    assert failure.startswith("books: COMMISSION of BNB is")
