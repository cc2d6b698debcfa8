"""Spreads the combinations of a grid over all cores, or over the machines of a Dask cluster.

Threads, not processes: the compiled walk lets go of Python's lock, so the candles are there once
and nothing is started (docs/decisions/0030). Dask is reached through joblib. Must not hold results
back: they leave in order, as they come.
"""

import contextlib
import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from importlib import import_module
from typing import Any, TypeVar

from backtest.compiled import walk_sources
from backtest.ground import Ground
from backtest.tally import compiled_adder

#: Candles times combinations of one task: long beside what a task costs, and so short that no
#: core waits long for the last one of another. On other machines a task costs more.
_TASK_CANDLES = 1_000_000
_TASK_CANDLES_AFAR = 4_000_000
#: Tasks a thread that are begun or wait to be.
_AHEAD = 4
#: A scheduler that is there answers at once.
ANSWER_WITHIN_S = 10
R = TypeVar("R")


class SpreadError(Exception):
    """The work cannot be spread as asked; one line."""


def tasks_of(combinations: int, candles_each: int, task_candles: int) -> list[range]:
    """The numbers of the combinations, cut into tasks."""
    each = max(1, task_candles // max(1, candles_each))
    return [range(start, min(start + each, combinations)) for start in range(0, combinations, each)]


def spread(
    task: Callable[..., R], shared: Sequence[Any], combinations: int, candles_each: int,
    workers: int | None, dask: str | None,
) -> Iterator[R]:  # fmt: skip
    """`task(*shared, numbers)` for the numbers of all combinations, some at a time, in order.

    `workers`: threads, None = one a core. `dask`: address of a scheduler; then its workers do it.
    Raises SpreadError.
    """
    if dask is not None:
        tasks = tasks_of(combinations, candles_each, _TASK_CANDLES_AFAR)
        return _by_dask(task, shared, tasks, dask)
    tasks = tasks_of(combinations, candles_each, _TASK_CANDLES)
    return _by_threads(task, shared, tasks, workers or cores())


def cores() -> int:
    """Those that this process may use."""
    if hasattr(os, "sched_getaffinity"):  # not everywhere
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _by_threads(
    task: Callable[..., R], shared: Sequence[Any], tasks: Iterable[range], workers: int
) -> Iterator[R]:
    """Few tasks wait: a grid of a million is not there at once, and neither are its results."""
    ground = next(each for each in shared if isinstance(each, Ground))
    # made before threads ask for them at once
    ground.walk()
    compiled_adder(ground.cache)
    waiting: deque[Future[R]] = deque()
    with ThreadPoolExecutor(workers) as pool:
        for numbers in tasks:
            if len(waiting) == _AHEAD * workers:
                yield waiting.popleft().result()
            waiting.append(pool.submit(task, *shared, numbers))
        while waiting:
            yield waiting.popleft().result()


def _by_dask(
    task: Callable[..., R], shared: Sequence[Any], tasks: Iterable[range], address: str
) -> Iterator[R]:
    joblib = import_module("joblib")
    with _cluster(joblib, shared, address):
        parallel = joblib.Parallel(n_jobs=-1, return_as="generator", batch_size=1)
        yield from parallel(joblib.delayed(task)(*shared, numbers) for numbers in tasks)


@contextlib.contextmanager
def _cluster(joblib: Any, shared: Sequence[Any], address: str) -> Iterator[None]:
    """The Dask scheduler at an address; what is shared is sent to every worker once."""
    try:
        distributed = import_module("dask.distributed")
    except ImportError as error:
        raise SpreadError(f"--dask {address}: needs dask and distributed ({error})") from None
    try:
        client = distributed.Client(address, set_as_default=False, timeout=ANSWER_WITHIN_S)
    except (OSError, ValueError) as error:
        raise SpreadError(f"--dask {address}: no scheduler answers ({error})") from None
    with client:
        check_cluster(client, address)
        with joblib.parallel_config(backend="dask", client=client, scatter=list(shared)):
            yield


def check_cluster(client: Any, address: str) -> None:
    """Scheduler and workers must have the project as it is here: without it the work would hang,
    with another one the results would be those of other rules. Raises SpreadError.
    """
    try:
        client.run_on_scheduler(walk_sources)
        workers = client.run(walk_sources)
    except Exception as error:  # noqa: BLE001 - whatever Dask makes of what a worker cannot load
        raise SpreadError(
            f"--dask {address}: scheduler and workers need this project: start them in its folder "
            f"with PYTHONPATH=. ({error})"
        ) from None
    if not workers:
        raise SpreadError(f"--dask {address}: the scheduler has no workers")
    other = [name for name, sources in workers.items() if sources != walk_sources()]
    if other:
        raise SpreadError(f"--dask {address}: {', '.join(other)}: other sources than here")
