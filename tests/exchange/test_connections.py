"""Connections that are opened ahead: used when good, replaced when dead, no reason to hang."""

import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import certifi
import pytest
import trustme

from bench.run.far_exchange import TlsServer
from exchange import connections as module
from exchange.client import make_client
from exchange.connections import HOSTS, Connections
from exchange.errors import VenueError
from exchange.gateway import Gateway
from exchange.transport import IDLE_MS_MAX, Transport
from simulator.wire.serve import serving
from tests.exchange.tls import address, certificates, serving_tls, timekeeper
from tests.exchange.transport import KEY, NOW_MS, SECRET

AHEAD = 3


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("tls")
    certificates(made)
    return made


@contextmanager
def connections(
    server: TlsServer, folder: Path, authorities: str = "authorities.pem"
) -> Iterator[Connections]:
    found = Connections(address(server), str(folder / authorities))
    yield found
    all_opened(found)
    found.close()


@contextmanager
def line(connections: Connections, server: TlsServer) -> Iterator[tuple[Gateway, Transport]]:
    """A gateway as the job makes it, and its transport."""
    client = make_client("embedded", KEY, SECRET, lambda: NOW_MS, address(server))
    transport = Transport(connections, kept=20)
    client.session.mount("https://", transport)
    yield Gateway(client), transport
    transport.forget()


def all_opened(found: Connections) -> None:
    """Wait until nothing is under way any more, and leave everything as it was."""
    ready = [found._opened.get() for _ in range(found._promised)]
    for one in ready:
        found._opened.put(one)


def test_the_addresses_are_ccxt_s_own() -> None:
    for venue, url in HOSTS.items():
        theirs = make_client(venue, KEY, SECRET, lambda: NOW_MS).urls["api"]["fapiPublic"]
        assert theirs.startswith(f"{url}/"), venue


def test_requests_go_over_the_connections_that_were_opened_ahead(folder: Path) -> None:
    with (
        serving_tls(folder) as server,
        connections(server, folder) as ahead,
        line(ahead, server) as (gateway, _),
    ):
        ahead.open_ahead(AHEAD)
        for _ in range(2 * AHEAD):
            gateway.server_time_ms()
        all_opened(ahead)
        assert (server.opened, ahead._promised) == (AHEAD, AHEAD - 1)


def test_what_was_not_opened_ahead_is_opened_when_it_is_needed_and_kept(folder: Path) -> None:
    with (
        serving_tls(folder) as server,
        connections(server, folder) as ahead,
        line(ahead, server) as (gateway, _),
    ):
        for _ in range(4):
            gateway.server_time_ms()
        assert server.opened == 1


