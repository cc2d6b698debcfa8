"""What the enumeration came to, in words: the summary on the terminal and docs/reliability.md."""

from collections.abc import Mapping, Sequence

from tests.torture.campaign import (
    EXAMPLES_MAX,
    HANDS,
    INTERLEAVED,
    MENU,
    PAIR,
    SINGLE,
    Tally,
)
from tests.torture.hands import DOINGS
from tests.torture.interleave import PAIRINGS
from tests.torture.menu import ITEMS
from tests.torture.mutations import Caught, table
from tests.torture.scenes import SCENES
from tests.torture.seam import NOTES_FAULTS, ORDER_FAULTS, OUTAGES, PAUSES_MS, REQUEST_FAULTS

FAMILIES = {
    SINGLE: "every operation of every run x every fault, striking once and twice",
    PAIR: "a fault in an acting run x a second one later in it, in the next guard or run",
    MENU: "the exchange's own ways to misbehave, before every run and between runs",
    HANDS: "people's hands, and the exchange's, right before every operation of a run and a guard",
    INTERLEAVED: "two firings, one stopped before each operation, then the other likewise",
}


def total(tallies: Mapping[str, Tally]) -> Tally:
    """Everything together."""
    whole = Tally()
    for tally in tallies.values():
        whole.merge(tally)
    return whole


def figures(tallies: Mapping[str, Tally]) -> list[str]:
    """The table of figures, Markdown."""
    lines = [
        "| what was enumerated | cases | firings | faults | checks | violations | unprotected |",
        "|---|---:|---:|---:|---:|---:|---:|",
    ]
    rows = [(FAMILIES[name], tallies[name]) for name in FAMILIES if name in tallies]
    for words, tally in [*rows, ("**all**", total(tallies))]:
        lines.append(
            f"| {words} | {tally.cases:,} | {tally.firings:,} | {tally.faults:,} "
            f"| {tally.checks:,} | {tally.bad:,} | {tally.unprotected:,} |"
        )
    return lines


def naked_times(tallies: Mapping[str, Tally]) -> list[str]:
    """The longest times without a stop, by the number of faults that struck."""
    lines = ["| faults that struck | longest time without a stop, s | in |", "|---|---:|---|"]
    struck = Tally()
    for name in (SINGLE, PAIR):
        struck.merge(tallies.get(name, Tally()))
    for words in sorted(struck.worst):
        seconds = struck.worst[words] / 1000
        lines.append(f"| {words} | {seconds:.1f} | `{struck.worst_case[words]}` |")
    return lines


def violations(tallies: Mapping[str, Tally]) -> list[str]:
    """Every kind of violation with cases that show it."""
    found = []
    for name, tally in tallies.items():
        for kind, cases in tally.examples.items():
            found.append(f"VIOLATED in {name}: {kind}")
            found += [f'  --case "{case}"' for case in cases[:EXAMPLES_MAX]]
    return found


def summary(tallies: Mapping[str, Tally], seconds: float, machine: str) -> str:
    """For the terminal."""
    whole = total(tallies)
    counts = (
        f"{whole.cases:,} faulted runs and interleavings, {whole.firings:,} firings, "
        f"{whole.faults:,} faults injected, {whole.checks:,} checks in {seconds:.0f} s ({machine})"
    )
    lines = [
        "",
        counts,
        f"{whole.bad:,} violations, {whole.unprotected:,} runs ended unprotected",
        *figures(tallies),
        *naked_times(tallies),
        *violations(tallies),
    ]
    return "\n".join(lines)


def page(
    tallies: Mapping[str, Tally],
    caught: Sequence[Caught],
    seconds: float,
    machine: str,
    command: str,
    *,
    whole: bool,
) -> str:
    """docs/reliability.md. `whole`: everything was played, not a part of it."""
    share = "The whole enumeration" if whole else "A part of the enumeration, not the whole"
    faults = ["kill-before", "kill-after", *PAUSES_MS, *REQUEST_FAULTS, *ORDER_FAULTS, *OUTAGES]
    notes = [f"{kind} ({name})" for name, kinds in NOTES_FAULTS.items() for kind in kinds]
    scenes = [f"`{scene.name}`" for scene in SCENES]
    return "\n".join(
        [
            METHOD.format(
                scenes=", ".join(scenes),
                faults=", ".join(faults),
                notes=", ".join(notes),
                items=len(ITEMS),
                doings=", ".join(doing.name for doing in DOINGS),
                pairings="; ".join(pairing.name for pairing in PAIRINGS),
            ),
            "## Figures",
            "",
            f"{share}: `{command}`, {seconds / 60:.0f} minutes on {machine}.",
            "",
            *figures(tallies),
            "",
            *naked_times(tallies),
            "",
            BOUND,
            *violations(tallies),
            "## Safeguards switched off",
            "",
            SWITCHED_OFF,
            "",
            table(caught),
            "",
            LIMITS,
        ]
    )


