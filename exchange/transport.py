"""The `requests` transport of the client: few handshakes, kept connections, no retries.

One TLS context for all connections (requests reads the list of authorities anew for each), the
connections that were opened ahead, and as many kept as a wave needs. Knows no Binance.
"""

from typing import Any

from requests.adapters import HTTPAdapter
from requests.models import Response
from urllib3.connection import HTTPSConnection
from urllib3.connectionpool import HTTPSConnectionPool

from exchange.connections import Connections

#: A connection that nothing has used for so long may be dead without a sign of it, ms.
IDLE_MS_MAX = 75_000


class Transport(HTTPAdapter):
    """Carries requests to one host. A warm process may keep it: it holds connections only."""

    def __init__(self, connections: Connections, kept: int) -> None:
        """`kept` connections stay open between requests."""
        self.connections = connections
        self._ready_ms = 0
        super().__init__(pool_connections=1, pool_maxsize=kept, max_retries=0)

    def init_poolmanager(self, *sizes: Any, **named: Any) -> None:
        """The pool, with our connections in it."""
        super().init_poolmanager(*sizes, **named)
        ahead = self.connections

        class Connection(HTTPSConnection):
            """urllib3's connection, on a socket that was opened ahead where there is one."""

            def connect(self) -> None:
                """Take one, or connect."""
                taken = ahead.take() if (self.host, self.port) == (ahead.host, ahead.port) else None
                if taken is None:
                    super().connect()
                else:
                    self.sock, self.is_verified = taken, True

        class Pool(HTTPSConnectionPool):
            """A pool of them."""

            ConnectionCls = Connection

        self.poolmanager.pool_classes_by_scheme = {
            **self.poolmanager.pool_classes_by_scheme,
            "https": Pool,
        }

    def build_connection_pool_key_attributes(self, *asked: Any, **named: Any) -> Any:
        """One pool, whose context verifies: requests would load its own list of authorities."""
        host, _ = super().build_connection_pool_key_attributes(*asked, **named)
        if host["scheme"] != "https":
            return host, {}
        return host, {"ssl_context": self.connections.context()}

    def cert_verify(self, conn: Any, url: str, verify: object, cert: object) -> None:
        """The context does."""

    def send(self, *request: Any, **named: Any) -> Response:
        """One request; what it answers or raises is as with requests' own transport."""
        self.connections.used = True
        return super().send(*request, **named)

    def close(self) -> None:
        """Keep everything: ccxt closes its session with the client, the next firing has another."""

    def forget(self) -> None:
        """Close every connection that is not in use."""
        super().close()
        self.connections.close()

    def ready(self, now_ms: int, ahead: int) -> None:
        """Requests will follow soon: forget connections that have been idle too long, and open
        `ahead` new ones where none are kept.
        """
        if self.connections.used and not 0 <= now_ms - self._ready_ms <= IDLE_MS_MAX:
            self.forget()
            self.connections.used = False
        if not self.connections.used:
            self.connections.open_ahead(ahead)
        self._ready_ms = now_ms
