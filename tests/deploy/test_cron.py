"""The crontab, executed as cron would (bare environment, /bin/sh, no folder), and by cron."""

import fcntl
import re
import shutil
import subprocess
import time
from pathlib import Path

import pytest

from tests.deploy.staging import (
    BARE,
    KEY,
    SECRET,
    Ended,
    cron_entries,
    is_root,
    laid_out,
    set_python,
    started,
    works,
)
from tests.house.sources import ROOT

NAMESPACE = ("unshare", "--mount", "--net", "true")


def entry(root: Path, command: str) -> tuple[dict[str, str], str]:
    """The environment and the text of one entry."""
    environment, commands = cron_entries(root / "etc/revert/crontab")
    [text] = [text for text in commands.values() if f"fire {command} " in text]
    return {**BARE, **environment}, text


def as_cron(root: Path, command: str, *before: str) -> Ended:
    environment, text = entry(root, command)
    return started([*before, "/bin/sh", "-c", text], environment)


def log(root: Path) -> str:
    return (root / "var/log/revert/revert.log").read_text()


def minutes(field: str) -> set[int]:
    """The minutes of a crontab's first field."""
    found: set[int] = set()
    for part in field.split(","):
        span, _, step = part.partition("/")
        first, _, last = ("0-59" if span == "*" else span).partition("-")
        found |= set(range(int(first), int(last or first) + 1, int(step or 1)))
    return found


def test_the_guard_is_fired_at_every_minute_between_two_runs() -> None:
    _, commands = cron_entries(ROOT / "deploy/crontab")
    fired = {re.findall(r"fire (\w+)", text)[0]: fields for fields, text in commands.items()}
    assert {fields.split(maxsplit=1)[1] for fields in commands} == {"* * * *"}
    run, guard = (minutes(fired[command].split()[0]) for command in ("run", "guard"))
    assert run == set(range(0, 60, 5))
    assert (run | guard, run & guard) == (set(range(60)), set())


def test_every_entry_names_settings_and_venue() -> None:
    _, commands = cron_entries(ROOT / "deploy/crontab")
    for text in commands.values():
        assert " --config /etc/revert/config.toml --set venue=demo >> " in text
        assert "%" not in text  # cron would end the line there


@pytest.mark.skipif(shutil.which("crontab") is None, reason="cron is not installed")
def test_cron_accepts_it() -> None:
    ended = started(["crontab", "-n", ROOT / "deploy/crontab"])
    assert ended.returncode == 0, ended


def test_the_entries_fire_the_real_job(tmp_path: Path, home: Path) -> None:
    root = laid_out(tmp_path, home, "--timer", "cron", venue="embedded")
    assert as_cron(root, "run").returncode == 0, log(root)
    assert " EMBEDDED (synthetic prices) BTCUSDT candle " in log(root)
    assert (root / "var/lib/revert/embedded/state.json").exists()
    before = log(root)
    assert as_cron(root, "guard").returncode == 0
    assert log(root) == before  # all is well
    (root / "etc/revert/config.toml").unlink()
    assert as_cron(root, "run").returncode == 2
    missing = f"--config = {root}/etc/revert/config.toml: there is no such file\n"
    assert log(root) == before + 2 * missing  # the run, then the guard; never a paper job instead


def test_a_live_job_does_not_become_a_paper_job(tmp_path: Path, home: Path) -> None:
    root = laid_out(tmp_path, home, "--timer", "cron", venue="live")
    config = root / "etc/revert/config.toml"
    config.write_text(config.read_text().replace('venue = "live"', ""))
    assert as_cron(root, "run").returncode == 2
    assert f"BINANCE_API_KEY_FILE = {root}/etc/revert/binance_api_key: is empty" in log(root)
    assert "EMBEDDED" not in log(root)


