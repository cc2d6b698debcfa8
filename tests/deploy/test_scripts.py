"""The shell scripts: no fault that shellcheck knows."""

import shutil

import pytest

from tests.deploy.staging import started
from tests.house.sources import ROOT

SCRIPTS = [
    path
    for folder in ("deploy", "deploy/docker", ".ci")
    for path in sorted((ROOT / folder).iterdir())
    if path.is_file() and path.read_text().startswith("#!")
]


@pytest.mark.skipif(shutil.which("shellcheck") is None, reason="shellcheck is not installed")
def test_shellcheck_finds_nothing() -> None:
    assert len(SCRIPTS) >= 8
    ended = started(["shellcheck", *SCRIPTS])
    assert (ended.returncode, ended.stdout) == (0, "")


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_every_script_can_be_started_and_says_what_it_is_for(path: object) -> None:
    lines = (ROOT / str(path)).read_text().splitlines()
    assert lines[0] in ("#!/bin/sh", "#!/usr/bin/env bash")
    assert lines[1].startswith("# ")
