"""The benchmark's own arithmetic: waves, medians, pairs, and where its lines go."""

from pathlib import Path

import pytest

from bench.run import page
from bench.run.measuring import Took, middle, paired, waves

ROUND_TRIP_S = 0.1


def took(wall_s: float, waves: int = 1) -> Took:
    return Took(wall_s, wall_s / 2, 40.0, 6, 6, waves)


@pytest.mark.parametrize(
    ("came_s", "expected"),
    [
        ([], 0),
        ([0.0], 1),
        ([0.0, 0.01, 0.02], 1),  # side by side
        ([0.0, 0.1, 0.2], 3),  # one after the other
        ([0.0, 0.01, 0.11, 0.12, 0.22], 3),
        ([0.2, 0.0, 0.1], 3),  # whatever the order of the log
    ],
)
def test_waves_are_requests_that_followed_an_answer(came_s: list[float], expected: int) -> None:
    log = [("GET /x", came, came + 0.0001) for came in came_s]
    log = [(name, came * 1.01, came * 1.01 + 0.0001) for name, came, _ in log]
    assert waves(log, ROUND_TRIP_S) == expected


def test_the_middle_is_the_median_and_the_most_requests() -> None:
    assert middle([took(3.0), took(1.0, waves=5), took(2.0)]) == took(2.0, waves=5)


def test_ratios_are_of_pairs() -> None:
    ours, theirs = [took(1.0), took(4.0), took(3.0)], [took(2.0), took(2.0), took(3.0)]
    assert paired(ours, theirs, page.wall) == 1.0


def test_lines_go_between_the_marks(tmp_path: Path) -> None:
    file = tmp_path / "page.md"
    file.write_text(f"before\n{page.BEGIN}\nold\n{page.END}\nafter\n", encoding="utf-8")
    page.write(["new"], file)
    assert file.read_text("utf-8") == f"before\n{page.BEGIN}\n\nnew\n\n{page.END}\nafter\n"


def test_a_page_without_marks_is_left_alone(tmp_path: Path) -> None:
    file = tmp_path / "page.md"
    file.write_text("mine", encoding="utf-8")
    with pytest.raises(ValueError, match="has no line"):
        page.write(["new"], file)
    assert file.read_text("utf-8") == "mine"


def test_a_figure_that_is_missed_is_told() -> None:
    fast, slow = [took(0.1)], [took(9.0)]
    others = dict.fromkeys(("floor", "ccxt_waves", "plain_ccxt"), fast)
    measured = {(100.0, what): {"job": slow, **others} for what in page.WORDS}
    lines = page.reached(measured)
    assert sum("MISSED" in line for line in lines) == 9
