"""What is configured of channels and pings, and one firing's dealings with them."""

from collections.abc import Mapping
from threading import Thread

from job.config import Config
from job.notify.channels import Channel, Sns, Telegram, Webhook, post
from job.notify.configured import PINGS, TELEGRAM_TOKEN, WEBHOOK
from job.notify.secret import Secret
from job.notify.sending import SEND_S, Task, sending, side_by_side
from job.report import Report, stamped

PING_TEXT_MAX = 10_000


class Desk:
    """Channels and pings of one firing."""

    def __init__(self, config: Config, environment: Mapping[str, str]) -> None:
        """Looks at what is there; a fault is told by `close`, it stops nothing."""
        self.channels: list[Channel] = []
        self.faults: list[str] = []
        self._pings = {command: Secret(environment, name) for command, name in PINGS.items()}
        self._start: Thread | None = None
        token, chat = Secret(environment, TELEGRAM_TOKEN), "TELEGRAM_CHAT_ID"
        if token and environment.get(chat, "").strip():
            self.channels.append(Telegram(token, environment[chat].strip()))
        elif token:
            self.faults.append(f"telegram: {chat} is missing: set it to the chat's number")
        address = Secret(environment, WEBHOOK)
        if address:
            self.channels.append(Webhook(address, config.webhook_format))
        if config.sns_topic:
            self.channels.append(Sns(config.sns_topic))

    def started(self, command: str) -> None:
        """Ping that a firing has begun, beside its work: nothing waits for the answer."""
        if self._pings.get(command):
            self._start = Thread(target=self._ping_quietly, args=(command, "/start"), daemon=True)
            self._start.start()

    def broke_off(self, command: str) -> None:
        """Ping that a firing could not even report."""
        if self._pings.get(command):
            side_by_side({"ping": lambda: self._ping(command, "/fail", "")})

    def close(self, report: Report) -> list[str]:
        """Tell the news, ping how it ended. Returns what was not delivered, in words."""
        tasks: dict[str, Task] = {}
        texts = [f"account {report.account}: {each.text}" for each in report.news]
        if texts:
            at_ms = report.told_at_ms or report.at_ms
            told = list(stamped(texts, at_ms, report.venue, report.prices))
            tasks.update((channel.name, sending(channel, told)) for channel in self.channels)
        if self._pings.get(report.command) and not report.left:
            ending = "" if report.ok else "/fail"
            lines = "\n".join(report.lines())
            tasks["ping"] = lambda: self._ping(report.command, ending, lines)
        outcomes = side_by_side(tasks) if tasks else {}
        return [
            *self.faults,
            *(f"{name}: not delivered: {why}" for name, why in outcomes.items() if why),
        ]

    def _ping(self, command: str, ending: str, text: str) -> None:
        if self._start is not None:
            self._start.join(SEND_S)  # else the start may arrive last, and count as a hung run
        self._post(command, ending, text)

    def _ping_quietly(self, command: str, ending: str) -> None:
        try:
            self._post(command, ending, "")
        except Exception:  # noqa: BLE001 - what matters is the ping at the end
            return

    def _post(self, command: str, ending: str, text: str) -> None:
        address, question, query = self._pings[command].text().partition("?")
        post(f"{address.rstrip('/')}{ending}{question}{query}", text[:PING_TEXT_MAX])


def try_out(config: Config, environment: Mapping[str, str]) -> dict[str, str]:
    """For `check`: send a test message to every channel. Why each failed, by name; empty: sent.

    No ping is sent: it would count as a run.
    """
    desk = Desk(config, environment)
    text = f"{config.venue.upper()} account {config.account}: a test message of `check`"
    outcomes: dict[str, str] = {fault.partition(":")[0]: fault for fault in desk.faults}
    outcomes |= side_by_side({each.name: sending(each, [text]) for each in desk.channels})
    return outcomes
