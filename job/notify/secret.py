"""A secret of a channel: a token, or an address that whoever knows it may use.

It stands in an environment variable, in the file that NAME_FILE names, or in AWS (`ssm:NAME`,
`secretsmanager:NAME`); never in the settings file. It is read when it is needed, not before.
"""

from collections.abc import Mapping
from pathlib import Path

IN_AWS = ("ssm:", "secretsmanager:")


class UnusableSecretError(Exception):
    """The secret cannot be had; the text says which and why, and nothing of what it is."""


class Secret:
    """One secret, by the name of its environment variable."""

    def __init__(self, environment: Mapping[str, str], name: str) -> None:
        """Looks whether it is there; reads no file yet."""
        self.name = name
        self._given = environment.get(name, "").strip()
        self._file = environment.get(f"{name}_FILE", "").strip()

    def __repr__(self) -> str:
        """Its name, never itself."""
        return f"Secret({self.name})"

    def __bool__(self) -> bool:
        """Is it configured at all?"""
        return bool(self._given or self._file)

    def text(self) -> str:
        """The secret. Raises UnusableSecretError."""
        if self._given.startswith(IN_AWS):
            self._given = self._from_aws(self._given)
        if self._given:
            return self._given
        try:
            found = Path(self._file).read_text(encoding="utf-8-sig").strip()
        except (OSError, UnicodeDecodeError) as error:
            kind = type(error).__name__
            raise UnusableSecretError(
                f"{self.name}_FILE = {self._file}: cannot be read: {kind}"
            ) from None
        if not found:
            raise UnusableSecretError(f"{self.name}_FILE = {self._file}: is empty")
        return found

    def _from_aws(self, place: str) -> str:
        from job.aws_credentials import (  # boto3 is loaded only where it is used
            UnreadableValueError,
            value_in_aws,
        )

        try:
            return value_in_aws(place).strip()
        except UnreadableValueError as error:
            raise UnusableSecretError(f"{self.name} = {place}: {error}") from None
