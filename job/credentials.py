"""Key and secret of the exchange: from the environment, from files it names, or from AWS by name.

Never from the settings file, never written anywhere, and no fault tells any part of them.
"""

from collections.abc import Mapping
from pathlib import Path

from exchange.signing_key import Credentials, signing_secret
from job.config import Config, ConfigFaultsError

KEY, SECRET = "BINANCE_API_KEY", "BINANCE_API_SECRET"
#: What the embedded exchange in this process accepts; no secret.
EMBEDDED = "embedded"


def credentials(config: Config, environment: Mapping[str, str], now_ms: int = 0) -> Credentials:
    """Key and secret of the configured venue. Raises ConfigFaultsError, a line for each fault.

    `now_ms` says how old credentials from AWS are that a warm process has kept.
    """
    if config.venue == "embedded":
        return Credentials(EMBEDDED, EMBEDDED)
    if config.credentials is None:
        found, names = _from_environment(config.venue, environment), (KEY, SECRET)
    else:
        given = sorted(name for name in _names() if environment.get(name))
        if given:
            raise ConfigFaultsError(
                [f"{name}: credentials = {config.credentials} is set too; give one of them"
                 for name in given]
            )  # fmt: skip
        from job.aws_credentials import credentials_in_aws  # boto3 is loaded only where it is used

        found = credentials_in_aws(config.credentials, now_ms)
        names = (
            f"credentials = {config.credentials}: key",
            f"credentials = {config.credentials}: secret",
        )
    return _usable(found, names)


def has_credentials(config: Config, environment: Mapping[str, str]) -> bool:
    """Are exchange credentials configured, usable or not?"""
    return config.credentials is not None or any(environment.get(name) for name in _names())


def _names() -> list[str]:
    return [f"{name}{ending}" for name in (KEY, SECRET) for ending in ("", "_FILE")]


def _from_environment(venue: str, environment: Mapping[str, str]) -> Credentials:
    faults: list[str] = []
    values = []
    for name in (KEY, SECRET):
        file = environment.get(f"{name}_FILE")
        value = environment.get(name, "").strip()
        if not value and file:
            try:
                value = Path(file).read_text(encoding="utf-8-sig").strip()
            except (OSError, ValueError) as error:
                why = error.strerror if isinstance(error, OSError) else "it is no text"
                faults.append(f"{_shown(name, file)}: cannot be read: {why}")
                continue
            if not value:
                faults.append(f"{_shown(name, file)}: is empty")
                continue
        if not value:
            faults.append(f"{name}: venue {venue} needs it (or {name}_FILE naming a file)")
        values.append(value)
    if faults:
        raise ConfigFaultsError(faults)
    return Credentials(*values)


def _shown(name: str, file: str) -> str:
    """The variable, and its value where that is a path: somebody may have put the key there."""
    return f"{name}_FILE = {file}" if file.startswith(("/", "./", "../")) else f"{name}_FILE"


def _usable(found: Credentials, names: tuple[str, str]) -> Credentials:
    """The same in the form that is signed with."""
    faults, secret = [], ""
    if not found.key.isascii() or not found.key.isprintable() or " " in found.key:
        faults.append(f"{names[0]}: must be one word without spaces")
    try:
        secret = signing_secret(found.secret)
    except ValueError as error:
        faults.append(f"{names[1]}: {error}")
    if faults:
        raise ConfigFaultsError(faults)
    return Credentials(found.key, secret)
