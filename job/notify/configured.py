"""Does anybody want to hear of the job? Loads nothing: most firings tell nobody."""

from collections.abc import Mapping

from job.config import Config

#: Secrets (also as NAME_FILE) that ask for messages.
TELEGRAM_TOKEN, WEBHOOK = "TELEGRAM_BOT_TOKEN", "WEBHOOK_URL"
#: Whose pings go where: each command has a switch of its own, or none.
PINGS = {"run": "PING_URL", "guard": "GUARD_PING_URL"}


def somebody_listens(config: Config, environment: Mapping[str, str]) -> bool:
    """Is a channel or a ping configured, usable or not?"""
    names = (TELEGRAM_TOKEN, WEBHOOK, *PINGS.values())
    given = (environment.get(f"{name}{end}") for name in names for end in ("", "_FILE"))
    return bool(config.sns_topic) or any(given)
