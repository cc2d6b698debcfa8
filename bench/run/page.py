"""Words and tables of the benchmark: what was measured, as lines of Markdown."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from bench.run.measuring import Took, middle, paired
from bench.run.stage import ENTRY, GUARD, IDLE, ROOT

PAGE = ROOT / "docs" / "performance.md"
BEGIN, END = "<!-- written by make bench-run: begin -->", "<!-- end -->"

JOB, FLOOR = "job", "floor"
PROGRAMS = {
    JOB: "this job",
    FLOOR: "floor: http.client and hmac",
    "ccxt_waves": "ccxt, same waves, cached markets",
    "plain_ccxt": "ccxt as documented",
    "python_binance": "python-binance",
}
WORDS = {IDLE: "no trade", ENTRY: "entry with protection", GUARD: "guard"}

Taken = Mapping[str, Sequence[Took]]
#: (round trip in ms, what) → program → its processes.
Measured = Mapping[tuple[float, str], Taken]


def wall(took: Took) -> float:
    """Seconds from exec to exit."""
    return took.wall_s


def cpu(took: Took) -> float:
    """Seconds of processor."""
    return took.cpu_s


def table(taken: Taken, round_trip_ms: float) -> list[str]:
    """One row a program: medians, and the job ÷ the program, the median of pairs."""
    lines = [
        "| program | requests | connections | waves | wall s | CPU s | peak MiB | wall × | CPU × |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for name, all_took in taken.items():
        it = middle(all_took)
        ratios = [paired(taken[JOB], all_took, of) for of in (wall, cpu)]
        waves = str(it.waves) if round_trip_ms >= 10 else "–"  # nothing tells them apart
        lines.append(
            f"| {PROGRAMS[name]} | {it.requests} | {it.connections} | {waves} | {it.wall_s:.3f} "
            f"| {it.cpu_s:.3f} | {it.peak_mib:.0f} | {ratios[0]:.2f} | {ratios[1]:.2f} |"
        )
    return lines


def reached(measured: Measured) -> list[str]:
    """The figures we are after, at a round trip of 100 ms, and what they are."""
    idle, entry, guard = (measured[100.0, what] for what in (IDLE, ENTRY, GUARD))

    def ratio(taken: Taken, name: str, of: Callable[[Took], float] = wall) -> float:
        return paired(taken[JOB], taken[name], of)

    rows = [
        ("no trade ÷ floor", ratio(idle, FLOOR), 1.6),
        ("entry ÷ floor", ratio(entry, FLOOR), 1.6),
        ("guard ÷ floor", ratio(guard, FLOOR), 1.6),
        ("no trade ÷ ccxt, same waves", ratio(idle, "ccxt_waves"), 1 / 1.5),
        ("entry ÷ ccxt, same waves", ratio(entry, "ccxt_waves"), 1 / 1.25),
        ("no trade ÷ ccxt as documented", ratio(idle, "plain_ccxt"), 1 / 2.2),
        ("entry ÷ ccxt as documented", ratio(entry, "plain_ccxt"), 1 / 2.2),
        ("CPU, no trade ÷ ccxt as documented", ratio(idle, "plain_ccxt", cpu), 0.45),
        ("CPU, entry ÷ ccxt as documented", ratio(entry, "plain_ccxt", cpu), 0.45),
        ("requests without a trade", middle(idle[JOB]).requests, 6),
        ("requests with an entry", middle(entry[JOB]).requests, 11),
        ("peak MiB", max(middle(taken[JOB]).peak_mib for taken in (idle, entry, guard)), 60),
    ]
    lines = ["| | measured | at most | |", "|---|---|---|---|"]
    for name, found, most in rows:
        lines.append(f"| {name} | {found:.4g} | {most:.3g} | {'' if found <= most else 'MISSED'} |")
    return lines


def symbols_table(taken: Mapping[int, Mapping[str, Took]]) -> list[str]:
    """The job for 1, 10, 100, 400 symbols; `taken` by number of symbols, then by what."""
    lines = [
        "| symbols | what | requests | connections | waves | wall s | CPU s | peak MiB | × one |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    one = taken[min(taken)]
    for count, kinds in taken.items():
        for what, it in kinds.items():
            lines.append(
                f"| {count} | {WORDS[what]} | {it.requests} | {it.connections} | {it.waves} "
                f"| {it.wall_s:.3f} | {it.cpu_s:.3f} | {it.peak_mib:.0f} "
                f"| {it.wall_s / one[what].wall_s:.1f} |"
            )
    return lines


def write(lines: Sequence[str], page: Path = PAGE) -> None:
    """Put the lines between the page's marks. Raises ValueError when it has none."""
    text = page.read_text(encoding="utf-8")
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"{page} has no line {BEGIN} and {END}")
    middle_ = "\n".join(["", "", *lines, "", ""])
    page.write_text(f"{before}{BEGIN}{middle_}{END}{after}", encoding="utf-8")
