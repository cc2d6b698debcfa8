"""The exchange inside a requests session, and behind a socket: the same bytes."""

import socket
from collections.abc import Iterator

import pytest
import requests

from simulator.wire.mount import WsgiAdapter
from simulator.wire.serve import Server, serving
from tests.simulator.wire.desk import START_MS, Desk


@pytest.fixture
def session(desk: Desk) -> Iterator[requests.Session]:
    with requests.Session() as session:
        session.trust_env = False
        session.mount("https://", WsgiAdapter(desk.app))
        session.mount("http://", WsgiAdapter(desk.app))
        yield session


@pytest.fixture
def server(desk: Desk) -> Iterator[Server]:
    with serving(desk.app) as server:
        yield server


def test_no_address_leaves_the_process(session: requests.Session) -> None:
    for url in ("https://fapi.binance.com/fapi/v1/time", "http://nowhere.invalid/fapi/v1/time"):
        answer = session.get(url)
        assert answer.json() == {"serverTime": START_MS}
        assert (answer.status_code, answer.reason, answer.url) == (200, "OK", url)
        assert answer.headers["x-mbx-used-weight-1m"]


def test_queries_and_bodies_arrive(session: requests.Session) -> None:
    url = "https://fapi.binance.com/fapi/v1/ticker/price"
    assert session.get(url, params={"symbol": "DOTUSDT"}).json()["price"] == "1.135900"
    answer = session.post("https://fapi.binance.com/sim/clock", data='{"now": 0}')
    assert (answer.status_code, answer.json()["code"]) == (400, -1130)
    assert session.get("https://x/fapi%2Fv1%2Ftime").status_code == 200


@pytest.mark.parametrize(
    ("do", "error"),
    [("drop", requests.exceptions.ConnectionError), ("hang", requests.exceptions.ReadTimeout)],
)
def test_lost_connections_look_the_same_in_process_and_on_a_socket(
    desk: Desk, session: requests.Session, server: Server, do: str, error: type[Exception]
) -> None:
    for address in ("https://fapi.binance.com", server.url):
        desk.control("POST", "/sim/fault", {"do": do, "path": "/fapi/v1/time"})
        client = session if address.startswith("https") else requests.Session()
        client.trust_env = False
        with pytest.raises(error):
            client.get(f"{address}/fapi/v1/time", timeout=0.2)
        assert client.get(f"{address}/fapi/v1/time", timeout=5).status_code == 200
        client.close()


def test_a_server_keeps_its_connections(server: Server) -> None:
    with socket.create_connection(("127.0.0.1", server.server_port), timeout=5) as line:
        for _ in range(2):
            line.sendall(b"GET /fapi/v1/time HTTP/1.1\r\nHost: x\r\n\r\n")
            answer = line.recv(65536)
            assert answer.startswith(b"HTTP/1.1 200 OK\r\n")
            assert b"Connection: close" not in answer
            assert answer.endswith(b'{"serverTime":%d}' % START_MS)


def test_a_server_listens_on_loopback_only(server: Server) -> None:
    assert server.socket.getsockname()[0] == "127.0.0.1"


def test_a_body_that_is_too_long_is_refused(server: Server) -> None:
    with socket.create_connection(("127.0.0.1", server.server_port), timeout=5) as line:
        line.sendall(b"POST /sim/clock HTTP/1.1\r\nHost: x\r\nContent-Length: 9999999\r\n\r\n")
        assert line.recv(65536).startswith(b"HTTP/1.1 400")
