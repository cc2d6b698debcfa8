"""The lock files hold all that the .in files ask for, and no trace of where they were made."""

import re

import pytest

from tests.house.sources import ROOT

PIN = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^]]*])?==([^\s;\\]+)", re.MULTILINE)
LOCKED = (
    "requirements",
    "requirements-backtest",
    "requirements-dev",
    "requirements-template",
    "requirements-sam",
    "requirements-mutants",
    "requirements-bench",
)


def pins(name: str) -> dict[str, str]:
    """Package → version of one requirements file, names as the index normalises them."""
    text = (ROOT / name).read_text("utf-8")
    return {re.sub(r"[-_.]+", "-", key).lower(): version for key, version in PIN.findall(text)}


@pytest.mark.parametrize("name", LOCKED)
def test_every_direct_requirement_is_locked_at_its_version(name: str) -> None:
    asked = pins(f"{name}.in")
    assert asked
    assert asked.items() <= pins(f"{name}.txt").items()


def test_both_locks_agree_on_what_they_share() -> None:
    live, dev = pins("requirements.txt"), pins("requirements-dev.txt")
    assert {key: live[key] for key in live.keys() & dev.keys() if live[key] != dev[key]} == {}


@pytest.mark.parametrize("name", LOCKED)
def test_every_locked_package_has_a_hash(name: str) -> None:
    text = (ROOT / f"{name}.txt").read_text("utf-8")
    blocks = re.split(r"\n(?=[a-z])", text)[1:]
    assert len(blocks) == len(PIN.findall(text))
    assert [block for block in blocks if "--hash=sha256:" not in block] == []


@pytest.mark.parametrize("name", LOCKED)
def test_the_lock_names_no_place(name: str) -> None:
    text = (ROOT / f"{name}.txt").read_text("utf-8")
    assert re.findall(r"://|--index|--find-links|--extra|--trusted|file:| /", text) == []
