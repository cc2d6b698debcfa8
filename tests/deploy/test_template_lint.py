"""What others' rules say of the translated template: CloudFormation's own, and security's."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.deploy.template import SOURCE, needs_tools, tool, translate, translated

pytestmark = needs_tools

#: Rules of checkov that are broken on purpose, each with the reason.
ON_PURPOSE = {
    "CKV_AWS_18": "no access log of the bucket: a second bucket to guard, for no secrets",
    "CKV_AWS_26": "the topic is not encrypted by KMS: alarms could not publish under AWS's own key",
    "CKV_AWS_27": "the queue is encrypted by SQS itself, which the rule does not count",
    "CKV_AWS_116": "failures go to destinations, which carry more than a dead-letter queue",
    "CKV_AWS_158": "no own KMS key for logs: they hold no secret, and a lost key loses them",
    "CKV_AWS_173": "no own KMS key for the environment: it holds names of places only",
}
#: Faults that pass the lint of the SAM source: what stands in the template, what is planted.
PLANTED = [
    ("Timeout: 60", "Timeout: 901", "901 is greater than the maximum of 900"),
    ('{ Mode: "OFF" }', "{ Mode: NONE }", "'NONE' is not one of ['OFF', 'FLEXIBLE']"),
    ("MaximumEventAgeInSeconds: 60 ", "MaximumEventAgeInSeconds: 30 ", "30 is less than"),
    ("Runtime: python3.13", "Runtime: python3.99", "'python3.99' is not one of"),
]


def lint(template: dict[str, Any], folder: Path) -> list[str]:
    file = folder / "translated.json"
    file.write_text(json.dumps(template), "utf-8")
    ended = tool("cfn-lint", "--format", "json", "--regions", "ap-northeast-1", "--", file)
    return [found["Message"] for found in json.loads(ended.stdout)]


def test_cloudformation_has_nothing_against_it(tmp_path: Path) -> None:
    assert lint(translated(), tmp_path) == []


def test_the_lint_would_find_what_matters(tmp_path: Path) -> None:
    bad = SOURCE
    for good, planted, _ in PLANTED:
        assert good in bad
        bad = bad.replace(good, planted)
    found = lint(translate(bad), tmp_path)
    missed = [text for _, _, text in PLANTED if not any(text in each for each in found)]
    assert missed == [], found


def test_the_rules_of_security_are_broken_on_purpose_only(tmp_path: Path) -> None:
    file = tmp_path / "translated.json"
    file.write_text(json.dumps(translated()), "utf-8")
    ended = tool(
        "checkov", "--file", file, "--framework", "cloudformation",
        "--skip-download", "--quiet", "--compact", "--output", "json",
    )  # fmt: skip
    found = json.loads(ended.stdout)["results"]["failed_checks"]
    assert {each["check_id"] for each in found} == set(ON_PURPOSE)


@pytest.mark.parametrize("reason", ON_PURPOSE.values())
def test_every_exception_has_a_reason(reason: str) -> None:
    assert len(reason.split()) > 5
