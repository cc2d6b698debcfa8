"""The processes that tests start."""

import os


def unmeasured() -> dict[str, str]:
    """The environment of a process that `make cover` leaves alone: what it loads is looked at."""
    return {name: text for name, text in os.environ.items() if not name.startswith("COVERAGE_")}
