"""The image's tree and entry points as plain processes: an unprivileged user, a read-only tree."""

import os
import re
import shutil
import signal
import subprocess
import sys
import sysconfig
import time
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import yaml  # comes with moto

from tests.deploy.staging import (
    BARE,
    Ended,
    copied_by_dockerfile,
    is_root,
    set_python,
    started,
    tree,
    works,
)
from tests.house.sources import MAY_IMPORT, ROOT

DOCKERFILE = (ROOT / "Dockerfile").read_text()
NOBODY = 65534
#: A container's file system for one process: everything read-only for it but its state, no network,
#: no capability. This Python and its packages are bound to where every user may read them.
CONTAINER = """
set -e
folder=$1
mount --bind "$2" "$folder/python"
mount --bind "$3" "$folder/packages"
mount --bind "$folder/app" "$folder/app"
mount -o remount,bind,ro "$folder/app"
shift 3
exec setpriv --reuid 65534 --regid 65534 --clear-groups --no-new-privs --bounding-set=-all "$@"
"""
NAMESPACE = ["unshare", "--mount", "--net"]
HADOLINT = Path(sys.executable).with_name("hadolint")
TIMER = ROOT / "deploy/docker/timer"


def compose() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text())
    return found


def lines_of(instruction: str) -> list[str]:
    return re.findall(rf"^{instruction} (.+)$", DOCKERFILE, re.MULTILINE)


@pytest.fixture
def image(open_folder: Path) -> Path:
    """The tree, compiled as in the Dockerfile, settings, and an empty state of nobody's."""
    if not is_root() or not works(*NAMESPACE, "true"):
        pytest.skip("needs root and namespaces")
    app = tree(open_folder / "app")
    compiled = started([app / ".venv/bin/python", "-m", "compileall", "-q",
                        "--invalidation-mode", "unchecked-hash", app])  # fmt: skip
    assert compiled.returncode == 0, compiled
    binary = f"{open_folder}/python/bin/python{sys.version_info.major}.{sys.version_info.minor}"
    set_python(
        app,
        f"export LD_LIBRARY_PATH={open_folder}/python/lib PYTHONPATH={open_folder}/packages\n"
        f'exec {binary} "$@"',
    )
    state = open_folder / "state"
    text = (ROOT / "deploy/config.toml").read_text()
    text = text.replace("/var/lib/revert/demo", str(state)).replace('"demo"', '"embedded"')
    (open_folder / "config.toml").write_text(text)
    for name in ("state", "python", "packages"):
        (open_folder / name).mkdir()
    os.chown(state, NOBODY, NOBODY)
    state.chmod(0o700)
    return open_folder


def in_container(image: Path, *command: str | Path) -> Ended:
    """A process as the container starts it."""
    packages = sysconfig.get_paths()["purelib"]
    set_up = [*NAMESPACE, "sh", "-c", CONTAINER, "sh", str(image), sys.base_prefix, packages]
    return started([*set_up, *map(str, command)], {**BARE, "PYTHONDONTWRITEBYTECODE": "1"})


def entry_point(image: Path, *arguments: str) -> Ended:
    app = image / "app"
    python, config = app / ".venv/bin/python", image / "config.toml"
    return in_container(image, python, app / "handler.py", "--config", config, *arguments)


def test_the_entry_point_runs_as_nobody_on_a_read_only_tree(image: Path) -> None:
    ended = entry_point(image, "run")
    assert ended.returncode == 0, ended
    assert " EMBEDDED (synthetic prices) BTCUSDT candle " in ended.stdout
    state = image / "state/state.json"
    assert state.stat().st_uid == NOBODY
    assert entry_point(image, "report").returncode == 0
    assert (image / "state/report.html").exists()
    options = ["--config", str(image / "config.toml"), "--set", "venue=embedded"]
    fired = in_container(image, image / "app/deploy/fire", "guard", *options)
    assert (fired.returncode, fired.stdout, fired.stderr) == (0, "", "")
    assert in_container(image, "touch", image / "app/handler.py").returncode == 1
    healthy = image / "app/deploy/docker/healthy"
    assert in_container(image, healthy, state).returncode == 0
    os.utime(state, (time.time() - 720,) * 2)
    assert in_container(image, healthy, state).returncode == 1
    assert in_container(image, healthy, image / "nowhere").returncode == 1


def test_the_image_holds_what_the_job_imports_and_no_more() -> None:
    copied = set(copied_by_dockerfile())
    rooms = {name.strip("/") for name in copied if (ROOT / name).is_dir()} - {"deploy/docker"}
    assert rooms == MAY_IMPORT["handler"]
    for name in copied:
        assert (ROOT / name).exists(), name
    allowed = (ROOT / ".dockerignore").read_text().splitlines()
    assert allowed[1] == "*"  # nothing is sent to the builder but what is named
    assert {line[1:] for line in allowed if line.startswith("!")} == {
        name.rstrip("/") for name in copied
    }


