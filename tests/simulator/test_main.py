"""`python -m simulator` as a process of its own."""

import re
import shlex
import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

import pytest
import requests

from simulator.__main__ import main
from simulator.wire.serve import Server

PROJECT = Path(__file__).parents[2]


def test_it_prints_its_address_when_it_is_ready() -> None:
    command = [sys.executable, "-m", "simulator", "--port", "0", "--clock", "2025-10-10T20:00:00Z"]
    with subprocess.Popen(command, cwd=PROJECT, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            assert line.startswith("embedded exchange on http://127.0.0.1:")
            address = line.split()[3]
            with requests.Session() as session:
                session.trust_env = False
                answer = session.get(f"{address}/fapi/v1/time", timeout=10)
                assert answer.json() == {"serverTime": 1_760_126_400_000}
        finally:
            process.terminate()


def test_an_interrupt_is_the_usual_end(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Server, "serve_forever", interrupted)
    said: list[str] = []
    assert main(["--port", "0", "--clock", "real"], said.append) == 0
    [line] = said
    assert line.startswith("embedded exchange on http://127.0.0.1:")
    assert line.endswith("real clock)")


def test_bad_options_are_one_line_each(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--balance", "x", "--clock", "y"], print) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.splitlines() == [
        "--balance 'x': not a number",
        "--clock y: write real, or a time as in 2025-10-10T20:00:00Z",
    ]


@pytest.mark.parametrize("words", [["--prot", "1"], ["--port", "x"], ["--set"]])
def test_bad_usage_is_one_line(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(words, print)
    assert ended.value.code == 2
    assert len(capsys.readouterr().err.splitlines()) == 1


class Ready(Exception):
    """The server has said where it is."""


def test_the_examples_of_help_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    began_ms = 1_760_122_800_000  # 2025-10-10T19:00
    rows = "".join(f"{began_ms + n * 300_000},9,9,9,9,1\n" for n in range(20))
    with ZipFile(tmp_path / "BTCUSDT-5m-2025-10.zip", "w") as file:
        file.writestr("BTCUSDT-5m-2025-10.csv", rows)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit) as ended:
        main(["--help"], print)
    assert ended.value.code == 0
    examples = re.findall(r"^  python -m simulator (.*)$", capsys.readouterr().out, re.MULTILINE)
    assert len(examples) == 2

    def ready(line: str) -> None:
        raise Ready(line)

    for words in examples:
        with pytest.raises(Ready, match=r"embedded exchange on http://127\.0\.0\.1:"):
            main([*shlex.split(words), "--port", "0"], ready)


def test_a_taken_port_is_a_fault_of_its_own(capsys: pytest.CaptureFixture[str]) -> None:
    with Server(lambda *_: [b""], 0) as taken:
        assert main(["--port", str(taken.server_port)], print) == 2
    assert capsys.readouterr().err == f"--port {taken.server_port}: Address already in use\n"
    assert main(["--port", "99999"], print) == 2
    assert capsys.readouterr().err.startswith("--port 99999: ")
