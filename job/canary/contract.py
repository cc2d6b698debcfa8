"""What a check is, how it ends, and how a list of them is played. Knows no exchange."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from exchange.errors import BROKEN_ANSWER, VenueError
from job.canary.bench import Bench

OK, DIFFERENT, UNSETTLED, NOT_TRIED = "ok", "DIFFERENT", "not settled", "not tried"


class DifferentError(Exception):
    """The exchange does something else than was expected; the text says what came."""


class UnsettledError(Exception):
    """Nothing wrong was seen, but what was to be seen did not come; the text says why."""


class Check(NamedTuple):
    """One question to the exchange. `ask` returns what came, or raises what the module defines.

    `needs`: names of checks without which this one cannot be asked.
    """

    name: str
    expected: str
    ask: Callable[[Bench], str]
    needs: tuple[str, ...] = ()


class Result(NamedTuple):
    """How one check ended."""

    number: int
    name: str
    expected: str
    came: str
    verdict: str


def play(
    checks: Sequence[Check], bench: Bench, results: list[Result], told: Callable[[Result], None]
) -> None:
    """Ask every check in order and add to `results`; `told` hears each result at once."""
    for check in checks:
        passed = {result.name for result in results if result.verdict == OK}
        missing = [name for name in check.needs if name not in passed]
        if missing:
            came, verdict = f"needs: {', '.join(missing)}", NOT_TRIED
        else:
            came, verdict = _ask(check, bench)
        results.append(Result(len(results) + 1, check.name, check.expected, came, verdict))
        told(results[-1])


def _ask(check: Check, bench: Bench) -> tuple[str, str]:
    try:
        return check.ask(bench), OK
    except (DifferentError, VenueError) as error:
        return str(error), DIFFERENT
    except UnsettledError as error:
        return str(error), UNSETTLED
    except BROKEN_ANSWER as error:
        return f"an answer could not be used: {type(error).__name__} {error}", DIFFERENT


def demand(is_so: bool, came: str) -> str:
    """`came` when it is as expected; else DifferentError with it."""
    if not is_so:
        raise DifferentError(came)
    return came
