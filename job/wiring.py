"""Puts a Job together from a Config: gateway, notes, journal, lock, clock. Decides nothing."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from exchange.client import make_client
from exchange.errors import BROKEN_ANSWER, VenueError
from exchange.gateway import Gateway
from job.budget import Budget
from job.config import Config
from job.connecting import CONNECTIONS, connections_of, first_wave, transport_of
from job.credentials import credentials
from job.firing import Executor, Job, Task, no_connections
from job.outside import Outside
from job.places import claim_of, journal_of, store_of

T = TypeVar("T")


def build(
    config: Config,
    outside: Outside,
    *,
    advance: bool = False,
    keep: bool = True,
    keys: bool = True,
) -> Job:
    """The job of a configuration. For the embedded exchange: `advance` moves on to the next of
    recorded candles; without `keep` its books are not written (commands that only look). Without
    `keys` the exchange cannot be asked (commands that work on the notes).
    """
    clock = outside.clock
    in_process = config.venue == "embedded" and config.venue_url is None
    embedded = None
    if in_process:
        from job.embedded import open_embedded  # the simulator is loaded only where it is used

        embedded = open_embedded(config, clock, advance=advance, keep=keep)
        clock = embedded.clock
    key, secret = "", ""
    if keys:
        key, secret = credentials(config, outside.environment, outside.clock.now_ms())
    budget = Budget(clock, config.deadline_ms)
    client = make_client(
        config.venue, key, secret, budget.exchange_now_ms, config.venue_url, budget
    )
    connect = no_connections
    connections = connections_of(config, outside.environment)
    if embedded is not None:
        embedded.mount(client)
    elif connections is not None:
        transport = transport_of(connections)
        client.session.mount("https://", transport)
        client.session.mount("http://", transport)

        def connect(command: str) -> None:
            transport.ready(clock.now_ms(), first_wave(config, command))

    return Job(
        config=config,
        gateway=Gateway(client),
        store=store_of(config, outside.new_nonce),
        journal=journal_of(config),
        clock=clock,
        claim=claim_of(config),
        together=in_order if in_process else side_by_side(),
        new_nonce=outside.new_nonce,
        budget=budget,
        prices=embedded.prices if embedded else "",
        connect=connect,
    )


def in_order(tasks: Sequence[Task[T]]) -> list[T | VenueError]:
    """One after the other: for the venue in this process, so that a replay is always the same."""
    return [_result(task) for task in tasks]


def side_by_side() -> Executor:
    """In threads: for venues on the wire, where waiting is all there is."""

    def together(tasks: Sequence[Task[T]]) -> list[T | VenueError]:
        if len(tasks) < 2:
            return [_result(task) for task in tasks]
        with ThreadPoolExecutor(min(CONNECTIONS, len(tasks))) as pool:
            return list(pool.map(_result, tasks))

    return together


def _result(task: Task[T]) -> T | VenueError:
    try:
        return task()
    except VenueError as error:
        return error
    except BROKEN_ANSWER as error:
        return VenueError("an answer could not be used", message=f"{type(error).__name__} {error}")
