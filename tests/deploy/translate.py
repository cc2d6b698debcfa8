"""Turns template.yaml into what CloudFormation gets. Run by the Python of .venv-template.

    .venv-template/bin/python tests/deploy/translate.py < template.yaml > translated.json

Asks nobody: the code is said to lie in a bucket already, and no managed policy is looked up.
"""

import json
import os
import sys

from samtranslator.translator.transform import transform
from samtranslator.yaml_helper import yaml_parse


class NoPolicies:
    """Instead of AWS's list of managed policies."""

    def load(self) -> dict[str, str]:
        return {}


def main() -> None:
    os.environ["AWS_DEFAULT_REGION"] = "ap-northeast-1"
    source = yaml_parse(sys.stdin.read())
    source["Globals"]["Function"]["CodeUri"] = "s3://bucket/bundle.zip"
    json.dump(transform(source, {}, NoPolicies()), sys.stdout, indent=1)


if __name__ == "__main__":
    main()
