"""What the room above the job does for it: the job asks, handler.py knows whom. Loads nothing."""

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import argparse

    from job.config import Config
    from job.outside import Outside


class AfterDay(NamedTuple):
    """What became of the page that a day leaves: was it written, and what is to be told."""

    written: bool
    told: str


class Pages(NamedTuple):
    """Makers of pages. Imports run one way: the job cannot import them."""

    report: "Callable[[Config, Outside, argparse.Namespace], int]"
    after_day: "Callable[[Config, Outside], AfterDay]"  # never raises
