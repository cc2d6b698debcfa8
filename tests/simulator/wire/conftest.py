import pytest

from tests.simulator.wire.desk import Desk


@pytest.fixture
def desk() -> Desk:
    return Desk()
