"""What decides knows no clock, chance, network or disk; and nothing imports in a circle."""

import ast
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

from tests.house.sources import MAY_IMPORT, ROOT, files_of, named

#: Rooms and modules that are functions of what they are given.
PURE = (
    "strategy",
    "simulator/engine",
    "backtest/kernel.py",
    "backtest/figures.py",
    "state/adopting.py",
    "state/ledger.py",
    "state/model.py",
    "state/protection.py",
    "state/reconcile.py",
    "job/deciding.py",
    "job/explaining.py",
    "job/question.py",
    "report/divergence.py",
    "report/health.py",
)
#: Packages through which the world comes in.
WORLD = frozenset([
    "asyncio", "boto3", "botocore", "ccxt", "concurrent", "http", "importlib", "io", "logging",
    "multiprocessing", "os", "pathlib", "queue", "random", "requests", "secrets", "select",
    "selectors", "shutil", "signal", "socket", "sqlite3", "ssl", "subprocess", "sys",
    "tempfile", "threading", "time", "urllib", "uuid",
])  # fmt: skip
CALLS = frozenset(["open", "input", "print", "exec", "eval", "__import__"])


def sources(place: str) -> list[Path]:
    """The files of a room or of one module."""
    path = ROOT / place
    return [path] if path.is_file() else sorted(path.rglob("*.py"))


def worldly(source: str) -> list[str]:
    """What in a source text reaches for the world."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found += [name.name for name in node.names if name.name.partition(".")[0] in WORLD]
        elif isinstance(node, ast.ImportFrom):
            top = (node.module or "").partition(".")[0]
            found += [node.module or ""] if top in WORLD else []
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            found += [node.func.id] if node.func.id in CALLS else []
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            found += [node.func.attr] if node.func.attr in ("now", "today", "utcnow") else []
    return found


@pytest.mark.parametrize("place", PURE)
def test_what_is_pure_does_not_reach_for_the_world(place: str) -> None:
    found = {named(path): worldly(path.read_text("utf-8")) for path in sources(place)}
    assert found
    assert {path: names for path, names in found.items() if names} == {}


@pytest.mark.parametrize(
    "source",
    ["import time", "from os import path", "def f():\n    import requests", "open('x')",
     "from datetime import datetime\ndatetime.now()", "import concurrent.futures"],
)  # fmt: skip
def test_reaching_for_the_world_is_found(source: str) -> None:
    assert len(worldly(source)) == 1


def module_of(path: Path) -> str:
    """The module's name as it is imported."""
    return named(path).removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def loaded_with(source: str, modules: frozenset[str]) -> set[str]:
    """Modules of the project that are loaded as this one is; what a function imports is not."""
    found: set[str] = set()
    for node in ast.parse(source).body:
        if isinstance(node, ast.Import):
            found |= {name.name for name in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            inside = {f"{node.module}.{name.name}" for name in node.names}
            found |= (inside & modules) or {node.module}
    return found & modules


def test_no_imports_go_in_a_circle() -> None:
    files = {module_of(path): path for room in MAY_IMPORT for path in files_of(room)}
    modules = frozenset(files)
    graph = {
        name: loaded_with(path.read_text("utf-8"), modules) - {name} for name, path in files.items()
    }
    assert list(TopologicalSorter(graph).static_order())


def test_a_circle_is_found() -> None:
    modules = frozenset(["a", "b.c"])
    graph = {"a": loaded_with("from b import c", modules), "b.c": loaded_with("import a", modules)}
    with pytest.raises(CycleError):
        list(TopologicalSorter(graph).static_order())
