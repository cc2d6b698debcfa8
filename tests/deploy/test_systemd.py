"""The units, as systemd reads them: when they fire, what a failure does, what they may do."""

import re
import shutil
from configparser import RawConfigParser
from pathlib import Path

import pytest

from tests.deploy.staging import BARE, Ended, laid_out, started
from tests.house.sources import ROOT

UNITS = sorted((ROOT / "deploy/systemd").iterdir())
SERVICES = [path.name for path in UNITS if path.suffix == ".service"]
needs_systemd = pytest.mark.skipif(
    shutil.which("systemd-analyze") is None, reason="systemd is not installed"
)
#: Out of 100; a unit without any hardening has 96.
EXPOSURE_MAX = 20


def analyzed(*arguments: str | Path) -> Ended:
    return started(["systemd-analyze", *arguments], {**BARE, "SYSTEMD_PAGER": ""})


def setting(unit: str, name: str) -> list[str]:
    """Every value of a setting, in order."""
    text = (ROOT / "deploy/systemd" / unit).read_text()
    return re.findall(rf"^{name}=(.*)$", text, re.MULTILINE)


@needs_systemd
def test_systemd_accepts_them(tmp_path: Path, home: Path) -> None:
    root = laid_out(tmp_path, home)
    units = sorted((root / "etc/systemd/system").iterdir())
    assert [unit.name for unit in units] == [unit.name for unit in UNITS]
    ended = analyzed("verify", "--man=no", *units)
    # a machine without the job's user says so; nothing else may be said
    told = [line for line in ended.stderr.splitlines() if "revert" in line]
    assert told == [], ended


@needs_systemd
@pytest.mark.parametrize(("unit", "run"), [("revert-run", True), ("revert-guard", False)])
def test_they_fire_three_seconds_past_every_minute_of_their_own(unit: str, run: bool) -> None:
    [calendar] = setting(f"{unit}.timer", "OnCalendar")
    ended = analyzed("calendar", "--iterations=60", "--base-time=2026-01-01 UTC", calendar)
    times = re.findall(r"(\d\d):(\d\d):(\d\d) UTC", ended.stdout)
    assert len(times) >= 60
    assert {int(second) for _, _, second in times} == {3}
    found = {int(minute) for _, minute, _ in times}
    assert found == {minute for minute in range(60) if (minute % 5 == 0) is run}


@pytest.mark.parametrize("unit", ["revert-run.timer", "revert-guard.timer"])
def test_they_are_punctual_and_never_catch_up(unit: str) -> None:
    assert setting(unit, "AccuracySec") == ["100ms"]
    assert setting(unit, "Persistent") == ["false"]


def test_a_failed_run_fires_the_guard_and_a_failed_guard_nothing() -> None:
    assert setting("revert-run.service", "OnFailure") == ["revert-guard.service"]
    assert setting("revert-guard.service", "OnFailure") == []
    assert setting("revert-run.service", "Type") == ["oneshot"]


@pytest.mark.parametrize("command", ["run", "guard"])
def test_the_entry_names_settings_and_venue(command: str) -> None:
    [line] = setting(f"revert-{command}.service", "ExecStart")
    assert line == (
        "/opt/revert/.venv/bin/python /opt/revert/handler.py "
        f"{command} --config /etc/revert/config.toml --set venue=demo"
    )


def test_both_services_may_do_the_same() -> None:
    run, guard = (_settings(f"revert-{command}.service") for command in ("run", "guard"))
    assert run == guard


def _settings(unit: str) -> list[str]:
    text = (ROOT / "deploy/systemd" / unit).read_text().partition("[Service]")[2]
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    return [line for line in lines if not line.startswith("ExecStart=")]


@pytest.mark.parametrize("unit", SERVICES)
def test_keys_come_as_files_that_only_the_job_can_read(unit: str) -> None:
    for name in ("binance_api_key", "binance_api_secret"):
        assert f"{name}:/etc/revert/{name}" in setting(unit, "LoadCredential")
        assert f"{name.upper()}_FILE=%d/{name}" in setting(unit, "Environment")


@needs_systemd
@pytest.mark.parametrize("unit", SERVICES)
def test_they_may_do_little(unit: str) -> None:
    path = ROOT / "deploy/systemd" / unit
    ended = analyzed("security", "--offline=true", f"--threshold={EXPOSURE_MAX}", path)
    if "unrecognized option" in ended.stderr or "Unknown option" in ended.stderr:
        pytest.skip("this systemd cannot judge a unit that is not installed")
    assert ended.returncode == 0, ended.stdout[-200:]


def test_a_unit_is_read_as_it_is_written() -> None:
    for path in UNITS:
        parser = RawConfigParser(strict=False, interpolation=None)
        parser.read(path)
        assert parser.sections()[0] == "Unit"
