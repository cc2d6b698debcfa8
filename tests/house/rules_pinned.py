"""A fingerprint of every source that decides what a trade comes to; printed by

    python -m tests.house.rules_pinned

It is of the syntax tree: comments, docstrings, types and layout leave it as it is, and so does the
version of Python. Whoever has changed a rule decides in `strategy/__init__.py` whether evidence
gathered before still holds, and puts the new line into `PINNED`.
"""

import ast
import hashlib
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

#: Each file that a result of the backtest is computed by, and its fingerprint when RULES_VERSION
#: was last thought about.
PINNED = {
    "strategy/decide.py": "8d55d4dcc47b7201",
    "strategy/indicator.py": "26ee8b62927e719d",
    "strategy/protection.py": "49949e4e5ac4ef46",
    "strategy/signals.py": "fa42d6e9d1d2dbbd",
    "strategy/sizing.py": "851a699d4cef5be6",
    "strategy/units.py": "8e8ae9919a1acc86",
    "simulator/engine/fills.py": "bff7296580f57fb3",
    "simulator/engine/funding.py": "3c3448a2af7d5715",
    "backtest/kernel.py": "116471670a1f16f9",
    "backtest/position.py": "c90dd524f0fe7aa8",
    "backtest/setup.py": "341f19acf9359051",
    "backtest/ground.py": "b584990cee2d0a20",
    "backtest/tally.py": "ba0ba4c55b5031b2",
    "backtest/walkforward.py": "5e2c97484521a714",
    "backtest/windows.py": "1d53eb47c5efc973",
}
#: Of a tree: what says nothing about the result, and what only some versions of Python have.
SAYS_NOTHING = frozenset([
    "annotation", "returns", "ctx", "kind", "type_comment", "type_params", "type_ignores",
])  # fmt: skip


def fingerprint(source: str) -> str:
    """Of what a source text does."""
    return hashlib.sha256(_told(ast.parse(source)).encode()).hexdigest()[:16]


def _told(node: object) -> str:
    """A part of the tree as text. `repr` tells 1 from "1" and from True."""
    if isinstance(node, list):
        return f"[{','.join(_told(each) for each in node if not _is_text(each))}]"
    if not isinstance(node, ast.AST):
        return repr(node)
    fields = (
        f"{name}={_told(value)}"
        for name, value in ast.iter_fields(node)
        if name not in SAYS_NOTHING and value is not None
    )
    return f"{type(node).__name__}({','.join(fields)})"


def _is_text(node: object) -> bool:
    """A docstring, or another text that stands by itself."""
    return (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    )


def found() -> dict[str, str]:
    """The pinned files and the fingerprints that they have now."""
    return {name: fingerprint((ROOT / name).read_text("utf-8")) for name in PINNED}


def main() -> int:
    """Print the table as it would have to be; 1 where it is not."""
    for name, now in found().items():
        print(f'    "{name}": "{now}",', "" if PINNED[name] == now else "# has changed")
    return 0 if found() == PINNED else 1


if __name__ == "__main__":
    sys.exit(main())
