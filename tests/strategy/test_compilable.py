"""The rules stay in the shape a compiler of plain integers takes: numbers in, a number out."""

import ast

import pytest

from tests.house.sources import ROOT

RULES = ("decide", "indicator", "protection", "signals", "sizing")
TYPES = {"int", "bool", "Sequence[int]"}
#: No objects, text, floats, containers, exceptions or closures inside a rule.
FOREIGN = (
    ast.Attribute, ast.JoinedStr, ast.Div, ast.List, ast.Dict, ast.Set, ast.Tuple, ast.Lambda,
    ast.Try, ast.Raise, ast.With, ast.Yield, ast.ListComp, ast.GeneratorExp, ast.Starred,
    ast.Global, ast.Nonlocal, ast.Import, ast.ImportFrom,
)  # fmt: skip
BUILT_IN = {"abs", "max", "min", "range"}


def faults(source: str) -> list[str]:
    """What in a source text no compiler of integers would take."""
    tree = ast.parse(source)
    found = []
    defined = {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
    for node in tree.body:
        if isinstance(node, ast.ImportFrom):
            if node.module == "collections.abc":
                continue
            defined |= {name.name for name in node.names}
            if not (node.module or "").startswith("strategy."):
                found.append(f"line {node.lineno}: import of {node.module}")
        elif isinstance(node, ast.FunctionDef):
            found += _function_faults(node, defined)
        elif not isinstance(node, ast.Assign | ast.Expr):
            found.append(f"line {node.lineno}: {type(node).__name__}")
    return found


def _function_faults(function: ast.FunctionDef, callable_names: set[str]) -> list[str]:
    found = []
    arguments = function.args
    if arguments.kwonlyargs or arguments.defaults or arguments.vararg or arguments.kwarg:
        found.append(f"{function.name}: more than plain parameters")
    kinds = [argument.annotation for argument in arguments.args] + [function.returns]
    names = {ast.unparse(kind) if kind else "nothing" for kind in kinds}
    if not names <= TYPES:
        found.append(f"{function.name}: takes or gives {', '.join(sorted(names - TYPES))}")
    for node in (inner for statement in function.body[1:] for inner in ast.walk(statement)):
        if isinstance(node, FOREIGN):
            found.append(f"line {node.lineno}: {type(node).__name__}" if hasattr(node, "lineno")
                         else f"{function.name}: {type(node).__name__}")  # fmt: skip
        if isinstance(node, ast.Constant) and not isinstance(node.value, int):
            found.append(f"line {node.lineno}: constant {node.value!r}")
        if isinstance(node, ast.Call):
            called = ast.unparse(node.func)
            if called not in callable_names | BUILT_IN:
                found.append(f"line {node.lineno}: call of {called}")
    return found


@pytest.mark.parametrize("name", RULES)
def test_rules_are_plain_functions_of_whole_numbers(name: str) -> None:
    assert faults((ROOT / "strategy" / f"{name}.py").read_text("utf-8")) == []


@pytest.mark.parametrize(
    "source",
    [
        "import time",
        "from decimal import Decimal",
        "class Rule: pass",
        "def rule(a: int = 1) -> int:\n    'x'\n    return a",
        "def rule(a: float) -> int:\n    'x'\n    return 1",
        "def rule(a: int) -> str:\n    'x'\n    return 1",
        "def rule(a: int) -> int:\n    'x'\n    return a / 2",
        "def rule(a: int) -> int:\n    'x'\n    return a * 0.5",
        "def rule(a: int) -> int:\n    'x'\n    return a.real",
        "def rule(a: int) -> int:\n    'x'\n    return round(a)",
        "def rule(a: int) -> int:\n    'x'\n    return sum(x for x in range(a))",
    ],
)
def test_a_rule_in_another_shape_is_found(source: str) -> None:
    assert faults(source) != []
