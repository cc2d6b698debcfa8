"""template.yaml as AWS sees it, and the programs that look at it."""

import json
import os
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import pytest

ROOT = Path(__file__).resolve().parents[2]
TOOLS = ROOT / ".venv-template" / "bin"
SOURCE = (ROOT / "template.yaml").read_text("utf-8")
#: The names of the functions in it.
RUN, GUARD, REPORT = "RunFunction", "GuardFunction", "ReportFunction"

needs_tools = pytest.mark.skipif(
    not (TOOLS / "python").exists(), reason="no .venv-template: `sh .ci/setup template` makes it"
)


def tool(*command: str | Path, given: str | None = None) -> subprocess.CompletedProcess[str]:
    """Run a program of .venv-template; it may keep its bytecode, being slow without."""
    return subprocess.run(
        [str(TOOLS / command[0]), *map(str, command[1:])],
        input=given,
        cwd=ROOT,
        env={name: os.environ[name] for name in os.environ if name != "PYTHONDONTWRITEBYTECODE"},
        capture_output=True,
        text=True,
        check=False,
    )


def translate(source: str) -> dict[str, Any]:
    """A SAM template as CloudFormation gets it."""
    ended = tool("python", "tests/deploy/translate.py", given=source)
    assert ended.returncode == 0, ended.stderr
    found: dict[str, Any] = json.loads(ended.stdout)
    return found


@cache
def translated() -> dict[str, Any]:
    """Our template, translated once."""
    return translate(SOURCE)


def resources(kind: str) -> dict[str, dict[str, Any]]:
    """Properties of all resources of a type such as AWS::IAM::Role, by their names."""
    return {
        name: each.get("Properties", {})
        for name, each in translated()["Resources"].items()
        if each["Type"] == kind
    }


def schedule(function: str) -> dict[str, Any]:
    """The one schedule that fires a function."""
    found = [
        each
        for each in resources("AWS::Scheduler::Schedule").values()
        if each["Target"]["Arn"] == {"Fn::GetAtt": [function, "Arn"]}
    ]
    assert len(found) == 1
    return found[0]


def after_failure(function: str) -> dict[str, Any]:
    """What becomes of an event that a function failed on."""
    found = [
        each
        for each in resources("AWS::Lambda::EventInvokeConfig").values()
        if each["FunctionName"] == {"Ref": function}
    ]
    assert len(found) == 1
    return found[0]


def environment(function: str) -> dict[str, Any]:
    """A function's environment, as the template writes it."""
    variables: dict[str, Any] = resources("AWS::Lambda::Function")[function]["Environment"][
        "Variables"
    ]
    return variables


class Right(NamedTuple):
    """One statement of one policy."""

    holder: str
    effect: str
    actions: list[str]
    things: list[Any]
    statement: dict[str, Any]


def rights() -> Iterator[Right]:
    """Every statement of every policy that says what may be done to what."""
    for name, each in translated()["Resources"].items():
        properties = each.get("Properties", {})
        documents = [policy["PolicyDocument"] for policy in properties.get("Policies", ())]
        documents += [properties["PolicyDocument"]] if "PolicyDocument" in properties else []
        for document in documents:
            for said in document["Statement"]:
                actions, things = said["Action"], said["Resource"]
                yield Right(
                    name,
                    said["Effect"],
                    actions if isinstance(actions, list) else [actions],
                    things if isinstance(things, list) else [things],
                    said,
                )
