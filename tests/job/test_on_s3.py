"""Everything in S3, as on AWS Lambda: one firing, the paper account, the page. No real S3."""

from collections.abc import Iterator
from types import SimpleNamespace

import botocore.endpoint
import pytest

from job import places
from job.paper_place import S3Paper
from simulator.paper import PaperConflict
from state.s3_address import S3Address
from strategy.units import DAY_MS
from tests.job.terminal import Terminal
from tests.state.s3_wire import BUCKET, S3, Wire, meanwhile, s3_in_process, timeout_after

PAPER = S3Address(BUCKET, "paper.json")
PLACES = ("state", "journal", "paper", "report")


@pytest.fixture(scope="module")
def whole_s3() -> Iterator[S3]:
    with s3_in_process() as s3:
        yield s3


@pytest.fixture
def s3(whole_s3: S3) -> Iterator[S3]:
    with whole_s3.one_test():
        yield whole_s3


@pytest.fixture
def wire(s3: S3, monkeypatch: pytest.MonkeyPatch) -> Iterator[Wire]:
    """What the job takes as its one client."""
    wire = s3.wire()
    monkeypatch.setattr(botocore.endpoint, "time", SimpleNamespace(sleep=lambda _: None))
    monkeypatch.setattr("state.s3_bucket.make_client", lambda: wire.client)
    places.s3_client.cache_clear()
    yield wire
    places.s3_client.cache_clear()


def test_firings_keep_everything_in_s3_and_nothing_here(
    terminal: Terminal, s3: S3, wire: Wire
) -> None:
    lines = [f'{name} = "s3://{BUCKET}/there/{name}"' for name in PLACES]
    terminal.configure("\n".join(lines))
    for command in (["run", "--now"], ["guard"], ["report"]):
        typed = terminal.type(*command)
        assert typed.status == 0, typed.told
    keys = s3.keys()
    assert {*keys} >= {"there/paper", "there/report", "there/state"}
    assert sum(key.startswith("there/journal/") for key in keys) == len(keys) - 3 > 0
    assert (s3.get("there/report") or b"").startswith(b"<!doctype html>")
    assert list(terminal.files()) == ["config.toml"]
    terminal.type("report")
    assert wire.operations[-1] == "PutObject"


def test_a_day_on_a_droplet_leaves_its_page_beside_the_notes_in_s3(
    terminal: Terminal, s3: S3, wire: Wire
) -> None:
    lines = [f'{name} = "s3://{BUCKET}/there/{name}"' for name in ("state", "journal", "paper")]
    terminal.configure("\n".join(lines))
    assert terminal.type("run").status == 0
    assert "there/report.html" not in s3.keys()  # noqa: SIM118 - no mapping
    terminal.now_ms += DAY_MS
    typed = terminal.type("run")
    assert typed.status == 0
    assert f"page of 7 days in s3://{BUCKET}/there/report.html" in typed.told
    assert b"Is the job well?" in (s3.get("there/report.html") or b"")
    assert list(terminal.files()) == ["config.toml"]
    put = [seen for seen in wire.seen if seen.operation == "PutObject"]
    assert put[-1].url.endswith("/there/report.html")
    assert all({"if-match", "if-none-match"} & seen.headers.keys() for seen in put)


@pytest.mark.usefixtures("wire")
def test_the_paper_account_is_written_over_its_own_last_version_only() -> None:
    mine, other = S3Paper(PAPER), S3Paper(PAPER)
    assert mine.read() is None
    mine.write(b"one")
    mine.write(b"two")
    assert other.read() == b"two"
    other.write(b"theirs")
    with pytest.raises(PaperConflict, match=f"s3://{BUCKET}/paper.json"):
        mine.write(b"three")
    assert S3Paper(PAPER).read() == b"theirs"


def test_a_write_whose_answer_is_lost_counts_when_it_is_there(wire: Wire) -> None:
    paper = S3Paper(PAPER)
    wire.arm("PutObject", timeout_after, timeout_after)
    paper.write(b"one")
    paper.write(b"two")
    assert S3Paper(PAPER).read() == b"two"


def test_a_write_whose_answer_is_lost_fails_when_another_one_is_there(s3: S3, wire: Wire) -> None:
    paper = S3Paper(PAPER)
    theirs = meanwhile(lambda: s3.put("paper.json", b"theirs"), timeout_after)
    wire.arm("PutObject", timeout_after, theirs)
    with pytest.raises(PaperConflict):
        paper.write(b"one")
