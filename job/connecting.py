"""A firing's connections to the exchange: opened while the program is still being loaded.

A warm process keeps them, and nothing else. Only the standard library is imported here until a
transport is asked for: what this saves is the time that ccxt takes to load.
"""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from exchange.connections import HOSTS, Connections
from job.config import Config, ConfigFaultsError

if TYPE_CHECKING:
    from exchange.transport import Transport

#: Requests under way at a time on a venue on the wire.
CONNECTIONS = 10
#: Stop and target of each entry of a group go side by side.
KEPT = 2 * CONNECTIONS
#: Commands that change the notes and ask the exchange nothing: they need neither keys nor books.
ON_NOTES_ALONE = ("halt", "resume")
#: Reads of the account: clock, positions, both books; a run asks for the balance as well.
GUARD_READS, RUN_READS = 4, 5
#: The file of authorities to trust instead of certifi's, as OpenSSL names it.
CA_VARIABLE = "SSL_CERT_FILE"


def connections_of(config: Config, environment: Mapping[str, str]) -> Connections | None:
    """The connections to the configured venue; None for the exchange in this process.

    Raises ConfigFaultsError for a list of authorities that is not there.
    """
    if config.venue == "embedded" and config.venue_url is None:
        return None
    file = environment.get(CA_VARIABLE)
    if file and not Path(file).is_file():
        raise ConfigFaultsError([f"{CA_VARIABLE} = {file}: there is no such file of authorities"])
    return _connections(config.venue_url or HOSTS[config.venue], file or None)


def first_wave(config: Config, command: str) -> int:
    """How many requests the first wave of a run or guard has under way at a time."""
    return GUARD_READS if command == "guard" else min(CONNECTIONS, RUN_READS + len(config.symbols))


def connect_early(config: Config, environment: Mapping[str, str], command: str) -> None:
    """Begin to open the first wave's connections; returns at once. Raises ConfigFaultsError.

    Nothing is known yet of what a warm process keeps: `Transport.ready` sees to that.
    """
    if command in ON_NOTES_ALONE:
        return
    connections = connections_of(config, environment)
    if connections is not None and not connections.used:
        connections.open_ahead(first_wave(config, command))


@cache
def _connections(url: str, ca_file: str | None) -> Connections:
    return Connections(url, ca_file)


@cache
def transport_of(connections: Connections) -> "Transport":
    """The transport over these connections; a warm process has it already."""
    from exchange.transport import Transport

    return Transport(connections, KEPT)
