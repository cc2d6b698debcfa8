"""The order of a canary: look, take the lock, trade, end flat, whatever happens between."""

from collections.abc import Callable

import msgspec

from exchange.errors import BROKEN_ANSWER, VenueError
from exchange.ids import parse_id
from job.budget import OutOfTimeError
from job.canary.bench import Bench
from job.canary.catalogue import ENDING, LOOKING, TRADING
from job.canary.contract import NOT_TRIED, Result, play
from job.firing import Job
from job.opening import notes_fault, owner_fault, recall_silence
from state.model import SymbolNotes, replace_symbol

DAY_MS = 24 * 3_600_000


class NotBegunError(Exception):
    """The canary cannot begin; the text says why."""


def fly(
    job: Job, symbol: str, trigger_wait_ms: int, told: Callable[[Result], None]
) -> list[Result]:
    """Play every check on one symbol. Raises NotBegunError, OSError and UnreadableNotesError when
    the notes cannot be had; nothing was sent then.
    """
    _reach(job)
    bench = Bench(job, symbol, trigger_wait_ms)
    results: list[Result] = []
    play(LOOKING, bench, results, told)
    with job.claim(job.clock.now_ms()) as claim:
        if not claim.ours:
            raise NotBegunError("another run holds the lock: try again")
        job.budget.begin()
        bench.taken |= _signals_taken(bench)
        _let_next_run_look_back(job, symbol)
        try:
            play(TRADING, bench, results, told)
        except OutOfTimeError:
            results.append(_unasked(len(results) + 1, job.config.deadline_ms))
            told(results[-1])
        finally:
            job.budget.begin()  # what is left is seen to, also past the deadline
            play(ENDING, bench, results, told)
    return results


def _unasked(number: int, deadline_ms: int) -> Result:
    expected, came = f"{deadline_ms // 1000} s are enough", "they are over: set deadline_s higher"
    return Result(number, "the other checks", expected, came, NOT_TRIED)


def _signals_taken(bench: Bench) -> set[int]:
    """The signal candles of the last day's orders. Raises NotBegunError."""
    now_ms = bench.now_ms()
    try:
        rows = bench.gateway.order_rows_since(bench.symbol, now_ms - DAY_MS, now_ms)
        parsed = [parse_id(str(row["clientOrderId"])) for row in rows]
    except (VenueError, *BROKEN_ANSWER) as error:
        raise NotBegunError(f"the day's orders cannot be read ({error})") from None
    return {own.signal_ms for own in parsed if own}


def _reach(job: Job) -> None:
    """An exchange that gives no answer at all is no difference; nor is one that has banned us."""
    recall_silence(job)
    try:
        job.gateway.server_time_ms()
    except VenueError as error:
        if error.status == 0:
            raise NotBegunError(f"the exchange cannot be reached: {error}") from None


def _let_next_run_look_back(job: Job, symbol: str) -> None:
    """Before the first order: the next guard or run reads the fills, and so finds, protects and
    books what the canary has traded. On S3 this save also ends a run that is under way.
    """
    notes = job.store.load()
    if notes is None:
        return  # a job without notes looks back by itself
    fault = notes_fault(notes, job.config) or owner_fault(notes, job.config)
    if fault:
        raise NotBegunError(fault)
    kept = notes.symbols.get(symbol, SymbolNotes())
    looking = msgspec.structs.replace(kept, looked_back=False)
    job.store.save(replace_symbol(notes, symbol, looking))
