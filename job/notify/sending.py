"""Sending side by side and within a time: a channel that hangs costs that time and nothing more."""

from collections.abc import Callable, Mapping, Sequence
from threading import Thread

from job.notify.channels import Channel, NotDeliveredError
from job.notify.secret import UnusableSecretError

#: What all channels together may cost a firing.
SEND_S = 4.0
#: More messages than these are put together into one.
MESSAGES_MAX = 5

Task = Callable[[], None]


def side_by_side(tasks: Mapping[str, Task], limit_s: float = SEND_S) -> dict[str, str]:
    """Why each task failed, by its name; empty: it did not. What is not done by then is left.

    The threads are daemons, and waited for through one of them: neither a slow name server nor an
    answer that drips can keep the process.
    """
    outcomes: dict[str, str] = {}
    threads = [
        Thread(target=_attempt, args=(name, task, outcomes), daemon=True)
        for name, task in tasks.items()
    ]

    def wait_for_all() -> None:
        for thread in threads:
            thread.join()

    for thread in threads:
        thread.start()
    waiting = Thread(target=wait_for_all, daemon=True)
    waiting.start()
    waiting.join(limit_s)
    return {name: outcomes.get(name, f"no answer within {limit_s:g} s") for name in tasks}


def _attempt(name: str, task: Task, outcomes: dict[str, str]) -> None:
    try:
        task()
    except (NotDeliveredError, UnusableSecretError) as error:
        outcomes[name] = str(error)
    except Exception as error:  # noqa: BLE001 - whatever a channel does, it is only told
        outcomes[name] = type(error).__name__
    else:
        outcomes[name] = ""


def sending(channel: Channel, texts: Sequence[str]) -> Task:
    """The task of telling a channel something: one message each, or one for very many."""
    messages = texts if len(texts) <= MESSAGES_MAX else ["\n".join(texts)]

    def send() -> None:
        for text in messages:
            channel.send(text)

    return send