METHOD = """# How reliable it is, and how that is known

This page is written by a command: `make torture` (`python -m tests.torture`). A sample of the same
enumeration is part of `make test`. The invariants I1 to I9 are in
[invariants.md](invariants.md).

## Method

The production job runs against the embedded exchange on a virtual clock. Every I/O operation of a
firing passes one seam and has a number there: the claim of the lock, every load and save of the
notes, every append to the journal, every sleep, every request to the exchange. A fault strikes at
an operation; what was done until then stays done. Then the script goes on as it would have:
a run at every close, a guard every minute, until everything has calmed down. No firing shares
anything with another but the exchange, the folder and the clock, as processes do not.

- **Scenes**: {scenes}. Together they hold every kind of run: entry long and short, hold,
  break-even move, reversion exit, stop or target filled between runs, gap through the stop, adopted
  after lost notes, unreadable notes, strangers' positions and orders, hands on our position, two
  symbols, re-entry, firings that come twice or late.
- **Faults of operations**: {faults}.
  Of the notes and the journal: {notes}.
  `-done`: the exchange or the disk has done it, though the answer says otherwise or never comes;
  `pause`: the machine is frozen for so many seconds, guards and runs of other processes go on
  meanwhile; `outage`: the line is down for 45 s for everybody; `x2`: the fault strikes the next
  operation of the same name as well.
- **The exchange's own**: {items} ways to misbehave
  ([simulator/README.md](../simulator/README.md)), armed through `POST /sim/fault`:
  partial fills, lagging reads, rejected or late triggers, other rules, liquidation, hedge mode,
  manual orders, maintenance, a refused key, a clock that is off, ...
- **Hands**, right before every operation of a run and of the guard after it: {doings}.
- **Interleavings**: {pairings}. "No lock": the lock file is taken away, so that the
  notes' revision alone decides.
- **The judge** ([checker](../tests/torture/checker.py)) sees the exchange's own books and the
  journal's lines, nothing of the job's. It works out trades, sizes, levels, cooldowns and sums by
  itself, and the times without a stop from the exchange's history. I2 and I3 are also checked
  after every firing that completed, not only in the end. Everything that was printed, reported or
  journalled is searched for key, secret and signatures (I8).

A case is a word that can be played again:
`python -m tests.torture --case "long-reverted@4 0:10:hang-done 1:9:kill-after"` is the scene
`long-reverted`, its run at candle 4, operation 10 of that firing and operation 9 of the next.
"""

BOUND = """The bound that is held in every case: 60 s x (1 + guards in a row that did not get
through: were killed, failed, or left because a holder was younger than `deadline_s`), and as long
as a guard that did get through was held up itself: one whose machine is frozen for 30 s places the
stop 30 s later, and nobody goes on for it before `deadline_s`. A ban by the exchange (418) keeps
everybody out and counts as guards that failed.
"""

SWITCHED_OFF = """Each safeguard is switched off in the running program; a named check must then
fail, and hold again once it is back on (`tests/torture/test_mutations.py`, part of `make test`).
One that nothing misses would be not needed or not tested."""

LIMITS = """## Limits

- The exchange is a model of Binance after its documentation and live captures; what those leave
  open is open here as well. `handler.py canary` asks the venue itself.
- Prices stand still between an open and the close of a candle, so nothing triggers while a run is
  at work, but for the menu's happenings and for runs that are frozen over a close.
- Requests of the wave that a live run sends side by side go one after the other here.
- The notes and the journal are files on a disk that keeps its promises (the crash states of the
  file store have a test of their own); for S3 the same faults are told by the store's interface
  (lost race, lost answer), its own errors are tested in tests/state.
- Notifications are worked out under every fault, but sent only after all is saved and the lock is
  free: a death there leaves nothing half done, and is not enumerated.
- Guards that come right after one that found nothing to do, in the same candle with nothing
  having happened since, are left out, and so are candles after everything has calmed down.
"""
