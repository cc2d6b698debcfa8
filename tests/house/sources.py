"""Reads the project's own source files for the checks of the house rules.

Reads text only: no module of the project is imported, so a rule holds for code that no test runs.
"""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2]

#: A folder or module at the top → what else of the project it may import. Imports run one way,
#: towards strategy. The simulator and the exchange gateway meet on the wire only, as strangers do.
MAY_IMPORT: dict[str, frozenset[str]] = {
    "strategy": frozenset(),
    "exchange": frozenset({"strategy"}),
    "state": frozenset({"strategy", "exchange"}),
    "simulator": frozenset(),
    "pages": frozenset(),
    "deploy": frozenset(),
    "backtest": frozenset({"strategy", "simulator", "job", "pages"}),
    "bench": frozenset({"strategy", "simulator", "backtest"}),
    "report": frozenset({"strategy", "exchange", "state", "simulator", "backtest", "job", "pages"}),
    "job": frozenset({"strategy", "exchange", "state", "simulator"}),
    "handler": frozenset(
        {"strategy", "exchange", "state", "simulator", "backtest", "job", "pages", "report"}
    ),
}

#: Packages of others that only the named rooms may import.
ONLY_IN: dict[str, frozenset[str]] = {
    "ccxt": frozenset({"exchange", "bench"}),  # bench measures plain ccxt beside the job
    "dask": frozenset({"backtest"}),
    "joblib": frozenset({"backtest"}),
    "numba": frozenset({"backtest", "bench"}),
    "numpy": frozenset({"backtest", "bench"}),
}


class Import(NamedTuple):
    """One import of one module, wherever in a file it stands."""

    module: str
    line: int
    name: str = ""  # what is taken from it: a module of it, or something in it

    @property
    def top(self) -> str:
        """The first part of the module's name."""
        return self.module.partition(".")[0]


def imports(source: str) -> Iterator[Import]:
    """Every import of a source text, those inside functions and type-checking blocks included."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            for name in node.names:
                yield Import(name.name, node.lineno)
        elif isinstance(node, ast.ImportFrom):
            if node.level:
                raise ValueError(f"line {node.lineno}: relative import")
            yield from (Import(node.module or "", node.lineno, each.name) for each in node.names)
        elif isinstance(node, ast.Call):
            yield from _dynamic(node)


def _dynamic(call: ast.Call) -> Iterator[Import]:
    """The module a call like `import_module("x")` names; a computed name cannot be checked."""
    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    if name not in {"import_module", "__import__"}:
        return
    if not call.args or not isinstance(call.args[0], ast.Constant):
        raise ValueError(f"line {call.lineno}: import of a computed name")
    yield Import(str(call.args[0].value), call.lineno)


def files_of(room: str) -> list[Path]:
    """All source files of a room; none while the room is not built."""
    module = ROOT / f"{room}.py"
    return [module] if module.is_file() else sorted((ROOT / room).rglob("*.py"))


def named(path: Path) -> str:
    """The file as reports name it, from the project's root."""
    return path.relative_to(ROOT).as_posix()
