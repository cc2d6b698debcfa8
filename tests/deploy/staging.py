"""The job's tree as the Dockerfile makes it, laid-out droplets, processes as timers start them.

The tree's Python is this one, behind a script, so that a test can step in between.
"""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.house.sources import ROOT

KEY, SECRET = "KEYkeyKEYkey0123456789", "SECRETsecret9876543210"
#: What cron gives a job, and nothing else.
BARE = {"HOME": "/nonexistent", "LOGNAME": "revert", "SHELL": "/bin/sh", "PATH": "/usr/bin:/bin"}
Ended = subprocess.CompletedProcess[str]


def copied_by_dockerfile() -> list[str]:
    """What the Dockerfile takes from the project."""
    text = (ROOT / "Dockerfile").read_text()
    lines = re.findall(r"^COPY (?!--from)(.+) \S+$", text, re.MULTILINE)
    return [name for line in lines for name in line.split()]


def tree(folder: Path) -> Path:
    """The image's /app, with a Python of this machine."""
    for name in copied_by_dockerfile():
        source, target = ROOT / name, folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target, dirs_exist_ok=True)
        else:
            shutil.copy2(source, target)
    set_python(folder, f'exec "{sys.executable}" "$@"')
    return folder


def set_python(folder: Path, script: str) -> None:
    """Let the tree's Python be a script."""
    python = folder / ".venv/bin/python"
    python.parent.mkdir(parents=True, exist_ok=True)
    python.write_text(f"#!/bin/sh\n{script}\n")
    python.chmod(0o755)


def started(
    command: Sequence[str | Path], environment: Mapping[str, str] = BARE, cwd: str = "/"
) -> Ended:
    """A process with this environment and no other."""
    return subprocess.run(
        [str(word) for word in command],
        cwd=cwd,
        env=dict(environment),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def installed(root: Path, *options: str, venue: str = "demo") -> Ended:
    """`install.sh` into a folder."""
    script = ROOT / "deploy/install.sh"
    return started([script, "--venue", venue, "--root", root, *options])


def laid_out(root: Path, home: Path, *options: str, venue: str = "demo") -> Path:
    """An installed droplet in a folder, its files changed to name that folder and this tree."""
    ended = installed(root, *options, venue=venue)
    assert ended.returncode == 0, ended
    for folder in ("var/lib/revert", "var/log/revert"):
        (root / folder).mkdir(parents=True, exist_ok=True)
    for path in (root / "etc").rglob("*"):
        if path.is_file():
            text = path.read_text().replace(str(ROOT), str(home))
            path.write_text(re.sub(r"(/etc|/var/lib|/var/log)/revert", rf"{root}\g<0>", text))
    return root


def cron_entries(crontab: Path) -> tuple[dict[str, str], dict[str, str]]:
    """A crontab's own environment, and its commands by their five fields."""
    environment, commands = {}, {}
    for line in crontab.read_text().splitlines():
        if not line or line.startswith("#"):
            continue
        assigned = re.fullmatch(r'(\w+)="?([^"]*)"?', line)
        if assigned:
            environment[assigned[1]] = assigned[2]
        else:
            fields = line.split(maxsplit=5)
            commands[" ".join(fields[:5])] = fields[5]
    return environment, commands


def is_root() -> bool:
    """May this test use namespaces and other users?"""
    return os.geteuid() == 0


def works(*command: str) -> bool:
    """Is a system program there, and allowed?"""
    return shutil.which(command[0]) is not None and started(command).returncode == 0
