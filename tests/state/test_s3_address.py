"""s3://bucket/key as people write it, and what is refused before AWS is asked."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from state.s3_address import S3Address, is_s3, parse_address
from tests.house.sources import files_of, named


@pytest.mark.parametrize(
    ("text", "bucket", "key"),
    [
        ("s3://my-bucket/state.json", "my-bucket", "state.json"),
        ("s3://my.bucket.0/a/b_c/d=1/Journal", "my.bucket.0", "a/b_c/d=1/Journal"),
        ("s3://abc/journal/", "abc", "journal"),
        ("s3://abc/.hidden/..a", "abc", ".hidden/..a"),
        ("s3://" + "b" * 63 + "/k", "b" * 63, "k"),
    ],
)
def test_an_address_is_a_bucket_and_a_key(text: str, bucket: str, key: str) -> None:
    assert is_s3(text)
    assert parse_address(text) == S3Address(bucket, key)
    assert str(parse_address(text)) == text.removesuffix("/")


@pytest.mark.parametrize(
    "text",
    ["s3://", "s3:///", "s3://bucket", "s3://bucket/", "s3://bucket//", "s3://bucket//key",
     "s3://bucket/a//b", "s3://bucket/../key", "s3://bucket/./key", "s3://bucket/a b",
     "s3://bucket/a?b", "s3://bucket/a#b", "s3://bucket/%41", "s3://bucket/ä", "s3://Bucket/key",
     "s3://my_bucket/key", "s3://ab/key", "s3://-ab/key", "s3://" + "b" * 64 + "/k",
     "s3://bucket/key\n", "s3:/bucket/key", "S3://bucket/key", "s3:bucket/key"],
)  # fmt: skip
def test_what_is_no_address_is_refused_with_what_would_be_right(text: str) -> None:
    assert is_s3(text)
    with pytest.raises(ValueError, match="must be s3://bucket/key"):
        parse_address(text)


@pytest.mark.parametrize("text", ["state.json", "/var/s3/state.json", "s3/state.json", "", "~/s3"])
def test_a_file_is_not_in_s3(text: str) -> None:
    assert not is_s3(text)


def test_who_keeps_everything_in_files_loads_nothing_of_aws() -> None:
    """boto3 costs a run 0.3 s and 25 MB: it is imported inside the functions that need it."""
    rooms = [*files_of("state"), *files_of("job"), *files_of("handler")]
    slow = {
        f"{named(path)}: {name}"
        for path in rooms
        for name in _imported_at_once(path)
        if name.startswith("boto3")
        or (
            name.startswith(("state.s3_", "job.aws_", "botocore"))
            and not path.stem.startswith(("s3_", "aws_"))
        )
    }
    assert slow - {f"{named(path)}: state.s3_address" for path in rooms} == set()


def _imported_at_once(path: Path) -> Iterator[str]:
    """What a file imports as soon as it is imported itself."""
    for node in ast.parse(path.read_text("utf-8")).body:
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""
