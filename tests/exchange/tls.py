"""An exchange of few words behind TLS on loopback, that counts its connections."""

import json
import ssl
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

from bench.run.far_exchange import TlsServer
from bench.run.properties import write_certificates
from simulator.wire.serve import running

WsgiApp = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


def certificates(folder: Path) -> Path:
    """Makes the server's certificate and the list of authorities that trusts it."""
    write_certificates(folder)
    return folder / "authorities.pem"


def timekeeper(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
    """Every request is answered with the same time."""
    environ["wsgi.input"].read()
    start("200 OK", [("Content-Type", "application/json")])
    return (json.dumps({"serverTime": 1_789_837_689_000}).encode(),)


def serving_tls(folder: Path, app: WsgiApp = timekeeper) -> AbstractContextManager[TlsServer]:
    """The server with the certificate of `folder`, in a thread."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "server.pem")
    return running(TlsServer(app, context))


def address(server: TlsServer) -> str:
    """Where it is."""
    return f"https://127.0.0.1:{server.server_port}"
