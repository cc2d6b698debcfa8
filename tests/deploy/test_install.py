"""install.sh and uninstall.sh in a folder: idempotent, and nothing of the user's is lost."""

import stat
from pathlib import Path

import pytest

from job.config import load
from tests.deploy.staging import Ended, installed, started
from tests.house.sources import ROOT


def removed(root: Path, *options: str) -> Ended:
    return started([ROOT / "deploy/uninstall.sh", "--root", root, *options])


def content(root: Path) -> dict[str, tuple[int, bytes]]:
    """Every file with its mode."""
    return {
        str(path.relative_to(root)): (stat.S_IMODE(path.stat().st_mode), path.read_bytes())
        for path in root.rglob("*")
        if path.is_file()
    }


@pytest.mark.parametrize("timer", ["systemd", "cron"])
@pytest.mark.parametrize("venue", ["demo", "live", "embedded"])
def test_a_second_installation_changes_nothing(tmp_path: Path, timer: str, venue: str) -> None:
    first = installed(tmp_path, "--timer", timer, venue=venue)
    assert first.returncode == 0, first
    before = content(tmp_path)
    second = installed(tmp_path, "--timer", timer, venue=venue)
    assert (second.returncode, content(tmp_path)) == (0, before)
    assert "kept      /etc/revert/config.toml" in second.stdout
    assert [name for name in before if name.endswith(".new")] == []


def test_what_is_secret_is_for_the_job_only(tmp_path: Path) -> None:
    installed(tmp_path, "--timer", "cron")
    modes = {name.rsplit("/", 1)[1]: mode for name, (mode, _) in content(tmp_path).items()}
    for name in ("binance_api_key", "binance_api_secret", "environment"):
        assert modes[name] == 0o600
    assert modes["config.toml"] == 0o640
    for folder, mode in (("etc/revert", 0o750), ("var/lib/revert", 0o700)):
        assert stat.S_IMODE((tmp_path / folder).stat().st_mode) == mode


def test_what_a_person_has_edited_stays(tmp_path: Path) -> None:
    installed(tmp_path)
    for name in ("config.toml", "binance_api_secret"):
        file = tmp_path / "etc/revert" / name
        file.write_text(f"{file.read_text()}# mine\n")
        before = file.read_text()
        assert installed(tmp_path).returncode == 0
        assert file.read_text() == before


@pytest.mark.parametrize("venue", ["demo", "live", "embedded"])
def test_the_settings_are_good_and_name_this_machine(tmp_path: Path, venue: str) -> None:
    assert installed(tmp_path, "--owner", "house-1", venue=venue).returncode == 0
    config = load({}, tmp_path, str(tmp_path / "etc/revert/config.toml"))
    assert (config.venue, config.owner, list(config.symbols)) == (venue, "house-1", ["BTCUSDT"])
    assert config.state == Path(f"/var/lib/revert/{venue}/state.json")
    assert config.journal == Path(f"/var/lib/revert/{venue}/journal")
    assert config.report == Path(f"/var/lib/revert/{venue}/report.html")
    assert config.paper == Path(f"/var/lib/revert/{venue}/paper.json")


@pytest.mark.parametrize("timer", ["systemd", "cron"])
def test_every_entry_fires_from_here_at_this_venue(tmp_path: Path, timer: str) -> None:
    installed(tmp_path, "--timer", timer, venue="live")
    texts = [data.decode() for name, (_, data) in content(tmp_path).items() if "config" not in name]
    entries = [line for text in texts for line in text.splitlines() if " --config " in line]
    assert len(entries) == 2
    for line in entries:
        assert f"{ROOT}/" in line
        assert " --config /etc/revert/config.toml --set venue=live" in line
    assert not any("/opt/revert/" in text or "venue=demo" in text for text in texts)


def test_the_embedded_exchange_needs_no_keys(tmp_path: Path) -> None:
    installed(tmp_path, venue="embedded")
    installed(tmp_path, "--timer", "cron", venue="embedded")
    texts = b"".join(data for _, data in content(tmp_path).values())
    assert b"binance" not in texts.lower()


def test_a_change_of_venue_is_never_by_accident(tmp_path: Path) -> None:
    installed(tmp_path)
    before = content(tmp_path)
    ended = installed(tmp_path, venue="live")
    assert (ended.returncode, content(tmp_path)) == (2, before)
    assert ended.stderr == (
        "install: /etc/revert/config.toml: is not for venue live: "
        "set venue and the places there first\n"
    )


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ([], "--venue '': must be demo, live or embedded"),
        (["--venue"], "--venue: needs a value"),
        (["--venue", "paper"], "--venue 'paper': must be demo, live or embedded"),
        (["--venue", "demo", "--timer", "at"], "--timer 'at': must be systemd or cron"),
        (["--venue", "demo", "--owner", "a b"], "--owner 'a b': must be letters, digits"),
        (["--fast", "x"], "--fast: no such option"),
        (["--fast"], "--fast: no such option"),
    ],
)
def test_a_wrong_option_is_told_and_nothing_is_done(
    tmp_path: Path, options: list[str], told: str
) -> None:
    ended = started([ROOT / "deploy/install.sh", "--root", tmp_path, *options])
    assert (ended.returncode, content(tmp_path)) == (2, {})
    assert ended.stderr.startswith(f"install: {told}")


def test_help_is_its_own_head(tmp_path: Path) -> None:
    ended = started([ROOT / "deploy/install.sh", "--root", tmp_path, "--help"])
    assert (ended.returncode, ended.stderr, content(tmp_path)) == (0, "", {})
    assert "--venue demo [--timer systemd|cron]" in ended.stdout
    assert len(ended.stdout.splitlines()) == 4


def test_help_of_uninstalling_takes_nothing_away(tmp_path: Path) -> None:
    installed(tmp_path)
    before = content(tmp_path)
    ended = removed(tmp_path, "--purge", "--help")
    assert (ended.returncode, ended.stderr, content(tmp_path)) == (0, "", before)
    assert "--purge    also delete /etc/revert" in ended.stdout
    assert len(ended.stdout.splitlines()) == 4


def test_uninstalling_keeps_all_that_is_the_user_s(tmp_path: Path) -> None:
    for timer in ("systemd", "cron"):
        installed(tmp_path, "--timer", timer)
    state = tmp_path / "var/lib/revert/demo/state.json"
    state.parent.mkdir()
    state.write_text("{}")
    foreign = tmp_path / "etc/systemd/system/other.service"
    foreign.write_text("")
    ended = removed(tmp_path)
    assert ended.returncode == 0
    assert sorted(content(tmp_path)) == [
        "etc/revert/binance_api_key",
        "etc/revert/binance_api_secret",
        "etc/revert/config.toml",
        "etc/revert/environment",
        "etc/systemd/system/other.service",
        "var/lib/revert/demo/state.json",
    ]
    assert removed(tmp_path).returncode == 0
    assert removed(tmp_path, "--purge").returncode == 0
    assert list(content(tmp_path)) == ["etc/systemd/system/other.service"]
    assert removed(tmp_path, "--all").returncode == 2
