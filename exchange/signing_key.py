"""What a request is signed with: a key, and a text (HMAC) or a private key (RSA, Ed25519).

Looks at the secret's form only. It never tells any of it: errors say what is wrong in words.
"""

from typing import NamedTuple

PEM_MARK = "PRIVATE KEY"
_WANTED = "an RSA or Ed25519 private key in PEM form, without a password"


class Credentials(NamedTuple):
    """What a request is signed with. `secret` is a text (HMAC) or a PEM (RSA, Ed25519)."""

    key: str
    secret: str

    def __repr__(self) -> str:
        """Nothing of them, wherever they are printed by accident."""
        return "Credentials(...)"


def signing_secret(secret: str) -> str:
    """The secret in the one form that is signed with. ValueError says what is wrong with it.

    ccxt tells Ed25519 from RSA by the length of the text, so a private key is written anew: PKCS#8
    and nothing around it, whatever tool made the file.
    """
    text = secret.strip()
    if PEM_MARK not in text:
        if not text.isascii() or not text.isprintable() or " " in text:
            raise ValueError(f"must be one word without spaces, or {_WANTED}")
        return text
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

    begin = text.find("-----BEGIN")
    try:
        key = serialization.load_pem_private_key(text[max(begin, 0) :].encode(), password=None)
    except Exception:  # noqa: BLE001 - whatever the library says may hold a part of the key
        raise ValueError(f"cannot be read as {_WANTED}") from None
    if not isinstance(key, RSAPrivateKey | Ed25519PrivateKey):
        raise ValueError(f"must be {_WANTED}")
    pem = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    return pem.decode().strip()