def test_the_image_is_no_root_and_reads_its_settings_from_one_place() -> None:
    assert lines_of("USER") == ["10001:10001"]
    [entry] = lines_of("ENTRYPOINT")
    assert entry == (
        '["/app/.venv/bin/python", "/app/handler.py", "--config", "/etc/revert/config.toml"]'
    )
    assert "--require-hashes --only-binary=:all:" in DOCKERFILE
    [image] = re.findall(r"^ARG PYTHON_IMAGE=(.+)$", DOCKERFILE, re.MULTILINE)
    assert re.fullmatch(r"python:3\.13\.\d+-slim-bookworm", image)


def test_compose_gives_the_job_nothing_it_does_not_need() -> None:
    services = compose()["services"]
    for service in services.values():
        assert service["read_only"] is True
        assert service["cap_drop"] == ["ALL"]
        assert service["security_opt"] == ["no-new-privileges:true"]
        assert set(service["secrets"]) == set(compose()["secrets"])
        assert all(name.endswith("_FILE") for name in service["environment"])
    timer = services["timer"]
    assert timer["command"] == ["--config", "/etc/revert/config.toml", "--set", "venue=demo"]
    ignored = (ROOT / ".gitignore").read_text().splitlines()
    assert {"/secrets/", "/revert.toml"} <= set(ignored)


@pytest.mark.skipif(not HADOLINT.exists(), reason="hadolint has no build for this machine")
def test_hadolint_finds_nothing() -> None:
    ended = started([HADOLINT, ROOT / "Dockerfile"])
    assert (ended.returncode, ended.stdout) == (0, "")


class Stage:
    """The timer with a clock of the test's: `sleep` moves it, and a file of minutes ends it."""

    def __init__(self, folder: Path, began: int, spent: str = "0") -> None:
        self.folder = folder
        (folder / "docker").mkdir(parents=True)
        shutil.copy(TIMER, folder / "docker/timer")
        (folder / "now").write_text(str(began))
        self.script("bin/date", f"cat {folder}/now")
        # the fourteenth firing is the last
        self.script("bin/sleep", f"echo $(($(cat {folder}/now) + $1)) >{folder}/now")
        self.script(
            "fire",
            f'echo "$(cat {folder}/now) $*" >>{folder}/fired\n'
            f"echo $(($(cat {folder}/now) + {spent})) >{folder}/now\n"
            f'[ "$(wc -l <{folder}/fired)" -lt 14 ] || kill "$PPID"',
        )

    def script(self, name: str, text: str) -> None:
        path = self.folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"#!/bin/sh\n{text}\n")
        path.chmod(0o755)

    def fired(self, *options: str) -> tuple[Ended, list[tuple[int, str]]]:
        environment = {**BARE, "PATH": f"{self.folder}/bin:/usr/bin:/bin"}
        ended = started([self.folder / "docker/timer", *options], environment)
        record = self.folder / "fired"
        lines = record.read_text().splitlines() if record.exists() else []
        return ended, [(int(line.split()[0]), line.split()[1]) for line in lines]


OPTIONS = ("--config", "/c.toml", "--set", "venue=demo")


@pytest.mark.parametrize("began", [1_800_000_000, 1_800_000_002, 1_800_000_003, 1_800_000_059])
def test_the_timer_fires_at_every_minute(tmp_path: Path, began: int) -> None:
    ended, fired = Stage(tmp_path, began).fired(*OPTIONS)
    assert ended.returncode == 0, ended
    times = [at for at, _ in fired]
    assert {at % 60 for at in times} == {3}
    assert {later - before for before, later in pairwise(times)} == {60}
    assert times[0] - began <= 60
    assert [command for at, command in fired] == [
        "run" if at // 60 % 5 == 0 else "guard" for at in times
    ]


def test_a_long_firing_costs_no_later_one(tmp_path: Path) -> None:
    _, fired = Stage(tmp_path, 1_800_000_000, spent="70").fired(*OPTIONS)
    assert {at % 60 for at, _ in fired} == {3}
    assert {later[0] - before[0] for before, later in pairwise(fired)} == {120}


def test_the_timer_wants_settings_and_venue(tmp_path: Path) -> None:
    for options in ((), ("--config", "x"), ("--set", "venue=live")):
        stage = Stage(tmp_path / str(len(options)) / "-".join(options), 0)
        ended, fired = stage.fired(*options)
        assert (ended.returncode, fired) == (2, [])


def test_the_timer_stops_when_it_is_told(tmp_path: Path) -> None:
    stage = Stage(tmp_path, 1_800_000_000)
    stage.script("bin/sleep", f": >{tmp_path}/asleep; exec /bin/sleep 30")
    environment = {**BARE, "PATH": f"{tmp_path}/bin:/usr/bin:/bin"}
    command = [str(tmp_path / "docker/timer"), *OPTIONS]
    process = subprocess.Popen(command, env=environment, start_new_session=True)
    try:
        waited_until = time.monotonic() + 10
        while not (tmp_path / "asleep").exists() and time.monotonic() < waited_until:
            time.sleep(0.02)
        process.terminate()
        assert process.wait(10) == 0
    finally:
        os.killpg(process.pid, signal.SIGKILL)  # its sleep
    assert not (tmp_path / "fired").exists()
