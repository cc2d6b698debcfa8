"""A `requests` transport that keeps what was asked and answers as a test wants. No socket."""

import io
import json
from collections.abc import Callable
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, urlsplit

import requests
from requests.adapters import BaseAdapter
from requests.structures import CaseInsensitiveDict

from exchange.client import Client, make_client

#: Words that no error, log or report may ever hold.
KEY = "KeyThatNobodyMaySee"
SECRET = "SecretThatNobodyMaySee"
NOW_MS = 1_789_837_689_000
LOOPBACK = "http://127.0.0.1:8787"


class Asked(NamedTuple):
    """One request as it left: parameters in the order they went out, from query and body."""

    method: str
    url: str
    pairs: list[tuple[str, str]]
    headers: dict[str, str]

    @property
    def host(self) -> str:
        return urlsplit(self.url).netloc

    @property
    def path(self) -> str:
        return urlsplit(self.url).path

    @property
    def params(self) -> dict[str, str]:
        return dict(self.pairs)

    @property
    def call(self) -> str:
        return f"{self.method} {self.path}"


class Answer(NamedTuple):
    """What the other side says: text as it is, anything else as JSON."""

    body: object
    status: int = 200
    headers: tuple[tuple[str, str], ...] = (("Content-Type", "application/json"),)


Answering = Callable[[Asked], Answer]


class Transport(BaseAdapter):
    """Answers every request of a session by `answering`, which may raise instead."""

    def __init__(self, answering: Answering) -> None:
        super().__init__()
        self.answering = answering
        self.asked: list[Asked] = []

    def send(
        self, request: requests.PreparedRequest, *_args: Any, **_kwargs: Any
    ) -> requests.Response:
        asked = _asked(request)
        self.asked.append(asked)
        answer = self.answering(asked)
        response = requests.Response()
        response.status_code = answer.status
        response.reason = "as the test says"
        response.headers = CaseInsensitiveDict(answer.headers)
        text = answer.body if isinstance(answer.body, str) else json.dumps(answer.body)
        response._content = text.encode()
        response.raw = io.BytesIO(text.encode())
        response.url = asked.url
        response.request = request
        return response

    def close(self) -> None:
        pass


def _asked(request: requests.PreparedRequest) -> Asked:
    url, body = request.url or "", request.body or b""
    text = body.decode() if isinstance(body, bytes) else body
    assert isinstance(text, str)
    pairs = parse_qsl(urlsplit(url).query) + parse_qsl(text)
    return Asked(request.method or "", url, pairs, dict(request.headers))


def mounted(
    answering: Answering,
    venue: str = "live",
    url: str | None = None,
    now_ms: Callable[[], int] = lambda: NOW_MS,
) -> tuple[Client, Transport]:
    """A client as the job makes it, whose requests all end in the transport."""
    client = make_client(venue, KEY, SECRET, now_ms, url)
    transport = Transport(answering)
    client.session.mount("https://", transport)
    client.session.mount("http://", transport)
    return client, transport