@pytest.mark.parametrize("command", ["run", "guard"])
def test_one_of_a_kind_at_a_time(tmp_path: Path, home: Path, command: str) -> None:
    set_python(home, "echo fired")
    root = laid_out(tmp_path, home, "--timer", "cron")
    with (root / f"var/lib/revert/{command}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert as_cron(root, command).returncode == 0
        assert log(root) == ""
        other = "guard" if command == "run" else "run"
        as_cron(root, other)
        assert log(root) == "fired\n"


@pytest.mark.skipif(not (is_root() and works(*NAMESPACE)), reason="needs root and namespaces")
def test_no_secret_is_in_process_list_environment_or_log(tmp_path: Path, home: Path) -> None:
    root = laid_out(tmp_path, home, "--timer", "cron")
    for name, value in (("key", KEY), ("secret", SECRET)):
        (root / f"etc/revert/binance_api_{name}").write_text(value)
    python = (home / ".venv/bin/python").read_text().splitlines()[-1]
    seen = tmp_path / "seen"
    spy = f"cat /proc/$$/environ /proc/$$/cmdline /proc/$PPID/cmdline >>{seen}; ps axeww >>{seen}"
    set_python(home, f"{spy}; {python}")
    # without a network: nothing can leave this machine
    ended = as_cron(root, "run", "unshare", "--net")
    assert ended.returncode == 1
    assert " DEMO FAILED: read the time: the connection failed" in log(root)
    looked_at = [seen, *(path for path in (root / "var").rglob("*") if path.is_file())]
    assert b"BINANCE_API_SECRET_FILE=" in seen.read_bytes()
    for path in looked_at:
        for hidden in (KEY, SECRET):
            assert hidden.encode() not in path.read_bytes(), path
    for text in (ended.stdout, ended.stderr):
        assert SECRET not in text


UNDER_CRON = """
set -e
for folder in /var/spool/cron /etc/cron.d /run; do mount -t tmpfs none $folder; done
mount --bind /dev/null /etc/crontab
mkdir /var/spool/cron/crontabs
cp "$1" /var/spool/cron/crontabs/root
chmod 600 /var/spool/cron/crontabs/root
exec cron -f
"""


@pytest.mark.skipif(
    not (is_root() and works(*NAMESPACE) and shutil.which("cron")),
    reason="needs root, namespaces and cron",
)
def test_cron_itself_fires_it(tmp_path: Path, home: Path) -> None:
    """At its start instead of at a minute; its own files lie in a namespace that ends with it."""
    root = laid_out(tmp_path, home, "--timer", "cron", venue="embedded")
    crontab = root / "etc/revert/crontab"
    crontab.write_text(
        re.sub(r"^[*\d/,-]+ \* \* \* \*", "@reboot", crontab.read_text(), flags=re.MULTILINE)
    )
    assert crontab.read_text().count("@reboot") == 2
    command = ["unshare", "--mount", "--net", "sh", "-c", UNDER_CRON, "sh", str(crontab)]
    daemon = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    state = root / "var/lib/revert/embedded/state.json"
    try:
        waited_until = time.monotonic() + 30
        while not state.exists() and time.monotonic() < waited_until and daemon.poll() is None:
            time.sleep(0.1)
    finally:
        daemon.terminate()
        daemon.communicate()
    assert state.exists()


@pytest.mark.skipif(shutil.which("logrotate") is None, reason="logrotate is not installed")
@pytest.mark.skipif(not is_root(), reason="logrotate changes to the log's user")
def test_the_log_is_rotated(tmp_path: Path, home: Path) -> None:
    root = laid_out(tmp_path, home, "--timer", "cron")
    rules = root / "etc/logrotate.d/revert"
    rules.write_text(rules.read_text().replace("revert revert", "root root"))
    rules.chmod(0o644)
    file = root / "var/log/revert/revert.log"
    file.write_text("old\n")
    ended = started(["logrotate", "--force", "--state", tmp_path / "rotated", rules],
                    {**BARE, "PATH": "/usr/sbin:/usr/bin:/bin"})  # fmt: skip
    assert ended.returncode == 0, ended
    assert (file.read_text(), file.with_name("revert.log.1").read_text()) == ("", "old\n")
