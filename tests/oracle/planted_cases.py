"""All planted cases in one list.

It must not build cases itself: that is for `planted_paths.py` and `planted_money.py`.
"""

from tests.oracle import planted_money as money
from tests.oracle import planted_paths as paths
from tests.oracle.planted import Planted


def cases() -> list[Planted]:
    """Every case, names unique."""
    found = [
        *paths.opens(),
        *paths.within(),
        *paths.rushes(),
        *paths.breakeven(),
        *paths.missing(),
        *paths.sequences(),
        *paths.edges(),
        *money.funding(),
        *money.sizes(),
        *money.levels(),
    ]
    assert len({case.name for case in found}) == len(found)
    return found
