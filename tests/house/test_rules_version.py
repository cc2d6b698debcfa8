"""Who changes what a trade comes to is asked whether evidence gathered before still holds."""

import ast
from pathlib import Path

import pytest

from backtest import kernel
from backtest.compiled import _plain, _reached
from tests.house.rules_pinned import PINNED, ROOT, fingerprint, found, main

RULE = (ROOT / "strategy" / "signals.py").read_text("utf-8")


def test_what_decides_a_result_is_as_it_was_when_the_version_was_thought_about() -> None:
    changed = {name for name, now in found().items() if now != PINNED[name]}
    assert not changed, (
        f"{', '.join(sorted(changed))} changed. Can a trade now come out otherwise? Then raise "
        "RULES_VERSION in strategy/__init__.py: evidence gathered before is void. If not, leave "
        "it. Either way put what `python -m tests.house.rules_pinned` prints into that file."
    )


def test_every_function_of_the_walk_is_pinned() -> None:
    reached = {Path(function.__code__.co_filename) for function in _reached(_plain(kernel.walk))}
    assert {path.relative_to(ROOT).as_posix() for path in reached} <= PINNED.keys()


@pytest.mark.parametrize(
    ("was", "becomes"),
    [
        ('"""The side to enter', '"""Which side to enter'),
        ("    if trigger_ppm == 0:", "    # off\n\n    if trigger_ppm == 0:"),
        ("total: int, threshold_ppm: int) -> int:", "total: float, threshold_ppm: int) -> 'int':"),
        ("    return side * distance >= 0", "    return (\n        side * distance >= 0\n    )"),
    ],
)
def test_words_types_and_layout_change_nothing(was: str, becomes: str) -> None:
    assert RULE.count(was) == 1
    assert fingerprint(RULE.replace(was, becomes)) == fingerprint(RULE)


@pytest.mark.parametrize(
    ("was", "becomes"),
    [
        ("gap <= -threshold", "gap < -threshold"),
        ("        return -1\n", "        return 1\n"),
        ("if trigger_ppm == 0:", "if trigger_ppm == 1:"),
        ("        return False", "        return True"),
        ("    return side * distance >= 0", "    return side * (distance >= 0)"),
        ("import MILLION", "import THOUSAND as MILLION"),
        ("distance: int, total: int, thr", "total: int, distance: int, thr"),
    ],
)
def test_a_changed_rule_is_noticed(was: str, becomes: str) -> None:
    assert RULE.count(was) == 1
    assert fingerprint(RULE.replace(was, becomes)) != fingerprint(RULE)


def test_the_table_is_printed_as_it_would_have_to_be(capsys: pytest.CaptureFixture[str]) -> None:
    assert main() == 0
    assert ast.literal_eval("{" + capsys.readouterr().out + "}") == PINNED
