"""TLS connections that are opened ahead, in threads, while the program is still being loaded.

Standard library only: this is what a run starts with, before ccxt and requests are imported. Sends
no request. Whoever needs a connection takes one; where none could be opened, the ordinary way
through urllib3 finds out why and says so.
"""

import socket
import ssl
from collections.abc import Callable
from queue import SimpleQueue
from threading import Lock, Thread
from urllib.parse import urlsplit

#: A connection that takes longer is left to the request that needs it, s.
OPEN_TIMEOUT_S = 8.0

#: Where requests will go; ccxt's own addresses are not known before it is loaded.
HOSTS = {"live": "https://fapi.binance.com", "demo": "https://demo-fapi.binance.com"}


class Connections:
    """Connections to one host, all under one TLS context."""

    def __init__(self, url: str, ca_file: str | None = None) -> None:
        """`url` is where requests will go; `ca_file` whom to trust (None: certifi's list)."""
        address = urlsplit(url)
        self.host = address.hostname or ""
        self.port = address.port or 443
        self.tls = address.scheme == "https"
        self._ca_file = ca_file
        self._context_lock, self._lock = Lock(), Lock()
        self._context: ssl.SSLContext | None = None
        self._opened: SimpleQueue[ssl.SSLSocket | None] = SimpleQueue()
        self._promised = 0  # what lies in the queue, and what will
        self.used = False  # a request has been sent: from now on urllib3 keeps the connections

    def context(self) -> ssl.SSLContext:
        """The TLS context, made once: reading the list of authorities costs more than all else.

        Raises OSError when the list cannot be read.
        """
        with self._context_lock:
            if self._context is None:
                self._context = _context(self._ca_file)
            return self._context

    def open_ahead(self, count: int) -> None:
        """See to it that `count` connections are there or under way; returns at once."""
        if not self.tls:
            return
        with self._lock:
            self._keep(_alive)
            missing = count - self._promised
            self._promised += max(0, missing)
        for _ in range(missing):
            try:
                Thread(target=self._open, daemon=True).start()
            except RuntimeError:  # no more threads: whoever was promised one connects himself
                self._opened.put(None)

    def take(self) -> ssl.SSLSocket | None:
        """A connection that was opened ahead, waited for while it is under way; None: there is
        none, connect yourself.
        """
        while True:
            with self._lock:
                if not self._promised:
                    return None
                self._promised -= 1
            found = self._opened.get()
            if found is not None:
                if _alive(found):
                    return found
                found.close()

    def close(self) -> None:
        """Close what lies ready."""
        with self._lock:
            self._keep(lambda _: False)

    def _keep(self, wanted: Callable[[ssl.SSLSocket], bool]) -> None:
        """Of what lies ready keep what is wanted; what is under way stays promised."""
        for _ in range(self._opened.qsize()):
            found = self._opened.get()
            if found is not None and wanted(found):
                self._opened.put(found)
                continue
            self._promised -= 1
            if found is not None:
                found.close()

    def _open(self) -> None:
        opened = None
        try:
            context = self.context()
            plain = socket.create_connection((self.host, self.port), OPEN_TIMEOUT_S)
            plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            opened = context.wrap_socket(plain, server_hostname=self.host)
        except Exception:  # noqa: BLE001, S110 - the request that needs it meets the same, and says so
            pass
        finally:
            self._opened.put(opened)


def _context(ca_file: str | None) -> ssl.SSLContext:
    """As urllib3 makes it: host name and certificate are checked, TLS 1.2 at least."""
    if ca_file is None:
        import certifi

        ca_file = certifi.where()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_alpn_protocols(["http/1.1"])
    context.load_verify_locations(ca_file)
    return context


def _alive(opened: ssl.SSLSocket) -> bool:
    """Is it open still? A server's session tickets may lie unread on it."""
    timeout_s = opened.gettimeout()
    opened.setblocking(False)
    try:
        opened.recv(1)  # nothing was asked: whatever can be read, even its end, is wrong
    except (ssl.SSLWantReadError, BlockingIOError):
        opened.settimeout(timeout_s)
        return True
    except OSError:
        pass
    return False
