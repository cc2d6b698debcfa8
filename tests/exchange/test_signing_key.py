"""Secrets of all three kinds sign what the exchange can verify; wrong ones are told, unseen."""

import base64
import hashlib
import hmac
from urllib.parse import unquote, urlsplit

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa

from exchange.gateway import Gateway
from exchange.signing_key import signing_secret
from tests.exchange.transport import Answer, Asked, mounted

RSA = rsa.generate_private_key(65537, 2048)
ED25519 = ed25519.Ed25519PrivateKey.generate()
PrivateKey = rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey | ec.EllipticCurvePrivateKey


def pem(key: PrivateKey, style: str = "PKCS8", password: bytes | None = None) -> str:
    encryption: serialization.KeySerializationEncryption = serialization.NoEncryption()
    if password:
        encryption = serialization.BestAvailableEncryption(password)
    form = getattr(serialization.PrivateFormat, style)
    return key.private_bytes(serialization.Encoding.PEM, form, encryption).decode()


def asked_with(secret: str) -> tuple[str, str]:
    """What a signed request says, and its signature."""
    asked: list[Asked] = []

    def answer(request: Asked) -> Answer:
        asked.append(request)
        return Answer([])

    client, _ = mounted(answer)
    client.secret = signing_secret(secret)
    Gateway(client).position_rows("BTCUSDT")
    query = urlsplit(asked[0].url).query
    said, _, signature = query.rpartition("&signature=")
    return said, unquote(signature)


def test_a_text_signs_with_hmac() -> None:
    said, signature = asked_with(" a-secret\n")
    assert signature == hmac.new(b"a-secret", said.encode(), hashlib.sha256).hexdigest()


@pytest.mark.parametrize("style", ["PKCS8", "TraditionalOpenSSL"])
def test_an_rsa_key_signs(style: str) -> None:
    said, signature = asked_with(pem(RSA, style))
    RSA.public_key().verify(
        base64.b64decode(signature), said.encode(), padding.PKCS1v15(), hashes.SHA256()
    )


@pytest.mark.parametrize("before", ["", "Bag Attributes\n    friendlyName: binance trading key\n"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_an_ed25519_key_signs_whatever_its_file_looks_like(before: str, line_end: str) -> None:
    file = (before + pem(ED25519)).replace("\n", line_end) + line_end * 2
    said, signature = asked_with(file)
    ED25519.public_key().verify(base64.b64decode(signature), said.encode())


@pytest.mark.parametrize(
    ("secret", "words"),
    [
        ("two words", "must be one word"),
        ("schlüssel", "must be one word"),
        (pem(ED25519).replace("M", "!", 1), "cannot be read as an RSA or Ed25519 private key"),
        (pem(ED25519).replace("\n", "\\n"), "cannot be read as an RSA or Ed25519 private key"),
        (pem(RSA, password=b"x"), "without a password"),
        (pem(ec.generate_private_key(ec.SECP256R1())), "must be an RSA or Ed25519 private key"),
    ],
    ids=["spaces", "umlaut", "damaged", "line ends as text", "password", "another curve"],
)
def test_what_cannot_sign_is_told_and_not_shown(secret: str, words: str) -> None:
    with pytest.raises(ValueError, match=words) as caught:
        signing_secret(secret)
    assert caught.value.__cause__ is None
    for part in secret.split("\n"):
        assert not part or part not in str(caught.value)
