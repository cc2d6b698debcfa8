"""Every safeguard is missed by a named check when it is switched off, and only then."""

from itertools import islice

import pytest

from tests.torture.campaign import theatre
from tests.torture.mutations import MUTATIONS, Mutation, cases_of, hunt_down, misses


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda mutation: mutation.safeguard[:40])
def test_a_safeguard_switched_off_is_found_out(mutation: Mutation) -> None:
    caught = hunt_down(mutation, theatre)
    assert caught.case, f"nothing missed it in {caught.tried} cases"
    [hunt] = mutation.hunts
    stage = theatre(hunt.scene)
    same = islice(cases_of(stage, hunt, stage.golden[hunt.candle]), caught.tried)
    assert [misses(played) for played in same] == [[]] * caught.tried
