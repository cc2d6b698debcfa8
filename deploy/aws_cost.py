"""What a month on AWS costs, from measured figures and list prices: `python -m deploy.aws_cost`.

Computed, not billed: docs/aws.md says how each figure was measured and what is assumed. Must not
be imported by the job.
"""

import argparse
import sys
from collections.abc import Iterator
from typing import NamedTuple

#: US dollars, list prices of US East as published in the first half of 2026; other regions cost up
#: to a quarter more, a NAT gateway up to 0.062 an hour (Tokyo).
GB_SECOND_ARM, REQUEST = 0.0000133334, 0.20 / 1e6
S3_PUT, S3_GET = 0.005 / 1e3, 0.0004 / 1e3
ALARM, METRIC, DASHBOARD, LOG_GB = 0.10, 0.30, 3.00, 0.50
NAT_HOUR, ADDRESS_HOUR = 0.045, 0.005
DROPLET = 4.00  # the smallest one, address included
HOURS, DAYS = 730, 30
RUNS, GUARDS = DAYS * 288, DAYS * 1152
#: At this much memory a function has one processor; below, its part of it.
MEMORY_OF_ONE_PROCESSOR_MB = 1769
ALARMS, METRICS = 10, 3
#: Objects of a page's seven days with one symbol; how many are read at a time, and (assumed) how
#: long one takes.
PAGE_GETS, GETS_AT_A_TIME, GET_MS = 2_100, 8, 25


class Firing(NamedTuple):
    """One kind of firing, as measured: processor time, and what it reads, writes (lists cost the
    same) and prints. Memory and waiting of its own, where it has them.
    """

    times: int
    cpu_ms: float
    gets: float
    puts: float
    log_bytes: float
    memory_mb: int = 0
    wait_ms: float = 0


def seconds(firing: Firing, memory_mb: int, wait_ms: float) -> float:
    """How long one takes on Lambda: its processor time on a part of a processor, and waiting."""
    share = min(1.0, memory_mb / MEMORY_OF_ONE_PROCESSOR_MB)
    return (firing.cpu_ms / share + wait_ms) / 1000


def bill(firings: list[Firing], memory_mb: int, wait_ms: float) -> Iterator[tuple[str, float, str]]:
    """What, dollars a month without any free tier, and the free tier in words."""
    gb_seconds = 0.0
    for firing in firings:
        memory = firing.memory_mb or memory_mb
        took_s = seconds(firing, memory, firing.wait_ms or wait_ms)
        gb_seconds += firing.times * took_s * memory / 1024
    count = sum(firing.times for firing in firings)
    yield "Lambda, duration", gb_seconds * GB_SECOND_ARM, f"{gb_seconds:,.0f} of 400,000 GB-s free"
    yield "Lambda, requests", count * REQUEST, f"{count:,} of 1,000,000 free"
    yield "Scheduler", 0.0, f"{count:,} of 14,000,000 free"
    s3 = sum(firing.times * (firing.puts * S3_PUT + firing.gets * S3_GET) for firing in firings)
    yield "S3, requests", s3, "none"
    log_gb = sum(firing.times * firing.log_bytes for firing in firings) / 1e9
    yield "CloudWatch, logs", log_gb * LOG_GB, f"{log_gb:.2f} of 5 GB free"
    yield "CloudWatch, alarms", ALARMS * ALARM, f"{ALARMS} of 10 free"
    yield "CloudWatch, metrics", METRICS * METRIC, f"{METRICS} of 10 free"
    yield "CloudWatch, dashboard", DASHBOARD, "1 of 3 free"


def table(firings: list[Firing], memory_mb: int, wait_ms: float) -> list[str]:
    """The lines of a Markdown table."""
    rows = list(bill(firings, memory_mb, wait_ms))
    total = sum(dollars for _, dollars, _ in rows)
    paid = sum(dollars for name, dollars, _ in rows if name == "S3, requests")
    nat = HOURS * (NAT_HOUR + ADDRESS_HOUR)
    lines = ["| a month | USD, list price | free tier |", "|---|---:|---|"]
    lines += [f"| {name} | {dollars:.2f} | {free} |" for name, dollars, free in rows]
    lines += [
        f"| **together** | **{total:.2f}** | **{paid:.2f} while the free tiers are yours alone** |",
        f"| fixed address: NAT gateway and Elastic IP | {nat:.2f} | none |",
        f"| for comparison: the smallest droplet, fixed address included | {DROPLET:.2f} | none |",
    ]
    return lines


def main(arguments: list[str]) -> int:
    """Print the table. The defaults are the figures measured for docs/aws.md."""
    parser = argparse.ArgumentParser(prog="deploy.aws_cost", description=__doc__.split("\n")[0])
    parser.add_argument("--run-cpu-ms", type=float, default=50)
    parser.add_argument("--guard-cpu-ms", type=float, default=25)
    parser.add_argument("--page-cpu-ms", type=float, default=2900)
    parser.add_argument("--wait-ms", type=float, default=1000, help="assumed: waiting per firing")
    parser.add_argument("--memory-mb", type=int, default=512)
    given = parser.parse_args(arguments)
    run = Firing(RUNS, given.run_cpu_ms, gets=1, puts=2.6, log_bytes=603 + 900)
    guard = Firing(GUARDS, given.guard_cpu_ms, gets=1, puts=0, log_bytes=410 + 900)
    page = Firing(
        DAYS,
        given.page_cpu_ms,
        gets=PAGE_GETS,
        puts=23,
        log_bytes=120 + 900,
        memory_mb=MEMORY_OF_ONE_PROCESSOR_MB,  # as in template.yaml
        wait_ms=PAGE_GETS / GETS_AT_A_TIME * GET_MS,
    )
    print("\n".join(table([run, guard, page], given.memory_mb, given.wait_ms)))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
