"""The channels: Telegram, a webhook in Slack's or Discord's form, SNS (and e-mail through it).

Each sends one text or raises. An error's text holds no address and no token: `requests` puts both
into its own.
"""

from collections.abc import Mapping
from typing import Any, Protocol
from urllib.parse import urlsplit

from job.notify.secret import Secret

#: For connecting, and for each wait for an answer; `job.notify.sending` bounds the whole.
TIMEOUT_S = 3
TELEGRAM = "https://api.telegram.org"
#: Discord takes 2000 characters, Telegram 4096; SNS 100 in a subject.
TEXT_MAX, SUBJECT_MAX = 1_900, 100
#: What a webhook's form calls the text.
FORMS = {"slack": "text", "discord": "content"}


class NotDeliveredError(Exception):
    """The channel did not take it; the text says why, without addresses."""


class Channel(Protocol):
    """Somewhere people read."""

    name: str

    def send(self, text: str) -> None:
        """Send one message. Raises."""
        ...


class Telegram:
    """A bot that writes to one chat."""

    name = "telegram"

    def __init__(self, token: Secret, chat: str, server: str = TELEGRAM) -> None:
        """`chat` is the chat's number or @name."""
        self._token, self._chat, self._server = token, chat, server

    def send(self, text: str) -> None:
        """Send one message. Raises."""
        address = f"{self._server}/bot{self._token.text()}/sendMessage"
        post(address, {"chat_id": self._chat, "text": text[:TEXT_MAX]})


class Webhook:
    """An address that takes JSON with one text, as Slack and Discord do."""

    name = "webhook"

    def __init__(self, address: Secret, form: str) -> None:
        """`form` is a key of FORMS."""
        self._address, self._field = address, FORMS[form]

    def send(self, text: str) -> None:
        """Send one message. Raises."""
        post(self._address.text(), {self._field: text[:TEXT_MAX]})


class Sns:
    """A topic of Amazon SNS; whoever subscribes with an e-mail address gets e-mail."""

    name = "sns"

    def __init__(self, topic: str) -> None:
        """`topic` is its ARN: arn:aws:sns:REGION:ACCOUNT:NAME."""
        self._topic = topic

    def send(self, text: str) -> None:
        """Send one message. Raises."""
        import boto3
        from botocore.config import Config
        from botocore.exceptions import BotoCoreError, ClientError

        config = Config(
            connect_timeout=TIMEOUT_S, read_timeout=TIMEOUT_S, retries={"total_max_attempts": 1}
        )
        subject = text.split("\n", 1)[0].encode("ascii", "replace").decode()[:SUBJECT_MAX]
        try:
            client: Any = boto3.client("sns", self._topic.split(":")[3], config=config)
            client.publish(TopicArn=self._topic, Subject=subject, Message=text)
        except ClientError as error:
            code = error.response.get("Error", {}).get("Code", "")
            raise NotDeliveredError(f"AWS refuses it ({code or 'without a code'})") from None
        except BotoCoreError as error:
            raise NotDeliveredError(type(error).__name__) from None


def post(address: str, body: Mapping[str, str] | str) -> None:
    """One POST of JSON or plain text. Raises NotDeliveredError."""
    import requests  # ccxt has loaded it

    if urlsplit(address).scheme not in ("http", "https"):
        raise NotDeliveredError("its address must begin with https://")
    given: dict[str, Any] = {"data": body.encode()} if isinstance(body, str) else {"json": body}
    try:
        # a redirect is not followed: it would take the text, and the token, to whoever says so
        with requests.post(
            address, timeout=TIMEOUT_S, allow_redirects=False, stream=True, **given
        ) as response:
            status = response.status_code
    except requests.Timeout:
        raise NotDeliveredError("no answer in time") from None
    except requests.ConnectionError:
        raise NotDeliveredError("the connection failed") from None
    except (requests.RequestException, OSError, ValueError) as error:
        raise NotDeliveredError(type(error).__name__) from None
    if status >= 300:
        raise NotDeliveredError(f"HTTP {status}")
