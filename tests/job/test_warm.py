"""A warm Lambda: the second firing finds imports and connections, and nothing else."""

import json
from pathlib import Path

import pytest

from job.commands.lambda_entry import handle
from job.config import Config, ConfigFaultsError, load
from job.connecting import CONNECTIONS, connections_of, first_wave, transport_of
from job.outside import Outside, SystemClock
from simulator.starting import Options, start
from simulator.wire.app import make_app
from simulator.wire.signing import DEFAULT_CREDENTIALS
from tests.exchange.tls import address, certificates, serving_tls


def test_a_second_firing_keeps_the_connections_and_no_state(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    authorities = certificates(tmp_path)
    clock = SystemClock()
    started = start(Options(), clock.now_ms, clock.spent_ms)
    app = make_app(started.exchange, DEFAULT_CREDENTIALS, clock=started.clock)
    with serving_tls(tmp_path, app) as server:
        environment = {
            "SSL_CERT_FILE": str(authorities),
            "REVERT_VENUE_URL": address(server),
            "REVERT_EARLY_WAIT_S": "0",
        }
        outside = Outside(clock, environment, lambda: "0123456789ab")
        first = handle({"command": "guard"}, None, tmp_path, outside)
        opened = server.opened
        state = tmp_path / "var/embedded/state.json"
        state.unlink()  # what the first one wrote is all that there was
        second = handle({"command": "guard"}, None, tmp_path, outside)
        assert (first["ok"], second["ok"]) == (True, True)
        assert server.opened == opened <= 5  # a fresh job reads the rules as well
        assert json.loads(state.read_bytes())["revision"] == 1
        close_connections(load(environment, tmp_path), environment)
    assert " EMBEDDED " in capsys.readouterr().out


def close_connections(config: Config, environment: dict[str, str]) -> None:
    connections = connections_of(config, environment)
    assert connections is not None
    transport_of(connections).forget()


@pytest.mark.parametrize(
    ("symbols", "command", "wave"),
    [(1, "run", 6), (3, "run", 8), (100, "run", CONNECTIONS), (1, "guard", 4), (100, "guard", 4)],
)
def test_as_many_as_the_first_wave_needs(
    tmp_path: Path, symbols: int, command: str, wave: int
) -> None:
    names = {f"REVERT_SYMBOLS__S{number:03}USDT__MA_LENGTH": "20" for number in range(symbols)}
    assert first_wave(load(names, tmp_path), command) == wave


def test_the_exchange_in_this_process_needs_no_connections(tmp_path: Path) -> None:
    assert connections_of(load({}, tmp_path), {}) is None


def test_a_list_of_authorities_that_is_not_there_is_named(tmp_path: Path) -> None:
    file = tmp_path / "none.pem"
    config = load({"REVERT_VENUE": "demo"}, tmp_path)
    with pytest.raises(ConfigFaultsError, match=f"SSL_CERT_FILE = {file}: there is no such file"):
        connections_of(config, {"SSL_CERT_FILE": str(file)})
