"""`make run`: the demonstration of `job.commands.demo`, and the page about it."""

import sys
from pathlib import Path

from job.commands.demo import play_demo
from job.config import Config
from job.ending import INTERRUPTED
from job.outside import Outside, real_world
from job.wiring import build
from report.command import make

#: The demonstration plays a day that began yesterday.
DAYS = 2


def write_page(config: Config, outside: Outside) -> None:
    """The page about the runs that the configuration's journal holds."""
    make(build(config, outside, keep=False), DAYS, config.report)


if __name__ == "__main__":
    try:
        sys.exit(play_demo(Path(__file__).resolve().parent.parent, real_world(), write_page))
    except KeyboardInterrupt:
        print("interrupted: `make run` begins it anew", file=sys.stderr)
        sys.exit(INTERRUPTED)
