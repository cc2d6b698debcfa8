"""`explain RUN`: decide a recorded run again and show the arithmetic. Reads the journal only."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import msgspec

from job.commands.output import tell
from job.config import Config, ConfigFaultsError
from job.explaining import Redecided, UnreadableRecordError, explanation, redecide
from job.firing import Journal
from job.outside import Outside
from job.places import journal_of
from job.report import stamped, utc_text
from state.journal import Event, day_of
from strategy.units import DAY_MS

#: How far back "last" and a time without a day are searched before the whole journal is.
DAYS_BACK = 3
MOMENT = re.compile(r"(?:(?P<day>\d{4}-\d\d-\d\d)[T ])?(?P<time>\d\d:\d\d)(?P<second>:\d\d)?Z?")
RUN_NAME = re.compile(r"(?P<day>\d{4}-\d\d-\d\d)T\d\d:\d\d:\d\d\.\d{3}Z-\w+")
WHAT = (
    "must be \"last\", a run's name, a candle's time such as 2025-03-10T12:05 or 12:05, or the "
    "time of a line, with its seconds: 12:10:03"
)
#: A line is told so long after its run's begin at the most.
RUN_MS = 60_000


def explain(config: Config, outside: Outside, run: str, *, as_json: bool) -> int:
    """Print it. Exit status 1 when the decision would be another one today.

    Raises ConfigFaultsError when the journal holds no such run, or its record cannot be used.
    """
    journal = journal_of(config)
    event = _find(journal, run, outside.clock.now_ms())
    if event is None:
        raise ConfigFaultsError([f"RUN = {run}: the journal {config.journal} {_lacks(run)}"])
    try:
        decided = redecide(event)
    except UnreadableRecordError as error:
        raise ConfigFaultsError([f"RUN = {event['run']}: {error}"]) from None
    same = all(each.same for each in decided)
    report = event.get("report", {})
    [head] = stamped(
        [f"run {event['run']}" + ("" if report else " (it did not end: only its plan is known)")],
        event["at_ms"],
        event["venue"],
        report.get("prices", ""),
    )
    machine = {
        "command": "explain",
        "run": event["run"],
        "same": same,
        "decisions": [_machine(each) for each in decided],
    }
    tell([head, *_lines(report, decided)], machine, as_json=as_json)
    return 0 if same else 1


def _lacks(run: str) -> str:
    """What the journal does not hold, and where to look then."""
    return (
        "holds no run yet" if run == "last" else "holds no such run; `status` shows the last ones"
    )


def _lines(report: Mapping[str, Any], decided: list[Redecided]) -> Iterator[str]:
    outcomes = {symbol["symbol"]: symbol for symbol in report.get("symbols", [])}
    for each in decided:
        yield from explanation(each)
        yield from _outcome(outcomes.pop(each.symbol, {}))
    for symbol, outcome in outcomes.items():
        yield f"{symbol} nothing was decided: {outcome['error'] or outcome['position']}"


def _outcome(outcome: Mapping[str, Any]) -> Iterator[str]:
    """What came of the decision, as the run itself told it."""
    if outcome:
        told = [*outcome["ended"], outcome["reason"], *outcome["orders"], outcome["position"]]
        told += [outcome["protection"], outcome["error"] and f"FAILED: {outcome['error']}"]
        yield "  outcome    " + " | ".join(text for text in told if text)


def _machine(decided: Redecided) -> dict[str, Any]:
    return {
        "symbol": decided.symbol,
        "same": decided.same,
        "asked": msgspec.to_builtins(decided.asked),
        "then": msgspec.json.decode(decided.then),
        "now": msgspec.json.decode(decided.now),
    }


def _find(journal: Journal, run: str, now_ms: int) -> Event | None:
    """The newest recorded run that is meant."""
    named, moment = RUN_NAME.fullmatch(run), MOMENT.fullmatch(run)
    if not named and not moment and run != "last":
        raise ConfigFaultsError([f"RUN = {run}: {WHAT}"])
    day = (named or moment or {"day": None})["day"]
    recent = [day_of(now_ms - back * DAY_MS) for back in range(DAYS_BACK)]
    for each in [day] if day else [*recent, None]:
        runs = list(_runs(journal, each))
        meant = [event for event in runs if moment and _told_at(event, moment)]
        meant = meant or [event for event in runs if _meant(event, run, moment)]
        if meant:
            return max(meant, key=lambda event: int(event["at_ms"]))
    return None


def _runs(journal: Journal, day: str | None) -> Iterable[Event]:
    """The runs of a day (None: of every day); what a run that died had planned stands for it."""
    found: dict[str, Event] = {}
    for plan in journal.events("plan", day):
        earlier = found.get(plan["run"], {"decisions": []})
        found[plan["run"]] = {**plan, "decisions": earlier["decisions"] + plan["decisions"]}
    found.update((event["run"], event) for event in journal.events("run", day))
    return found.values()


def _meant(event: Event, run: str, moment: re.Match[str] | None) -> bool:
    if moment is None:
        return run in ("last", event["run"])
    times = {utc_text(record["signal_ms"])[11:16] for record in event.get("decisions", [])}
    return moment["time"] in times


def _told_at(event: Event, moment: re.Match[str]) -> bool:
    """Was it under way in that second? People have a line before them, and its time."""
    if not moment["second"]:
        return False
    hours, minutes, seconds = map(int, (moment["time"] + moment["second"]).split(":"))
    ends_ms = ((hours * 60 + minutes) * 60 + seconds + 1) * 1000
    return 0 < ends_ms - int(event["at_ms"]) % DAY_MS <= RUN_MS
