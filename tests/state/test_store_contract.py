"""The file store and the S3 store keep one contract."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from state.s3_store import S3Store
from state.store import FileStore, Store
from tests.state.s3_wire import BUCKET, S3, s3_in_process
from tests.state.store_contract import StoreContract

KEY = "embedded/state.json"


class FilePlace:
    def __init__(self, path: Path) -> None:
        self.path = path

    def open(self, nonces: Iterator[str]) -> Store:
        return FileStore(self.path, partial(next, nonces), durable=False)

    def raw(self) -> bytes | None:
        return self.path.read_bytes() if self.path.exists() else None

    def put(self, data: bytes) -> None:
        self.path.write_bytes(data)

    def delete(self) -> None:
        self.path.unlink()


class S3Place:
    def __init__(self, s3: S3) -> None:
        self.s3 = s3

    def open(self, nonces: Iterator[str]) -> Store:
        return S3Store(BUCKET, KEY, partial(next, nonces), self.s3.wire().client)

    def raw(self) -> bytes | None:
        return self.s3.get(KEY)

    def put(self, data: bytes) -> None:
        self.s3.put(KEY, data)

    def delete(self) -> None:
        self.s3.delete(KEY)


class TestFileStore(StoreContract):
    @pytest.fixture
    def place(self, tmp_path: Path) -> FilePlace:
        return FilePlace(tmp_path / "var" / "state.json")


@pytest.fixture(scope="module")
def whole_s3() -> Iterator[S3]:
    with s3_in_process() as s3:
        yield s3


class TestS3Store(StoreContract):
    @pytest.fixture
    def place(self, whole_s3: S3) -> Iterator[S3Place]:
        with whole_s3.one_test():
            yield S3Place(whole_s3)
