"""I8: no key, secret or signature in a line, an error, the journal or the notes."""

import logging
import os
import subprocess
import sys
from pathlib import Path

import pytest

from job.config import ConfigFaultsError, load
from job.credentials import credentials, has_credentials
from tests.house.sources import ROOT
from tests.job.terminal import Terminal, Typed

KEY, SECRET = "KEYkeyKEYkey0123456789", "SECRETsecret9876543210"
BOTH = {"BINANCE_API_KEY": KEY, "BINANCE_API_SECRET": SECRET}


def assert_kept(terminal: Terminal, typed: Typed) -> None:
    texts = [typed.told.encode(), *terminal.files().values()]
    for text in texts:
        for hidden in (KEY, SECRET, "signature"):
            assert hidden.encode() not in text


@pytest.mark.parametrize("command", ["run", "guard", "status", "check"])
@pytest.mark.parametrize("venue", ["demo", "live", "embedded"])
def test_nothing_hidden_is_ever_printed_or_kept(
    terminal: Terminal, command: str, venue: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    terminal.environment |= BOTH | {"REVERT_VENUE": venue}
    typed = terminal.type(command)
    assert typed.status == (0 if venue == "embedded" else 1)  # a test never leaves this machine
    assert_kept(terminal, typed)
    for hidden in (KEY, SECRET):
        assert hidden not in caplog.text


def test_credentials_on_the_embedded_venue_are_pointed_out(terminal: Terminal) -> None:
    terminal.environment |= BOTH
    notice = "notice: exchange credentials are set, but venue is embedded: paper only"
    assert notice in terminal.type("run").out[0]
    assert terminal.type("guard").told == ""
    terminal.environment.clear()
    assert "notice" not in terminal.type("run").told


@pytest.mark.parametrize("venue", ["demo", "live"])
def test_a_venue_that_needs_credentials_names_what_is_missing(
    terminal: Terminal, venue: str
) -> None:
    typed = terminal.type("run", "--set", f"venue={venue}")
    assert (typed.status, typed.out) == (2, [])
    assert [line.split(":")[0] for line in typed.err] == ["BINANCE_API_KEY", "BINANCE_API_SECRET"]
    assert terminal.files() == {}


def test_credentials_may_lie_in_files(tmp_path: Path) -> None:
    (tmp_path / "key").write_text(f"{KEY}\n")
    (tmp_path / "secret").write_text(f"  {SECRET}\n")
    files = {f"{name}_FILE": str(tmp_path / name[12:].lower()) for name in BOTH}
    demo = load({"REVERT_VENUE": "demo"}, tmp_path)
    assert credentials(demo, files) == (KEY, SECRET)
    assert credentials(demo, {**files, "BINANCE_API_KEY": "other"}) == ("other", SECRET)
    assert has_credentials(demo, files)
    assert not has_credentials(demo, {})
    (tmp_path / "secret").unlink()
    with pytest.raises(ConfigFaultsError, match="BINANCE_API_SECRET_FILE") as caught:
        credentials(demo, files)
    [fault] = caught.value.faults
    assert fault.startswith("BINANCE_API_SECRET_FILE = ")
    assert fault.endswith("cannot be read: No such file or directory")
    assert KEY not in fault


@pytest.mark.parametrize(
    "value", [SECRET, "-----BEGIN PRIVATE KEY-----\nMC4\n", SECRET * 99, "a\0b"]
)
def test_a_secret_in_place_of_its_file_is_not_shown(tmp_path: Path, value: str) -> None:
    demo = load({"REVERT_VENUE": "demo"}, tmp_path)
    with pytest.raises(ConfigFaultsError) as caught:
        credentials(demo, {"BINANCE_API_KEY": KEY, "BINANCE_API_SECRET_FILE": value})
    [fault] = caught.value.faults
    assert fault.startswith("BINANCE_API_SECRET_FILE: cannot be read: ")
    assert value not in fault


def test_an_empty_file_is_told(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("\n")
    demo = load({"REVERT_VENUE": "demo"}, tmp_path)
    file = str(tmp_path / "secret")
    with pytest.raises(ConfigFaultsError, match="is empty"):
        credentials(demo, {"BINANCE_API_KEY": KEY, "BINANCE_API_SECRET_FILE": file})


def typed_in_a_process(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """handler.py as a timer starts it, in a folder of its own."""
    config = folder / "config.toml"
    config.write_text("early_wait_s = 0\n")
    environment = {"PATH": os.environ["PATH"], "REVERT_CONFIG": str(config)}
    command = [sys.executable, str(ROOT / "handler.py"), *arguments]
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False
    )


def test_handler_py_is_the_command(tmp_path: Path) -> None:
    ended = typed_in_a_process(tmp_path, "--json")
    assert (ended.returncode, ended.stdout.count("\n")) == (0, 1)
    assert " EMBEDDED (synthetic prices) BTCUSDT " in ended.stderr
    assert (tmp_path / "var/embedded/state.json").exists()
    assert typed_in_a_process(tmp_path, "run", "--set", "seed=x").returncode == 2
