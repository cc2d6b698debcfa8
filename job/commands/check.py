"""`check`: is everything ready to trade? One line for each question, exit 1 when one is not.

It changes nothing on the exchange and leaves the notes as they are.
"""

from collections.abc import Callable
from functools import cache, partial

from exchange.errors import BROKEN_ANSWER, VenueError
from exchange.rules import UnusableSymbolError
from job.commands.output import tell
from job.config import Config
from job.evidence import judge_all
from job.firing import Job
from job.opening import recall_silence
from job.outside import Outside
from job.readiness import exchange_side, places_side
from job.readiness.answer import Answer, NotReadyError
from job.report import stamped, utc_text
from job.wiring import build
from state.brakes import brakes_on
from state.codec import UnreadableNotesError
from strategy import words


def check(config: Config, outside: Outside, *, as_json: bool) -> int:
    """Ask everything, print the answers."""
    job = build(config, outside, keep=False)
    answers = {**ask_everything(job), **_channels(config, outside)}
    ready = all(answer.ok for answer in answers.values())
    lines = [
        f"{'ok    ' if answer.ok else 'FAILED'} {name}: {answer.text}"
        for name, answer in answers.items()
    ]
    lines += _truth(config)
    failed = sum(not answer.ok for answer in answers.values())
    now = job.clock.now_ms()
    lines.append(f"ready  {f'NO: {failed} of {len(answers)} failed' if failed else _yes(job)}")
    machine = {
        "command": "check",
        "venue": config.venue,
        "account": config.account,
        "time": utc_text(now),
        "ok": ready,
        "checks": {name: answer._asdict() for name, answer in answers.items()},
    }
    tell(stamped(lines, now, config.venue, job.prices), machine, as_json=as_json)
    return 0 if ready else 1


def _yes(job: Job) -> str:
    """Ready: but a job that was halted enters nothing, and the last line must not hide it."""
    notes = job.store.load()
    held = notes is not None and brakes_on(notes, job.budget.exchange_now_ms())
    return "yes, but NO ENTRIES now: see state" if held else "yes"


def ask_everything(job: Job) -> dict[str, Answer]:
    """Every question's answer, in the order in which people read them."""
    recall_silence(job)
    config, info = job.config, cache(job.gateway.exchange_info)
    questions: list[tuple[str, Callable[[], str]]] = [
        ("venue", partial(exchange_side.venue, job)),
        ("account", partial(exchange_side.account, job)),
        ("key", partial(exchange_side.permissions, job)),
        ("mode", partial(exchange_side.mode, job)),
        *(
            (f"{symbol} rules", partial(exchange_side.rules, info, symbol))
            for symbol in config.symbols
        ),
        *(
            (f"{symbol} size", partial(exchange_side.size, job, info, symbol))
            for symbol in config.symbols
        ),
        *((f"{name} evidence", partial(_evidence, job, name)) for name in _live(config)),
        ("state", partial(places_side.state, job)),
        ("journal", partial(places_side.journal, job)),
    ]
    if config.venue == "embedded" and config.venue_url is None:
        questions.append(("paper", partial(places_side.writable, config.paper)))
    return {name: _ask(question) for name, question in questions}


def _ask(question: Callable[[], str]) -> Answer:
    try:
        return Answer(True, question())
    except (VenueError, NotReadyError, UnusableSymbolError, UnreadableNotesError) as error:
        return Answer(False, str(error))
    except OSError as error:
        return Answer(False, f"{error.strerror}: {error.filename}")
    except BROKEN_ANSWER as error:
        return Answer(False, f"an answer could not be used: {type(error).__name__} {error}")


def _live(config: Config) -> list[str]:
    """The symbols that are traded with real money."""
    return list(config.symbols) if config.venue == "live" else []


def _evidence(job: Job, symbol: str) -> str:
    judgement = judge_all(job.config)[symbol]
    if not judgement.allowed:
        raise NotReadyError(f"{judgement.text}; no position is opened")
    return judgement.text


def _channels(config: Config, outside: Outside) -> dict[str, Answer]:
    """A test message to every channel that is configured."""
    from job.notify.desk import try_out

    told = try_out(config, outside.environment)
    return {
        f"{name} message": Answer(not why, why or "a test message was sent")
        for name, why in told.items()
    }


def _truth(config: Config) -> list[str]:
    """What a trade risks, and what this strategy has done so far."""
    lines = []
    for symbol, parameters in config.symbols.items():
        lines.append(f"trades {symbol}: {words.parameters_text(parameters)}")
        lines.append(f"risk   {symbol}: {words.risk_sentence(parameters, config.taker_fee_ppm)}")
    lines.append(
        "truth  with the default parameters and taker fees this strategy has lost money on real "
        "data: see docs/know-before-you-pay.md"
    )
    return lines
