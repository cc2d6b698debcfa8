"""The cost table: its arithmetic, and that docs/aws.md shows what the program prints."""

import pytest

from deploy.aws_cost import MEMORY_OF_ONE_PROCESSOR_MB, Firing, bill, main, seconds
from tests.house.sources import ROOT


def test_less_memory_is_less_of_a_processor() -> None:
    firing = Firing(1, cpu_ms=100, gets=0, puts=0, log_bytes=0)
    assert seconds(firing, 1769, wait_ms=500) == pytest.approx(0.6)
    assert seconds(firing, 3538, wait_ms=500) == pytest.approx(0.6)
    assert seconds(firing, 884, wait_ms=0) == pytest.approx(0.2001, rel=1e-3)


def test_a_bill_by_hand() -> None:
    firing = Firing(1_000_000, cpu_ms=0, gets=2, puts=1, log_bytes=1000)
    rows = {name: dollars for name, dollars, _ in bill([firing], 1024, wait_ms=1000)}
    assert rows["Lambda, duration"] == pytest.approx(13.3334)
    assert rows["Lambda, requests"] == pytest.approx(0.20)
    assert rows["S3, requests"] == pytest.approx(5.80)
    assert rows["CloudWatch, logs"] == pytest.approx(0.50)


def test_a_firing_with_memory_and_waiting_of_its_own() -> None:
    small = Firing(1_000_000, cpu_ms=0, gets=0, puts=0, log_bytes=0)
    large = small._replace(memory_mb=2048, wait_ms=500)  # twice the memory for half as long
    both = {name: dollars for name, dollars, _ in bill([small, large], 1024, wait_ms=1000)}
    assert both["Lambda, duration"] == pytest.approx(2 * 13.3334)


def test_the_page_is_billed_as_the_template_makes_it() -> None:
    assert f"MemorySize: {MEMORY_OF_ONE_PROCESSOR_MB} " in (ROOT / "template.yaml").read_text(
        "utf-8"
    )


def test_the_walk_through_shows_what_the_program_prints(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main([]) == 0
    assert capsys.readouterr().out.strip() in (ROOT / "docs" / "aws.md").read_text("utf-8")
