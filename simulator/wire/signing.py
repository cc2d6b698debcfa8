"""Who asks, and is the request theirs: API key, HMAC signature over the raw string, time stamp.

Must not parse parameters: a signature covers the bytes as they were sent.
"""

import hmac
from collections.abc import Sequence
from typing import NamedTuple

from simulator.wire.answer import WireError

_SIGNATURE = "signature="


class Credentials(NamedTuple):
    """One API key and its HMAC secret."""

    key: str
    secret: str

    def __repr__(self) -> str:
        """The key only: a secret in a log is a leak."""
        return f"Credentials(key={self.key!r})"


DEFAULT_CREDENTIALS = Credentials("embedded", "embedded")


def signed_text(query: str, body: str) -> tuple[str, str]:
    """What was signed, and the signature: ("symbol=BTCUSDT&timestamp=1", "ab12...").

    Binance signs the query string followed by the body, without the signature itself, wherever
    that stands. The signature is empty when none was sent.
    """
    if body:
        rest, signature = _cut_signature(body)
        if signature:
            return query + rest, signature
    rest, signature = _cut_signature(query)
    return rest + body, signature


def _cut_signature(text: str) -> tuple[str, str]:
    start = text.rfind(_SIGNATURE)
    if start < 0 or (start > 0 and text[start - 1] != "&"):
        return text, ""
    end = text.find("&", start)
    if end < 0:
        return text[: max(start - 1, 0)], text[start + len(_SIGNATURE) :]
    return text[:start] + text[end + 1 :], text[start + len(_SIGNATURE) : end]


def find_key(sent_key: str | None, known: Sequence[Credentials]) -> Credentials:
    """The credentials that belong to the key in the header.

    Raises WireError: -2014 without a key, -2015 for a key nobody has.
    """
    if not sent_key:
        raise WireError(-2014, "API-key format invalid.")
    for credentials in known:
        if credentials.key == sent_key:
            return credentials
    raise WireError(-2015, "Invalid API-key, IP, or permissions for action.")


def check_signature(text: str, signature: str, secret: str) -> None:
    """Raises WireError -1022 unless `signature` is the HMAC-SHA256 of `text` in hex.

    RSA and Ed25519 signatures (base64, longer or shorter than 64 hex digits) are not known here
    and are refused with a text that says so.
    """
    if len(signature) != 64:
        raise WireError(
            -1022,
            "Signature for this request is not valid. "
            "(The embedded exchange knows HMAC keys only, no RSA or Ed25519.)",
        )
    right = hmac.digest(secret.encode(), text.encode(), "sha256").hex()
    if not hmac.compare_digest(right, signature.lower()):
        raise WireError(-1022, "Signature for this request is not valid.")


def check_timestamp(timestamp_ms: int, recv_window_ms: int, now_ms: int) -> None:
    """Raises WireError -1021 for a time stamp outside of the receive window, on either side."""
    if timestamp_ms >= now_ms + 1000:
        raise WireError(-1021, "Timestamp for this request was 1000ms ahead of the server's time.")
    if now_ms - timestamp_ms > recv_window_ms:
        raise WireError(-1021, "Timestamp for this request is outside of the recvWindow.")