def test_the_list_of_authorities_is_read_once(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = []
    true_context = module._context

    def context(file: str | None) -> ssl.SSLContext:
        read.append(file)
        return true_context(file)

    monkeypatch.setattr(module, "_context", context)
    with (
        serving_tls(folder) as server,
        connections(server, folder) as ahead,
        line(ahead, server) as (gateway, transport),
    ):
        ahead.open_ahead(AHEAD)
        gateway.server_time_ms()
        all_opened(ahead)
        transport.forget()
        gateway.server_time_ms()
        assert (server.opened, len(read)) == (AHEAD + 1, 1)


def test_asked_again_only_what_is_missing_is_opened(folder: Path) -> None:
    with serving_tls(folder) as server, connections(server, folder) as ahead:
        ahead.open_ahead(AHEAD)
        ahead.open_ahead(AHEAD)
        all_opened(ahead)
        ahead.open_ahead(AHEAD)
        assert (server.opened, ahead._promised) == (AHEAD, AHEAD)


def test_a_connection_that_has_died_is_passed_over_and_replaced(folder: Path) -> None:
    with serving_tls(folder) as server, connections(server, folder) as ahead:
        ahead.open_ahead(2)
        all_opened(ahead)
        kill_one(ahead)
        ahead.open_ahead(2)
        all_opened(ahead)
        assert server.opened == 3
        kill_one(ahead)
        taken = ahead.take()
        assert taken is not None
        taken.close()
        assert ahead.take() is None


def kill_one(found: Connections) -> None:
    dead = found._opened.get()
    assert dead is not None
    dead.shutdown(socket.SHUT_RDWR)
    found._opened.put(dead)


def test_a_connection_that_was_reset_is_not_taken(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def reset(_: int) -> bytes:
        raise ConnectionResetError

    with serving_tls(folder) as server, connections(server, folder) as ahead:
        ahead.open_ahead(1)
        ready = ahead._opened.get()
        assert ready is not None
        monkeypatch.setattr(ready, "recv", reset)
        ahead._opened.put(ready)
        assert ahead.take() is None
        assert ready.fileno() == -1


def test_an_authority_that_is_not_trusted_is_refused(folder: Path) -> None:
    usual = Path(certifi.where()).read_bytes()
    (folder / "usual.pem").write_bytes(usual)
    refused(folder, "usual.pem")


def test_a_certificate_for_another_host_is_refused(folder: Path) -> None:
    authority = trustme.CA()
    other = folder / "other"
    other.mkdir()
    chain = authority.issue_cert("example.com").private_key_and_cert_chain_pem
    chain.write_to_path(str(other / "server.pem"))
    authority.cert_pem.write_to_path(str(other / "authorities.pem"))
    refused(other, "authorities.pem")


def refused(folder: Path, authorities: str) -> None:
    """Neither ahead nor by itself does a request get through."""
    with (
        serving_tls(folder) as server,
        connections(server, folder, authorities) as ahead,
        line(ahead, server) as (gateway, _),
    ):
        ahead.open_ahead(1)
        with pytest.raises(VenueError, match="read the time"):
            gateway.server_time_ms()


def test_nothing_listens(folder: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as plug:
        port = plug.getsockname()[1]
    ahead = Connections(f"https://127.0.0.1:{port}", str(folder / "authorities.pem"))
    ahead.open_ahead(2)
    assert [ahead.take(), ahead.take()] == [None, None]


def test_what_could_not_be_opened_is_forgotten_and_tried_again(folder: Path) -> None:
    ahead = Connections("https://127.0.0.1:9", str(folder / "none.pem"))
    ahead.open_ahead(2)
    all_opened(ahead)
    assert (ahead._opened.qsize(), ahead._promised) == (2, 2)
    ahead.close()
    assert (ahead._opened.qsize(), ahead._promised) == (0, 0)


def test_who_is_not_told_whom_to_trust_trusts_certifi_s_list_and_checks_the_host() -> None:
    context = Connections(HOSTS["live"]).context()
    assert (context.verify_mode, context.check_hostname) == (ssl.CERT_REQUIRED, True)
    assert context.minimum_version is ssl.TLSVersion.TLSv1_2
    usual = ssl.create_default_context(cafile=certifi.where())
    assert context.cert_store_stats() == usual.cert_store_stats()


def test_the_transport_goes_to_an_exchange_without_tls_as_well() -> None:
    with serving(timekeeper) as server:
        ahead = Connections(server.url)
        client = make_client("embedded", KEY, SECRET, lambda: NOW_MS, server.url)
        transport = Transport(ahead, kept=2)
        client.session.mount("http://", transport)
        assert Gateway(client).server_time_ms() == NOW_MS
        transport.forget()


def test_a_list_that_is_not_there_is_no_reason_to_hang(tmp_path: Path) -> None:
    ahead = Connections("https://127.0.0.1:9", str(tmp_path / "none.pem"))
    ahead.open_ahead(1)
    assert ahead.take() is None


def test_no_threads_are_left(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def start(_: Any) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr("threading.Thread.start", start)
    ahead = Connections("https://127.0.0.1:9", str(folder / "authorities.pem"))
    ahead.open_ahead(2)
    assert ahead.take() is None


def test_without_tls_nothing_is_opened_ahead() -> None:
    ahead = Connections("http://127.0.0.1:9")
    ahead.open_ahead(3)
    assert ahead.take() is None


@pytest.mark.parametrize(
    ("idle_ms", "opened"),
    [(0, 1), (IDLE_MS_MAX, 1), (IDLE_MS_MAX + 1, 2), (-1, 2)],
    ids=["at once", "soon", "late", "the clock went back"],
)
def test_a_warm_process_keeps_connections_that_are_young(
    folder: Path, idle_ms: int, opened: int
) -> None:
    with (
        serving_tls(folder) as server,
        connections(server, folder) as ahead,
        line(ahead, server) as (gateway, transport),
    ):
        for now_ms in (NOW_MS, NOW_MS + idle_ms):
            transport.ready(now_ms, ahead=1)
            gateway.server_time_ms()
        assert server.opened == opened
