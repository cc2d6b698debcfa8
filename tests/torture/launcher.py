"""Real processes, started fast: the program is loaded once, each firing is a fork of it.

`python -m tests.torture.launcher CONFIG` reads lines from standard input: a command of the
handler and after how many ms it is killed with SIGKILL (0: it may end). One line is answered for
each: its exit status, negative for a signal. Nothing is shared between the firings but the disk
and the exchange behind its socket.
"""

import os
import signal
import sys
import time
from pathlib import Path

from job.commands.command_line import main
from job.outside import real_world

HOME = Path(__file__).resolve().parents[2]


def fire(command: str, config: str, kill_after_ms: int) -> int:
    """One firing in a process of its own; its exit status."""
    child = os.fork()
    if child == 0:
        status = 70
        try:
            status = main([command, "--config", config], HOME, real_world())
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(status)
    if kill_after_ms:
        time.sleep(kill_after_ms / 1000)
        os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status)


def serve(config: str) -> None:
    """One firing a line, until the lines end."""
    import job.commands.fire  # noqa: F401 (loaded here, not in every child)

    for line in sys.stdin:
        command, kill_after_ms = line.split()
        print(f"STATUS {fire(command, config, int(kill_after_ms))}", flush=True)


if __name__ == "__main__":
    serve(sys.argv[1])
