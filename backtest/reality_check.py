"""Is the best of many combinations better than luck makes the best of so many?

White, H. (2000), A Reality Check for Data Snooping, Econometrica 68(5), with the stationary
bootstrap of Politis and Romano (1994), JASA 89(428): the days are drawn again in stretches of
random length, for all combinations alike, each combination's own mean taken off; how often the
best of them then reaches what the real best reached is the p-value. Keeps one number a draw, none
a combination. Must not be told which combination anybody likes.
"""

import math
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

SOURCE = "White (2000), reality check, with the stationary bootstrap of Politis and Romano (1994)"
DRAWS = 1000


class Verdict(NamedTuple):
    """`p_value`: how often luck alone does as well; 1 where nothing was checked."""

    p_value: float
    combinations: int
    best: int | None  # number of the combination with the highest mean
    best_bp_day: float  # its mean a day
    days: int
    stretch_days: int
    draws: int


def stretch_of(days: int) -> int:
    """Mean length of the stretches: the cube root of the days, the usual rate."""
    return max(1, round(math.cbrt(days)))


def resampling(days: int, draws: int, seed: int) -> "Floats":
    """(draws, days): how much more often than once each day is drawn, over the days.

    Times a column of days it is the mean of a draw minus the real mean.
    """
    import numpy as np

    dice = np.random.default_rng(seed)
    place = np.arange(days)
    begins = dice.random((draws, days)) < 1 / stretch_of(days)
    begins[:, 0] = True
    began = np.maximum.accumulate(np.where(begins, place, 0), axis=1)
    starts = np.take_along_axis(dice.integers(0, days, (draws, days)), began, axis=1)
    drawn = (starts + place - began) % days
    drawn += days * np.arange(draws)[:, None]
    counts = np.bincount(drawn.ravel(), minlength=draws * days).reshape(draws, days)
    weights: Floats = (counts - 1.0) / days
    return weights


class Check:
    """Takes one combination's days after the other."""

    def __init__(self, weights: "Floats") -> None:
        """`weights` of `resampling`."""
        import numpy as np

        self._weights = weights
        self._luck: Floats = np.full(len(weights), -np.inf)
        self._best = -np.inf
        self._number: int | None = None
        self._count = 0

    def take(self, number: int, days_bp: "Floats") -> None:
        """The net result of each day of combination `number`."""
        import numpy as np

        self._count += 1
        np.maximum(self._luck, self._weights @ days_bp, out=self._luck)
        mean = float(days_bp.mean())
        if mean > self._best:
            self._best, self._number = mean, number

    def merge(self, other: "Check") -> None:
        """What another one has taken, of higher numbers."""
        import numpy as np

        np.maximum(self._luck, other._luck, out=self._luck)
        self._count += other._count
        if other._best > self._best:
            self._best, self._number = other._best, other._number

    def verdict(self) -> Verdict:
        """The p-value; the real data counts as one draw (Davison and Hinkley 1997, ch. 4)."""
        draws, days = self._weights.shape
        reached = int((self._luck >= self._best).sum()) if self._count else draws
        best_bp = self._best if self._count else 0.0
        return Verdict(
            (1 + reached) / (1 + draws), self._count, self._number, best_bp, days,
            stretch_of(days), draws,
        )  # fmt: skip
