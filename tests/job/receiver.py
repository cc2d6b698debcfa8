"""Somebody who listens on loopback: what arrives is kept, and the answer may fail or never come."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from simulator.wire.serve import running


@dataclass
class Receiver:
    """An HTTP server. `manner`: a status, "hang" (no answer), "drip" (one byte at a time)."""

    address: str = ""
    manner: int | str = 200
    heard: list[tuple[str, str]] = field(default_factory=list)

    def paths(self) -> list[str]:
        """Where it was spoken to."""
        return [path for path, _ in self.heard]

    def texts(self, name: str = "text") -> list[str]:
        """The texts of the JSON that came."""
        return [json.loads(body)[name] for _, body in self.heard]


@contextmanager
def receiver(manner: int | str = 200, patience_s: float = 5) -> Iterator[Receiver]:
    """One that listens for as long as the block lasts."""
    found = Receiver(manner=manner)
    over: list[bool] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", 0))).decode()
            found.heard.append((self.path, body))
            steps = int(patience_s / 0.05)
            if found.manner == "hang":
                _until(over, steps, lambda: None)
            elif found.manner == "drip":
                self.wfile.write(b"HTTP/1.0 200 OK\r\nX-Slow: ")
                _until(over, steps, lambda: self.wfile.write(b"z"))
            else:
                self.send_response(int(found.manner))
                self.send_header("Location", f"{found.address}/elsewhere")
                self.end_headers()

        def log_message(self, *_: Any) -> None:
            """Nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    found.address = f"http://127.0.0.1:{server.server_port}"
    with running(server):
        try:
            yield found
        finally:
            over.append(True)


def _until(over: list[bool], steps: int, act: Any) -> None:
    for _ in range(steps):
        if over:
            return
        try:
            act()
        except OSError:
            return
        time.sleep(0.05)
