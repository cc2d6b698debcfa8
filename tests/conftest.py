"""What holds for every test: the same each time, offline, and far from anybody's account.

Nothing about the project itself belongs here: fixtures live in the folder of their room.
"""

import os
import socket
from typing import Any

from hypothesis import settings

#: Settings and credentials of whoever runs the tests must not reach them, nor a proxy.
_FOREIGN_PREFIXES = ("REVERT_", "BINANCE_", "AWS_")

for _name in list(os.environ):
    if _name.startswith(_FOREIGN_PREFIXES) or _name.lower().endswith("_proxy"):
        del os.environ[_name]
os.environ["AWS_CONFIG_FILE"] = os.environ["AWS_SHARED_CREDENTIALS_FILE"] = os.devnull
os.environ["AWS_EC2_METADATA_DISABLED"] = "true"

# The same examples in every run: a check that fails once in a while is no check. Times vary too
# much between machines for a deadline.
settings.register_profile("same", derandomize=True, deadline=None, database=None)
settings.load_profile("same")

_LOOPBACK = {"127.0.0.1", "::1", "localhost"}
_connect = socket.socket.connect
_resolve = socket.getaddrinfo


def _refuse_outside(host: object) -> None:
    name = host.decode() if isinstance(host, bytes) else host
    if name is not None and name not in _LOOPBACK:
        raise RuntimeError(f"a test tried to reach {name!r}: tests stay on this machine")


def _guarded_connect(self: socket.socket, address: Any) -> None:
    if isinstance(address, tuple):
        _refuse_outside(address[0])
    _connect(self, address)


def _guarded_resolve(host: Any, *args: Any, **kwargs: Any) -> Any:
    _refuse_outside(host)
    return _resolve(host, *args, **kwargs)


socket.socket.connect = _guarded_connect  # type: ignore[assignment,method-assign]
socket.getaddrinfo = _guarded_resolve
