"""Spreads the combinations of a grid over all cores, or over the machines of a Dask cluster.

Threads, not processes: the compiled walk lets go of Python's lock, so the candles are there once
and nothing is started (docs/decisions/0030). joblib does the work; its Dask backend takes the same
tasks to other machines. Must not hold results back: they leave in order, as they come.
"""

import contextlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from importlib import import_module
from typing import Any, TypeVar

from backtest.compiled import walk_sources
from backtest.ground import Ground
from backtest.tally import compiled_adder

#: Candles times combinations of one task: long beside what a task costs, short beside a sweep.
_TASK_CANDLES = 4_000_000
#: A scheduler that is there answers at once.
ANSWER_WITHIN_S = 10
R = TypeVar("R")


class SpreadError(Exception):
    """The work cannot be spread as asked; one line."""


def tasks_of(combinations: int, candles_each: int) -> list[range]:
    """The numbers of the combinations, cut into tasks."""
    each = max(1, _TASK_CANDLES // max(1, candles_each))
    return [range(start, min(start + each, combinations)) for start in range(0, combinations, each)]


def spread(
    task: Callable[..., R], shared: Sequence[Any], tasks: Sequence[range], workers: int | None,
    dask: str | None,
) -> Iterator[R]:  # fmt: skip
    """`task(*shared, numbers)` for each of `tasks`, results in order.

    `workers`: threads, None = one a core. `dask`: address of a scheduler; then its workers do it.
    Raises SpreadError.
    """
    joblib = import_module("joblib")
    if dask is None:
        ground = next(each for each in shared if isinstance(each, Ground))
        # made before threads ask for them at once
        ground.walk()
        compiled_adder(ground.cache)
    with _backend(joblib, shared, dask):
        parallel = joblib.Parallel(n_jobs=workers or -1, return_as="generator", batch_size=1)
        yield from parallel(joblib.delayed(task)(*shared, numbers) for numbers in tasks)


def _backend(joblib: Any, shared: Sequence[Any], dask: str | None) -> AbstractContextManager[Any]:
    if dask is None:
        threads: AbstractContextManager[Any] = joblib.parallel_config(backend="threading")
        return threads
    return _cluster(joblib, shared, dask)


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
