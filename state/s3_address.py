"""Addresses of the form s3://bucket/key, as the settings write them.

Reads texts only; loads nothing of AWS, so that settings can be checked without it.
"""

import re
from typing import NamedTuple

SCHEME = "s3://"
#: What AWS allows for general purpose buckets: 3 to 63 of a-z, 0-9, dot and hyphen.
_BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
#: A step of a key between slashes. AWS allows more; these are safe in every tool.
_STEP = re.compile(r"[A-Za-z0-9_.=-]*[A-Za-z0-9_=-][A-Za-z0-9_.=-]*")


class S3Address(NamedTuple):
    """A bucket and a key (one object) or prefix (a folder of objects), without outer slashes."""

    bucket: str
    key: str

    def __str__(self) -> str:
        """As the settings write it."""
        return f"{SCHEME}{self.bucket}/{self.key}"

    def beside(self, name: str) -> "S3Address":
        """The address of that name in the same folder."""
        folder, slash, _ = self.key.rpartition("/")
        return S3Address(self.bucket, f"{folder}{slash}{name}")


def is_s3(text: str) -> bool:
    """Does a setting mean S3, rightly spelled or not?"""
    return text.lower().startswith("s3:")


def parse_address(text: str) -> S3Address:
    """s3://bucket/key or s3://bucket/prefix/ as an address. ValueError saying what is right."""
    bucket, _, key = text.removeprefix(SCHEME).partition("/")
    key = key.removesuffix("/")
    steps = all(_STEP.fullmatch(step) for step in key.split("/"))
    if not (text.startswith(SCHEME) and _BUCKET.fullmatch(bucket) and steps):
        raise ValueError("must be s3://bucket/key, the key of letters, digits and - _ = . /")
    return S3Address(bucket, key)
