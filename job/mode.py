"""Account mode, margin type and leverage: verified once an hour, and set right when flat.

Only forbids entries: what is open is protected whatever the mode is.
"""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from exchange.errors import VenueError
from job.firing import Firing, Task, Work

MODE_CHECK_MS = 3_600_000
#: What an answer about the account's mode must tell, as true or false.
MODES = ("dualSidePosition", "multiAssetsMargin")
#: So many symbols are set right in one run: with the candles of hundreds, that much is allowed.
SETS_MAX = 100

Key = tuple[str, str]
Answers = Mapping[Key, Any]


def mode_tasks(firing: Firing) -> dict[Key, Task[Any]]:
    """What must be asked about the mode; nothing while all was verified within the hour."""
    now, works, gateway = firing.exchange_now_ms(), firing.works, firing.gateway
    if not any(_stale(work, now) for work in works):
        return {}
    tasks: dict[Key, Task[Any]] = {("mode", ""): gateway.account_mode}
    if len(works) == 1:
        tasks["mode", works[0].symbol] = partial(gateway.symbol_mode, works[0].symbol)
    else:  # all in one answer, which weighs no more than one symbol's
        tasks["mode", "every"] = gateway.symbol_modes
    return tasks


def _stale(work: Work, now_ms: int) -> bool:
    """Was it verified for this leverage within the hour?"""
    same = work.notes.mode_leverage == work.parameters.leverage
    return not same or now_ms - work.notes.mode_checked_ms >= MODE_CHECK_MS


def take_mode(firing: Firing, work: Work, answers: Answers) -> bool:
    """One-way, single-asset, isolated, right leverage: noted, or why no entry may be made.

    True when the symbol's own settings are wrong and may be set.
    """
    if ("mode", "") not in answers or not _stale(work, firing.exchange_now_ms()):
        return False
    account, settings = answers["mode", ""], _settings(work, answers)
    for answer in (account, settings):
        if isinstance(answer, VenueError):
            work.entry_ban = f"the account's mode is not known ({answer})"
            return False
    refusal = mode_refusal(account)
    if refusal:
        work.entry_ban = refusal
        work.fail(refusal)
        return False
    wanted = work.parameters.leverage
    right = isinstance(settings, dict) and (
        (settings["marginType"], int(settings["leverage"])) == ("ISOLATED", wanted)
    )
    if right:
        work.note(mode_checked_ms=firing.exchange_now_ms(), mode_leverage=wanted)
    elif work.position is not None or work.resting:
        work.entry_ban = "margin type or leverage are not as configured; they are set when flat"
    else:
        return True
    return False


def _settings(work: Work, answers: Answers) -> Any:
    """The symbol's row, None when the exchange shows none, or the VenueError of the read."""
    every = answers.get(("mode", "every"))
    if isinstance(every, dict):
        return every.get(work.symbol)
    return every if every is not None else answers["mode", work.symbol]


def set_modes(firing: Firing, wrong: Sequence[Work]) -> None:
    """Set margin type and leverage, side by side; without them there is no entry."""
    for work in wrong[SETS_MAX:]:
        work.entry_ban = (
            f"margin type and leverage: {SETS_MAX} symbols are set a run, this one later"
        )
    chosen = wrong[:SETS_MAX]
    answers = firing.job.together([partial(_set_mode, firing, work) for work in chosen])
    for work, answer in zip(chosen, answers, strict=True):
        if isinstance(answer, VenueError):
            work.entry_ban = str(answer)
            work.fail(str(answer))


def _set_mode(firing: Firing, work: Work) -> None:
    wanted = work.parameters.leverage
    firing.gateway.set_isolated(work.symbol)
    firing.gateway.set_leverage(work.symbol, wanted)
    work.note(mode_checked_ms=firing.exchange_now_ms(), mode_leverage=wanted)


def mode_refusal(account: Any) -> str:
    """Why an account in this mode cannot be traded; empty when it can."""
    if not all(isinstance(account.get(told), bool) for told in MODES):
        return "the account's mode is not known (the answer does not tell it)"
    if account.get("dualSidePosition"):
        return "the account is in hedge mode: set the position mode to one-way on Binance"
    if account.get("multiAssetsMargin"):
        return "the account is in multi-assets mode: set it to single-asset mode on Binance"
    return ""
