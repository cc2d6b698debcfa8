"""`canary`: fly it on the configured venue, say what came, keep the result in the journal."""

import sys
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from job.canary.contract import DIFFERENT, NOT_TRIED, OK, UNSETTLED, Result
from job.canary.flight import NotBegunError, fly
from job.commands.output import tell
from job.config import Config, ConfigFaultsError
from job.firing import Job
from job.outside import Outside
from job.places import journal_of
from job.report import stamped, utc_text
from job.wiring import build
from state.codec import UnreadableNotesError
from strategy.words import count_text

#: How long the market is given to reach a trigger that lies near; the embedded one plays candles.
TRIGGER_WAIT_MS = 15_000


def canary(config: Config, outside: Outside, *, as_json: bool) -> int:
    """Fly the canary on the first configured symbol. Returns the exit status."""
    if config.venue == "live":
        raise ConfigFaultsError(["venue = live: the canary trades; it is for demo and embedded"])
    symbol = next(iter(config.symbols))
    began_ms = outside.clock.now_ms()
    with ExitStack() as stack:
        job, wait_ms = _job(config, outside, stack, symbol)
        try:
            results = fly(job, symbol, wait_ms, lambda result: _progress(result, as_json))
        except (NotBegunError, UnreadableNotesError, OSError) as error:
            print(f"the canary has not begun: {error}", file=sys.stderr)
            return 1
    machine = _machine(config, symbol, began_ms, results)
    journal_of(config).append([{"at_ms": began_ms, "event": "canary", **machine}])
    lines = [] if as_json else [_sentence(results)]
    tell(stamped(lines, outside.clock.now_ms(), config.venue, job.prices), machine, as_json=as_json)
    return 0 if machine["ok"] else 1


def _job(config: Config, outside: Outside, stack: ExitStack, symbol: str) -> tuple[Job, int]:
    """The job that flies, and how long it waits for a trigger.

    The embedded exchange is one of its own: a virtual clock, so that nobody waits, and a folder
    that is thrown away, so that the paper account keeps its money.
    """
    if config.venue != "embedded" or config.venue_url is not None:
        return build(config, outside), TRIGGER_WAIT_MS
    from job.embedded import contracts_of, market_of
    from job.replay import set_stage

    folder = Path(stack.enter_context(TemporaryDirectory(prefix="revert-canary-")))
    interval_ms = config.symbols[symbol].interval_ms
    config = replace(config, prices="synthetic", deadline_ms=config.deadline_ms + 4 * interval_ms)
    market = market_of(config, contracts_of(config))
    return set_stage(config, folder, market, outside.clock.now_ms()).job, 3 * interval_ms


_MARKS = {OK: "ok       ", DIFFERENT: "DIFFERENT", UNSETTLED: "unsettled", NOT_TRIED: "not tried"}


def _progress(result: Result, as_json: bool) -> None:
    """One line a check, as it comes: on the exchange it takes a minute or two."""
    line = (
        f"{result.number:2} {_MARKS[result.verdict]} {result.name}: "
        f"expected {result.expected}; came {result.came}"
    )
    print(line, file=sys.stderr if as_json else sys.stdout, flush=True)


def _machine(
    config: Config, symbol: str, began_ms: int, results: list[Result]
) -> dict[str, object]:
    return {
        "command": "canary",
        "venue": config.venue,
        "account": config.account,
        "symbol": symbol,
        "time": utc_text(began_ms),
        "ok": all(result.verdict in (OK, UNSETTLED) for result in results),
        "checks": [result._asdict() for result in results],
    }


def _sentence(results: list[Result]) -> str:
    """The result in words."""
    by = {verdict: [r for r in results if r.verdict == verdict] for verdict in _MARKS}
    if not by[DIFFERENT] and not by[NOT_TRIED]:
        open_ones = f", {len(by[UNSETTLED])} not settled" if by[UNSETTLED] else ""
        return f"the exchange does what is expected of it: {len(by[OK])} checks{open_ones}"
    named = ", ".join(f"{result.number} {result.name}" for result in by[DIFFERENT])
    untried = f"; {count_text(len(by[NOT_TRIED]), 'check')} not tried" if by[NOT_TRIED] else ""
    return f"DIFFERENT from what the job expects: {named or 'nothing seen'}{untried}"
