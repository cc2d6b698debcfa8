"""Who may import whom: the rooms, the oracle, and the packages that belong to one room."""

import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.house.sources import MAY_IMPORT, ONLY_IN, ROOT, files_of, imports, named

ROOMS = sorted(MAY_IMPORT)


def faults(source: str, room: str) -> list[str]:
    """What a source text of a room imports that the room may not."""
    found = []
    for each in imports(source):
        forbidden_room = (
            each.top in MAY_IMPORT and each.top != room and each.top not in MAY_IMPORT[room]
        )
        not_its_package = room not in ONLY_IN.get(each.top, frozenset({room}))
        if forbidden_room or not_its_package or each.top == "tests":
            found.append(f"line {each.line}: {room} imports {each.module}")
    return found


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_imports_only_what_it_may(room: str) -> None:
    found = {named(path): faults(path.read_text("utf-8"), room) for path in files_of(room)}
    assert {path: lines for path, lines in found.items() if lines} == {}


def test_strategy_needs_nothing_but_python() -> None:
    tops = {each.top for path in files_of("strategy") for each in imports(path.read_text("utf-8"))}
    assert tops - {"strategy"} <= sys.stdlib_module_names


def test_the_oracle_has_never_seen_the_product() -> None:
    tops = {
        each.top
        for path in (ROOT / "tests" / "oracle").rglob("*.py")
        if not path.name.startswith("test_")
        for each in imports(path.read_text("utf-8"))
    }
    assert tops & set(MAY_IMPORT) == set()


def _modules() -> dict[str, set[str]]:
    """Every module of the project → the modules of the project that it imports, late ones too."""
    files = {path for room in ROOMS for path in files_of(room)}
    names = {named(path).removesuffix(".py").replace("/", "."): path for path in files}
    return {
        name: {
            other
            for each in imports(path.read_text("utf-8"))
            for other in (each.module, f"{each.module}.{each.name}")
            if other in names and other != name
        }
        for name, path in names.items()
    }


def circles(arrows: Mapping[str, set[str]]) -> list[str]:
    """What is left once all that needs nothing more has been taken away, again and again."""
    left = dict(arrows)
    while free := [name for name, needs in left.items() if not needs & left.keys()]:
        for name in free:
            del left[name]
    return sorted(left)


def test_no_import_runs_in_a_circle() -> None:
    assert circles(_modules()) == []


def test_a_circle_is_found() -> None:
    assert circles({"a": {"b"}, "b": {"c"}, "c": {"b"}, "d": set()}) == ["a", "b", "c"]


def test_every_folder_of_code_is_in_the_table() -> None:
    no_rooms = {"tests", "var"}
    tops = {path.name for path in ROOT.iterdir() if path.is_dir() and _holds_code(path)}
    tops |= {path.stem for path in ROOT.glob("*.py")}
    assert {top for top in tops if not top.startswith(".")} - no_rooms <= set(MAY_IMPORT)


def _holds_code(folder: Path) -> bool:
    return any(folder.glob("*.py"))


def test_a_run_knows_no_command() -> None:
    """Commands lie above the run: what a firing does never depends on who asked for it."""
    found = [
        f"{named(path)}:{each.line}"
        for path in files_of("job")
        if "commands" not in path.parts
        for each in imports(path.read_text("utf-8"))
        if each.module.startswith("job.commands")
    ]
    assert found == []


@pytest.mark.parametrize(
    ("room", "source"),
    [
        ("exchange", "import simulator"),
        ("exchange", "from simulator.wire import mount"),
        ("simulator", "def late():\n    from exchange import ids"),
        ("simulator", "import ccxt"),
        ("strategy", "from exchange.ids import entry_id"),
        ("state", "import job.run"),
        ("job", "import handler"),
        ("backtest", "import importlib\nimportlib.import_module('state.model')"),
        ("strategy", "import tests.oracle"),
    ],
)
def test_a_forbidden_import_is_found(room: str, source: str) -> None:
    assert len(faults(source, room)) == 1


@pytest.mark.parametrize(
    ("room", "source"),
    [
        ("exchange", "import ccxt, exchange.ids\nfrom strategy.units import X"),
        ("simulator", "import simulator.engine, json"),
        ("handler", "import job.run, simulator, backtest"),
    ],
)
def test_an_allowed_import_is_not_reported(room: str, source: str) -> None:
    assert faults(source, room) == []


@pytest.mark.parametrize("source", ["from . import ids", "__import__(name)"])
def test_an_import_that_cannot_be_checked_is_refused(source: str) -> None:
    with pytest.raises(ValueError, match="line 1"):
        list(imports(source))
